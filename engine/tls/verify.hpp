// Judges the certificates that a peer has shown: one pure function for client certificates (tls.md 2.7), for delivery
// (4.1, 4.4: static policies, DANE, MTA-STS), for HTTPS and for `sluice tls test`. No sockets, no clock of its own.
//
// Names (RFC 6125 6.4, RFC 7817): DNS SANs, a wildcard only as the whole left-most label, for exactly one label, never
// right above a top-level name; the common name counts only if the certificate has no subjectAltName at all and the
// requirement lets it; addresses match IP SANs only.
// DANE (RFC 6698, 7671, 7672): usages 3 and 2, selectors 0 and 1, matching types 0 to 2; digest agility within one
// usage and selector; usage 3 looks at neither dates nor names.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/tls/certificate_info.hpp"
#include "engine/tls/peer_chain.hpp"
#include "engine/tls/trust_store.hpp"

namespace sluice::tls {

// What the peer's certificates must be. Ordered: each asks for more than the one before, up to `host`.
enum class Demand : std::uint8_t {
    nothing,  // judged all the same, as by `host`, for logs and facts; always acceptable
    chain,    // signed by one of `trust`, in date, not withdrawn
    host,     // that, and one of its names is one of `names`
    pin,      // its digest is one of `pins`; nothing else is looked at
    tlsa,     // matches one of `tlsa`; only usage 2 looks at chain, dates and names
};

enum class PeerRole : std::uint8_t { server, client };  // the purpose that the certificate must allow

// "sha256:HEX" is of the certificate, "spki-sha256:HEX" of its SubjectPublicKeyInfo.
struct Pin {
    enum class Of : std::uint8_t { certificate, public_key } of = Of::certificate;
    std::string digest;  // 32 octets
    [[nodiscard]] bool operator==(const Pin&) const = default;
};
[[nodiscard]] std::optional<Pin> parse_pin(std::string_view text);  // hex of any case, with or without colons

// RFC 6698 2.1. The same numbers as dns::Tlsa; engine/deliver converts.
struct TlsaRecord {
    std::uint8_t usage = 0;
    std::uint8_t selector = 0;
    std::uint8_t matching_type = 0;
    std::string data;  // octets
    [[nodiscard]] bool operator==(const TlsaRecord&) const = default;
};
// Usage 2 or 3, known selector and matching type, data of the digest's length or that parses (RFC 7671 10.2.1).
[[nodiscard]] bool is_usable(const TlsaRecord& record);

struct Requirement {
    Demand demand = Demand::nothing;
    PeerRole role = PeerRole::server;
    std::shared_ptr<const TrustStore> trust;  // null: nobody is trusted
    // Normalised (name_table.hpp): "mx.example.com" that name, ".example.com" every name below it. Also IP addresses.
    std::vector<std::string> names;
    bool common_name = true;  // false: never look at the common name (MTA-STS, HTTPS)
    std::vector<Pin> pins;
    std::vector<TlsaRecord> tlsa;  // unusable ones are left out of account
};

// Why certificates are not what was demanded; the reply texts of tls.md 4.11 go by it.
enum class PeerFault : std::uint8_t {
    none,
    no_certificate,
    malformed,    // cannot be parsed
    not_trusted,  // no chain to a trusted CA, or not allowed for this purpose
    expired,      // some certificate of the chain
    not_yet_valid,
    revoked,
    name_mismatch,
    not_pinned,
    tlsa_mismatch,
};
[[nodiscard]] std::string_view to_string(PeerFault fault) noexcept;  // "name_mismatch"

struct Judgement {
    bool acceptable = true;  // the demand is met
    // Proved: by chain and name under nothing, chain and host, by chain alone where the requirement has no names; by
    // pin or TLSA record under those.
    bool verified = false;
    bool chain_verified = false;  // what `chain` asks for; false where it was not looked at
    bool name_verified = false;
    PeerFault fault = PeerFault::none;  // the first thing that is wrong
    int code = 0;                       // X509_V_ERR number of a chain that failed
    std::string why;                    // its text, "self signed certificate"; empty if verified
};

[[nodiscard]] Judgement judge(const PeerChain& chain, const Requirement& requirement,
                              std::chrono::system_clock::time_point now);

// Facts of the leaf; nullopt: it cannot be parsed.
[[nodiscard]] std::optional<CertificateInfo> describe_leaf(const PeerChain& chain,
                                                           std::chrono::system_clock::time_point now);

}  // namespace sluice::tls
