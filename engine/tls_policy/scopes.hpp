// The scopes in which TLS of delivery is configured, and what counts for one destination (tls.md 4.3, Momentum's rule).
// Pure. engine/config fills Scopes; engine/deliver and `sluice tls explain` resolve.
//
//   0  rule      what a rule said for this recipient
//   1  domain in binding in group     2  domain in binding     3  domain in group
//   4  binding                        5  group                 6  domain (and tls_policy[…].send)
//   7  global
// Per key: what a scope does not set is taken from the next one. Inside a scope several entries may match a domain: the
// name itself, then ".name" (it and everything below), then one label up "*.parent" (one label) and ".parent", and so
// on.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/tls/problems.hpp"
#include "engine/tls_policy/types.hpp"

namespace sluice::tls_policy {

using tls::Origin;

struct Keys {
#define OUTBOUND_KEY(type, name, ...) std::optional<type> name;
#include "engine/tls_policy/keys.def"
#undef OUTBOUND_KEY
    // Of a domain entry: mode, verify, dane and mta_sts of this entry are the least that any other scope may lead to.
    bool floor = false;
    std::map<std::string, Origin, std::less<>> origins;  // by key

    [[nodiscard]] bool operator==(const Keys& other) const noexcept;  // of the values
};

// "bank.fi", ".gov.example", "*.example": A-labels, lower case.
using Domains = std::map<std::string, Keys, std::less<>>;

// Up to 64 letters, digits, ".", "_" and "-".
[[nodiscard]] bool is_binding_name(std::string_view name) noexcept;

struct Binding {
    Keys keys;
    Domains domains;
};

struct Group {
    Keys keys;
    Domains domains;
    std::map<std::string, Binding, std::less<>> bindings;
};

struct Scopes {
    Keys global;
    Domains domains;
    Domains policies;  // of config.tls_policy[…].send: floors beside `domains`
    std::map<std::string, Binding, std::less<>> bindings;
    std::map<std::string, Group, std::less<>> groups;  // a binding is in one group at most

    // Every (domain entry, binding) that is written somewhere: what load-time checks go through. The pattern is made a
    // name that it matches; "" stands for any other domain, and for the default binding.
    struct Case {
        std::string domain;
        std::string binding;
    };
    [[nodiscard]] std::vector<Case> cases() const;
};

enum class Scope : std::uint8_t {
    rule,
    group_binding_domain,
    binding_domain,
    group_domain,
    binding,
    group,
    domain,
    global,
    built_in,
};
[[nodiscard]] std::string_view to_string(Scope scope) noexcept;  // "domain in binding"

// Where the value of a key comes from.
struct Source {
    Scope scope = Scope::built_in;
    std::string entry;  // "delivery.binding[\"b\"].domain[\".x\"]"; empty for a built-in default
    Origin origin;
    bool floor = false;  // a floor raised it to this
};

// How much TLS a connection needs before DANE and MTA-STS are asked.
enum class Level : std::uint8_t { none, opportunistic, required };

struct Effective {
#define OUTBOUND_KEY(type, name, ...) type name = __VA_ARGS__;
#include "engine/tls_policy/keys.def"
#undef OUTBOUND_KEY
    std::map<std::string, Source, std::less<>> sources;  // by key; every key is in it
    std::vector<std::string> not_lowered;                // keys that a rule wanted weaker than it may

    [[nodiscard]] Level level() const noexcept;
    // Equal for equal values: sessions and connections are shared by it.
    [[nodiscard]] std::string fingerprint() const;
};

// `domain`: the next hop's, normalised. `binding`: empty for the default one. `rule`: null if no rule said anything;
// what it says counts but for what would be weaker than DANE, MTA-STS or a floor.
[[nodiscard]] Effective resolve(const Scopes& scopes, std::string_view domain, std::string_view binding,
                                const Keys* rule = nullptr);

// For a message with "TLS-Required: No" (RFC 8689 4): opportunistic, no verification, neither DANE nor MTA-STS; floors
// stay.
[[nodiscard]] Effective resolve_without_policies(const Scopes& scopes, std::string_view domain,
                                                 std::string_view binding);

// The values of a pattern's map that match a domain, most specific first.
[[nodiscard]] std::vector<Domains::const_iterator> matching(const Domains& domains, std::string_view domain);

// One key as text, for `explain` and fingerprints.
struct ShownKey {
    std::string name;
    std::string value;
};
[[nodiscard]] std::vector<ShownKey> shown_keys(const Effective& effective);

}  // namespace sluice::tls_policy
