// Where to go on after a syntax error, so that independent errors of one file are all reported. Cautious: as soon as
// the brackets after the error cannot be trusted there is no such place, because an error that only follows from the
// first one must never be reported.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace sluice::dsl::ast {

struct Resume {
    std::uint32_t at;
    bool directive;  // a directive in a list stands there; else a statement of the top level
};

// `statement`: where the broken top-level statement begins; `error`: where it is known to be broken. Looks for the next
// directive of the list that the error stands in, then for the next statement of the top level.
[[nodiscard]] std::optional<Resume> find_resume(std::string_view text, std::uint32_t statement, std::uint32_t error,
                                                bool directives);

}  // namespace sluice::dsl::ast
