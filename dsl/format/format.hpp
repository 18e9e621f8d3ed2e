// `sluice fmt`: one look for all scripts. Only blanks, line breaks, trailing commas and doubled semicolons change; the
// tokens and comments stay, in their order. Formatting twice gives what formatting once gave.
//
// The look: four blanks a level, lines of 100. A list, map, argument list or block stands on one line if it fits; else
// each item has a line of its own, with a comma behind the last. What already has its first item on a line of its own
// stays so: whoever lists one domain a line wants to go on so. A list of directives and a block of several statements
// always do. Chains of operators break before the operator, chains of three or more method calls before the dot.
// Comments stay beside or above what they stood beside or above; one empty line is kept where there were some.
// Back-tick strings keep their text, with the code in them.
#pragma once

#include <optional>
#include <string>

#include "dsl/ast/parse.hpp"

namespace sluice::dsl::format {

// Nothing if the script has syntax errors; they are in `diagnostics`.
[[nodiscard]] std::optional<std::string> format(const SourcePtr& source, const ast::ParseOptions& options,
                                                Diagnostics& diagnostics);

}  // namespace sluice::dsl::format
