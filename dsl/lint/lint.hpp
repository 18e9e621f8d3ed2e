// What is legal in a script and surely not meant: warnings with W codes (dsl/diag/lints.def), one file per kind of
// lint. `sluice check` runs them over scripts that have no errors; a server that starts or reloads does not.
#pragma once

#include "dsl/diag/diagnostic.hpp"
#include "dsl/host/rule_script.hpp"

namespace sluice::dsl::lint {

// A rule script, its modules, and its rules in their stages. `trees` are those of RuleScriptOptions::trees.
void rules(const RuleScript& script, const Trees& trees, Diagnostics& diagnostics);

}  // namespace sluice::dsl::lint
