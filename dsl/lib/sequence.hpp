// What arrays and blobs have in common: positions, parts, inserting, cutting. `Items` is a std::vector.
#pragma once

#include <algorithm>

#include "dsl/value/native.hpp"
#include "dsl/value/operations.hpp"

namespace sluice::dsl::lib {

// The part that the arguments from `at` on name: a range, or start and optional length.
inline Part part_argument(const NativeCall& call, std::size_t at, std::size_t size, bool with_length) {
    if (call.args[at].is_range()) return part_of(call.args[at].as_range(), size);
    return part_of(call.args[at].as_int(), with_length ? call.args[at + 1].as_int() : INT64_MAX, size);
}

// Position for inserting: negative from the end, clamped to both ends.
inline std::size_t insert_position(std::int64_t index, std::size_t size) {
    const auto n = static_cast<std::int64_t>(size);
    if (index < 0) index = std::max<std::int64_t>(0, index < -n ? 0 : index + n);
    return static_cast<std::size_t>(std::min(index, n));
}

// Position of an element, or false when outside.
inline bool element_position(std::int64_t index, std::size_t size, std::size_t& position) {
    const auto n = static_cast<std::int64_t>(size);
    if (index < 0) index += n;
    if (index < 0 || index >= n) return false;
    position = static_cast<std::size_t>(index);
    return true;
}

template <class Items>
Items cut_part(Items& items, const Part& part) {
    const auto first = items.begin() + static_cast<std::ptrdiff_t>(part.start);
    const auto last = first + static_cast<std::ptrdiff_t>(part.length);
    Items taken(std::make_move_iterator(first), std::make_move_iterator(last));
    items.erase(first, last);
    return taken;
}

template <class Items>
Items copy_part(const Items& items, const Part& part) {
    const auto first = items.begin() + static_cast<std::ptrdiff_t>(part.start);
    return Items(first, first + static_cast<std::ptrdiff_t>(part.length));
}

template <class Items>
void keep_first(Items& items, std::int64_t count) {
    if (count <= 0)
        items.clear();
    else if (static_cast<std::uint64_t>(count) < items.size())
        items.resize(static_cast<std::size_t>(count));
}

template <class Items>
void keep_last(Items& items, std::int64_t count) {
    if (count <= 0)
        items.clear();
    else if (static_cast<std::uint64_t>(count) < items.size())
        items.erase(items.begin(), items.end() - count);
}

template <class Items>
void replace_part(Items& items, const Part& part, const Items& by) {
    const Items copy = by;
    const auto at = items.begin() + static_cast<std::ptrdiff_t>(part.start);
    const auto gap = items.erase(at, at + static_cast<std::ptrdiff_t>(part.length));
    items.insert(gap, copy.begin(), copy.end());
}

[[nodiscard]] inline ErrorPtr check_items(std::size_t count, const Limits& limits, std::string_view what) {
    return limits.array_items != 0 && count > limits.array_items ? too_large(what) : nullptr;
}

}  // namespace sluice::dsl::lib
