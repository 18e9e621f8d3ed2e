// What an editor asks about a place in a document.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dsl/lsp/workspace.hpp"

namespace sluice::dsl::lsp {

struct Hover {
    std::string markdown;
    Span span;  // of what it is about
};
// `problems` are those last shown for the document: the text of their codes is part of what is told.
[[nodiscard]] std::optional<Hover> hover(Workspace& workspace, const Document& document, Place place,
                                         const std::vector<Problem>& problems);

struct Target {
    std::string uri;
    Range range;
};
[[nodiscard]] std::vector<Target> definition(Workspace& workspace, const Document& document, Place place);

enum class ItemKind { function, method, property, variable, constant, module, keyword, stage };  // of a completion
struct Item {
    std::string label;
    ItemKind kind = ItemKind::keyword;
    std::string detail;
    std::string documentation;  // Markdown
};
[[nodiscard]] std::vector<Item> completion(Workspace& workspace, const Document& document, Place place);

// The formatted text; nothing if the document has syntax errors.
[[nodiscard]] std::optional<std::string> formatted(const Document& document);

}  // namespace sluice::dsl::lsp
