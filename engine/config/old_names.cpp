#include "engine/config/old_names.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <string>
#include <string_view>

#include "dsl/value/operations.hpp"
#include "engine/mail/header_lines.hpp"

namespace sluice::config {

namespace {

constexpr unsigned IN = 1;
constexpr unsigned OUT = 2;

enum class Verdict : std::uint8_t { renamed, without_effect, refused };

struct Row {
    Verdict verdict;
    std::string_view old;
    unsigned directions;
    std::string_view values;  // separated by blanks; "*": any
    std::string_view text;    // our name, or what is said
    std::string_view hint;
};

constexpr Row kRows[] = {
#define RENAMED(old, directions, name) {Verdict::renamed, old, directions, "*", name, ""},
#define WITHOUT_EFFECT(old, values, text) {Verdict::without_effect, old, IN | OUT, values, text, ""},
#define REFUSED(old, values, text, hint) {Verdict::refused, old, IN | OUT, values, text, hint},
#include "engine/config/old_names.def"
#undef RENAMED
#undef WITHOUT_EFFECT
#undef REFUSED
};

bool is_one_of(std::string_view value, std::string_view values) {
    if (values == "*") return true;
    for (std::size_t begin = 0; begin <= values.size();) {
        const auto end = std::min(values.find(' ', begin), values.size());
        if (mail::equal_names(value, values.substr(begin, end - begin))) return true;
        begin = end + 1;
    }
    return false;
}

std::string text_of(const dsl::Value& value) {
    if (value.is_string()) return std::string(value.as_string());
    return dsl::brief(value);
}

void rename(Loading& loading, Reader& tls, const std::string& key, std::string_view name) {
    tls.rename(key, name);
    const auto source = tls.place(key).first;
    if (loading.noticed.insert(fmt::format("{} {}", source ? source->name() : "", key)).second)
        tls.warning(key, fmt::format("this option is called '{}' here", name));
}

void say(Loading& loading, Reader& tls, const std::string& key, const Row& row, const std::string& value) {
    if (row.verdict == Verdict::refused) return tls.problem(key, std::string(row.text), std::string(row.hint));
    std::error_code error;
    if (row.old == "tls_dhparams_file" && !std::filesystem::exists(loading.below_root(value), error))
        return tls.problem(key, fmt::format("'{}' does not exist", value));
    tls.warning(key, std::string(row.text));
}

void apply(Loading& loading, Reader& tls, TlsDirection direction, const std::string& key) {
    const Row* known = nullptr;
    const dsl::Value* value = nullptr;
    for (const Row& row : kRows) {
        if (!mail::equal_names(key, row.old)) continue;
        if ((row.directions & (direction == TlsDirection::in ? IN : OUT)) == 0) continue;
        if (row.verdict == Verdict::renamed) return rename(loading, tls, key, row.text);
        known = &row;
        value = tls.value(key);
        if (value == nullptr) return;
        if (is_one_of(text_of(*value), row.values)) return say(loading, tls, key, row, text_of(*value));
    }
    if (known != nullptr) tls.problem(key, fmt::format("'{}' is not a value of this option", text_of(*value)));
}

}  // namespace

void accept_old_names(Loading& loading, Reader& tls, TlsDirection direction) {
    for (const std::string& key : tls.keys()) apply(loading, tls, direction, key);
}

}  // namespace sluice::config
