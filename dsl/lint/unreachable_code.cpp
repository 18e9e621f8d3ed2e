// W0106: statements after return, throw, break or continue.
#include "dsl/check/results.hpp"
#include "dsl/lint/lints.hpp"

namespace sluice::dsl::lint {

using namespace ast;

void unreachable_code(const File& file) {
    for_each_node(file.tree, [&](const Node& node) {
        if (node.kind != Kind::block) return;
        const Node* last = nullptr;
        for (const auto* statement : as<Block>(node).statements) {
            if (statement->kind == Kind::empty) continue;
            if (last && check::ends_here(*last)) {
                const auto line = file.tree.source()->position(last->span.begin).line;
                file.warn(Code::unreachable_code, statement->span,
                          "this is never reached: line " + std::to_string(line) + " leaves before it");
                return;
            }
            last = statement;
        }
    });
}

}  // namespace sluice::dsl::lint
