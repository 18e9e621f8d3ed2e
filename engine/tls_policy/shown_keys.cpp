// The effective values as text.
#include <fmt/format.h>

#include "engine/tls_policy/scopes.hpp"

namespace sluice::tls_policy {

namespace {

std::string shown(bool value) { return value ? "true" : "false"; }
std::string shown(const std::string& value) { return fmt::format("\"{}\"", value); }
std::string shown(const Strings& values) {
    std::string text;
    for (const auto& each : values) text += (text.empty() ? "" : ", ") + shown(each);
    return "[" + text + "]";
}
std::string shown(Duration value) {
    const bool whole = value.count() % 1000 == 0;
    return whole ? fmt::format("\"{}s\"", value.count() / 1000) : fmt::format("\"{}ms\"", value.count());
}
template <class Enum>
    requires std::is_enum_v<Enum>
std::string shown(Enum value) {
    return fmt::format("\"{}\"", to_string(value));
}

}  // namespace

std::vector<ShownKey> shown_keys(const Effective& effective) {
    std::vector<ShownKey> all;
#define OUTBOUND_KEY(type, name, ...) all.push_back({#name, shown(effective.name)});
#include "engine/tls_policy/keys.def"
#undef OUTBOUND_KEY
    return all;
}

std::string Effective::fingerprint() const {
    std::string text;
    for (const ShownKey& key : shown_keys(*this)) text += key.name + "=" + key.value + "\n";
    return text;
}

}  // namespace sluice::tls_policy
