// The operators as text, in the order of the enumerations of nodes.hpp, with the precedence of section 4.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "dsl/ast/nodes.hpp"

namespace sluice::dsl::ast {

struct BinaryInfo {
    std::string_view text;
    int precedence;  // higher binds tighter; `**` alone is right-associative
};

inline constexpr std::array<BinaryInfo, 24> binary_operators{{
    {"<<", 210},  {">>", 210},  {"**", 190}, {"*", 180}, {"/", 180},  {"%", 180}, {"+", 150},  {"-", 150},
    {"..", 140},  {"..=", 140}, {"??", 135}, {"<", 130}, {"<=", 130}, {">", 130}, {">=", 130}, {"in", 110},
    {"!in", 110}, {"==", 90},   {"!=", 90},  {"&&", 60}, {"&", 60},   {"||", 30}, {"|", 30},   {"^", 30},
}};

inline constexpr std::array<std::string_view, 12> assign_operators{
    "=", "+=", "-=", "*=", "/=", "%=", "**=", "<<=", ">>=", "&=", "|=", "^="};

[[nodiscard]] constexpr const BinaryInfo& info(BinaryOp op) { return binary_operators[static_cast<std::size_t>(op)]; }
[[nodiscard]] constexpr std::string_view text(AssignOp op) { return assign_operators[static_cast<std::size_t>(op)]; }
[[nodiscard]] constexpr std::string_view text(UnaryOp op) {
    return op == UnaryOp::minus ? "-" : op == UnaryOp::plus ? "+" : "!";
}

// `is` and `not` are other spellings of `==` and `!=`.
[[nodiscard]] constexpr std::optional<BinaryOp> binary_operator(std::string_view text) {
    if (text == "is") return BinaryOp::eq;
    if (text == "not") return BinaryOp::ne;
    for (std::size_t i = 0; i < binary_operators.size(); ++i) {
        if (binary_operators[i].text == text) return static_cast<BinaryOp>(i);
    }
    return std::nullopt;
}

[[nodiscard]] constexpr std::optional<AssignOp> assign_operator(std::string_view text) {
    for (std::size_t i = 0; i < assign_operators.size(); ++i) {
        if (assign_operators[i] == text) return static_cast<AssignOp>(i);
    }
    return std::nullopt;
}

}  // namespace sluice::dsl::ast
