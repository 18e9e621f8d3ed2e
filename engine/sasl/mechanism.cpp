#include "engine/sasl/mechanism.hpp"

#include <algorithm>
#include <array>

namespace sluice::sasl {
namespace {

enum class Kind : std::uint8_t { keys, states, external, password, token };
enum class Clear : std::uint8_t { any, tls, bound };

struct Row {
    Mechanism mechanism;
    std::string_view name;
    Kind kind;
    Clear clear;
};

constexpr auto rows = std::to_array<Row>({
#define SASL_MECHANISM(enumerator, name, kind, clear) Row{Mechanism::enumerator, name, Kind::kind, Clear::clear},
#include "engine/sasl/mechanisms.def"
#undef SASL_MECHANISM
});

constexpr const Row& row_of(Mechanism mechanism) { return rows[static_cast<std::size_t>(mechanism)]; }

constexpr char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

std::optional<Mechanism> without_plus(Mechanism mechanism) {
    if (mechanism == Mechanism::scram_sha_256_plus) return Mechanism::scram_sha_256;
    if (mechanism == Mechanism::scram_sha_1_plus) return Mechanism::scram_sha_1;
    return std::nullopt;
}

bool configured(Mechanism mechanism, std::span<const Mechanism> list) {
    const auto base = without_plus(mechanism);
    return std::ranges::any_of(list, [&](Mechanism each) { return each == mechanism || each == base; });
}

bool has_what_it_needs(const Row& row, const Conditions& conditions) {
    switch (row.kind) {
        case Kind::keys: return conditions.password_file && (row.clear != Clear::bound || conditions.channel_binding);
        case Kind::states: return conditions.password_file && conditions.cram_md5_users;
        case Kind::external: return conditions.external_identity;
        case Kind::password:
        case Kind::token: return true;
    }
    return false;
}

}  // namespace

std::string_view to_string(Mechanism mechanism) noexcept { return row_of(mechanism).name; }

std::optional<Mechanism> parse_mechanism(std::string_view name) noexcept {
    for (const Row& row : rows)
        if (std::ranges::equal(name, row.name, {}, upper)) return row.mechanism;
    return std::nullopt;
}

Refusal refusal(Mechanism mechanism, const Conditions& conditions) noexcept {
    const Row& row = row_of(mechanism);
    if (!configured(mechanism, conditions.configured)) return Refusal::not_offered;
    if (!conditions.under_tls) {
        if (row.clear == Clear::bound) return Refusal::needs_tls;
        if (row.clear == Clear::tls && !conditions.dangerous_in_clear) return Refusal::needs_tls;
    }
    return has_what_it_needs(row, conditions) ? Refusal::none : Refusal::not_offered;
}

std::vector<Mechanism> available(const Conditions& conditions) {
    std::vector<Mechanism> list;
    for (const Row& row : rows)
        if (refusal(row.mechanism, conditions) == Refusal::none) list.push_back(row.mechanism);
    return list;
}

}  // namespace sluice::sasl
