// The type an expression has whenever it has a value, as far as that can be told without running it.
#pragma once

#include <string>
#include <string_view>

#include "dsl/ast/nodes.hpp"
#include "dsl/check/literals.hpp"

namespace sluice::dsl::lint {

class Types {
  public:
    explicit Types(const check::Literals& literals) : literals_(literals) {}

    // "bool", "i64", "f64", "char", "string", "array", "map", "range", "Fn", "status", or the type of an object
    // ("address", "ip4"); empty if it is not known. A value that may also be () counts as not known.
    [[nodiscard]] std::string_view of(const ast::Node& node) const { return of(node, 8); }

  private:
    [[nodiscard]] std::string_view of(const ast::Node& node, int depth) const;
    [[nodiscard]] std::string_view call(const ast::Call& node) const;
    [[nodiscard]] std::string_view method(const ast::Method& node) const;
    [[nodiscard]] std::string_view binary(const ast::Binary& node, int depth) const;

    const check::Literals& literals_;
};

// Whether `a == b` can ever be true. Yes if either type is not known.
[[nodiscard]] bool can_be_equal(std::string_view a, std::string_view b);
// Whether `a < b` and its like mean anything.
[[nodiscard]] bool have_an_order(std::string_view a, std::string_view b);
// "an address", "an i64", "a string".
[[nodiscard]] std::string with_article(std::string_view type);

}  // namespace sluice::dsl::lint
