// Helpers of these tests: parse a text, dump its tree, name its errors.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "dsl/ast/parse.hpp"
#include "dsl/ast/printer.hpp"
#include "dsl/diag/render.hpp"

namespace sluice::dsl::ast {

struct Parsed {
    std::unique_ptr<Ast> ast;
    Diagnostics diagnostics;
};

inline Parsed parse_text(std::string_view text, const ParseOptions& options = {}) {
    Parsed parsed;
    parsed.ast = parse(std::make_shared<SourceFile>("test.vsl", std::string(text)), options, parsed.diagnostics);
    return parsed;
}

// The tree, a line for each statement and function joined by " ; ", or the errors as places() gives them.
inline std::string places(const Parsed& parsed);

inline std::string dump(std::string_view text, const ParseOptions& options = {}) {
    const Parsed parsed = parse_text(text, options);
    if (parsed.ast == nullptr) return places(parsed);
    std::string out = print(*parsed.ast);
    if (!out.empty()) out.pop_back();
    for (std::size_t at = 0; (at = out.find('\n', at)) != std::string::npos; at += 3) out.replace(at, 1, " ; ");
    return out;
}

// "name line:column-line:column" of each error, joined by ", "; the end is left out where it is on the same line and
// then only its column is given.
inline std::string places(const Parsed& parsed) {
    std::string out;
    for (const auto& d : parsed.diagnostics.all()) {
        const Position begin = d.source->position(d.span.begin);
        const Position end = d.source->position(d.span.end);
        if (!out.empty()) out += ", ";
        out += std::string(info(d.code).name) + " " + std::to_string(begin.line) + ":" + std::to_string(begin.column) +
               "-";
        if (end.line != begin.line) out += std::to_string(end.line) + ":";
        out += std::to_string(end.column);
    }
    return out;
}

inline std::string errors_of(std::string_view text, const ParseOptions& options = {}) {
    return places(parse_text(text, options));
}

}  // namespace sluice::dsl::ast
