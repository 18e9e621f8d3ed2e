#include "dsl/value/membership.hpp"

#include "dsl/value/operations.hpp"
#include "dsl/value/text_hash.hpp"

namespace sluice::dsl {

namespace {

std::uint32_t hash_of(std::string_view text) noexcept { return static_cast<std::uint32_t>(hash_text(text) >> 32); }
std::uint32_t hash_of(std::int64_t number) noexcept {
    return static_cast<std::uint32_t>((static_cast<std::uint64_t>(number) * 0x9e3779b97f4a7c15) >> 32);
}

std::uint64_t length_bit(std::string_view text) noexcept { return std::uint64_t{1} << (text.size() % 64); }

class TextIndex final : public MembershipIndex {
  public:
    explicit TextIndex(const Values& items) : positions_(items) {}
    Answer contains(const Values& items, const Value& item) const override {
        if (item.is_string()) return answer(items, item.as_string());
        if (item.is_char()) {
            std::string text;
            append_char(text, item.as_char());
            return answer(items, text);
        }
        return item.is_host() ? Answer::search : Answer::no;  // an object may equal a text in its own way
    }

  private:
    Answer answer(const Values& items, std::string_view text) const {
        return positions_.find(items, text) == PositionIndex::none ? Answer::no : Answer::yes;
    }
    PositionIndex positions_;
};

class IntegerIndex final : public MembershipIndex {
  public:
    explicit IntegerIndex(const Values& items) : positions_(items) {}
    Answer contains(const Values& items, const Value& item) const override {
        if (item.is_int())
            return positions_.find(items, item.as_int()) == PositionIndex::none ? Answer::no : Answer::yes;
        return item.is_host() || item.is_float() ? Answer::search : Answer::no;
    }

  private:
    PositionIndex positions_;
};

}  // namespace

PositionIndex::PositionIndex(const Values& items) {
    std::size_t size = 8;
    while (size < items.size() * 2) size *= 2;
    buckets_.resize(size);
    for (std::size_t i = 0; i < items.size(); ++i) {
        const auto& item = items[i];
        if (!item.is_string() && !item.is_int()) continue;
        const bool known =
            item.is_string() ? find(items, item.as_string()) != none : find(items, item.as_int()) != none;
        if (known) continue;
        if (item.is_string()) lengths_ |= length_bit(item.as_string());
        const auto hash = item.is_string() ? hash_of(item.as_string()) : hash_of(item.as_int());
        auto at = hash & (size - 1);
        while (buckets_[at].position != 0) at = (at + 1) & (size - 1);
        buckets_[at] = {hash, static_cast<std::uint32_t>(i + 1)};
    }
}

std::size_t PositionIndex::find(const Values& items, std::string_view text) const noexcept {
    if ((lengths_ & length_bit(text)) == 0) return none;
    const auto mask = buckets_.size() - 1;
    const auto hash = hash_of(text);
    for (auto at = hash & mask; buckets_[at].position != 0; at = (at + 1) & mask) {
        if (buckets_[at].hash != hash) continue;
        const auto& item = items[buckets_[at].position - 1];
        if (item.is_string() && item.as_string() == text) return buckets_[at].position - 1;
    }
    return none;
}

std::size_t PositionIndex::find(const Values& items, std::int64_t number) const noexcept {
    const auto mask = buckets_.size() - 1;
    const auto hash = hash_of(number);
    for (auto at = hash & mask; buckets_[at].position != 0; at = (at + 1) & mask) {
        const auto& item = items[buckets_[at].position - 1];
        if (buckets_[at].hash == hash && item.is_int() && item.as_int() == number) return buckets_[at].position - 1;
    }
    return none;
}

std::unique_ptr<const MembershipIndex> index_members(const Values& items) {
    constexpr std::size_t worth_it = 4;
    if (items.size() < worth_it || items.size() >= UINT32_MAX) return nullptr;
    const auto all = [&](auto is) {
        for (const auto& item : items)
            if (!is(item)) return false;
        return true;
    };
    if (all([](const Value& v) { return v.is_string(); })) return std::make_unique<TextIndex>(items);
    if (all([](const Value& v) { return v.is_int(); })) return std::make_unique<IntegerIndex>(items);
    if (all([](const Value& v) { return v.is_host(); })) return items.front().as_host().index_of_kind(items);
    return nullptr;
}

}  // namespace sluice::dsl
