#include "dsl/format/format.hpp"

#include <algorithm>

#include "dsl/ast/printer.hpp"
#include "dsl/format/trivia.hpp"
#include "dsl/format/writer.hpp"

namespace sluice::dsl::format {

namespace {

// Blanks within a comment of several lines may have moved.
std::string comments_of(std::string_view text) {
    std::string all;
    for (const auto comment : all_comments(text)) {
        for (const char c : comment)
            if (c != ' ' && c != '\t' && c != '\r' && c != '\f' && c != '\n') all += c;
        all += '\n';
    }
    return all;
}

// Trust is good: the result says the same, or it is not used.
bool says_the_same(const ast::Ast& before, const std::string& text, const ast::ParseOptions& options) {
    Diagnostics ignored;
    const auto after = ast::parse(std::make_shared<SourceFile>(before.source()->name(), text), options, ignored);
    return after && ast::print(before) == ast::print(*after) && before.single_expression == after->single_expression &&
           comments_of(before.source()->text()) == comments_of(text);
}

}  // namespace

std::optional<std::string> format(const SourcePtr& source, const ast::ParseOptions& options, Diagnostics& diagnostics) {
    const auto ast = ast::parse(source, options, diagnostics);
    if (!ast) return std::nullopt;
    try {
        auto text = Writer(*ast).run();
        if (says_the_same(*ast, text, options)) return text;
    } catch (const Lost&) {
    }
    diagnostics.add(Code::not_formatted, source, {});
    return std::nullopt;
}

}  // namespace sluice::dsl::format
