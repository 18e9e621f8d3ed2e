#include "engine/tls/verify.hpp"

#include <openssl/err.h>

#include <algorithm>
#include <array>
#include <utility>

#include "engine/tls/peer_certificates.hpp"
#include "engine/tls/pem.hpp"
#include "engine/tls/trust_store_impl.hpp"

namespace sluice::tls {

namespace {

Judgement failed(const Requirement& requirement, PeerFault fault, std::string why) {
    Judgement judgement;
    judgement.acceptable = requirement.demand == Demand::nothing;
    judgement.fault = fault;
    judgement.why = std::move(why);
    return judgement;
}

Judgement judge_pins(const PeerChain& chain, const Requirement& requirement) {
    const std::string certificate = sha256(chain[0]);
    const bssl::UniquePtr<X509> leaf = parse_certificate(chain[0]);
    const std::string key = leaf ? sha256(public_key_info(leaf.get())) : std::string();
    const bool pinned = std::any_of(requirement.pins.begin(), requirement.pins.end(), [&](const Pin& pin) {
        return !pin.digest.empty() && pin.digest == (pin.of == Pin::Of::certificate ? certificate : key);
    });
    if (pinned) return {.verified = true};
    return failed(requirement, PeerFault::not_pinned, "the digest is not among the pins");
}

// Demands nothing, chain and host: they look at the same things and differ in what they insist on.
Judgement judge_chain(const std::vector<PeerCertificate>& chain, const Requirement& requirement,
                      std::chrono::system_clock::time_point now) {
    ChainVerdict verdict{PeerFault::not_trusted, 0, "no CA is trusted"};
    if (requirement.trust) {
        const TrustStore::Impl& trust = requirement.trust->impl();
        verdict = check_chain(chain, trust.store.get(), trust.has_lists, requirement.role, now);
    }
    const bool needs_name = !requirement.names.empty() || requirement.demand == Demand::host;
    Judgement judgement = judgement_of(
        std::move(verdict), has_name(chain[0].x509.get(), requirement.names, requirement.common_name), needs_name);
    if (requirement.demand == Demand::chain) judgement.acceptable = judgement.chain_verified;
    if (requirement.demand == Demand::nothing) judgement.acceptable = true;
    return judgement;
}

}  // namespace

Judgement judgement_of(ChainVerdict verdict, bool name_verified, bool needs_name) {
    Judgement judgement;
    judgement.chain_verified = verdict.fault == PeerFault::none;
    judgement.name_verified = name_verified;
    judgement.verified = judgement.acceptable = judgement.chain_verified && (name_verified || !needs_name);
    judgement.fault = verdict.fault;
    judgement.code = verdict.code;
    judgement.why = std::move(verdict.why);
    if (judgement.chain_verified && !judgement.verified) {
        judgement.fault = PeerFault::name_mismatch;
        judgement.why = "the certificate is for other names";
    }
    return judgement;
}

std::string_view to_string(PeerFault fault) noexcept {
    constexpr std::array<std::string_view, 10> names = {
        "none",          "no_certificate", "malformed",     "not_trusted", "expired",
        "not_yet_valid", "revoked",        "name_mismatch", "not_pinned",  "tlsa_mismatch",
    };
    return names[static_cast<std::size_t>(fault)];
}

Judgement judge(const PeerChain& chain, const Requirement& requirement, std::chrono::system_clock::time_point now) {
    if (chain.empty()) return failed(requirement, PeerFault::no_certificate, "no certificate");
    ERR_clear_error();
    Judgement judgement;
    if (requirement.demand == Demand::pin) {
        judgement = judge_pins(chain, requirement);
    } else if (const auto parsed = parse_chain(chain); parsed.empty()) {
        judgement = failed(requirement, PeerFault::malformed, "the certificate cannot be parsed");
    } else if (requirement.demand == Demand::tlsa) {
        judgement = judge_tlsa(parsed, requirement, now);
    } else {
        judgement = judge_chain(parsed, requirement, now);
    }
    ERR_clear_error();
    return judgement;
}

std::optional<CertificateInfo> describe_leaf(const PeerChain& chain, std::chrono::system_clock::time_point now) {
    if (chain.empty()) return std::nullopt;
    ERR_clear_error();
    const bssl::UniquePtr<X509> leaf = parse_certificate(chain[0]);
    std::optional<CertificateInfo> info;
    if (leaf) info = describe(leaf.get(), now);
    ERR_clear_error();
    return info;
}

}  // namespace sluice::tls
