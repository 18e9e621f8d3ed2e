// What is said of the functions that are not written in vSL.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dsl/value/native.hpp"

namespace sluice::dsl::lsp {

// Every number of arguments it takes; empty if there is no such function.
[[nodiscard]] std::vector<const NativeGroup*> groups_of(const NativeTable& natives, std::string_view name);

// "push(array, any)", with " -> i64" where the result is known; one line for each overload.
[[nodiscard]] std::string signatures(const std::vector<const NativeGroup*>& groups);

// Markdown: signatures, documentation, first stage.
[[nodiscard]] std::string describe_library(const std::vector<const NativeGroup*>& groups);

}  // namespace sluice::dsl::lsp
