// Ranges as values, range() with steps, and the iterators over characters.
#include <fmt/format.h>

#include "dsl/lib/library.hpp"
#include "dsl/value/iterators.hpp"
#include "dsl/value/operations.hpp"

namespace sluice::dsl::lib {

namespace {

Outcome start(NativeCall& call) { return call.ok(Value::integer(call.args[0].as_range().start)); }
Outcome end(NativeCall& call) { return call.ok(Value::integer(call.args[0].as_range().end)); }
Outcome is_empty(NativeCall& call) { return call.ok(Value::boolean(call.args[0].as_range().empty())); }
Outcome is_inclusive(NativeCall& call) { return call.ok(Value::boolean(call.args[0].as_range().inclusive)); }
Outcome is_exclusive(NativeCall& call) { return call.ok(Value::boolean(!call.args[0].as_range().inclusive)); }
Outcome contains_int(NativeCall& call) {
    return call.ok(Value::boolean(call.args[0].as_range().contains(call.args[1].as_int())));
}

Outcome no_step(NativeCall& call) { return call.fail(ErrorKind::arithmetic, "range with a step of zero"); }

Outcome plain(NativeCall& call) {
    if (call.args[0].is_int() && call.args[1].is_int())
        return call.ok(make_range(call.args[0].as_int(), call.args[1].as_int(), false));
    const auto number = [](const Value& v) { return v.is_int() ? static_cast<double>(v.as_int()) : v.as_float(); };
    return call.ok(make_float_step_iterator(number(call.args[0]), number(call.args[1]), 1.0));
}

Outcome stepped(NativeCall& call) {
    const auto number = [](const Value& v) { return v.is_int() ? static_cast<double>(v.as_int()) : v.as_float(); };
    if (call.args[0].is_int() && call.args[1].is_int() && call.args[2].is_int()) {
        if (call.args[2].as_int() == 0) return no_step(call);
        return call.ok(make_int_step_iterator(call.args[0].as_int(), call.args[1].as_int(), call.args[2].as_int()));
    }
    if (!(number(call.args[2]) != 0)) return no_step(call);
    return call.ok(make_float_step_iterator(number(call.args[0]), number(call.args[1]), number(call.args[2])));
}

Outcome range_stepped(NativeCall& call) {
    const auto& range = call.args[0].as_range();
    const auto step = call.args[1].as_int();
    if (step == 0) return no_step(call);
    auto last = range.end;
    if (range.inclusive && last < INT64_MAX) ++last;
    return call.ok(make_int_step_iterator(range.start, last, step));
}

Outcome chars(NativeCall& call) {
    const auto text = call.args[0].as_string();
    Part part{0, char_count(text)};
    if (call.count > 1)
        part = call.args[1].is_range()
                   ? part_of(call.args[1].as_range(), part.length)
                   : part_of(call.args[1].as_int(), call.count > 2 ? call.args[2].as_int() : INT64_MAX, part.length);
    return call.ok(make_char_iterator(call.args[0], char_offset(text, part.start), part.length));
}

}  // namespace

void add_ranges(NativeTable& table) {
    using namespace accepts;
    table.add("start", {range}, start, property);
    table.add("end", {range}, end, property);
    table.add("is_empty", {range}, is_empty, property);
    table.add("is_inclusive", {range}, is_inclusive, property);
    table.add("is_exclusive", {range}, is_exclusive, property);
    table.add("contains", {range, integer}, contains_int);
    table.add("range", {number, number}, plain);
    table.add("range", {range, integer}, range_stepped);
    table.add("range", {number, number, number}, stepped);
    table.add("chars", {string}, chars, property);
    table.add("chars", {string, integer | range}, chars);
    table.add("chars", {string, integer, integer}, chars);
}

}  // namespace sluice::dsl::lib
