#include "engine/smtp/receive_policy.hpp"

#include <algorithm>

#include "engine/tls/name_table.hpp"
#include "engine/tls_policy/domain_patterns.hpp"

namespace sluice::smtp {

namespace {

// The certificate's wildcards stand for names below theirs.
bool is_of(std::string_view san, std::string_view domain) {
    if (san.starts_with("*.")) san.remove_prefix(2);
    return san == domain || (san.ends_with(domain) && san[san.size() - domain.size() - 1] == '.');
}

bool proves(const tls::Facts& tls, std::string_view pattern) {
    if (!tls.peer || !tls.peer->judgement.verified || !tls.peer->leaf) return false;
    std::string_view domain = pattern;
    domain.remove_prefix(std::min(domain.find_first_not_of("*."), domain.size()));
    const auto& names = tls.peer->leaf->names;
    return std::any_of(names.begin(), names.end(),
                       [&](const std::string& name) { return is_of(tls::normalised_name(name), domain); });
}

}  // namespace

std::optional<ReplyId> receive_refusal(const std::map<std::string, ReceivePolicy, std::less<>>& policies,
                                       std::string_view domain, const std::optional<tls::Facts>& tls) {
    if (policies.empty()) return std::nullopt;
    for (const std::string& pattern : tls_policy::patterns_for(tls::normalised_name(domain))) {
        const auto policy = policies.find(pattern);
        if (policy == policies.end() || policy->second.level == ReceivePolicy::Level::off) continue;
        if (!tls) return ReplyId::ReceivePolicyTls;
        const bool needs_proof = policy->second.level == ReceivePolicy::Level::verified;
        return needs_proof && !proves(*tls, pattern) ? std::optional(ReplyId::ReceivePolicyCert) : std::nullopt;
    }
    return std::nullopt;
}

}  // namespace sluice::smtp
