#include <fmt/format.h>

#include <algorithm>

#include "dsl/ast/checks.hpp"

namespace sluice::dsl::ast {

namespace {

void need_boolean(const Node* n, Code code, std::string_view role, Report& report, std::string hint = {}) {
    if (n == nullptr || n->kind == Kind::boolean) return;
    const auto kind = literal_kind(*n);
    if (!kind.empty()) report(code, n->span, fmt::format("{} cannot be {}", kind, role), std::move(hint));
}

// x == "a" || "b": each side of || stands for itself.
std::string alternatives(const Binary& b, Report& report) {
    if (b.left->kind != Kind::binary || literal_kind(*b.right).empty()) return {};
    const auto& first = as<Binary>(*b.left);
    if (first.op != BinaryOp::eq || literal_kind(*first.right).empty()) return {};
    const auto text = [&](const Node* n) { return report.source().text(n->span); };
    return b.op == BinaryOp::or_ ? fmt::format("to compare with both, write {} in [{}, {}]", text(first.left),
                                               text(first.right), text(b.right))
                                 : std::string();
}

void check_source(const For& loop, Report& report) {
    switch (loop.source->kind) {
        case Kind::integer:
        case Kind::floating:
        case Kind::boolean:
        case Kind::character:
        case Kind::unit:
        case Kind::map:
            report(Code::loop_source_type, loop.source->span,
                   fmt::format("{} cannot be looped over", literal_kind(*loop.source)));
            break;
        default: break;
    }
}

void check_index(const Index& index, Report& report) {
    const auto kind = literal_kind(*index.key);
    if (kind.empty()) return;
    const Kind key = index.key->kind;
    switch (index.base->kind) {
        case Kind::map:
            if (key != Kind::string && key != Kind::template_) {
                report(Code::map_index_type, index.key->span,
                       fmt::format("a map is indexed with strings, not with {}", kind));
            }
            break;
        case Kind::array:
        case Kind::string:
        case Kind::template_:
        case Kind::integer:
            if (key == Kind::integer || key == Kind::array || key == Kind::map) break;
            report(Code::index_type, index.key->span,
                   fmt::format("{} cannot be an index of {}", kind, literal_kind(*index.base)));
            break;
        default: break;
    }
}

}  // namespace

std::string_view literal_kind(const Node& n) {
    switch (n.kind) {
        case Kind::unit: return "the unit value ()";
        case Kind::boolean: return "true or false";
        case Kind::integer:
        case Kind::floating: return "a number";
        case Kind::character: return "a character";
        case Kind::string:
        case Kind::template_: return "a string";
        case Kind::array: return "an array";
        case Kind::map: return "a map";
        default: return {};
    }
}

bool is_constant(const Node& n) {
    switch (n.kind) {
        case Kind::array: {
            const auto items = as<Array>(n).items;
            return std::all_of(items.begin(), items.end(), [](const Node* item) { return is_constant(*item); });
        }
        case Kind::map: {
            const auto entries = as<Map>(n).entries;
            return std::all_of(entries.begin(), entries.end(), [](const MapEntry& e) { return is_constant(*e.value); });
        }
        case Kind::template_: return false;
        default: return !literal_kind(n).empty();
    }
}

void check_types(const Node& n, Report& report) {
    constexpr std::string_view condition = "a condition";
    switch (n.kind) {
        case Kind::if_: return need_boolean(as<If>(n).condition, Code::condition_type, condition, report);
        case Kind::while_: return need_boolean(as<While>(n).condition, Code::condition_type, condition, report);
        case Kind::do_: return need_boolean(as<Do>(n).condition, Code::condition_type, condition, report);
        case Kind::switch_:
            for (const auto& c : as<Switch>(n).cases) need_boolean(c.guard, Code::condition_type, condition, report);
            return;
        case Kind::binary: {
            const auto& b = as<Binary>(n);
            if (b.op != BinaryOp::and_ && b.op != BinaryOp::or_) return;
            const std::string_view role = b.op == BinaryOp::and_ ? "an operand of `&&`" : "an operand of `||`";
            need_boolean(b.left, Code::operand_type, role, report, alternatives(b, report));
            need_boolean(b.right, Code::operand_type, role, report, alternatives(b, report));
            return;
        }
        case Kind::for_: return check_source(as<For>(n), report);
        case Kind::index: return check_index(as<Index>(n), report);
        default: return;
    }
}

}  // namespace sluice::dsl::ast
