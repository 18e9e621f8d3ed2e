// `x in [constants]` as one look-up. When an array is frozen and its items are all of one suitable kind, it gets an
// index; an index answers only what it can answer exactly as the search would.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "dsl/value/objects.hpp"

namespace sluice::dsl {

class MembershipIndex {
  public:
    enum class Answer : std::uint8_t { no, yes, search };  // search: ask the items one by one
    virtual ~MembershipIndex() = default;
    [[nodiscard]] virtual Answer contains(const Values& items, const Value& item) const = 0;
};

// Null if a search is as good.
[[nodiscard]] std::unique_ptr<const MembershipIndex> index_members(const Values& items);

// Positions of texts and integers by value: the first of equal ones. Also what a switch over constants jumps by.
class PositionIndex {
  public:
    static constexpr std::size_t none = ~std::size_t{0};
    // Items of other kinds are left out.
    explicit PositionIndex(const Values& items);
    [[nodiscard]] std::size_t find(const Values& items, std::string_view text) const noexcept;
    [[nodiscard]] std::size_t find(const Values& items, std::int64_t number) const noexcept;

  private:
    struct Bucket {
        std::uint32_t hash = 0;
        std::uint32_t position = 0;  // + 1; 0 is free
    };
    std::vector<Bucket> buckets_;
    std::uint64_t lengths_ = 0;  // a bit for each length of a text, modulo 64: most strangers need no hash
};

}  // namespace sluice::dsl
