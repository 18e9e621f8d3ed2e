// smtpd_tls_* and smtp_tls_* parameters -> keys of our `tls` maps.
#pragma once

#include <vector>

#include "engine/migrate/postfix_settings.hpp"

namespace sluice::migrate::postfix {

// Keys that a listener may have; `implicit`: TLS from the first byte (smtpd_tls_wrappermode).
[[nodiscard]] Sourced inbound_keys(const Settings& settings, bool implicit);

// Keys for all listeners, beside those.
[[nodiscard]] Sourced server_keys(const Settings& settings);

// smtpd_tls_chain_files, or smtpd_tls_cert_file and smtpd_tls_eccert_file with their keys. `told_as`: where they go.
[[nodiscard]] std::vector<CertificatePair> server_certificates(const Settings& settings, std::string_view told_as);

// Files of keys and certificates, each key before its certificate -> pairs. Empty if the files cannot be told apart.
[[nodiscard]] std::vector<CertificatePair> chain_pairs(const Strings& files);

// What a policy table says for one destination, or main.cf for all; empty where nothing is said.
struct ClientPolicy {
    std::string level;
    std::string match;
    std::string protocols;
    std::string ciphers;
    std::string exclude;
    std::string servername;
};

// Keys that depend on the level: mode, verify, match, pins, protocol_version, ciphers, sni. Complaints go to `refuse`,
// notes to `note`, as (what, why).
struct PolicyKeys {
    Sourced keys;
    Strings problems;
    Strings notes;
};
[[nodiscard]] PolicyKeys policy_keys(const Settings& settings, const ClientPolicy& policy);

// Keys for all destinations whatever the level: ca, certificate, private_key, handshake_timeout.
[[nodiscard]] Sourced client_keys(const Settings& settings);

}  // namespace sluice::migrate::postfix
