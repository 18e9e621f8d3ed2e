#include "dsl/lib/duration.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace sluice::dsl::lib {

namespace {

using std::chrono::milliseconds;

struct Unit {
    std::string_view name;
    double ms;
};
constexpr double day = 86'400'000.0;
constexpr Unit units[] = {
    {"ns", 1e-6},
    {"nsec", 1e-6},
    {"us", 1e-3},
    {"usec", 1e-3},
    {"ms", 1},
    {"msec", 1},
    {"s", 1e3},
    {"sec", 1e3},
    {"second", 1e3},
    {"seconds", 1e3},
    {"m", 6e4},
    {"min", 6e4},
    {"minute", 6e4},
    {"minutes", 6e4},
    {"h", 3.6e6},
    {"hr", 3.6e6},
    {"hour", 3.6e6},
    {"hours", 3.6e6},
    {"d", day},
    {"day", day},
    {"days", day},
    {"w", 7 * day},
    {"week", 7 * day},
    {"weeks", 7 * day},
    {"M", 30.44 * day},
    {"month", 30.44 * day},
    {"months", 30.44 * day},
    {"y", 365.25 * day},
    {"year", 365.25 * day},
    {"years", 365.25 * day},
};

void skip_blanks(std::string_view& text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
}

}  // namespace

std::optional<milliseconds> parse_duration(std::string_view text) {
    double total = 0;
    bool any = false;
    skip_blanks(text);
    while (!text.empty()) {
        std::uint64_t number = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (error != std::errc()) return std::nullopt;
        text.remove_prefix(static_cast<std::size_t>(end - text.data()));
        std::size_t length = 0;
        while (length < text.size() && ((text[length] >= 'a' && text[length] <= 'z') || text[length] == 'M')) ++length;
        const auto name = text.substr(0, length);
        const Unit* unit = nullptr;
        for (const auto& candidate : units)
            if (candidate.name == name) unit = &candidate;
        if (!unit) return std::nullopt;
        total += static_cast<double>(number) * unit->ms;
        text.remove_prefix(length);
        skip_blanks(text);
        any = true;
    }
    if (!any || total > 1e15) return std::nullopt;
    const auto whole = static_cast<std::int64_t>(total);
    return milliseconds(whole + (static_cast<double>(whole) < total ? 1 : 0));
}

}  // namespace sluice::dsl::lib
