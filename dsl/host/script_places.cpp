#include "dsl/host/script_places.hpp"

#include <algorithm>

#include "dsl/ast/walk.hpp"

namespace sluice::dsl {

using namespace ast;

namespace {

std::uint64_t key_of(Span span) { return std::uint64_t{span.begin} << 32 | span.end; }

}  // namespace

ScriptPlaces::ScriptPlaces(const Trees& trees, const SourcePtr& script) : script_(script.get()) {
    for (const auto& tree : trees) collect(*tree, tree->source() == script);
}

void ScriptPlaces::collect(const Ast& tree, bool script) {
    auto& file = files_[tree.source().get()];
    file.tree = &tree;
    if (script)
        for (const auto* statement : tree.statements)
            stages_ = statement->kind == Kind::map     ? &as<Map>(*statement)
                      : statement->kind == Kind::empty ? stages_
                                                       : nullptr;
    std::vector<const Node*> waiting;
    for (const auto* statement : tree.statements) waiting.push_back(statement);
    for (const auto* function : tree.functions) {
        file.bodies[key_of(function->span)] = function->body;
        waiting.push_back(function->body);
    }
    while (!waiting.empty()) {
        const auto* next = waiting.back();
        waiting.pop_back();
        if (next->kind == Kind::closure) file.bodies[key_of(next->span)] = as<Closure>(*next).body;
        if (script && next->kind == Kind::directive) directives_.push_back(&as<Directive>(*next));
        for_each_child(*next, [&](const Node& child) { waiting.push_back(&child); });
    }
}

Span ScriptPlaces::stage(std::string_view key) const {
    if (stages_)
        for (const auto& entry : stages_->entries)
            if (entry.key == key) return entry.key_span;
    return end();
}

const Node* ScriptPlaces::item(std::string_view key, std::size_t index) const {
    if (!stages_) return nullptr;
    for (const auto& entry : stages_->entries) {
        if (entry.key != key || entry.value->kind != Kind::array) continue;
        const auto items = as<Array>(*entry.value).items;
        return index < items.size() ? items[index] : nullptr;
    }
    return nullptr;
}

const Directive* ScriptPlaces::directive(std::string_view name) const {
    const auto found = std::ranges::find_if(directives_, [&](const auto* d) { return d->name == name; });
    return found == directives_.end() ? nullptr : *found;
}

const Directive* ScriptPlaces::directive_at(std::uint32_t offset) const {
    const auto around = [&](const auto* d) { return d->span.begin <= offset && offset < d->span.end; };
    const auto found = std::ranges::find_if(directives_, around);
    return found == directives_.end() ? nullptr : *found;
}

const Node* ScriptPlaces::body(const SourceFile* file, Span span) const {
    const auto known = files_.find(file);
    if (known == files_.end()) return nullptr;
    const auto found = known->second.bodies.find(key_of(span));
    return found == known->second.bodies.end() ? nullptr : found->second;
}

const Ast* ScriptPlaces::tree(const SourceFile* file) const {
    const auto known = files_.find(file);
    return known == files_.end() ? nullptr : known->second.tree;
}

Span ScriptPlaces::end() const {
    const auto size = static_cast<std::uint32_t>(script_->text().size());
    return {size == 0 ? 0 : size - 1, size};
}

}  // namespace sluice::dsl
