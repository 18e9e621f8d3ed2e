#include "engine/deliver/outbound_tls.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace sluice::deliver {

namespace {

using tls::make_problem;
using tls::Origin;
using tls::Problem;
using tls::ProblemId;
using tls_policy::Effective;

// A file that cannot be loaded is tried again for each connection: it may be mended while the server runs.
template <class Key, class Value, class Load>
Value cached(std::vector<std::pair<Key, Value>>& cache, const Key& key, const Load& load) {
    for (const auto& [known, value] : cache)
        if (known == key) return value;
    Value fresh = load();
    if (!tls::has_error(fresh.problems)) cache.emplace_back(key, fresh);
    return fresh;
}

const Origin& origin_of(const Effective& policy, std::string_view key) {
    return policy.sources.find(key)->second.origin;
}

std::string first_error(const std::vector<Problem>& problems) {
    for (const Problem& problem : problems)
        if (problem.severity == Problem::Severity::error) return fmt::format("{} [{}]", problem.text, problem.code);
    return {};
}

// Problems in the order in which they are found, each once.
class Findings {
  public:
    void add(Problem problem) {
        const auto same = [&](const Problem& other) {
            return other.code == problem.code && other.text == problem.text && other.origin.line == problem.origin.line;
        };
        if (std::none_of(all_.begin(), all_.end(), same)) all_.push_back(std::move(problem));
    }
    void add(std::vector<Problem> problems) {
        for (Problem& problem : problems) add(std::move(problem));
    }
    [[nodiscard]] std::vector<Problem> take() && { return std::move(all_); }

  private:
    std::vector<Problem> all_;
};

bool is_set(const tls_policy::Keys& keys) { return !(keys == tls_policy::Keys()); }

bool is_configured(const tls_policy::Scopes& scopes) {
    return is_set(scopes.global) || !scopes.domains.empty() || !scopes.policies.empty() || !scopes.bindings.empty() ||
           !scopes.groups.empty();
}

void check_policy(const Effective& policy, bool validating, Findings& findings) {
    if (policy.verify == tls_policy::Verify::pin && policy.pins.empty())
        findings.add(make_problem(ProblemId::pin_without_pins, origin_of(policy, "verify")));
    if (policy.certificate.empty() && !policy.private_key.empty())
        findings.add(make_problem(ProblemId::key_without_certificate, origin_of(policy, "private_key")));
    if (validating) return;
    if (policy.mode == tls_policy::Mode::dane || policy.mode == tls_policy::Mode::dane_only)
        findings.add(make_problem(ProblemId::dane_not_validated, origin_of(policy, "mode"),
                                  fmt::format("mode: \"{}\"", to_string(policy.mode))));
    else if (policy.dane == tls_policy::Extra::require)
        findings.add(
            make_problem(ProblemId::dane_not_validated, origin_of(policy, "dane"), std::string("dane: \"require\"")));
}

// A binding or group that takes away what an entry for a domain says, which is no floor.
void check_weakening(const tls_policy::Scopes& scopes, const tls_policy::Scopes::Case& each, const Effective& policy,
                     Findings& findings) {
    if (each.binding.empty() || each.domain.empty()) return;
    const Effective alone = resolve(scopes, each.domain, "");
    if (alone.sources.at("mode").scope != tls_policy::Scope::domain || policy.mode >= alone.mode) return;
    const auto& source = policy.sources.at("mode");
    findings.add(make_problem(ProblemId::weakened_by_binding, source.origin, source.entry, to_string(policy.mode),
                              each.domain, to_string(alone.mode)));
}

}  // namespace

OutboundTls::Context OutboundTls::context(const Effective& policy) const {
    tls::ClientSettings settings;
    settings.protocol_version = policy.protocol_version;
    settings.ciphers = policy.ciphers;
    settings.groups = policy.groups;
    if (!policy.certificate.empty() && policy.certificate != "none")
        settings.certificate = {policy.certificate, policy.private_key};
    return cached(contexts_, settings,
                  [&] { return tls::make_client_context(settings, origin_of(policy, "certificate")); });
}

OutboundTls::Trust OutboundTls::trust(const Effective& policy) const {
    if (policy.ca.empty() && policy.ca_crl.empty()) return tls::TrustStore::system();
    const std::string file = policy.ca.empty() ? std::string(tls::kSystemBundle) : policy.ca;
    return cached(trusts_, TrustFiles(file, policy.ca_crl),
                  [&] { return tls::TrustStore::load(file, policy.ca_crl, origin_of(policy, "ca")); });
}

OutboundTls::Material OutboundTls::material(const Effective& policy) const {
    const std::lock_guard lock(mutex_);
    Material material;
    Context made = context(policy);
    material.context = std::move(made.context);
    material.error = first_error(made.problems);
    Trust trusted = trust(policy);
    material.trust = std::move(trusted.store);
    const bool needed = policy.verify == tls_policy::Verify::ca || policy.verify == tls_policy::Verify::host;
    if (material.error.empty() && (needed || !policy.ca.empty())) material.error = first_error(trusted.problems);
    return material;
}

std::vector<Problem> OutboundTls::check() const {
    const std::lock_guard lock(mutex_);
    Findings findings;
    if (!is_configured(scopes_)) return {};
    for (const auto& each : scopes_.cases()) {
        const Effective policy = resolve(scopes_, each.domain, each.binding);
        findings.add(context(policy).problems);
        if (!policy.ca.empty() || policy.verify == tls_policy::Verify::ca || policy.verify == tls_policy::Verify::host)
            findings.add(trust(policy).problems);
        check_policy(policy, validating_, findings);
        check_weakening(scopes_, each, policy, findings);
    }
    const Effective global = resolve(scopes_, "", "");
    if (!validating_ && global.dane == tls_policy::Extra::optional)
        findings.add(make_problem(ProblemId::dane_off, origin_of(global, "dane")));
    return std::move(findings).take();
}

}  // namespace sluice::deliver
