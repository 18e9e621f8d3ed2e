// One script, two answers: the machine's and the reference's (evaluator.hpp).
#pragma once

#include <optional>
#include <string>

#include "tests/reference/value.hpp"

namespace sluice::reference {

struct Comparison {
    enum class Kind {
        agree,
        differ,
        unknown,   // the reference gave up, or a limit of one side was near on the other
        rejected,  // the script does not compile
    } kind = Kind::agree;
    std::string report;  // both answers, or why nothing can be said
};

[[nodiscard]] Comparison compare(const std::string& script);
// The machine with itself: without marks, and with those of coverage.
[[nodiscard]] Comparison compare_marked(const std::string& script);

}  // namespace sluice::reference
