// W0103: a comparison of two types that never match (vsl-rules.md 9.3: it is false, without a word).
#include <fmt/format.h>

#include "dsl/ast/operators.hpp"
#include "dsl/lint/lints.hpp"

namespace sluice::dsl::lint {

using namespace ast;

namespace {

std::string hint_for(const File& file, const Binary& node, std::string_view left, std::string_view right) {
    const auto pair = [&](std::string_view a, std::string_view b) {
        return (left == a && right == b) || (left == b && right == a);
    };
    const auto text_of = [&](std::string_view type) {
        return file.text((left == type ? node.left : node.right)->span);
    };
    if (pair("address", "fqdn")) return fmt::format("compare the domain of the address: {}.domain", text_of("address"));
    if (pair("address", "identifier"))
        return fmt::format("compare the local part of the address: {}.local_part", text_of("address"));
    if (left == "address" || right == "address")
        return fmt::format("compare it with a text or another address: {} == \"user@example.com\"", text_of("address"));
    if (pair("status", "string")) return "compare it with a status, such as state::deny()";
    if (pair("string", "code") || pair("string", "rg4") || pair("string", "rg6"))
        return left == "code" || right == "code" ? "compare it with another code"
                                                 : "write `in` to ask whether an address is in the range";
    if (pair("string", "i64")) {
        const auto& text = left == "string" ? *node.left : *node.right;
        if (text.kind == Kind::string && !as<String>(text).value.empty() &&
            as<String>(text).value.find_first_not_of("0123456789") == std::string_view::npos)
            return fmt::format("write {} without quotes", as<String>(text).value);
        return "convert one of them: parse_int(text), or number.to_string()";
    }
    if (left == "array" || right == "array") return "write `in` to ask whether a list has an element";
    return "values of different types are never equal";
}

void membership(const File& file, const Binary& node) {
    const auto item = file.types.of(*node.left);
    const auto container = file.types.of(*node.right);
    const bool holds_nothing = container == "i64" || container == "f64" || container == "bool" ||
                               container == "status" || container == "code" || container == "char";
    const bool wrong_item = (container == "string" && !item.empty() && item != "string" && item != "char") ||
                            (container == "range" && !item.empty() && item != "i64");
    if (!holds_nothing && !wrong_item) return;
    file.warn(Code::incomparable_types, node.span,
              holds_nothing ? fmt::format("nothing can be in {}", with_article(container))
                            : fmt::format("{} cannot be in {}", with_article(item), with_article(container)),
              holds_nothing           ? "`in` looks into a list, a range, a map, a text, a regex or an address range"
              : container == "string" ? "convert it to a text: .to_string()"
                                      : "a range holds integers");
}

}  // namespace

void incomparable_types(const File& file) {
    for_each_node(file.tree, [&](const Node& node) {
        if (node.kind != Kind::binary) return;
        const auto& binary = as<Binary>(node);
        if (binary.op == BinaryOp::in || binary.op == BinaryOp::not_in) return membership(file, binary);
        const bool equality = binary.op == BinaryOp::eq || binary.op == BinaryOp::ne;
        const bool order = binary.op == BinaryOp::lt || binary.op == BinaryOp::le || binary.op == BinaryOp::gt ||
                           binary.op == BinaryOp::ge;
        if (!equality && !order) return;
        const auto left = file.types.of(*binary.left);
        const auto right = file.types.of(*binary.right);
        if (equality ? can_be_equal(left, right) : have_an_order(left, right)) return;
        file.warn(Code::incomparable_types, node.span,
                  equality ? fmt::format("{} is never equal to {}: this is always {}", with_article(left),
                                         with_article(right), binary.op == BinaryOp::ne ? "true" : "false")
                           : fmt::format("{} and {} have no order", with_article(left), with_article(right)),
                  hint_for(file, binary, left, right));
    });
}

}  // namespace sluice::dsl::lint
