// container[key], read and written (vsl-language.md section 12).
#include <tuple>

#include <fmt/format.h>

#include "dsl/value/operations.hpp"

namespace sluice::dsl {

namespace {

ErrorPtr bounds(ErrorKind kind, std::string_view what, std::int64_t index, std::size_t length) {
    auto error = make_error(kind, fmt::format("{} index {} out of bounds: {} elements", what, index, length));
    error->index = index;
    error->length = static_cast<std::int64_t>(length);
    return error;
}

ErrorPtr no_indexer(const Value& container, const Value& key) {
    auto error = make_error(ErrorKind::indexing_type,
                            fmt::format("Indexer unavailable: {} [{}]", type_name(container), type_name(key)));
    error->subject = fmt::format("{} [{}]", type_name(container), type_name(key));
    return error;
}

// Index from the start or, when negative, from the end. False when outside.
bool resolve(std::int64_t index, std::size_t length, std::size_t& position) noexcept {
    const auto n = static_cast<std::int64_t>(length);
    if (index < 0) index += n;
    if (index < 0 || index >= n) return false;
    position = static_cast<std::size_t>(index);
    return true;
}

ErrorPtr integer_key(const Value& key) { return mismatch("i64", key, "Index"); }

ErrorPtr get_char(std::string_view text, std::int64_t index, Value& result) {
    const auto length = char_count(text);
    std::size_t position = 0;
    if (!resolve(index, length, position)) return bounds(ErrorKind::string_bounds, "String", index, length);
    auto at = char_offset(text, position);
    result = Value::character(decode_char(text, at));
    return nullptr;
}

ErrorPtr set_char(Value& string, std::int64_t index, const Value& value) {
    if (!value.is_char()) return mismatch("char", value, "Character of a string");
    const auto text = string.as_string();
    const auto length = char_count(text);
    std::size_t position = 0;
    if (!resolve(index, length, position)) return bounds(ErrorKind::string_bounds, "String", index, length);
    const auto from = char_offset(text, position);
    auto to = from;
    std::ignore = decode_char(text, to);
    std::string changed(text.substr(0, from));
    append_char(changed, value.as_char());
    changed += text.substr(to);
    string = Value::string(changed);
    return nullptr;
}

std::uint64_t bit_mask(const Part& part) noexcept { return part.length >= 64 ? ~0ull : ((1ull << part.length) - 1); }

ErrorPtr get_bits(std::int64_t number, const Value& key, Value& result) {
    if (key.is_range()) {
        const auto& range = key.as_range();
        if (range.start >= 64 || range.start < 0)
            return bounds(ErrorKind::bit_field_bounds, "Bit-field", range.start, 64);
        const auto part = part_of(range, 64);
        result = Value::integer(static_cast<std::int64_t>(
            part.length == 0 ? 0 : (static_cast<std::uint64_t>(number) >> part.start) & bit_mask(part)));
        return nullptr;
    }
    if (!key.is_int()) return integer_key(key);
    std::size_t bit = 0;
    if (!resolve(key.as_int(), 64, bit)) return bounds(ErrorKind::bit_field_bounds, "Bit-field", key.as_int(), 64);
    result = Value::boolean((static_cast<std::uint64_t>(number) >> bit) & 1);
    return nullptr;
}

ErrorPtr set_bits(Value& number, const Value& key, const Value& value) {
    auto bits = static_cast<std::uint64_t>(number.as_int());
    if (key.is_range()) {
        if (!value.is_int()) return mismatch("i64", value, "Bits of an integer");
        const auto& range = key.as_range();
        if (range.start >= 64 || range.start < 0)
            return bounds(ErrorKind::bit_field_bounds, "Bit-field", range.start, 64);
        const auto part = part_of(range, 64);
        if (part.length == 0) return nullptr;
        const auto mask = bit_mask(part) << part.start;
        bits = (bits & ~mask) | ((static_cast<std::uint64_t>(value.as_int()) << part.start) & mask);
    } else {
        if (!key.is_int()) return integer_key(key);
        if (!value.is_bool()) return mismatch("bool", value, "Bit of an integer");
        std::size_t bit = 0;
        if (!resolve(key.as_int(), 64, bit)) return bounds(ErrorKind::bit_field_bounds, "Bit-field", key.as_int(), 64);
        bits = value.as_bool() ? bits | 1ull << bit : bits & ~(1ull << bit);
    }
    number = Value::integer(static_cast<std::int64_t>(bits));
    return nullptr;
}

}  // namespace

ErrorPtr get_index(const Value& container, const Value& key, Value& result) {
    switch (container.tag()) {
        case Tag::array: {
            if (!key.is_int()) return integer_key(key);
            const auto& items = container.as_array().items;
            std::size_t position = 0;
            if (!resolve(key.as_int(), items.size(), position))
                return bounds(ErrorKind::array_bounds, "Array", key.as_int(), items.size());
            result = Value(items[position]);
            return nullptr;
        }
        case Tag::map: {
            if (!key.is_string()) return mismatch("string", key, "Key of an object map");
            const auto* found = container.as_map().find(key);
            result = found ? Value(*found) : Value();
            return nullptr;
        }
        case Tag::short_string:
        case Tag::string:
            if (!key.is_int()) return integer_key(key);
            return get_char(container.as_string(), key.as_int(), result);
        case Tag::blob: {
            if (!key.is_int()) return integer_key(key);
            const auto& bytes = container.as_blob().bytes;
            std::size_t position = 0;
            if (!resolve(key.as_int(), bytes.size(), position))
                return bounds(ErrorKind::array_bounds, "Blob", key.as_int(), bytes.size());
            result = Value::integer(bytes[position]);
            return nullptr;
        }
        case Tag::integer: return get_bits(container.as_int(), key, result);
        default: return no_indexer(container, key);
    }
}

ErrorPtr set_index(Value& container, const Value& key, const Value& value, const Limits& limits) {
    switch (container.tag()) {
        case Tag::short_string:
        case Tag::string:
            if (!key.is_int()) return integer_key(key);
            return set_char(container, key.as_int(), value);
        case Tag::blob: {
            if (!key.is_int()) return integer_key(key);
            if (!value.is_int()) return mismatch("i64", value, "Byte of a blob");
            auto& bytes = container.own_blob().bytes;
            std::size_t position = 0;
            if (!resolve(key.as_int(), bytes.size(), position))
                return bounds(ErrorKind::array_bounds, "Blob", key.as_int(), bytes.size());
            bytes[position] = static_cast<std::uint8_t>(value.as_int());
            return nullptr;
        }
        case Tag::integer: return set_bits(container, key, value);
        case Tag::map: {
            if (!key.is_string()) return mismatch("string", key, "Key of an object map");
            const Value held = value;
            auto& map = container.own_map();
            map.insert_or_find(key) = held;
            return limits.map_items != 0 && map.size() > limits.map_items ? too_large("Size of object map") : nullptr;
        }
        default: {
            const Value held = value;
            Value* place = nullptr;
            if (auto error = element(container, key, true, place)) return error;
            *place = held;
            return nullptr;
        }
    }
}

ErrorPtr element(Value& container, const Value& key, bool create, Value*& element) {
    element = nullptr;
    switch (container.tag()) {
        case Tag::array: {
            if (!key.is_int()) return integer_key(key);
            const auto size = container.as_array().items.size();
            std::size_t position = 0;
            if (!resolve(key.as_int(), size, position))
                return bounds(ErrorKind::array_bounds, "Array", key.as_int(), size);
            element = &container.own_array().items[position];
            return nullptr;
        }
        case Tag::map: {
            if (!key.is_string()) return mismatch("string", key, "Key of an object map");
            element = create ? &container.own_map().insert_or_find(key) : container.own_map().find(key);
            return nullptr;
        }
        case Tag::short_string:
        case Tag::string:
        case Tag::blob:
        case Tag::integer: return nullptr;
        default: return no_indexer(container, key);
    }
}

}  // namespace sluice::dsl
