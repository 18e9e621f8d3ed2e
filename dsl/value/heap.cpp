// Allocation, release and freezing of heap objects. Release and freeze walk with a list of their own, so a million
// nested arrays cost no C++ stack.
#include <cstdlib>
#include <new>

#include "dsl/value/membership.hpp"
#include "dsl/value/objects.hpp"
#include "dsl/value/visit_children.hpp"

namespace sluice::dsl {

inline StringObject* StringObject::make(std::string_view text, std::size_t capacity) {
    const auto bytes = sizeof(StringObject) + capacity;
    void* memory = block_pool::allocate(bytes);
    count_heap_bytes(static_cast<std::int64_t>(bytes));
    auto* object = ::new (memory) StringObject(static_cast<std::uint32_t>(capacity));
    const auto size = text.size();
    // Two fixed copies that may overlap are cheaper than one whose length the processor has to look at.
    if (size >= 16 && size <= 32) {
        std::memcpy(object->data(), text.data(), 16);
        std::memcpy(object->data() + size - 16, text.data() + size - 16, 16);
    } else if (size != 0) {
        std::memcpy(object->data(), text.data(), size);
    }
    return object;
}

inline void StringObject::free(StringObject* object) noexcept {
    const auto bytes = sizeof(StringObject) + object->capacity;
    count_heap_bytes(-static_cast<std::int64_t>(bytes));
    block_pool::release(object, bytes);
}

namespace {
// Objects whose count fell to zero while another was being destroyed.
struct Doomed {
    std::vector<HeapObject*> waiting;
    bool busy = false;
};
thread_local Doomed doomed;

void destroy_now(HeapObject* object) noexcept {
    switch (object->tag) {
        case Tag::string: StringObject::free(static_cast<StringObject*>(object)); return;
        case Tag::array: delete static_cast<ArrayObject*>(object); return;
        case Tag::map: delete static_cast<MapObject*>(object); return;
        case Tag::blob: delete static_cast<BlobObject*>(object); return;
        case Tag::range: delete static_cast<RangeObject*>(object); return;
        case Tag::fn: delete static_cast<FnObject*>(object); return;
        case Tag::host: delete static_cast<HostObject*>(object); return;
        case Tag::cell: delete static_cast<CellObject*>(object); return;
        case Tag::iterator: delete static_cast<IteratorObject*>(object); return;
        case Tag::error: delete static_cast<ErrorObject*>(object); return;
        default: std::abort();
    }
}
}  // namespace

void destroy(HeapObject* object) noexcept {
    if (object->tag == Tag::string) {
        StringObject::free(static_cast<StringObject*>(object));
        return;
    }
    if (doomed.busy) {
        doomed.waiting.push_back(object);
        return;
    }
    doomed.busy = true;
    destroy_now(object);
    while (!doomed.waiting.empty()) {
        auto* next = doomed.waiting.back();
        doomed.waiting.pop_back();
        destroy_now(next);
    }
    doomed.busy = false;
}

// Put together in two registers: a word that is read right after its bytes were written one by one costs more than all
// of this.
Value Value::string(std::string_view text) {
    const auto size = text.size();
    if (size > max_short) return long_string(StringObject::make(text, size), size);
    const auto word = [](const char* from) {
        std::uint64_t bits;
        std::memcpy(&bits, from, sizeof bits);
        return bits;
    };
    const auto half = [](const char* from) {
        std::uint32_t bits;
        std::memcpy(&bits, from, sizeof bits);
        return std::uint64_t{bits};
    };
    const char* p = text.data();
    std::uint64_t low = 0;   // bytes 0 to 7 of the text
    std::uint64_t high = 0;  // bytes 8 to 13
    if (size >= 8) {
        low = word(p);
        if (size > 8) high = word(p + size - 8) >> (8 * (16 - size));
    } else if (size >= 4) {
        low = half(p) | half(p + size - 4) << (8 * (size - 4));
    } else {
        for (std::size_t i = 0; i < size; ++i) low |= std::uint64_t{static_cast<unsigned char>(p[i])} << (8 * i);
    }
    Value v;
    v.head_ = static_cast<std::uint64_t>(Tag::short_string) | size << 8 | low << 16;
    v.body_ = low >> 48 | high << 16;
    return v;
}

void Value::append(std::string_view text) {
    const auto old = as_string();
    const auto total = old.size() + text.size();
    if (total <= max_short) {
        auto* bytes = reinterpret_cast<unsigned char*>(this);
        if (is(Tag::short_string)) {
            std::memmove(bytes + 2 + old.size(), text.data(), text.size());
            bytes[1] = static_cast<unsigned char>(total);
            return;
        }
    }
    if (is(Tag::string) && object()->unique()) {
        auto* s = static_cast<StringObject*>(object());
        if (total <= s->capacity) {
            std::memmove(s->data() + old.size(), text.data(), text.size());
            head_ = static_cast<std::uint64_t>(Tag::string) | static_cast<std::uint64_t>(total) << 32;
            return;
        }
    }
    auto* grown = StringObject::make(old, total + total / 2);
    std::memcpy(grown->data() + old.size(), text.data(), text.size());
    *this = long_string(grown, total);
}

ArrayObject::ArrayObject() noexcept : HeapObject(Tag::array) {}
ArrayObject::ArrayObject(Values v) noexcept : HeapObject(Tag::array), items(std::move(v)) {}
ArrayObject::~ArrayObject() = default;
std::unique_ptr<const MembershipIndex> HostObject::index_of_kind(const Values&) const { return nullptr; }

ArrayObject& Value::own_array() {
    if (!object()->unique()) *this = adopt(new ArrayObject(as_array().items));
    return as_array();
}

MapObject& Value::own_map() {
    if (!object()->unique()) {
        auto* copy = new MapObject;
        copy->copy_from(as_map());
        *this = adopt(copy);
    }
    return as_map();
}

BlobObject& Value::own_blob() {
    if (!object()->unique()) *this = adopt(new BlobObject(as_blob().bytes));
    return as_blob();
}

Value make_array(Values items) { return make_object<ArrayObject>(std::move(items)); }
Value make_array() { return make_object<ArrayObject>(); }
Value make_map() { return make_object<MapObject>(); }
Value make_blob(Bytes bytes) { return make_object<BlobObject>(std::move(bytes)); }
Value make_range(std::int64_t start, std::int64_t end, bool inclusive) {
    return make_object<RangeObject>(start, end, inclusive);
}

std::string_view type_name(Type type) noexcept {
    static constexpr std::string_view names[] = {"()",  "bool", "i64",   "f64", "char",      "string", "array",
                                                 "map", "blob", "range", "Fn",  "timestamp", "object"};
    return names[static_cast<unsigned>(type)];
}

std::string_view type_name(const Value& value) noexcept {
    if (value.is_host()) return value.as_host().type();
    if (value.is_range() && value.as_range().inclusive) return "range=";
    if (value.is(Tag::iterator)) return "iterator";
    return type_name(value.type());
}

void FrozenSet::freeze(Value& value) {
    std::vector<HeapObject*> waiting;
    const auto take = [&](Value& v) {
        if (v.on_heap() && !v.object()->frozen()) {
            v.object()->refs = -1;
            if (v.is_array()) v.as_array().index = index_members(v.as_array().items);
            objects_.push_back(v.object());
            waiting.push_back(v.object());
        }
    };
    take(value);
    while (!waiting.empty()) {
        auto* next = waiting.back();
        waiting.pop_back();
        visit_children(next, take);
    }
}

// Members of a frozen object are frozen too, so dropping them counts nothing. All containers are emptied before any
// object is freed, because emptying looks at the members' counts.
FrozenSet::~FrozenSet() {
    for (auto* object : objects_) visit_children(object, [](Value& v) { v = Value(); });
    for (auto* object : objects_) destroy_now(object);
}

}  // namespace sluice::dsl
