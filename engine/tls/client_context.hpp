// What the client side of TLS needs before any host is known: versions, ciphers, groups, signature algorithms, our own
// certificate. Immutable and shared by all connections of a policy. What the server's certificate must be is told with
// each handshake (client_connection.hpp).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/tls/problems.hpp"
#include "engine/tls/server_snapshot.hpp"

namespace sluice::tls {

class ClientContext;

// As in the configuration (tls.md 1.2).
struct ClientSettings {
    std::vector<std::string> protocol_version = {"TLSv1.2", "TLSv1.3"};
    std::string ciphers = "DEFAULT";
    std::vector<std::string> groups = {"X25519", "P-256", "P-384"};
    CertificatePair certificate;  // empty: none is shown

    [[nodiscard]] bool operator==(const ClientSettings&) const = default;
};

struct ClientContextResult {
    std::shared_ptr<const ClientContext> context;  // null exactly if problems has an error
    std::vector<Problem> problems;
};

[[nodiscard]] ClientContextResult make_client_context(const ClientSettings& settings, const Origin& origin = {});

}  // namespace sluice::tls
