// A StageTrace for people and for programs: what `sluice simulate` and `sluice trace` print.
#pragma once

#include <string>
#include <string_view>

#include <boost/json/object.hpp>

#include "engine/filter/stage_trace.hpp"

namespace sluice::filter {

// "rule", "action", "delegate".
[[nodiscard]] std::string_view to_string(dsl::DirectiveKind kind) noexcept;
// rcpt: filter.vsl
//     rule "relay for nobody" at filter.vsl:22:33: deny 554 5.7.1 Relay access denied (4.1 µs)
//         ctx::rcpt() = jane@elsewhere.test
//     -> deny 554 5.7.1 Relay access denied (10.8 µs)
[[nodiscard]] std::string trace_text(const StageTrace& trace);
// stage, script, verdict, time_us, directives: [{kind, name, place, status, failure, time_us, calls: [{call,
// result}]}].
[[nodiscard]] boost::json::object trace_json(const StageTrace& trace);

}  // namespace sluice::filter
