// `step.expect(...)` of a test: compares, and tells what differs so that the author of the rule knows where to look.
//
//   expect(step, "deny")                    the verdict
//   expect(step, 554)                       the code of the reply
//   expect(step, "554 5.7.1 no")            the reply, or its first words
//   expect(map, #{ key: value, … })         the entries named, each as above for `reply`, else equal
//   expect(value, value)                    equal
#pragma once

#include <string>

#include "dsl/value/value.hpp"

namespace sluice::rehearsal {

// Nothing if `actual` is as expected; else lines such as
//   expected verdict: "deny"
//     actual verdict: "next"
//   no rule of stage rcpt decided; of filter.vsl ran "relay for nobody"
[[nodiscard]] std::string difference(const dsl::Value& actual, const dsl::Value& expected);

}  // namespace sluice::rehearsal
