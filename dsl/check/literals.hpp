// Values that are known before a script runs: literals, and what ip4("..."), code(...), state::deny(...) and other
// functions marked `constant` make of literals. The functions themselves are asked, so that a check and a run never
// disagree.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "dsl/ast/nodes.hpp"
#include "dsl/value/native.hpp"

namespace sluice::dsl::check {

class Literals {
  public:
    // Both outlive this; the tree has been resolved.
    Literals(const ast::Ast& ast, const NativeTable& natives);

    struct Failure {
        const ast::Call* call;
        std::string why;
    };
    // Nothing if the value is not known; then `failure`, if given, says whether that is because a call fails.
    [[nodiscard]] std::optional<Value> value(const ast::Node& node, std::optional<Failure>* failure = nullptr) const;

    // "state::deny" for a call of the library; empty if the name means something of the script.
    [[nodiscard]] std::string native_name(const ast::Call& call) const;
    // The script has a function of this name, with any number of parameters.
    [[nodiscard]] bool defines(std::string_view function) const { return functions_.contains(function); }
    // What the name was declared with, if it never changes; else null.
    [[nodiscard]] const ast::Node* initialiser(const ast::Name& name) const;
    [[nodiscard]] const NativeTable& natives() const noexcept { return natives_; }

  private:
    [[nodiscard]] std::optional<Value> call(const ast::Call& node, std::optional<Failure>* failure, int depth) const;
    [[nodiscard]] std::optional<Value> value(const ast::Node& node, std::optional<Failure>* failure, int depth) const;

    const NativeTable& natives_;
    std::unordered_set<std::string_view> aliases_;                                     // of imports
    std::unordered_map<std::string_view, std::unordered_set<std::size_t>> functions_;  // numbers of parameters
};

}  // namespace sluice::dsl::check
