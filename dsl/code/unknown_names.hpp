// What to say about a name that means nothing (strict scripts only): the likeliest thing that was meant, or how what it
// names is used. Reports each unknown variable of a file once.
#pragma once

#include "dsl/code/emitter.hpp"

namespace sluice::dsl::code {

void unknown_variable(UnitContext& context, const ast::Name& name);
// a::b as a value, where `a` is no import that could be loaded.
void unknown_path(UnitContext& context, const ast::Path& path);
// f(x), a::f(x), where no import `a` could be loaded.
void unknown_function(UnitContext& context, const ast::Call& call);
// m::f(x), m::x of a module that was loaded.
void unknown_member(UnitContext& context, const ast::Call& call, const Unit& module);
void unknown_member(UnitContext& context, const ast::Path& path, const Unit& module);

}  // namespace sluice::dsl::code
