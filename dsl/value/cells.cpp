#include "dsl/value/cells.hpp"

#include <unordered_map>
#include <vector>

#include "dsl/value/visit_children.hpp"

namespace sluice::dsl {

CellObject::~CellObject() {
    if (list) list->remove(*this);
}

void CellList::add(CellObject& cell) noexcept {
    cell.list = this;
    cell.next = first_;
    if (first_) first_->previous = &cell;
    first_ = &cell;
}

void CellList::remove(CellObject& cell) noexcept {
    (cell.previous ? cell.previous->next : first_) = cell.next;
    if (cell.next) cell.next->previous = cell.previous;
    cell.previous = cell.next = nullptr;
    cell.list = nullptr;
}

CellList::~CellList() {
    while (first_) remove(*first_);
}

// Counts, for every object reachable from the cells, the references that do not come from among them. An object with
// such a reference is alive, and so is what it reaches; cells that are not alive are emptied, which ends the cycle.
void CellList::collect() {
    if (!first_) return;
    std::unordered_map<HeapObject*, std::int64_t> outside;
    std::vector<HeapObject*> waiting;
    const auto reach = [&](HeapObject* object) {
        if (object->frozen()) return;
        if (outside.try_emplace(object, object->refs).second) waiting.push_back(object);
    };
    for (auto* cell = first_; cell; cell = cell->next) reach(cell);
    while (!waiting.empty()) {
        auto* next = waiting.back();
        waiting.pop_back();
        visit_children(next, [&](Value& v) {
            if (!v.on_heap() || v.object()->frozen()) return;
            reach(v.object());
            --outside[v.object()];
        });
    }
    for (auto& [object, references] : outside)
        if (references > 0) waiting.push_back(object);
    while (!waiting.empty()) {
        auto* next = waiting.back();
        waiting.pop_back();
        visit_children(next, [&](Value& v) {
            if (!v.on_heap() || v.object()->frozen()) return;
            auto& references = outside[v.object()];
            if (references > 0) return;
            references = 1;
            waiting.push_back(v.object());
        });
    }
    Values dropped;  // released last: releasing one may free cells of the list
    for (auto* cell = first_; cell; cell = cell->next)
        if (!cell->frozen() && outside[cell] <= 0) dropped.push_back(std::move(cell->value));
}

}  // namespace sluice::dsl
