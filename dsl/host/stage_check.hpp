// Which host functions the directives of each stage can reach: one used before its stage is an error at check time
// instead of at the first message (design decision 9).
#pragma once

#include "dsl/diag/diagnostic.hpp"
#include "dsl/host/rule_script.hpp"

namespace sluice::dsl {

void check_stages(const RuleScript& script, Diagnostics& diagnostics);

}  // namespace sluice::dsl
