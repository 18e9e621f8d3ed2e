// Integers as fields of bits.
#include <algorithm>

#include <fmt/format.h>

#include "dsl/lib/library.hpp"
#include "dsl/value/iterators.hpp"
#include "dsl/value/operations.hpp"

namespace sluice::dsl::lib {

namespace {

ErrorPtr out_of_field(std::int64_t bit) {
    auto error =
        make_error(ErrorKind::bit_field_bounds, fmt::format("Bit-field index {} out of bounds: 64 elements", bit));
    error->index = bit;
    error->length = 64;
    return error;
}

// Range of bits of the arguments from `at` on: a range, or start and count. Null and the part, or an error.
ErrorPtr bits_of(const NativeCall& call, std::size_t at, Part& part) {
    if (call.args[at].is_range()) {
        const auto& range = call.args[at].as_range();
        if (range.start >= 64 || range.start < 0) return out_of_field(range.start);
        part = part_of(range, 64);
        return nullptr;
    }
    const auto start = call.args[at].as_int();
    if (start >= 64 || start < -64) return out_of_field(start);
    part = part_of(start, at + 1 < call.count ? call.args[at + 1].as_int() : 64, 64);
    return nullptr;
}

std::uint64_t mask(std::size_t length) { return length >= 64 ? ~0ull : (1ull << length) - 1; }

Outcome get_bit(NativeCall& call) {
    Value result;
    auto error = get_index(call.args[0], call.args[1], result);
    return call.ok_or(std::move(error), std::move(result));
}
Outcome set_bit(NativeCall& call) {
    return call.ok_or(set_index(call.args[0], call.args[1], call.args[2], call.limits));
}

Outcome get_bits(NativeCall& call) {
    Part part{};
    if (auto error = bits_of(call, 1, part)) return call.fail(std::move(error));
    if (part.length == 0) return call.ok(Value::integer(0));
    return call.ok(Value::integer(static_cast<std::int64_t>(
        (static_cast<std::uint64_t>(call.args[0].as_int()) >> part.start) & mask(part.length))));
}

Outcome set_bits(NativeCall& call) {
    Part part{};
    const bool ranged = call.args[1].is_range();
    NativeCall limited{call.args, ranged ? 2u : 3u, call.result, call.limits, nullptr,
                       0,         nullptr,          nullptr,     nullptr,     {}};
    if (auto error = bits_of(limited, 1, part)) return call.fail(std::move(error));
    if (part.length == 0) return call.ok();
    const auto value = static_cast<std::uint64_t>(call.args[ranged ? 2 : 3].as_int());
    auto bits = static_cast<std::uint64_t>(call.args[0].as_int());
    const auto field = mask(part.length) << part.start;
    bits = (bits & ~field) | ((value << part.start) & field);
    call.args[0] = Value::integer(static_cast<std::int64_t>(bits));
    return call.ok();
}

Outcome bits(NativeCall& call) {
    Part part{0, 64};
    if (call.count > 1)
        if (auto error = bits_of(call, 1, part)) return call.fail(std::move(error));
    const auto all = static_cast<std::uint64_t>(call.args[0].as_int());
    return call.ok(make_bit_iterator(part.start < 64 ? all >> part.start : 0, part.length));
}

}  // namespace

void add_bit_fields(NativeTable& table) {
    using namespace accepts;
    table.add("get_bit", {integer, integer}, get_bit);
    table.add("set_bit", {integer, integer, boolean}, set_bit, mutates);
    table.add("get_bits", {integer, range}, get_bits);
    table.add("get_bits", {integer, integer, integer}, get_bits);
    table.add("set_bits", {integer, range, integer}, set_bits, mutates);
    table.add("set_bits", {integer, integer, integer, integer}, set_bits, mutates);
    table.add("bits", {integer}, bits, property);
    table.add("bits", {integer, integer | range}, bits);
    table.add("bits", {integer, integer, integer}, bits);
}

}  // namespace sluice::dsl::lib
