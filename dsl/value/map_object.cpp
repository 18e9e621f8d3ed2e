#include <algorithm>
#include <functional>

#include "dsl/value/objects.hpp"

namespace sluice::dsl {

namespace {
constexpr std::size_t linear_limit = 8;
std::size_t hash_of(std::string_view key) noexcept { return std::hash<std::string_view>()(key); }
}  // namespace

std::size_t MapObject::locate(std::string_view key) const noexcept {
    if (index_.empty()) {
        for (std::size_t i = 0; i < entries_.size(); ++i)
            if (entries_[i].key.as_string() == key) return i;
        return entries_.size();
    }
    const auto mask = index_.size() - 1;
    for (auto bucket = hash_of(key) & mask; index_[bucket] != 0; bucket = (bucket + 1) & mask) {
        const auto position = index_[bucket] - 1;
        if (entries_[position].key.as_string() == key) return position;
    }
    return entries_.size();
}

const Value* MapObject::find(std::string_view key) const noexcept {
    const auto i = locate(key);
    return i < entries_.size() ? &entries_[i].value : nullptr;
}

const Value* MapObject::find(const Value& key) const noexcept {
    if (index_.empty() && key.is(Tag::short_string)) {
        for (const auto& entry : entries_)
            if (entry.key.same_bits(key)) return &entry.value;
        return nullptr;
    }
    return find(key.as_string());
}

Value* MapObject::find(const Value& key) noexcept {
    return const_cast<Value*>(static_cast<const MapObject*>(this)->find(key));
}

void MapObject::rebuild_index(std::size_t buckets) {
    index_.assign(buckets, 0);
    for (std::size_t i = 0; i < entries_.size(); ++i) index_entry(i);
}

void MapObject::index_entry(std::size_t position) {
    const auto mask = index_.size() - 1;
    auto bucket = hash_of(entries_[position].key.as_string()) & mask;
    while (index_[bucket] != 0) bucket = (bucket + 1) & mask;
    index_[bucket] = static_cast<std::uint32_t>(position + 1);
}

// Frees the bucket of an entry and moves later members of its probe run back (no tombstones).
void MapObject::unindex(std::size_t position) {
    const auto mask = index_.size() - 1;
    auto hole = hash_of(entries_[position].key.as_string()) & mask;
    while (index_[hole] != position + 1) hole = (hole + 1) & mask;
    for (auto next = (hole + 1) & mask; index_[next] != 0; next = (next + 1) & mask) {
        const auto home = hash_of(entries_[index_[next] - 1].key.as_string()) & mask;
        if (((next - home) & mask) >= ((next - hole) & mask)) {
            index_[hole] = index_[next];
            hole = next;
        }
    }
    index_[hole] = 0;
}

Value& MapObject::insert_or_find(const Value& key) {
    const auto i = locate(key.as_string());
    if (i < entries_.size()) return entries_[i].value;
    entries_.push_back({key, Value()});
    if (index_.empty()) {
        if (entries_.size() > linear_limit) rebuild_index(32);
    } else if (entries_.size() * 2 > index_.size()) {
        rebuild_index(index_.size() * 2);
    } else {
        index_entry(entries_.size() - 1);
    }
    return entries_.back().value;
}

void MapObject::set(std::string_view key, Value value) { insert_or_find(Value::string(key)) = std::move(value); }

bool MapObject::remove(std::string_view key, Value& removed) {
    const auto i = locate(key);
    if (i == entries_.size()) return false;
    removed = std::move(entries_[i].value);
    const auto last = entries_.size() - 1;
    if (!index_.empty()) {
        unindex(i);
        if (i != last) {
            unindex(last);
            entries_[i] = std::move(entries_[last]);
            entries_.pop_back();
            index_entry(i);
            return true;
        }
    } else if (i != last) {
        entries_[i] = std::move(entries_[last]);
    }
    entries_.pop_back();
    return true;
}

void MapObject::clear() noexcept {
    entries_.clear();
    index_.clear();
}

void MapObject::copy_from(const MapObject& other) {
    entries_ = other.entries_;
    index_ = other.index_;
}

std::vector<const MapObject::Entry*> MapObject::sorted() const {
    std::vector<const Entry*> order;
    order.reserve(entries_.size());
    for (const auto& entry : entries_) order.push_back(&entry);
    std::sort(order.begin(), order.end(),
              [](const Entry* a, const Entry* b) { return a->key.as_string() < b->key.as_string(); });
    return order;
}

}  // namespace sluice::dsl
