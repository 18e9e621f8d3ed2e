// What a ServerSnapshot holds. Private to engine/tls: server_snapshot.cpp fills it, server_channel.cpp reads it.
// There is one SSL_CTX per snapshot; certificate, versions, groups, ciphers and options are set on each SSL inside the
// select-certificate callback. A context per (domain, key type) would do the same at 2 KiB for each of 100 000 domains;
// setting chain and key on the SSL costs 1.2 µs per handshake (measured on BoringSSL API 17).
#pragma once

#include <openssl/base.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/tls/credential.hpp"
#include "engine/tls/name_table.hpp"
#include "engine/tls/server_snapshot.hpp"

namespace sluice::tls {

struct ServedDomain {
    std::string name;
    std::vector<std::shared_ptr<const Credential>> credentials;  // in order of preference: EC, Ed25519, RSA
    std::optional<VersionSet> versions;                          // nullopt and null: the listener's, else the root's
    std::shared_ptr<const CipherPolicy> ciphers;
    std::vector<int> groups;                 // NIDs; empty: the root's
    std::unique_ptr<const PeerScope> peers;  // null: it sets nothing
};

struct ServerSnapshot::Impl {
    std::vector<ServedDomain> domains;
    NameTable names;
    std::optional<std::size_t> default_domain;
    std::vector<CertificateInfo> certificates;
    PeerPolicies peer_policies;

    VersionSet versions;
    std::shared_ptr<const CipherPolicy> ciphers;
    std::vector<int> groups;
    RootSettings root;
    std::shared_ptr<TicketKeys> tickets;
    bssl::UniquePtr<SSL_CTX> context;
};

}  // namespace sluice::tls
