// Where the parts of a rule script stand in its source: a map and its directives, once evaluated, remember no places.
#pragma once

#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "dsl/ast/nodes.hpp"

namespace sluice::dsl {

using Trees = std::vector<std::unique_ptr<ast::Ast>>;

class ScriptPlaces {
  public:
    // `trees` of the script and its modules, outlives this.
    ScriptPlaces(const Trees& trees, const SourcePtr& script);

    // The key in the map that ends the script.
    [[nodiscard]] Span stage(std::string_view key) const;
    // What stands at `index` in the stage's list, if the list is written there; else null.
    [[nodiscard]] const ast::Node* item(std::string_view key, std::size_t index) const;
    // The directive of this name in the script; null if there is none or it is made by other means.
    [[nodiscard]] const ast::Directive* directive(std::string_view name) const;
    // The directive whose body this is, or around the offset of the script; null if there is none.
    [[nodiscard]] const ast::Directive* directive_at(std::uint32_t offset) const;
    // The body of the closure or function at this span of the file; null if the file is not among the trees.
    [[nodiscard]] const ast::Node* body(const SourceFile* file, Span span) const;
    [[nodiscard]] const ast::Ast* tree(const SourceFile* file) const;
    [[nodiscard]] Span end() const;

  private:
    struct File {
        const ast::Ast* tree = nullptr;
        std::unordered_map<std::uint64_t, const ast::Node*> bodies;
    };
    void collect(const ast::Ast& tree, bool script);

    std::unordered_map<const SourceFile*, File> files_;
    std::vector<const ast::Directive*> directives_;
    const ast::Map* stages_ = nullptr;
    const SourceFile* script_;
};

}  // namespace sluice::dsl
