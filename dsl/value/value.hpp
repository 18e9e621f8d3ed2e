// A vSL value: 16 bytes, two machine words. Scalars and strings of up to 14 bytes live in the value itself; everything
// else is a reference-counted heap object with copy-on-write semantics (vsl-language.md section 5).
//
// Counting is not atomic: a value belongs to one thread. What several threads share (constants of a program, results
// of its load) is frozen first: frozen objects are never counted, never changed and freed with their FrozenSet.
#pragma once

#include <cstdint>
#include <cstring>
#include <iterator>
#include <new>
#include <string_view>
#include <utility>

#include "dsl/value/block_pool.hpp"

namespace sluice::dsl {

// clang-format off
enum class Tag : std::uint8_t {
    unit, boolean, integer, floating, character, timestamp, short_string,
    // heap objects: all of them, and only they, have this bit
    string = 0x10, array, map, blob, range, fn, host,
    // never seen by a script
    cell, iterator, error,
};
inline constexpr std::uint64_t heap_bit = 0x10;

// What type_of tells apart; a bit each, so that a native function can accept a set of them.
enum class Type : std::uint8_t {
    unit, boolean, integer, floating, character, string, array, map, blob, range, fn, timestamp, host,
};
// clang-format on

// Bytes held by heap objects that this thread allocated minus those it freed; may be negative. Read by budgets.
inline constinit thread_local std::int64_t heap_bytes_of_thread = 0;
[[nodiscard]] inline std::int64_t heap_bytes() noexcept { return heap_bytes_of_thread; }
inline void count_heap_bytes(std::int64_t delta) noexcept { heap_bytes_of_thread += delta; }

struct HeapObject {
    std::int32_t refs = 1;  // negative: frozen
    Tag tag;
    explicit HeapObject(Tag t) noexcept : tag(t) {}
    HeapObject(const HeapObject&) = delete;
    HeapObject& operator=(const HeapObject&) = delete;
    static void* operator new(std::size_t bytes) {
        count_heap_bytes(static_cast<std::int64_t>(bytes));
        return block_pool::allocate(bytes);
    }
    static void operator delete(void* object, std::size_t bytes) noexcept {
        count_heap_bytes(-static_cast<std::int64_t>(bytes));
        block_pool::release(object, bytes);
    }
    [[nodiscard]] bool frozen() const noexcept { return refs < 0; }
    [[nodiscard]] bool unique() const noexcept { return refs == 1; }
};

struct StringObject;
struct ArrayObject;
struct MapObject;
struct BlobObject;
struct RangeObject;
struct FnObject;
struct HostObject;
struct CellObject;
struct IteratorObject;

void destroy(HeapObject* object) noexcept;  // heap.cpp: never recurses, however deeply the values nest

class Value {
  public:
    Value() noexcept : head_(0), body_(0) {}
    Value(const Value& other) noexcept : head_(other.head_), body_(other.body_) { retain(); }
    Value(Value&& other) noexcept : head_(other.head_), body_(other.body_) { other.head_ = 0; }
    Value& operator=(const Value& other) noexcept {
        Value copy(other);
        swap(copy);
        return *this;
    }
    Value& operator=(Value&& other) noexcept {
        if (this != &other) {
            const auto head = head_;
            const auto body = body_;
            head_ = other.head_;
            body_ = other.body_;
            other.head_ = 0;
            release(head, body);
        }
        return *this;
    }
    ~Value() { release(head_, body_); }
    void swap(Value& other) noexcept {
        std::swap(head_, other.head_);
        std::swap(body_, other.body_);
    }

    static Value boolean(bool b) noexcept { return Value(Tag::boolean, b ? 1 : 0); }
    static Value integer(std::int64_t i) noexcept { return Value(Tag::integer, static_cast<std::uint64_t>(i)); }
    static Value floating(double d) noexcept {
        std::uint64_t bits;
        std::memcpy(&bits, &d, sizeof bits);
        return Value(Tag::floating, bits);
    }
    static Value character(char32_t c) noexcept { return Value(Tag::character, c); }
    static Value timestamp(std::int64_t ns) noexcept { return Value(Tag::timestamp, static_cast<std::uint64_t>(ns)); }
    static Value string(std::string_view text);
    // Takes over one reference. Not for strings: their length is part of the value.
    static Value adopt(HeapObject* object) noexcept {
        return Value(object->tag, reinterpret_cast<std::uint64_t>(object));
    }

    [[nodiscard]] Tag tag() const noexcept { return static_cast<Tag>(head_ & 0xff); }
    [[nodiscard]] bool is(Tag t) const noexcept { return tag() == t; }
    [[nodiscard]] bool is_unit() const noexcept { return tag() == Tag::unit; }
    [[nodiscard]] bool is_int() const noexcept { return tag() == Tag::integer; }
    [[nodiscard]] bool is_float() const noexcept { return tag() == Tag::floating; }
    [[nodiscard]] bool is_bool() const noexcept { return tag() == Tag::boolean; }
    [[nodiscard]] bool is_char() const noexcept { return tag() == Tag::character; }
    [[nodiscard]] bool is_string() const noexcept { return tag() == Tag::short_string || tag() == Tag::string; }
    [[nodiscard]] bool is_array() const noexcept { return tag() == Tag::array; }
    [[nodiscard]] bool is_map() const noexcept { return tag() == Tag::map; }
    [[nodiscard]] bool is_blob() const noexcept { return tag() == Tag::blob; }
    [[nodiscard]] bool is_range() const noexcept { return tag() == Tag::range; }
    [[nodiscard]] bool is_fn() const noexcept { return tag() == Tag::fn; }
    [[nodiscard]] bool is_host() const noexcept { return tag() == Tag::host; }
    [[nodiscard]] bool is_true() const noexcept { return is_bool() && body_ != 0; }
    [[nodiscard]] bool on_heap() const noexcept { return (head_ & heap_bit) != 0; }
    [[nodiscard]] Type type() const noexcept;

