// Names -> certificates, immutable, shared by all threads and swapped whole at reload (tls.md 2.4, 2.5, 7.4).
// engine/config fills the *Settings structs and calls load(); engine/tls/connection.cpp consults the snapshot inside
// BoringSSL's select-certificate callback. No BoringSSL type is visible here.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/tls/certificate_info.hpp"
#include "engine/tls/peer_policy.hpp"
#include "engine/tls/problems.hpp"
#include "engine/tls/protocol_versions.hpp"

namespace sluice::tls {

struct CertificatePair {
    std::string certificate;  // absolute path, PEM chain, leaf first; may also contain the key
    std::string private_key;  // absolute path; empty: the key is in `certificate`

    [[nodiscard]] bool operator==(const CertificatePair&) const = default;
};

// Keys of tls.md 1.1 that a domain may set. Empty vector or nullopt: take the root's value.
struct DomainSettings {
    std::string domain;                     // A-label form, lower case, no trailing dot
    bool is_default = false;                // entry or link called `default`, or is_default: true
    std::vector<std::string> server_names;  // "a.b", "*.x", ".x"
    std::vector<CertificatePair> certificates;
    std::vector<std::string> protocol_version;  // items of tls.md 2.5, one entry for the string forms
    std::optional<std::string> ciphers;
    std::vector<std::string> cipher_suite;
    std::vector<std::string> groups;
    PeerScope peers;
    Origin origin;
};

struct RootSettings {
    std::vector<std::string> protocol_version = {"TLSv1.2", "TLSv1.3"};
    std::string ciphers = "DEFAULT";
    std::vector<std::string> cipher_suite;
    std::vector<std::string> groups = {"X25519", "P-256", "P-384"};
    std::vector<std::string> alpn = {"smtp"};
    bool preempt_cipherlist = false;
    bool default_for_unknown_sni = false;
    bool match_certificate_names = true;
    bool session_tickets = true;
    std::chrono::seconds session_timeout{7200};
    std::chrono::seconds session_ticket_rotation{12 * 3600};
    PeerScope peers;
    std::map<std::string, PeerScope, std::less<>> listener_peers;  // by listener id; absent: it sets nothing
    Origin origin;
};

// A translated cipher list with what choosing a certificate must know of it.
struct CipherPolicy {
    std::string strict;                       // as translate_ciphers() gives it
    std::vector<std::uint16_t> ecdsa_suites;  // wire numbers of those that need an EC or Ed25519 key, sorted
};
[[nodiscard]] std::shared_ptr<const CipherPolicy> make_cipher_policy(const std::string& strict);

// What a listener adds to or changes of the root settings. Scopes: a domain's versions and ciphers beat the listener's,
// which beat the root's. Translate with protocol_versions.hpp and cipher_list.hpp.
struct ListenerPolicy {
    // "127.0.0.1:465": finds RootSettings::listener_peers; part of the session-id context (tls.md 2.6).
    std::string listener_id;
    std::optional<VersionSet> versions;
    std::shared_ptr<const CipherPolicy> ciphers;  // make_cipher_policy()
    std::optional<std::vector<std::string>> alpn;
    std::optional<bool> preempt_cipherlist;
    std::optional<bool> session_tickets;
    std::optional<bool> default_for_unknown_sni;
};

class TicketKeys;  // ticket_keys.hpp: ring of ticket keys; lives as long as the process, survives reloads

[[nodiscard]] std::shared_ptr<TicketKeys> make_ticket_keys(std::chrono::seconds rotation);

class ServerSnapshot {
  public:
    struct Loaded {
        std::shared_ptr<const ServerSnapshot> snapshot;  // null if there was an error
        std::vector<Problem> problems;                   // errors and warnings, all of them
    };
    // Reads and checks every file; opens no socket. Domains without certificates take part in nothing but the check for
    // two defaults. `tickets` must not be null. `now` is what certificate dates are compared with.
    [[nodiscard]] static Loaded load(const RootSettings& root, const std::vector<DomainSettings>& domains,
                                     std::shared_ptr<TicketKeys> tickets,
                                     std::chrono::system_clock::time_point now = std::chrono::system_clock::now());
    ~ServerSnapshot();
    ServerSnapshot(const ServerSnapshot&) = delete;

    [[nodiscard]] bool empty() const noexcept;  // no certificate at all: STARTTLS is not listed
    [[nodiscard]] bool has_default() const noexcept;
    [[nodiscard]] const std::vector<CertificateInfo>& certificates() const noexcept;
    // Domain serving this SNI name by the steps of tls.md 2.4, or nullopt. Case-insensitive, one trailing dot ignored.
    [[nodiscard]] std::optional<std::string> domain_for(std::string_view sni) const;

    struct Impl;  // server_snapshot_impl.hpp, private to engine/tls
    [[nodiscard]] const Impl& impl() const noexcept { return *impl_; }

  private:
    explicit ServerSnapshot(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace sluice::tls
