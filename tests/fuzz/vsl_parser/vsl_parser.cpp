// A script -> tree and diagnostics, as rules, as one expression, and with narrow limits. Checked: what parses has no
// errors and a tree whose spans are nested; what does not parse has errors whose places lie in the text and render.
// Run: fuzz_vsl_parser -dict=vsl.dict CORPUS seeds
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "dsl/ast/parse.hpp"
#include "dsl/ast/printer.hpp"
#include "dsl/ast/scan.hpp"
#include "dsl/ast/walk.hpp"
#include "dsl/diag/render.hpp"

namespace {

using namespace sluice::dsl;

void require(bool condition) {
    if (!condition) std::abort();
}

void check_spans(const ast::Ast& tree, std::size_t size) {
    std::vector<const ast::Node*> waiting(tree.statements.begin(), tree.statements.end());
    waiting.insert(waiting.end(), tree.functions.begin(), tree.functions.end());
    while (!waiting.empty()) {
        const ast::Node& parent = *waiting.back();
        waiting.pop_back();
        require(parent.span.begin < parent.span.end && parent.span.end <= size);
        ast::for_each_child(parent, [&](const ast::Node& child) {
            require(child.span.begin >= parent.span.begin && child.span.end <= parent.span.end);
            waiting.push_back(&child);
        });
    }
}

void check_parse(const SourcePtr& source, const ast::ParseOptions& options) {
    Diagnostics diagnostics;
    const auto tree = ast::parse(source, options, diagnostics);
    require((tree == nullptr) == diagnostics.has_errors());
    for (const auto& d : diagnostics.all()) {
        require(d.span.begin <= d.span.end && d.span.end <= source->text().size());
        require(!render(d).empty());
    }
    require(render_json(diagnostics.all()).size() >= 2);
    if (tree == nullptr) return;
    check_spans(*tree, source->text().size());
    (void)ast::print(*tree);
}

void check_scanner(std::string_view text) {
    ast::Scanner scanner(text, 0);
    std::uint32_t at = 0;
    for (ast::Token t = scanner.next(); t.kind != ast::TokenKind::end; t = scanner.next()) {
        require(t.span.begin >= at && t.span.end > t.span.begin && t.span.end <= text.size());
        at = t.span.end;
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto source =
        std::make_shared<const SourceFile>("fuzz.vsl", std::string(reinterpret_cast<const char*>(data), size));
    check_parse(source, {});
    check_parse(source, {.directives = false, .expression_only = true});
    check_parse(
        source,
        {.max_depth_top = 0, .max_depth_function = 5, .max_string_bytes = 4, .max_array_items = 2, .max_map_items = 2});
    check_scanner(source->text());
    return 0;
}
