#include "engine/migrate/postfix_values.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "engine/migrate/tls_values.hpp"
#include "grammar/mail/parameters.hpp"

namespace sluice::migrate::postfix {

namespace {

using grammar::mail::lower_case;

constexpr auto levels = std::to_array<Level>({
    {"none", "none", "no", false},
    {"may", "opportunistic", "no", false},
    {"encrypt", "required", "no", true},
    {"fingerprint", "required", "pin", true},
    {"verify", "required", "host", true},
    {"secure", "required", "host", true},
    {"dane", "dane", "no", true},
    {"half-dane", "dane", "no", true},
    {"dane-only", "dane-only", "no", true},
});

struct Version {
    const char* postfix;
    const char* ours;  // null: not in this TLS library
};
constexpr auto versions = std::to_array<Version>({{"sslv2", nullptr},
                                                  {"sslv3", nullptr},
                                                  {"tlsv1", "TLSv1.0"},
                                                  {"tlsv1.0", "TLSv1.0"},
                                                  {"tlsv1.1", "TLSv1.1"},
                                                  {"tlsv1.2", "TLSv1.2"},
                                                  {"tlsv1.3", "TLSv1.3"}});

const Version* find_version(std::string_view word) {
    const auto lower = lower_case(word);
    const auto at = std::ranges::find_if(versions, [&](const Version& each) { return lower == each.postfix; });
    return at == versions.end() ? nullptr : &*at;
}

// The words sorted into what is included, excluded, and the ends of a range.
struct Bounds {
    bool includes = false;  // some version is named, perhaps one that is not in this library
    Strings included;
    Strings excluded;
    std::string oldest;
    std::string newest;
};

bool sort_word(std::string_view word, Bounds& bounds, Protocols& result) {
    const std::size_t prefix = word.starts_with(">=") || word.starts_with("<=") ? 2 : word.starts_with('!') ? 1 : 0;
    const auto* version = find_version(word.substr(prefix));
    if (version == nullptr) {
        result.why = fmt::format("'{}' is no version of TLS known here", word);
        return false;
    }
    const std::string ours = version->ours == nullptr ? "" : version->ours;
    if (word.starts_with(">="))
        bounds.oldest = ours.empty() ? "TLSv1.0" : ours;
    else if (word.starts_with("<="))
        bounds.newest = ours.empty() ? "TLSv0" : ours;
    else if (word.starts_with('!'))
        bounds.excluded.push_back(ours);
    else {
        bounds.includes = true;
        if (ours.empty())
            result.note = fmt::format("{} is not in this TLS library", word);
        else
            bounds.included.push_back(ours);
    }
    return true;
}

bool contains(const Strings& list, std::string_view word) {
    return std::find(list.begin(), list.end(), word) != list.end();
}

}  // namespace

const Level* find_level(std::string_view name) noexcept {
    const auto at = std::ranges::find_if(levels, [&](const Level& level) { return level.name == name; });
    return at == levels.end() ? nullptr : &*at;
}

Protocols protocols_of(std::string_view written) {
    Protocols result;
    Bounds bounds;
    for (const auto& word : split(written, ", \t:"))
        if (!sort_word(word, bounds, result)) return result;
    const bool named = bounds.includes || !bounds.oldest.empty();
    for (const std::string version : {"TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3"}) {
        if (contains(bounds.excluded, version)) continue;
        if (bounds.includes && !contains(bounds.included, version)) continue;
        if (!bounds.oldest.empty() && version < bounds.oldest) continue;
        if (!bounds.newest.empty() && version > bounds.newest) continue;
        if (!named && version < std::string("TLSv1.2")) {
            result.note = "TLSv1.0 and TLSv1.1 are left out (RFC 8996): name them to allow them";
            continue;
        }
        result.versions.push_back(version);
    }
    if (result.versions.empty()) result.why = "it leaves no version that this TLS library has";
    return result;
}

std::optional<std::string> ciphers_of(std::string_view grade, std::string_view list_of_grade,
                                      std::string_view excluded) {
    std::string list(list_of_grade);
    if (list.empty()) {
        if (grade == "high")
            list = "HIGH";
        else if (grade == "medium" || grade == "low" || grade == "export")
            list = "DEFAULT";
        else
            return std::nullopt;
    }
    for (const auto& word : split(excluded, ", \t:")) list += fmt::format(":!{}", word);
    return list;
}

std::optional<std::string> duration_of(std::string_view written) {
    const auto digits = std::min(written.find_first_not_of("0123456789"), written.size());
    const auto unit = written.substr(digits);
    if (digits == 0 || (unit.size() > 1) || (unit.size() == 1 && unit.find_first_of("smhdw") != 0)) return std::nullopt;
    return fmt::format("{}{}", written.substr(0, digits), unit.empty() ? "s" : unit);
}

Strings pins_of(std::string_view fingerprint) {
    std::string hex;
    for (const char c : lower_case(fingerprint))
        if (c != ':') hex += c;
    if (hex.size() != 64 || hex.find_first_not_of("0123456789abcdef") != std::string::npos) return {};
    return {"sha256:" + hex, "spki-sha256:" + hex};
}

}  // namespace sluice::migrate::postfix
