#include "engine/rehearsal/expectations.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include <fmt/format.h>

#include "dsl/diag/diagnostic.hpp"
#include "dsl/value/operations.hpp"

namespace sluice::rehearsal {

namespace {

using dsl::Value;

constexpr std::array<std::string_view, 6> verdicts = {"next", "accept", "faccept", "deny", "quarantine", "failed"};

std::string shown(const Value& value) {
    std::string text;
    if (dsl::append_debug(value, text, dsl::Limits{})) return dsl::brief(value);
    return text;
}

bool equal(const Value& a, const Value& b) {
    Value result;
    return !dsl::binary(dsl::Op::eq, a, b, result, dsl::Limits{}) && result.is_true();
}

std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (true) {
        const auto end = text.find('\n');
        lines.push_back(text.substr(0, end));
        if (end == std::string_view::npos) return lines;
        text.remove_prefix(end + 1);
    }
}

// "- " what is missing, "+ " what is there instead, with nothing in between that is the same at both ends.
std::string line_difference(std::string_view expected, std::string_view actual) {
    auto want = lines_of(expected);
    auto got = lines_of(actual);
    std::size_t front = 0;
    while (front < want.size() && front < got.size() && want[front] == got[front]) ++front;
    while (want.size() > front && got.size() > front && want.back() == got.back()) {
        want.pop_back();
        got.pop_back();
    }
    auto text = fmt::format("from line {} on (- expected, + actual)", front + 1);
    for (auto i = front; i < want.size(); ++i) text += fmt::format("\n- {}", want[i]);
    for (auto i = front; i < got.size(); ++i) text += fmt::format("\n+ {}", got[i]);
    return text;
}

std::string differs(std::string_view what, const Value& actual, const Value& expected) {
    const auto name = what.empty() ? std::string() : fmt::format(" {}", what);
    const bool texts = actual.is_string() && expected.is_string();
    if (texts && (actual.as_string().find('\n') != std::string_view::npos ||
                  expected.as_string().find('\n') != std::string_view::npos))
        return fmt::format("{} differs {}", what.empty() ? "the text" : what,
                           line_difference(expected.as_string(), actual.as_string()));
    return fmt::format("expected{}: {}\n  actual{}: {}", name, shown(expected), name, shown(actual));
}

// The first words of a reply stand for all of it.
bool reply_is(std::string_view reply, std::string_view expected) {
    if (!reply.starts_with(expected)) return false;
    return reply.size() == expected.size() || reply[expected.size()] == ' ' || reply[expected.size()] == '\n';
}

std::string entry_difference(std::string_view key, const Value& actual, const Value& expected) {
    if (key == "reply" && actual.is_string() && expected.is_string() &&
        reply_is(actual.as_string(), expected.as_string()))
        return {};
    return equal(actual, expected) ? std::string() : differs(key, actual, expected);
}

std::string_view string_of(const dsl::MapObject& map, std::string_view key) {
    const auto* value = map.find(key);
    return value && value->is_string() ? value->as_string() : std::string_view();
}

std::string ran(const dsl::MapObject& stage) {
    std::string names;
    if (const auto* list = stage.find("ran"); list && list->is_array())
        for (const auto& name : list->as_array().items)
            names += fmt::format("{}\"{}\"", names.empty() ? "" : ", ", name.as_string());
    return names;
}

// Which rules made the step what it is.
std::string origin(const dsl::MapObject& step) {
    const auto* stages = step.find("stages");
    if (!stages || !stages->is_array()) return {};
    std::string text;
    for (const auto& each : stages->as_array().items) {
        const auto& stage = each.as_map();
        const auto name = string_of(stage, "stage");
        const auto script = string_of(stage, "script");
        if (const auto rule = string_of(stage, "rule"); !rule.empty())
            text += fmt::format("\nstage {}: rule \"{}\" at {} gave {}", name, rule, string_of(stage, "at"),
                                string_of(stage, "verdict"));
        else if (const auto names = ran(stage); !names.empty())
            text += fmt::format("\nstage {}: no rule of {} decided; {} ran", name, script, names);
        else
            text += fmt::format("\nstage {}: {} has no rules", name, script);
    }
    return text.empty() ? "\nno stage ran" : text;
}

std::string map_difference(const dsl::MapObject& actual, const dsl::MapObject& expected) {
    std::string text;
    for (const auto& [key, value] : expected.entries()) {
        const auto name = key.as_string();
        const auto* found = actual.find(name);
        std::string one;
        if (!found) {
            std::vector<std::string_view> names;
            for (const auto& entry : actual.entries()) names.push_back(entry.key.as_string());
            const auto near = dsl::did_you_mean(name, names);
            one = fmt::format("there is no '{}' here{}", name,
                              near.empty() ? "" : fmt::format(": did you mean '{}'?", near));
        } else {
            one = entry_difference(name, *found, value);
        }
        if (!one.empty()) text += (text.empty() ? "" : "\n") + one;
    }
    return text;
}

std::string of_step(const dsl::MapObject& step, const Value& expected) {
    if (expected.is_int()) return entry_difference("code", *step.find("code"), expected);
    if (!expected.is_string()) return differs("", Value::string("a step"), expected);
    const auto text = expected.as_string();
    if (!text.empty() && text.front() >= '0' && text.front() <= '9')
        return entry_difference("reply", *step.find("reply"), expected);
    if (std::ranges::find(verdicts, text) == verdicts.end())
        return fmt::format("\"{}\" is neither a verdict ({}) nor a reply", text, fmt::join(verdicts, ", "));
    return entry_difference("verdict", *step.find("verdict"), expected);
}

}  // namespace

std::string difference(const Value& actual, const Value& expected) {
    if (!actual.is_map()) return equal(actual, expected) ? std::string() : differs("", actual, expected);
    const auto& map = actual.as_map();
    const bool is_step = map.find("stages") && map.find("verdict");
    std::string text;
    if (expected.is_map())
        text = map_difference(map, expected.as_map());
    else if (is_step)
        text = of_step(map, expected);
    else if (!equal(actual, expected))
        text = differs("", actual, expected);
    if (text.empty() || !is_step) return text;
    const auto reply = string_of(map, "reply");
    return text + origin(map) + (reply.empty() ? "" : fmt::format("\nreply: {}", reply));
}

}  // namespace sluice::rehearsal
