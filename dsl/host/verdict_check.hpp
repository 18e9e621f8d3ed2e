// A rule must give a status on every path, an action must not give one that nobody looks at (design decision 9;
// vSMTP accepted both in silence), and a message is not accepted with a reply that says otherwise (decisions.md). Reads
// the tree of each directive's own function: what a helper function returns is found at run time.
#pragma once

#include "dsl/diag/diagnostic.hpp"
#include "dsl/host/rule_script.hpp"

namespace sluice::dsl {

void check_verdicts(const RuleScript& script, const ScriptPlaces& places, Diagnostics& diagnostics);

}  // namespace sluice::dsl
