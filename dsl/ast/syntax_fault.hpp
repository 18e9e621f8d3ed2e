// What the parse throws to itself; parse() turns both into diagnostics. They never leave this folder.
#pragma once

#include <cstdint>
#include <string>

#include "dsl/diag/diagnostic.hpp"
#include "grammar/vsl/errors.hpp"

namespace sluice::dsl::ast {

// A fault that the builder has put into words.
struct SyntaxFault {
    Code code;
    Span span;
    std::string message;
};

// The grammar needed something that does not stand at `at`; explain.hpp finds out what stands there instead.
struct Unexpected {
    grammar::vsl::Expected expected;
    std::uint32_t at;
};

}  // namespace sluice::dsl::ast
