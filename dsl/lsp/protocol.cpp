#include "dsl/lsp/protocol.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include <boost/json.hpp>

#include "dsl/source/utf8.hpp"

namespace sluice::dsl::lsp {

namespace json = boost::json;

namespace {

std::uint32_t number_of(const json::object& params, std::string_view key) {
    const auto* found = params.if_contains(key);
    if (!found || !found->is_number()) throw InvalidParams{fmt::format("`{}` is no number", key)};
    constexpr double most = std::numeric_limits<std::uint32_t>::max();
    return static_cast<std::uint32_t>(std::clamp(found->to_number<double>(), 0.0, most));
}

// Text of scripts may hold any bytes; JSON may not.
std::string clean(std::string_view text) {
    std::string out;
    while (const auto bad = find_invalid_utf8(text)) {
        out += text.substr(0, *bad);
        out += "\xEF\xBF\xBD";
        text.remove_prefix(*bad + 1);
    }
    return out + std::string(text);
}

int number_of(Severity severity) { return severity == Severity::error ? 1 : severity == Severity::warning ? 2 : 3; }

int number_of(ItemKind kind) {
    switch (kind) {
        case ItemKind::method: return 2;
        case ItemKind::function: return 3;
        case ItemKind::stage: return 5;
        case ItemKind::variable: return 6;
        case ItemKind::module: return 9;
        case ItemKind::property: return 10;
        case ItemKind::keyword: return 14;
        case ItemKind::constant: return 21;
    }
    return 1;
}

json::object to_json(Place place) { return {{"line", place.line}, {"character", place.unit}}; }

}  // namespace

const json::object& object_of(const json::object& params, std::string_view key) {
    const auto* found = params.if_contains(key);
    if (!found || !found->is_object()) throw InvalidParams{fmt::format("`{}` is no object", key)};
    return found->get_object();
}

std::string text_of(const json::object& params, std::string_view key) {
    const auto* found = params.if_contains(key);
    if (!found || !found->is_string()) throw InvalidParams{fmt::format("`{}` is no text", key)};
    return std::string(std::string_view(found->get_string()));
}

Place place_of(const json::object& position) { return {number_of(position, "line"), number_of(position, "character")}; }

Range range_of(const json::object& range) {
    return {place_of(object_of(range, "start")), place_of(object_of(range, "end"))};
}

json::object to_json(const Range& range) { return {{"start", to_json(range.begin)}, {"end", to_json(range.end)}}; }

json::object to_json(const Problem& problem) {
    auto message = clean(problem.message);
    if (!problem.hint.empty()) message += "\nhint: " + clean(problem.hint);
    message += fmt::format("\n`sluice explain {}` tells more", problem.code);
    return {{"range", to_json(problem.range)},
            {"severity", number_of(problem.severity)},
            {"code", problem.code},
            {"source", "sluice"},
            {"message", message}};
}

json::object to_json(const Item& item) {
    json::object object{{"label", item.label}, {"kind", number_of(item.kind)}};
    if (!item.detail.empty()) object["detail"] = clean(item.detail);
    if (!item.documentation.empty())
        object["documentation"] = {{"kind", "markdown"}, {"value", clean(item.documentation)}};
    return object;
}

}  // namespace sluice::dsl::lsp
