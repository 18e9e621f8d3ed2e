#include "engine/tls/peer_policy.hpp"

#include <algorithm>

namespace sluice::tls {

namespace {

// Several scopes may come to the same file, and it is wrong only once.
void add(std::vector<Problem>& all, Problem problem) {
    const bool told = std::any_of(all.begin(), all.end(), [&](const Problem& each) {
        return each.code == problem.code && each.text == problem.text;
    });
    if (!told) all.push_back(std::move(problem));
}

void check_grant(const std::string& path, const TrustStore& trust, const Origin& origin,
                 std::vector<Problem>& problems) {
    const auto system = TrustStore::system();
    if (system.store && system.store->digest() == trust.digest()) {
        add(problems, make_problem(ProblemId::ca_grants_everybody, origin, path));
    } else if (trust.size() > 1) {
        add(problems, make_problem(ProblemId::ca_grants_many, origin, path, trust.size()));
    }
}

}  // namespace

struct PeerPolicies::Effective {
    Files files;
    VerifyMode mode = VerifyMode::none;
    Origin origin;      // of the CA
    Origin crl_origin;  // of the lists
};

PeerPolicies::Effective PeerPolicies::effective(Scopes scopes) {
    Effective result;
    std::optional<VerifyMode> mode;
    bool has_ca = false;
    for (const PeerScope* scope : scopes) {
        if (scope == nullptr) continue;
        if (scope->client_ca && !has_ca) {
            has_ca = true;
            result.files.first = *scope->client_ca;
            result.origin = scope->origin;
        }
        if (result.files.second.empty() && !scope->client_crl.empty()) {
            result.files.second = scope->client_crl;
            result.crl_origin = scope->origin;
        }
        if (!mode) mode = scope->verify_mode;
    }
    result.mode = mode.value_or(has_ca ? VerifyMode::optional : VerifyMode::none);
    return result;
}

void PeerPolicies::load(Scopes scopes, const PeerScope* granting, std::vector<Problem>& problems) {
    const Effective wanted = effective(scopes);
    const auto& [ca, lists] = wanted.files;
    if (ca.empty()) {
        if (!lists.empty()) add(problems, make_problem(ProblemId::crl_without_ca, wanted.crl_origin, lists.front()));
    } else if (const auto [place, fresh] = stores_.try_emplace(wanted.files); fresh) {
        TrustStore::Loaded loaded = TrustStore::load(ca, lists, wanted.origin);
        for (Problem& each : loaded.problems) add(problems, std::move(each));
        place->second = std::move(loaded.store);
    }
    if (granting == nullptr || !granting->verified_is_trusted) return;
    const auto store = stores_.find(wanted.files);
    if (wanted.mode == VerifyMode::none || ca.empty()) {
        add(problems, make_problem(ProblemId::ca_grants_nobody, granting->origin));
    } else if (store != stores_.end() && store->second) {
        check_grant(ca, *store->second, wanted.origin, problems);
    }
}

PeerPolicy PeerPolicies::resolve(Scopes scopes) const {
    Effective wanted = effective(scopes);
    PeerPolicy policy{wanted.mode, nullptr};
    if (wanted.mode == VerifyMode::none || wanted.files.first.empty()) return policy;
    if (const auto found = stores_.find(wanted.files); found != stores_.end()) policy.trust = found->second;
    return policy;
}

}  // namespace sluice::tls
