// What new rules do otherwise than the live ones with the same session and message. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/filter/stage_trace.hpp"

namespace sluice::watch {

// One stage run, and the transaction as it was behind it.
struct PlayedRun {
    filter::StageTrace trace;
    std::optional<smtp::Transaction> transaction;  // from mail on
};

struct Difference {
    std::string what;  // "verdict", "reverse-path", "recipients", "header fields", "message"
    std::string live;
    std::string fresh;
};

// Verdict with the whole reply, envelope and transports, fields set aside, octets of the message. A reply that a rule
// gives differs from the default of its verdict, whatever the default says. Two runs that fail do not differ.
[[nodiscard]] std::vector<Difference> compare(const PlayedRun& live, const PlayedRun& fresh);

// Why the new run says nothing about how the rules would do: they wanted something that is only done once, by the live
// ones.
[[nodiscard]] std::optional<std::string> why_not_comparable(const filter::StageTrace& fresh);

// `deny 554 5.7.1 no by rule "x" at filter.vsl:3:5`, `failed by rule "x" at filter.vsl:3:5: division by zero`
[[nodiscard]] std::string decision_text(const PlayedRun& run);

}  // namespace sluice::watch
