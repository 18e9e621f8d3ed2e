#include "engine/tls_policy/scopes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/tls_policy/domain_patterns.hpp"

namespace sluice::tls_policy {

namespace {

// One entry of one scope that has a say about a destination.
struct Voice {
    Scope scope;
    std::string entry;
    const Keys* keys;
};

bool is_domain_scope(Scope scope) {
    return scope == Scope::group_binding_domain || scope == Scope::binding_domain || scope == Scope::group_domain ||
           scope == Scope::domain;
}

class Voices {
  public:
    Voices(const Scopes& scopes, std::string_view domain, std::string_view binding) : domain_(domain) {
        const Group* group = nullptr;
        std::string in_group;
        for (const auto& [name, each] : scopes.groups) {
            if (!each.bindings.contains(binding)) continue;
            group = &each;
            in_group = fmt::format("delivery.binding_group[\"{}\"]", name);
        }
        const Binding* nested = group ? &group->bindings.find(binding)->second : nullptr;
        const auto found = scopes.bindings.find(binding);
        const Binding* alone = found != scopes.bindings.end() ? &found->second : nullptr;
        const std::string in_nested = fmt::format("{}.binding[\"{}\"]", in_group, binding);
        const std::string in_alone = fmt::format("delivery.binding[\"{}\"]", binding);
        if (nested) add_domains(Scope::group_binding_domain, in_nested + ".domain", nested->domains);
        if (alone) add_domains(Scope::binding_domain, in_alone + ".domain", alone->domains);
        if (group) add_domains(Scope::group_domain, in_group + ".domain", group->domains);
        if (nested) add(Scope::binding, in_nested, nested->keys);
        if (alone) add(Scope::binding, in_alone, alone->keys);
        if (group) add(Scope::group, in_group, group->keys);
        add_domains(Scope::domain, "delivery.domain", scopes.domains);
        add_domains(Scope::domain, "tls_policy", scopes.policies);
        add(Scope::global, "delivery", scopes.global);
    }

    [[nodiscard]] const std::vector<Voice>& all() const noexcept { return voices_; }

  private:
    void add(Scope scope, std::string entry, const Keys& keys) { voices_.push_back({scope, std::move(entry), &keys}); }
    void add_domains(Scope scope, const std::string& entry, const Domains& domains) {
        for (const auto& each : matching(domains, domain_))
            add(scope, fmt::format("{}[\"{}\"]", entry, each->first), each->second);
    }

