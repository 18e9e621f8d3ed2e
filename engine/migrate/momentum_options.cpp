#include "engine/migrate/momentum_options.hpp"

#include <algorithm>
#include <array>
#include <filesystem>

#include <fmt/format.h>

#include "engine/migrate/tls_values.hpp"
#include "grammar/mail/parameters.hpp"

namespace sluice::migrate::momentum {

namespace {

using grammar::mail::lower_case;

enum class Kind : std::uint8_t { word, path, flag, ciphers, versions, groups, suites13 };

struct Row {
    std::string_view name;
    std::string_view values;
    Verdict verdict;
    std::string_view inbound;
    std::string_view outbound;
    Kind kind;
    std::string_view as;
    std::string_view text;
    std::string_view instead;
};

constexpr auto rows = std::to_array<Row>({
#define MOMENTUM_OPTION(name, values, verdict, inbound, outbound, kind, as, text, instead) \
    {name, values, Verdict::verdict, inbound, outbound, Kind::kind, as, text, instead},
#include "engine/migrate/momentum_options.def"
#undef MOMENTUM_OPTION
});

bool has_value(const Row& row, const std::string& word) {
    const auto words = split(row.values, " ");
    return row.values == "*" || std::find(words.begin(), words.end(), word) != words.end();
}

Translation refused(std::string text, std::string instead) {
    return {.verdict = Verdict::refused, .text = std::move(text), .instead = std::move(instead)};
}

Translation mapped(const Row& row, Value value, const Tried& tried) {
    if (!tried.usable) return refused(tried.text, tried.hint);
    return {Verdict::mapped, std::string(row.inbound), std::string(row.outbound), std::move(value), tried.text,
            tried.hint};
}

Translation mapped(const Row& row, const std::string& word) {
    switch (row.kind) {
        case Kind::word: return mapped(row, row.as.empty() ? lower_case(word) : std::string(row.as), {});
        case Kind::path:
            if (word.empty()) return refused("the path is empty", "name a file, or \"none\" for a certificate");
            if (lower_case(word) == "none") return mapped(row, std::string("none"), {});
            return mapped(row, word, {.text = path_note(word)});
        case Kind::flag:
            if (const auto flag = flag_of(word)) return mapped(row, *flag, {});
            return refused(fmt::format("'{}' is neither true nor false", word), "write true or false");
        case Kind::ciphers: return mapped(row, word, try_ciphers(word));
        case Kind::versions: return mapped(row, word, try_versions({word}));
        case Kind::groups: return mapped(row, split(word, ":"), try_groups(split(word, ":")));
        case Kind::suites13:
            if (!is_all_of_tls13(word)) return refused(std::string(row.text), std::string(row.instead));
            return {.verdict = Verdict::notice, .text = "all suites of TLS 1.3 are always on"};
    }
    return {};
}

std::string known_values(std::string_view name) {
    std::string words;
    for (const auto& row : rows)
        if (row.name == name) words += (words.empty() ? "" : " ") + std::string(row.values);
    return fmt::format("{}", fmt::join(split(words, " "), ", "));
}

}  // namespace

bool is_tls_option(std::string_view name) noexcept {
    return std::ranges::any_of(rows, [&](const Row& row) { return row.name == name; });
}

std::optional<Translation> translate(std::string_view name, const grammar::ecelerity::Value& value) {
    if (!is_tls_option(name)) return std::nullopt;
    if (value.kind != grammar::ecelerity::Value::Kind::text)
        return refused("one word or string is expected here", "write it without brackets");
    const auto word = lower_case(value.text);
    for (const auto& row : rows) {
        if (row.name != name || !has_value(row, word)) continue;
        if (row.verdict == Verdict::mapped) return mapped(row, value.text);
        std::error_code error;
        if (row.kind == Kind::path && !std::filesystem::exists(value.text, error))
            return refused(fmt::format("{}; and '{}' does not exist", row.text, value.text), "remove the option");
        return Translation{.verdict = row.verdict, .text = std::string(row.text), .instead = std::string(row.instead)};
    }
    return refused(fmt::format("'{}' is not a value of this option", value.text),
                   fmt::format("it may be {}", known_values(name)));
}

std::string path_note(std::string_view path) {
    return path.starts_with('/') ? "" : "a relative path starts at the configuration directory here";
}

std::optional<bool> flag_of(std::string_view word) {
    const auto lower = lower_case(word);
    for (const auto* yes : {"true", "yes", "on", "1"})
        if (lower == yes) return true;
    for (const auto* no : {"false", "no", "off", "0"})
        if (lower == no) return false;
    return std::nullopt;
}

}  // namespace sluice::migrate::momentum
