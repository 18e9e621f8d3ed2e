#include <fmt/format.h>

#include "dsl/ast/checks.hpp"

namespace sluice::dsl::ast {

void check_place(const Node& n, const Place& place, Report& report) {
    switch (n.kind) {
        case Kind::break_:
        case Kind::continue_:
            if (!place.loop) {
                const std::string_view word = n.kind == Kind::break_ ? "break" : "continue";
                const Span span{n.span.begin, n.span.begin + static_cast<std::uint32_t>(word.size())};
                report(Code::break_outside_loop, span, fmt::format("`{}` is not inside a loop", word));
            }
            break;
        case Kind::export_:
            if (!place.global) report(Code::nested_export, {n.span.begin, n.span.begin + 6});
            break;
        case Kind::this_:
            if (!place.function) report(Code::this_outside_function, n.span);
            break;
        default: break;
    }
}

}  // namespace sluice::dsl::ast