    std::string_view domain_;
    std::vector<Voice> voices_;
};

Source source_of(const Voice& voice, std::string_view key) {
    const auto place = voice.keys->origins.find(key);
    return {voice.scope, voice.entry, place != voice.keys->origins.end() ? place->second : Origin{}, false};
}

// What a mode means for the two policies, unless they are set as specifically as the mode itself.
struct Shorthand {
    std::optional<Extra> dane;
    std::optional<Extra> mta_sts;
};

Shorthand shorthand(Mode mode) {
    switch (mode) {
        case Mode::none: return {Extra::off, Extra::off};
        case Mode::dane_only: return {Extra::require, std::nullopt};
        case Mode::mta_sts: return {Extra::off, std::nullopt};
        case Mode::opportunistic:
        case Mode::dane:
        case Mode::required: break;
    }
    return {};
}

// The index of the first voice that sets a key; the number of voices if none does.
template <class Member>
std::size_t first_with(const std::vector<Voice>& voices, Member member) {
    const auto at = std::find_if(voices.begin(), voices.end(),
                                 [&](const Voice& voice) { return (voice.keys->*member).has_value(); });
    return static_cast<std::size_t>(at - voices.begin());
}

void apply_mode(Effective& result, const std::vector<Voice>& voices) {
    const Shorthand means = shorthand(result.mode);
    const std::size_t mode_at = first_with(voices, &Keys::mode);
    const bool whatever_is_set = result.mode == Mode::none || result.mode == Mode::dane_only;
    if (means.dane && (whatever_is_set || first_with(voices, &Keys::dane) > mode_at)) {
        result.dane = *means.dane;
        result.sources["dane"] = result.sources["mode"];
    }
    if (means.mta_sts && (whatever_is_set || first_with(voices, &Keys::mta_sts) > mode_at)) {
        result.mta_sts = *means.mta_sts;
        result.sources["mta_sts"] = result.sources["mode"];
    }
}

template <class T>
bool raise(T& value, const std::optional<T>& least, Effective& result, std::string_view key, const Voice& voice) {
    if (!least || *least <= value) return false;
    value = *least;
    Source source = source_of(voice, key);
    source.floor = true;
    result.sources.insert_or_assign(std::string(key), std::move(source));
    return true;
}

void apply_floors(Effective& result, const std::vector<Voice>& voices) {
    for (const Voice& voice : voices) {
        if (!voice.keys->floor || !is_domain_scope(voice.scope)) continue;
        const Keys& keys = *voice.keys;
        std::optional<Extra> dane = keys.dane;
        if (!dane && keys.mode == Mode::dane_only) dane = Extra::require;
        if (!dane && keys.mode == Mode::dane) dane = Extra::optional;
        std::optional<Extra> mta_sts = keys.mta_sts;
        if (!mta_sts && keys.mode == Mode::mta_sts) mta_sts = Extra::optional;
        raise(result.mode, keys.mode, result, "mode", voice);
        raise(result.verify, keys.verify, result, "verify", voice);
        raise(result.dane, dane, result, "dane", voice);
        raise(result.mta_sts, mta_sts, result, "mta_sts", voice);
    }
}

Effective of_voices(const std::vector<Voice>& voices) {
    Effective result;
#define OUTBOUND_KEY(type, name, ...)                           \
    {                                                           \
        const std::size_t at = first_with(voices, &Keys::name); \
        Source source;                                          \
        if (at < voices.size()) {                               \
            result.name = *voices[at].keys->name;               \
            source = source_of(voices[at], #name);              \
        }                                                       \
        result.sources.emplace(#name, std::move(source));       \
    }
#include "engine/tls_policy/keys.def"
#undef OUTBOUND_KEY
    apply_mode(result, voices);
    return result;
}

}  // namespace

bool is_binding_name(std::string_view name) noexcept {
    constexpr std::size_t kLongest = 64;
    return !name.empty() && name.size() <= kLongest && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
               c == '-';
    });
}

bool Keys::operator==(const Keys& other) const noexcept {
    bool equal = floor == other.floor;
#define OUTBOUND_KEY(type, name, ...) equal = equal && name == other.name;
#include "engine/tls_policy/keys.def"
#undef OUTBOUND_KEY
    return equal;
}

std::vector<Domains::const_iterator> matching(const Domains& domains, std::string_view domain) {
    std::vector<Domains::const_iterator> found;
    if (domains.empty()) return found;
    for (const std::string& pattern : patterns_for(domain))
        if (const auto at = domains.find(pattern); at != domains.end()) found.push_back(at);
    return found;
}

Effective resolve(const Scopes& scopes, std::string_view domain, std::string_view binding, const Keys* rule) {
    const Voices voices(scopes, domain, binding);
    Effective result = of_voices(voices.all());
    if (rule != nullptr) {
        Effective configured = result;
        apply_floors(configured, voices.all());
        std::vector<Voice> with_rule = voices.all();
        with_rule.insert(with_rule.begin(), Voice{Scope::rule, "transport::tls", rule});
        result = of_voices(with_rule);
        // A rule may add to what other organisations publish, never take away from it.
        for (const auto& [key, member] :
             {std::pair("dane", &Effective::dane), std::pair("mta_sts", &Effective::mta_sts)}) {
            if (result.*member >= configured.*member) continue;
            // "none" turns them off as well; who wrote that did not ask for it by name.
            if (rule->mode != Mode::none) result.not_lowered.emplace_back(key);
            result.*member = configured.*member;
            result.sources[key] = configured.sources[key];
        }
        const Mode wanted = result.mode;
        const Verify wanted_verify = result.verify;
        apply_floors(result, voices.all());
        if (rule->mode && result.mode != wanted) result.not_lowered.emplace_back("mode");
        if (rule->verify && result.verify != wanted_verify) result.not_lowered.emplace_back("verify");
        return result;
    }
    apply_floors(result, voices.all());
    return result;
}

Effective resolve_without_policies(const Scopes& scopes, std::string_view domain, std::string_view binding) {
    Keys keys;
    keys.mode = Mode::opportunistic;
    keys.verify = Verify::no;
    keys.dane = Extra::off;
    keys.mta_sts = Extra::off;
    const Voices voices(scopes, domain, binding);
    std::vector<Voice> with_header = voices.all();
    with_header.insert(with_header.begin(), Voice{Scope::rule, "TLS-Required: No", &keys});
    Effective result = of_voices(with_header);
    apply_floors(result, voices.all());
    return result;
}

std::vector<Scopes::Case> Scopes::cases() const {
    std::vector<Case> all = {{"", ""}};
    const auto name_of = [](const std::string& pattern) {
        if (pattern.starts_with("*.")) return "any" + pattern.substr(1);
        return pattern.starts_with('.') ? pattern.substr(1) : pattern;
    };
    const auto add = [&](const Domains& entries, const std::string& binding) {
        for (const auto& [pattern, keys] : entries) all.push_back({name_of(pattern), binding});
    };
    const auto add_binding = [&](const std::string& name, const Binding& binding) {
        all.push_back({"", name});
        add(binding.domains, name);
        add(domains, name);
    };
    add(domains, "");
    add(policies, "");
    for (const auto& [name, binding] : bindings) add_binding(name, binding);
    for (const auto& [group_name, group] : groups) {
        for (const auto& [name, binding] : group.bindings) {
            add_binding(name, binding);
            add(group.domains, name);
        }
    }
    return all;
}

Level Effective::level() const noexcept {
    if (mode == Mode::none) return Level::none;
    return mode >= Mode::required ? Level::required : Level::opportunistic;
}

std::string_view to_string(Scope scope) noexcept {
    switch (scope) {
        case Scope::rule: return "rule";
        case Scope::group_binding_domain: return "domain in binding in group";
        case Scope::binding_domain: return "domain in binding";
        case Scope::group_domain: return "domain in group";
        case Scope::binding: return "binding";
        case Scope::group: return "group";
        case Scope::domain: return "domain";
        case Scope::global: return "global";
        case Scope::built_in: break;
    }
    return "built-in";
}

}  // namespace sluice::tls_policy
