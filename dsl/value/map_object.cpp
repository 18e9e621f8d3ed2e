#include <algorithm>

#include "dsl/value/objects.hpp"
#include "dsl/value/text_hash.hpp"

namespace sluice::dsl {

namespace {
constexpr std::size_t linear_limit = 8;
std::uint32_t hash_of(std::string_view key) noexcept { return static_cast<std::uint32_t>(hash_text(key) >> 32); }
}  // namespace

std::size_t MapObject::locate(std::string_view key) const noexcept {
    if (!index_.empty()) return locate(key, hash_of(key));
    for (std::size_t i = 0; i < entries_.size(); ++i)
        if (entries_[i].key.as_string() == key) return i;
    return entries_.size();
}

std::size_t MapObject::locate(std::string_view key, std::uint32_t hash) const noexcept {
    const auto mask = index_.size() - 1;
    for (auto at = hash & mask; index_[at].position != 0; at = (at + 1) & mask) {
        const auto position = index_[at].position - 1;
        if (index_[at].hash == hash && entries_[position].key.as_string() == key) return position;
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
    auto old = std::move(index_);
    index_.assign(buckets, Bucket{0, 0});
    if (old.empty()) {
        for (std::size_t i = 0; i < entries_.size(); ++i) index_entry(i, hash_of(entries_[i].key.as_string()));
        return;
    }
    for (const auto& bucket : old)
        if (bucket.position != 0) index_entry(bucket.position - 1, bucket.hash);
}

void MapObject::index_entry(std::size_t position, std::uint32_t hash) {
    const auto mask = index_.size() - 1;
    auto at = hash & mask;
    while (index_[at].position != 0) at = (at + 1) & mask;
    index_[at] = {hash, static_cast<std::uint32_t>(position + 1)};
}

// Frees the bucket of an entry and moves later members of its probe run back (no tombstones).
void MapObject::unindex(std::size_t position) {
    const auto mask = index_.size() - 1;
    auto hole = hash_of(entries_[position].key.as_string()) & mask;
    while (index_[hole].position != position + 1) hole = (hole + 1) & mask;
    for (auto next = (hole + 1) & mask; index_[next].position != 0; next = (next + 1) & mask) {
        const auto home = index_[next].hash & mask;
        if (((next - home) & mask) >= ((next - hole) & mask)) {
            index_[hole] = index_[next];
            hole = next;
        }
    }
    index_[hole] = {0, 0};
}

Value& MapObject::insert_or_find(const Value& key) {
    if (index_.empty()) {
        const auto i = locate(key.as_string());
        if (i < entries_.size()) return entries_[i].value;
        entries_.push_back({key, Value()});
        if (entries_.size() > linear_limit) rebuild_index(32);
        return entries_.back().value;
    }
    const auto hash = hash_of(key.as_string());
    const auto i = locate(key.as_string(), hash);
    if (i < entries_.size()) return entries_[i].value;
    entries_.push_back({key, Value()});
    index_entry(entries_.size() - 1, hash);
    if (entries_.size() * 2 > index_.size()) rebuild_index(index_.size() * 2);
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
            index_entry(i, hash_of(entries_[i].key.as_string()));
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
