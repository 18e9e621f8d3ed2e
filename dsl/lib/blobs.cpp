// Blobs: bytes.
#include <algorithm>
#include <cstring>

#include "dsl/lib/library.hpp"
#include "dsl/lib/sequence.hpp"

namespace sluice::dsl::lib {

namespace {

Bytes& own(NativeCall& call) { return call.args[0].own_blob().bytes; }
const Bytes& seen(const NativeCall& call) { return call.args[0].as_blob().bytes; }
std::uint8_t byte(const Value& v) { return static_cast<std::uint8_t>(v.as_int()); }
Value from_byte(std::uint8_t b) { return Value::integer(b); }

Outcome make(NativeCall& call) {
    const auto size = call.count > 0 ? std::max<std::int64_t>(0, call.args[0].as_int()) : 0;
    if (auto error = check_items(static_cast<std::size_t>(size), call.limits, "Size of blob"))
        return call.fail(std::move(error));
    return call.ok(
        make_blob(Bytes(static_cast<std::size_t>(size), call.count > 1 ? byte(call.args[1]) : std::uint8_t{0})));
}
Outcome len(NativeCall& call) { return call.ok(Value::integer(static_cast<std::int64_t>(seen(call).size()))); }
Outcome is_empty(NativeCall& call) { return call.ok(Value::boolean(seen(call).empty())); }
Outcome get(NativeCall& call) {
    std::size_t at = 0;
    return call.ok(
        from_byte(element_position(call.args[1].as_int(), seen(call).size(), at) ? seen(call)[at] : std::uint8_t{0}));
}
Outcome set(NativeCall& call) {
    std::size_t at = 0;
    if (element_position(call.args[1].as_int(), seen(call).size(), at)) own(call)[at] = byte(call.args[2]);
    return call.ok();
}
Outcome append(NativeCall& call) { return call.ok_or(compound(Op::add, call.args[0], call.args[1], call.limits)); }
Outcome insert(NativeCall& call) {
    const auto at = insert_position(call.args[1].as_int(), seen(call).size());
    if (auto error = check_items(seen(call).size() + 1, call.limits, "Size of blob"))
        return call.fail(std::move(error));
    auto& bytes = own(call);
    bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(at), byte(call.args[2]));
    return call.ok();
}
Outcome pad(NativeCall& call) {
    const auto wanted = call.args[1].as_int();
    if (wanted <= static_cast<std::int64_t>(seen(call).size())) return call.ok();
    if (auto error = check_items(static_cast<std::size_t>(wanted), call.limits, "Size of blob"))
        return call.fail(std::move(error));
    own(call).resize(static_cast<std::size_t>(wanted), byte(call.args[2]));
    return call.ok();
}
Outcome take_at(NativeCall& call, std::int64_t index) {
    std::size_t at = 0;
    if (!element_position(index, seen(call).size(), at)) return call.ok(from_byte(0));
    auto& bytes = own(call);
    const auto taken = bytes[at];
    bytes.erase(bytes.begin() + static_cast<std::ptrdiff_t>(at));
    return call.ok(from_byte(taken));
}
Outcome pop(NativeCall& call) { return take_at(call, -1); }
Outcome shift(NativeCall& call) { return take_at(call, 0); }
Outcome remove(NativeCall& call) { return take_at(call, call.args[1].as_int()); }
Outcome clear(NativeCall& call) { return own(call).clear(), call.ok(); }
Outcome truncate(NativeCall& call) { return keep_first(own(call), call.args[1].as_int()), call.ok(); }
Outcome chop(NativeCall& call) { return keep_last(own(call), call.args[1].as_int()), call.ok(); }
Outcome reverse(NativeCall& call) { return std::reverse(own(call).begin(), own(call).end()), call.ok(); }
Outcome extract(NativeCall& call) {
    return call.ok(make_blob(copy_part(seen(call), part_argument(call, 1, seen(call).size(), call.count > 2))));
}
Outcome split(NativeCall& call) {
    const auto at = insert_position(call.args[1].as_int(), seen(call).size());
    return call.ok(make_blob(cut_part(own(call), {at, seen(call).size() - at})));
}
Outcome drain(NativeCall& call) {
    return call.ok(make_blob(cut_part(own(call), part_argument(call, 1, seen(call).size(), call.count > 2))));
}
Outcome retain(NativeCall& call) {
    auto kept = cut_part(own(call), part_argument(call, 1, seen(call).size(), call.count > 2));
    auto removed = std::move(own(call));
    own(call) = std::move(kept);
    return call.ok(make_blob(std::move(removed)));
}
Outcome splice(NativeCall& call) {
    const bool ranged = call.args[1].is_range();
    const auto part = part_argument(call, 1, seen(call).size(), !ranged);
    const Value by = call.args[ranged ? 2 : 3];
    if (auto error = check_items(seen(call).size() + by.as_blob().bytes.size(), call.limits, "Size of blob"))
        return call.fail(std::move(error));
    replace_part(own(call), part, by.as_blob().bytes);
    return call.ok();
}
Outcome contains_byte(NativeCall& call) {
    bool found = false;
    auto error = contains(call.args[0], call.args[1], found);
    return call.ok_or(std::move(error), Value::boolean(found));
}
Outcome to_array(NativeCall& call) {
    Values items;
    for (const auto b : seen(call)) items.push_back(from_byte(b));
    return call.ok(make_array(std::move(items)));
}
Outcome as_string(NativeCall& call) {
    std::string text;
    append_utf8(seen(call), text);
    if (text.size() > call.limits.string_bytes) return call.fail(too_large("Length of string"));
    return call.ok(Value::string(text));
}

enum Field : std::uint16_t { little = 0, big = 1, real = 2 };

Part field_part(const NativeCall& call) {
    auto part = part_argument(call, 1, seen(call).size(), !call.args[1].is_range());
    part.length = std::min<std::size_t>(part.length, 8);
    return part;
}

// A short big-endian field is the high end of the 64-bit number.
Outcome parse_field(NativeCall& call) {
    const auto part = field_part(call);
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < part.length; ++i) {
        const std::uint64_t b = seen(call)[part.start + i];
        bits |= b << (8 * ((call.data & big) ? 7 - i : i));
    }
    if (!(call.data & real)) return call.ok(Value::integer(static_cast<std::int64_t>(bits)));
    double d;
    std::memcpy(&d, &bits, sizeof d);
    return call.ok(Value::floating(d));
}

