// Frees captured variables that only keep each other alive: `let f = |n| f.call(n - 1)` is a cell holding a closure
// that holds the cell, and counting references alone would leak it in every run of a rule.
#pragma once

#include "dsl/value/objects.hpp"

namespace sluice::dsl {

// The cells made by one machine and still alive. Belongs to one thread at a time, like the values.
class CellList {
  public:
    CellList() = default;
    CellList(const CellList&) = delete;
    CellList& operator=(const CellList&) = delete;
    ~CellList();

    void add(CellObject& cell) noexcept;
    // Empties the cells that nothing outside refers to. Cost: the values reachable from the cells still alive, which
    // after most runs are none.
    void collect();
    [[nodiscard]] bool empty() const noexcept { return first_ == nullptr; }

  private:
    friend struct CellObject;
    void remove(CellObject& cell) noexcept;
    CellObject* first_ = nullptr;
};

}  // namespace sluice::dsl
