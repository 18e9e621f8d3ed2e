// A peer's certificates as the library's objects, for the parts of judging: names, chain, DANE. Private to engine/tls.
#pragma once

#include <openssl/base.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/tls/peer_chain.hpp"
#include "engine/tls/verify.hpp"

namespace sluice::tls {

// Null unless `der` is one certificate and nothing else.
[[nodiscard]] bssl::UniquePtr<X509> parse_certificate(std::string_view der);
// The same of a SubjectPublicKeyInfo, of any kind of key that the library knows.
[[nodiscard]] bssl::UniquePtr<EVP_PKEY> parse_public_key(std::string_view der);

// Octets of the digest.
[[nodiscard]] std::string sha256(std::string_view octets);
[[nodiscard]] std::string sha512(std::string_view octets);

struct PeerCertificate {
    std::string_view der;  // of the PeerChain
    bssl::UniquePtr<X509> x509;
};

// Those that can be parsed, leaf first. Empty if the leaf cannot: then the others mean nothing. Others that cannot are
// as good as not sent, so they are left out.
[[nodiscard]] std::vector<PeerCertificate> parse_chain(const PeerChain& chain);

// --- peer_names.cpp
// RFC 6125 6.4, see verify.hpp.
[[nodiscard]] bool has_name(X509* certificate, const std::vector<std::string>& names, bool common_name);

// --- chain_check.cpp
struct ChainVerdict {
    PeerFault fault = PeerFault::none;
    int code = 0;
    std::string why;
};
// Signatures, dates, purpose and lists of revoked certificates, from the first of `chain` to one of `store`. Every
// certificate of the store is an end of the chain, whether it is a root or not: who names an intermediate CA, or a
// certificate itself, trusts that one.
[[nodiscard]] ChainVerdict check_chain(const std::vector<PeerCertificate>& chain, X509_STORE* store, bool lists,
                                       PeerRole role, std::chrono::system_clock::time_point now);

// --- verify.cpp
// What chain and name come to; `acceptable` as if both were demanded.
[[nodiscard]] Judgement judgement_of(ChainVerdict verdict, bool name_verified, bool needs_name);

// --- tlsa_match.cpp
// Demand::tlsa; `chain` is not empty.
[[nodiscard]] Judgement judge_tlsa(const std::vector<PeerCertificate>& chain, const Requirement& requirement,
                                   std::chrono::system_clock::time_point now);

}  // namespace sluice::tls