Outcome write_field(NativeCall& call) {
    const auto part = field_part(call);
    const auto& value = call.args[call.args[1].is_range() ? 2 : 3];
    std::uint64_t bits;
    if (value.is_int()) {
        bits = static_cast<std::uint64_t>(value.as_int());
    } else {
        const double d = value.as_float();
        std::memcpy(&bits, &d, sizeof bits);
    }
    auto& bytes = own(call);
    for (std::size_t i = 0; i < part.length; ++i)
        bytes[part.start + i] = static_cast<std::uint8_t>(bits >> (8 * ((call.data & big) ? 7 - i : i)));
    return call.ok();
}

// data 1: ASCII only, other characters are left out.
Outcome write_text(NativeCall& call) {
    const auto part = part_argument(call, 1, seen(call).size(), !call.args[1].is_range());
    std::string text(call.args[call.args[1].is_range() ? 2 : 3].as_string());
    if (call.data == 1) std::erase_if(text, [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
    auto& bytes = own(call);
    std::copy_n(text.begin(), std::min(part.length, text.size()),
                bytes.begin() + static_cast<std::ptrdiff_t>(part.start));
    return call.ok();
}

}  // namespace

void add_blobs(NativeTable& table) {
    using namespace accepts;
    table.add("blob", {}, make);
    table.add("blob", {integer}, make);
    table.add("blob", {integer, integer}, make);
    table.add("len", {blob}, len, property);
    table.add("is_empty", {blob}, is_empty, property);
    table.add("get", {blob, integer}, get);
    table.add("set", {blob, integer, integer}, set, mutates);
    table.add("push", {blob, integer}, append, mutates);
    table.add("append", {blob, integer | text | blob}, append, mutates);
    table.add("insert", {blob, integer, integer}, insert, mutates);
    table.add("pad", {blob, integer, integer}, pad, mutates);
    table.add("pop", {blob}, pop, mutates);
    table.add("shift", {blob}, shift, mutates);
    table.add("remove", {blob, integer}, remove, mutates);
    table.add("clear", {blob}, clear, mutates);
    table.add("truncate", {blob, integer}, truncate, mutates);
    table.add("chop", {blob, integer}, chop, mutates);
    table.add("reverse", {blob}, reverse, mutates);
    table.add("splice", {blob, range, blob}, splice, mutates);
    table.add("splice", {blob, integer, integer, blob}, splice, mutates);
    table.add("extract", {blob, integer | range}, extract);
    table.add("extract", {blob, integer, integer}, extract);
    table.add("split", {blob, integer}, split, mutates);
    table.add("drain", {blob, range}, drain, mutates);
    table.add("drain", {blob, integer, integer}, drain, mutates);
    table.add("retain", {blob, range}, retain, mutates);
    table.add("retain", {blob, integer, integer}, retain, mutates);
    table.add("contains", {blob, integer}, contains_byte);
    table.add("to_array", {blob}, to_array);
    table.add("as_string", {blob}, as_string);
    const auto fields = [&](std::string_view name, NativeFn function, std::uint16_t data) {
        table.add(name, {blob, range}, function, pure, data);
        table.add(name, {blob, integer, integer}, function, pure, data);
    };
    fields("parse_le_int", parse_field, little);
    fields("parse_be_int", parse_field, big);
    fields("parse_le_float", parse_field, little | real);
    fields("parse_be_float", parse_field, big | real);
    for (const auto& [name, data] :
         {std::pair<std::string_view, std::uint16_t>{"write_le", little}, {"write_be", big}}) {
        table.add(name, {blob, range, number}, write_field, mutates, data);
        table.add(name, {blob, integer, integer, number}, write_field, mutates, data);
    }
    for (const auto& [name, data] : {std::pair<std::string_view, std::uint16_t>{"write_utf8", 0}, {"write_ascii", 1}}) {
        table.add(name, {blob, range, string}, write_text, mutates, data);
        table.add(name, {blob, integer, integer, string}, write_text, mutates, data);
    }
}

}  // namespace sluice::dsl::lib