    // Each requires the matching tag.
    [[nodiscard]] bool as_bool() const noexcept { return body_ != 0; }
    [[nodiscard]] std::int64_t as_int() const noexcept { return static_cast<std::int64_t>(body_); }
    [[nodiscard]] double as_float() const noexcept {
        double d;
        std::memcpy(&d, &body_, sizeof d);
        return d;
    }
    [[nodiscard]] char32_t as_char() const noexcept { return static_cast<char32_t>(body_); }
    [[nodiscard]] std::int64_t as_timestamp() const noexcept { return static_cast<std::int64_t>(body_); }
    [[nodiscard]] std::string_view as_string() const noexcept;  // valid while this value is unchanged
    [[nodiscard]] HeapObject* object() const noexcept { return reinterpret_cast<HeapObject*>(body_); }
    [[nodiscard]] ArrayObject& as_array() const noexcept { return *reinterpret_cast<ArrayObject*>(body_); }
    [[nodiscard]] MapObject& as_map() const noexcept { return *reinterpret_cast<MapObject*>(body_); }
    [[nodiscard]] BlobObject& as_blob() const noexcept { return *reinterpret_cast<BlobObject*>(body_); }
    [[nodiscard]] RangeObject& as_range() const noexcept { return *reinterpret_cast<RangeObject*>(body_); }
    [[nodiscard]] FnObject& as_fn() const noexcept { return *reinterpret_cast<FnObject*>(body_); }
    [[nodiscard]] HostObject& as_host() const noexcept;  // objects.hpp
    [[nodiscard]] CellObject& as_cell() const noexcept { return *reinterpret_cast<CellObject*>(body_); }
    [[nodiscard]] IteratorObject& as_iterator() const noexcept;  // objects.hpp

    // The container itself, made exclusively ours first (copied if shared or frozen). Requires the matching tag.
    [[nodiscard]] ArrayObject& own_array();
    [[nodiscard]] MapObject& own_map();
    [[nodiscard]] BlobObject& own_blob();
    // Appends to a string in place where it is ours; amortised constant time per byte.
    void append(std::string_view text);

    // Same tag and same bits: enough for equality of scalars and short strings.
    [[nodiscard]] bool same_bits(const Value& other) const noexcept {
        return head_ == other.head_ && body_ == other.body_;
    }
    // Whether any of these values is on the heap.
    [[nodiscard]] static bool any_on_heap(const Value* begin, const Value* end) noexcept {
        std::uint64_t heads = 0;
        for (; begin < end; ++begin) heads |= begin->head_;
        return (heads & heap_bit) != 0;
    }
    // Both are strings. A short one is all in its bits; a long one has its length in the head, so that most texts that
    // differ are told apart without a look at the heap.
    [[nodiscard]] static bool equal_strings(const Value& a, const Value& b) noexcept {
        if (a.head_ != b.head_) return false;
        return a.body_ == b.body_ || (a.on_heap() && a.as_string() == b.as_string());
    }

    static constexpr std::size_t max_short = 14;

  private:
    Value(Tag tag, std::uint64_t body) noexcept : head_(static_cast<std::uint64_t>(tag)), body_(body) {}
    void retain() const noexcept {
        if (on_heap() && object()->refs >= 0) ++object()->refs;
    }
    static void release(std::uint64_t head, std::uint64_t body) noexcept {
        if ((head & heap_bit) != 0) {
            auto* object = reinterpret_cast<HeapObject*>(body);
            if (object->refs >= 0 && --object->refs == 0) destroy(object);
        }
    }

    static Value long_string(HeapObject* object, std::size_t size) noexcept {
        Value v = adopt(object);
        v.head_ |= static_cast<std::uint64_t>(size) << 32;
        return v;
    }

    // Little-endian layout of a short string: byte 0 tag, byte 1 length, bytes 2 to 15 text, the rest zero. Of a long
    // one: byte 0 tag, bytes 4 to 7 length, bytes 8 to 15 address.
    std::uint64_t head_;
    std::uint64_t body_;
};
static_assert(sizeof(Value) == 16);

inline Type Value::type() const noexcept {
    constexpr std::uint8_t objects = static_cast<std::uint8_t>(Tag::string);
    constexpr Type types[] = {
        // scalars and short strings
        Type::unit, Type::boolean, Type::integer, Type::floating, Type::character, Type::timestamp, Type::string,
        Type::unit, Type::unit, Type::unit, Type::unit, Type::unit, Type::unit, Type::unit, Type::unit, Type::unit,
        // objects
        Type::string, Type::array, Type::map, Type::blob, Type::range, Type::fn, Type::host, Type::unit, Type::unit,
        Type::unit};
    static_assert(types[objects] == Type::string && static_cast<std::uint8_t>(Tag::error) == std::size(types) - 1);
    return types[static_cast<std::uint8_t>(tag())];
}

[[nodiscard]] std::string_view type_name(const Value& value) noexcept;  // "i64", "array", the host's name
[[nodiscard]] std::string_view type_name(Type type) noexcept;

}  // namespace sluice::dsl
