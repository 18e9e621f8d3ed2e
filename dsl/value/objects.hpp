// The heap objects behind a Value, one struct each. Sizes are limited by Limits (error.hpp); memory is counted per
// thread (heap_bytes) so that a script's budget sees what it allocates.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <typeinfo>
#include <vector>

#include "dsl/value/value.hpp"

namespace sluice::dsl {

template <class T>
struct CountingAllocator {
    using value_type = T;
    CountingAllocator() noexcept = default;
    template <class U>
    CountingAllocator(const CountingAllocator<U>&) noexcept {}
    T* allocate(std::size_t n) {
        count_heap_bytes(static_cast<std::int64_t>(n * sizeof(T)));
        return std::allocator<T>().allocate(n);
    }
    void deallocate(T* p, std::size_t n) noexcept {
        count_heap_bytes(-static_cast<std::int64_t>(n * sizeof(T)));
        std::allocator<T>().deallocate(p, n);
    }
    template <class U>
    bool operator==(const CountingAllocator<U>&) const noexcept {
        return true;
    }
};

using Values = std::vector<Value, CountingAllocator<Value>>;
using Bytes = std::vector<std::uint8_t, CountingAllocator<std::uint8_t>>;

// Header followed by the text in the same allocation. The value that refers to it knows how long the text is.
struct StringObject : HeapObject {
    std::uint32_t capacity;
    [[nodiscard]] char* data() noexcept { return reinterpret_cast<char*>(this + 1); }
    [[nodiscard]] const char* data() const noexcept { return reinterpret_cast<const char*>(this + 1); }
    static StringObject* make(std::string_view text, std::size_t capacity);
    static void free(StringObject* object) noexcept;

