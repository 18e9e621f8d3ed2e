// What can be wrong with a tree without knowing any name (vsl-language.md section 3, points 8 to 12, and the switch
// rules of section 9). Every check reports all it finds.
#pragma once

#include <string>
#include <vector>

#include "dsl/ast/nodes.hpp"
#include "dsl/diag/diagnostic.hpp"

namespace sluice::dsl::ast {

class Report {
  public:
    Report(SourcePtr source, std::vector<Diagnostic>& to) : source_(std::move(source)), to_(to) {}
    void operator()(Code code, Span span, std::string message = {}, std::string hint = {}) {
        to_.push_back({code, source_, span, std::move(message), std::move(hint)});
    }
    [[nodiscard]] const SourceFile& source() const noexcept { return *source_; }

  private:
    SourcePtr source_;
    std::vector<Diagnostic>& to_;
};

// Where a node stands.
struct Place {
    bool global = false;    // a statement of the top level
    bool loop = false;      // inside a loop of the same function or closure
    bool function = false;  // inside a function or closure
};

// `directives`: rule and action are words (ParseOptions).
void check(const Ast& ast, bool directives, std::vector<Diagnostic>& to);

// check_places.cpp: break, continue, export, this.
void check_place(const Node& n, const Place& place, Report& report);
// check_definitions.cpp: things defined twice or without the name they need.
void check_duplicates(const Node& n, Report& report);
void check_functions(const Ast& ast, Report& report);
void check_directives(const Array& list, Report& report);
void check_parameters(List<Decl*> parameters, Report& report);
// check_types.cpp: literals that can never be what is needed.
void check_types(const Node& n, Report& report);
// check_targets.cpp: what is assigned to.
void check_target(const Assign& n, Report& report);
// check_switch.cpp
void check_switch(const Switch& n, Report& report);

// "a string", "a number" … for a literal, empty for everything else.
[[nodiscard]] std::string_view literal_kind(const Node& n);
// A literal all through: arrays and maps of literals are.
[[nodiscard]] bool is_constant(const Node& n);

}  // namespace sluice::dsl::ast