  private:
    explicit StringObject(std::uint32_t cap) noexcept : HeapObject(Tag::string), capacity(cap) {}
};

class MembershipIndex;  // membership.hpp

inline std::string_view Value::as_string() const noexcept {
    if (on_heap()) return {reinterpret_cast<const StringObject*>(body_)->data(), head_ >> 32};
    const auto* bytes = reinterpret_cast<const char*>(this);
    return {bytes + 2, static_cast<unsigned char>(bytes[1])};
}

struct ArrayObject : HeapObject {
    Values items;
    std::unique_ptr<const MembershipIndex> index;  // only while frozen
    ArrayObject() noexcept;
    explicit ArrayObject(Values v) noexcept;
    ~ArrayObject();
};

// String keys; kept in the order of insertion, walked in sorted order through sorted(). Up to eight entries are found
// by comparing, more through an open-addressing index.
struct MapObject : HeapObject {
    struct Entry {
        Value key;  // a string
        Value value;
    };
    MapObject() noexcept : HeapObject(Tag::map) {}
    [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
    [[nodiscard]] const Value* find(std::string_view key) const noexcept;
    [[nodiscard]] const Value* find(const Value& key) const noexcept;  // key is a string
    [[nodiscard]] Value* find(const Value& key) noexcept;
    Value& insert_or_find(const Value& key);  // () when new
    void set(std::string_view key, Value value);
    bool remove(std::string_view key, Value& removed);
    void clear() noexcept;
    [[nodiscard]] std::vector<const Entry*> sorted() const;  // by key
    [[nodiscard]] const std::vector<Entry, CountingAllocator<Entry>>& entries() const noexcept { return entries_; }
    [[nodiscard]] std::vector<Entry, CountingAllocator<Entry>>& entries() noexcept { return entries_; }
    void copy_from(const MapObject& other);

  private:
    [[nodiscard]] std::size_t locate(std::string_view key) const noexcept;  // index into entries_, or size()
    [[nodiscard]] std::size_t locate(std::string_view key, std::uint32_t hash) const noexcept;  // with an index
    void rebuild_index(std::size_t buckets);
    void index_entry(std::size_t position, std::uint32_t hash);
    void unindex(std::size_t position);

    std::vector<Entry, CountingAllocator<Entry>> entries_;
    struct Bucket {
        std::uint32_t hash;
        std::uint32_t position;  // + 1; 0 is free
    };
    std::vector<Bucket, CountingAllocator<Bucket>> index_;
};

struct BlobObject : HeapObject {
    Bytes bytes;
    BlobObject() noexcept : HeapObject(Tag::blob) {}
    explicit BlobObject(Bytes b) noexcept : HeapObject(Tag::blob), bytes(std::move(b)) {}
};

struct RangeObject : HeapObject {
    std::int64_t start;
    std::int64_t end;
    bool inclusive;
    RangeObject(std::int64_t s, std::int64_t e, bool i) noexcept
        : HeapObject(Tag::range), start(s), end(e), inclusive(i) {}
    [[nodiscard]] bool contains(std::int64_t i) const noexcept {
        return i >= start && (inclusive ? i <= end : i < end);
    }
    [[nodiscard]] bool empty() const noexcept { return inclusive ? start > end : start >= end; }
};

struct ScriptError;  // error.hpp
struct Function;     // dsl/code/program.hpp: a compiled script function or closure body

// A function pointer: a compiled function, or a name to look up when it is called.
struct FnObject : HeapObject {
    const Function* function = nullptr;  // null: by name
    const void* unit = nullptr;          // code::Unit whose functions `name` means
    Value name;
    Values curried;
    Values captures;  // cells, or plain values for what never changes
    int params = -1;  // of `function`; -1: only the call will tell
    bool anonymous = false;
    FnObject() noexcept : HeapObject(Tag::fn) {}
};

class CellList;  // cells.hpp

// A captured variable. Cells are what closures can form cycles through, so those made by a run stand in its CellList.
struct CellObject : HeapObject {
    Value value;
    CellList* list = nullptr;
    CellObject* previous = nullptr;
    CellObject* next = nullptr;
    explicit CellObject(Value v) noexcept : HeapObject(Tag::cell), value(std::move(v)) {}
    ~CellObject();
};

// A caught error, kept in a hidden register while its catch block runs, so that `throw;` can raise it again.
struct ErrorObject : HeapObject {
    std::unique_ptr<ScriptError> error;
    explicit ErrorObject(std::unique_ptr<ScriptError> e) noexcept;
    ~ErrorObject();
};

// What `for` walks when it is neither an array nor a plain range of integers. A script can keep one in a variable, even
// in a constant shared by threads, so a loop always walks a clone of its own.
struct IteratorObject : HeapObject {
    IteratorObject() noexcept : HeapObject(Tag::iterator) {}
    virtual ~IteratorObject() = default;
    // False at the end.
    virtual bool next(Value& item) = 0;
    [[nodiscard]] virtual Value clone() const = 0;
    virtual void visit_values(void (*)(void* context, Value&), void*) {}
};

// Base of the values a host brings (address, fqdn, regex, status, ...). Immutable; shared freely once frozen.
struct HostObject : HeapObject {
    HostObject() noexcept : HeapObject(Tag::host) {}
    virtual ~HostObject() = default;
    [[nodiscard]] virtual std::string_view type() const noexcept = 0;
    [[nodiscard]] virtual std::string text() const = 0;  // to_string
    [[nodiscard]] virtual std::string debug() const { return text(); }
    enum class Answer { no, yes, undefined, refused };
    // *this == other; undefined: no such comparison (false); refused: `why` says what is wrong (thrown as text).
    [[nodiscard]] virtual Answer equals(const Value& other, std::string& why) const = 0;
    // other in *this; undefined: ErrorFunctionNotFound, false between two host values.
    [[nodiscard]] virtual Answer contains(const Value&, std::string&) const { return Answer::undefined; }
    // Whether x in [*this] means x in *this, too.
    [[nodiscard]] virtual bool stands_for_members() const noexcept { return false; }
    // For a frozen array of objects that are all like this one: how `in` may look an item up. Null: by asking each.
    [[nodiscard]] virtual std::unique_ptr<const MembershipIndex> index_of_kind(const Values&) const;
    // Values held inside, so that they can be frozen with the object.
    virtual void visit_values(void (*)(void* context, Value&), void*) {}
    // *this.name; false: no such property.
    [[nodiscard]] virtual bool property(std::string_view, Value&, std::string&) const { return false; }
};

// These two have virtual functions, so their HeapObject part is not at their start.
inline HostObject& Value::as_host() const noexcept { return static_cast<HostObject&>(*object()); }
inline IteratorObject& Value::as_iterator() const noexcept { return static_cast<IteratorObject&>(*object()); }

// The object as a T, if it is exactly that; else null.
template <class T>
[[nodiscard]] const T* host_as(const Value& value) noexcept {
    static_assert(std::is_final_v<T>);
    return value.is_host() && typeid(value.as_host()) == typeid(T) ? static_cast<const T*>(&value.as_host()) : nullptr;
}

[[nodiscard]] Value make_array(Values items);
[[nodiscard]] Value make_array();
[[nodiscard]] Value make_map();
[[nodiscard]] Value make_blob(Bytes bytes);
[[nodiscard]] Value make_range(std::int64_t start, std::int64_t end, bool inclusive);
template <class T, class... Args>
[[nodiscard]] Value make_object(Args&&... args) {
    return Value::adopt(new T(std::forward<Args>(args)...));
}

// Collects values reachable from what is handed to freeze(), marks them frozen and frees them when it dies.
class FrozenSet {
  public:
    FrozenSet() = default;
    FrozenSet(const FrozenSet&) = delete;
    FrozenSet& operator=(const FrozenSet&) = delete;
    ~FrozenSet();
    void freeze(Value& value);

  private:
    std::vector<HeapObject*> objects_;
};

}  // namespace sluice::dsl
