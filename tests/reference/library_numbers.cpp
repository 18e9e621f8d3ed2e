// Section 18: numbers, bit-fields, ranges, the little that is known of blobs.
#include <cmath>

#include "tests/reference/library.hpp"

namespace sluice::reference {

namespace {

double real(const Value& v) { return v.is<Int>() ? static_cast<double>(v.as<Int>()) : v.as<double>(); }

std::string in_base(Int value, unsigned base) {
    auto bits = static_cast<std::uint64_t>(value);
    std::string out;
    do {
        out.insert(out.begin(), "0123456789abcdef"[bits % base]);
        bits /= base;
    } while (bits != 0);
    return out;
}

template <double (*Function)(double)>
Value of_float(Call& c) {
    return floating(Function(c.self.as<double>()));
}

Value extreme(Call& c, bool larger) {
    const Value& a = c.self;
    const Value& b = c.args[0];
    const bool less = c.evaluator.binary(ast::BinaryOp::lt, a, b).is_true();
    const bool more = c.evaluator.binary(ast::BinaryOp::gt, a, b).is_true();
    if (!less && !more && !equal(a, b)) throw GaveUp("min or max of NaN");
    if (a.is_number() && a.data.index() != b.data.index())
        return floating(larger ? std::max(real(a), real(b)) : std::min(real(a), real(b)));
    return larger ? (less ? b : a) : (more ? b : a);
}

Value stepped(Call& c) {
    Array items;
    const Value& from = c.self;
    const Value& to = c.args[0];
    const Value& by = c.args.size() > 1 ? c.args[1] : integer(1);
    if (from.is<Int>() && to.is<Int>() && by.is<Int>()) {
        if (by.as<Int>() == 0) fail("ErrorArithmetic");
        __int128 at = from.as<Int>();
        while (by.as<Int>() > 0 ? at < to.as<Int>() : at > to.as<Int>()) {
            if (items.size() > 100'000) throw GaveUp("a long range");
            items.push_back(integer(static_cast<Int>(at)));
            at += by.as<Int>();
        }
        return {Iterator{std::make_shared<const Array>(std::move(items))}};
    }
    throw GaveUp("ranges of floats");
}

Value stepped_range(Call& c) {
    const auto r = c.self.as<Range>();
    if (r.inclusive && r.end == INT64_MAX) throw GaveUp("a range to the largest integer");
    c.self = integer(r.start);
    c.args.insert(c.args.begin(), integer(r.end + (r.inclusive ? 1 : 0)));
    return stepped(c);
}

Value bit_list(Call& c) {
    Array items;
    const auto bits = static_cast<std::uint64_t>(c.self.as<Int>());
    const auto part = c.args.empty() ? Part{0, 64} : part_of(c, 0, 64);
    for (auto i = part.start; i < part.start + part.length; ++i) items.push_back(boolean((bits >> i & 1) != 0));
    return {Iterator{std::make_shared<const Array>(std::move(items))}};
}

// A start and a number of bits as a range; what lies outside is left to the machine's tests.
Value bits_from(Call& c) {
    if (c.number(0) < 0 || c.number(1) < 0 || c.number(1) > 64) throw GaveUp("bits outside");
    return {Range{c.number(0), c.number(0) + c.number(1), false}};
}

Value sign(Call& c) {
    const double d = real(c.self);
    if (std::isnan(d)) fail("ErrorArithmetic");
    return integer(d > 0 ? 1 : d < 0 ? -1 : 0);
}

Value to_int(Call& c) {
    const double d = std::trunc(c.self.as<double>());
    if (!(d >= -9223372036854775808.0 && d < 9223372036854775808.0)) fail("ErrorArithmetic");
    return integer(static_cast<Int>(d));
}

Value make_blob(Call& c) {
    const Int n = std::max<Int>(0, c.self.as<Int>());
    c.evaluator.check_array(static_cast<std::size_t>(n));
    const auto byte = c.args.empty() ? 0 : static_cast<std::uint8_t>(c.number(0));
    return {Blob{std::vector<std::uint8_t>(static_cast<std::size_t>(n), byte)}};
}

void add_bits(std::vector<Row>& rows) {
    const auto add = [&](const char* name, const char* types, Effect effect, Value (*run)(Call&)) {
        rows.push_back({name, types, effect, false, run});
    };
    add("get_bit", "ii", pure, [](Call& c) { return get_index(c.self, c.args[0]); });
    add("set_bit", "iib", mutates, [](Call& c) { return set_index(c.self, c.args[0], c.args[1]), unit(); });
    add("get_bits", "ir", pure, [](Call& c) { return get_index(c.self, c.args[0]); });
    add("get_bits", "iii", pure, [](Call& c) { return get_index(c.self, bits_from(c)); });
    add("set_bits", "iiii", mutates, [](Call& c) { return set_index(c.self, bits_from(c), c.args[2]), unit(); });
    add("set_bits", "iri", mutates, [](Call& c) { return set_index(c.self, c.args[0], c.args[1]), unit(); });
    rows.push_back({"bits", "i", pure, true, bit_list});
    for (const char* types : {"ii", "iii", "ir"}) add("bits", types, pure, bit_list);
}

void add_functions(std::vector<Row>& rows) {
    const auto add = [&](const char* name, const char* types, Value (*run)(Call&)) {
        rows.push_back({name, types, pure, false, run});
    };
    add("exp", "f", of_float<std::exp>);
    add("ln", "f", of_float<std::log>);
    add("log", "f", of_float<std::log10>);
    add("log", "ff", [](Call& c) { return floating(std::log(real(c.self)) / std::log(real(c.args[0]))); });
    add("sin", "f", of_float<std::sin>);
    add("cos", "f", of_float<std::cos>);
    add("tan", "f", of_float<std::tan>);
    add("sinh", "f", of_float<std::sinh>);
    add("cosh", "f", of_float<std::cosh>);
    add("tanh", "f", of_float<std::tanh>);
    add("asin", "f", of_float<std::asin>);
    add("acos", "f", of_float<std::acos>);
    add("atan", "f", of_float<std::atan>);
    add("atan", "ff", [](Call& c) { return floating(std::atan2(real(c.self), real(c.args[0]))); });
    add("asinh", "f", of_float<std::asinh>);
    add("acosh", "f", of_float<std::acosh>);
    add("atanh", "f", of_float<std::atanh>);
    add("hypot", "ff", [](Call& c) { return floating(std::hypot(real(c.self), real(c.args[0]))); });
    add("to_degrees", "f", [](Call& c) { return floating(real(c.self) * 180.0 / 3.14159265358979323846); });
    add("to_radians", "f", [](Call& c) { return floating(real(c.self) * 3.14159265358979323846 / 180.0); });
}

void add_ranges_and_blobs(std::vector<Row>& rows) {
    const auto add = [&](const char* name, const char* types, Effect effect, Value (*run)(Call&),
                         bool property = false) {
        rows.push_back({name, types, effect, property, run});
    };
    add("range", "nn", pure, stepped);
    add("range", "nnn", pure, stepped);
    add("range", "ri", pure, stepped_range);
    add(
        "start", "r", pure, [](Call& c) { return integer(c.self.as<Range>().start); }, true);
    add(
        "end", "r", pure, [](Call& c) { return integer(c.self.as<Range>().end); }, true);
    add(
        "is_inclusive", "r", pure, [](Call& c) { return boolean(c.self.as<Range>().inclusive); }, true);
    add(
        "is_exclusive", "r", pure, [](Call& c) { return boolean(!c.self.as<Range>().inclusive); }, true);
    add(
        "is_empty", "r", pure,
        [](Call& c) {
            const auto& r = c.self.as<Range>();
            return boolean(r.inclusive ? r.start > r.end : r.start >= r.end);
        },
        true);
    add("contains", "ri", pure, [](Call& c) { return boolean(contains(c.self, c.args[0])); });
    add("blob", "i", pure, make_blob);
    add("blob", "ii", pure, make_blob);
    add(
        "len", "B", pure, [](Call& c) { return integer(static_cast<Int>(c.self.as<Blob>().bytes.size())); }, true);
    add(
        "is_empty", "B", pure, [](Call& c) { return boolean(c.self.as<Blob>().bytes.empty()); }, true);
    add("contains", "Bi", pure, [](Call& c) { return boolean(contains(c.self, c.args[0])); });
    add("push", "Bi", mutates, [](Call& c) {
        c.self.as<Blob>().bytes.push_back(static_cast<std::uint8_t>(c.number(0)));
        return unit();
    });
    add("as_string", "B", pure, [](Call& c) {
        for (const auto byte : c.self.as<Blob>().bytes)
            if (byte >= 0x80) throw GaveUp("bytes beyond ASCII");
        return string({c.self.as<Blob>().bytes.begin(), c.self.as<Blob>().bytes.end()});
    });
}

}  // namespace

void add_numbers(std::vector<Row>& rows) {
    const auto add = [&](const char* name, const char* types, Effect effect, Value (*run)(Call&),
                         bool property = false) {
        rows.push_back({name, types, effect, property, run});
    };
    add("abs", "i", pure, [](Call& c) -> Value {
        if (c.self.as<Int>() == INT64_MIN) fail("ErrorArithmetic");
        return integer(std::abs(c.self.as<Int>()));
    });
    add("abs", "f", pure, of_float<std::fabs>);
    add("sign", "n", pure, sign);
    add(
        "is_zero", "n", pure, [](Call& c) { return boolean(real(c.self) == 0); }, true);
    add(
        "is_odd", "i", pure, [](Call& c) { return boolean(c.self.as<Int>() % 2 != 0); }, true);
    add(
        "is_even", "i", pure, [](Call& c) { return boolean(c.self.as<Int>() % 2 == 0); }, true);
    add("to_float", "i", pure, [](Call& c) { return floating(real(c.self)); });
    add("to_int", "f", pure, to_int);
    add("to_int", "i", pure, [](Call& c) { return c.self; });
    add("to_hex", "i", pure, [](Call& c) { return string(in_base(c.self.as<Int>(), 16)); });
    add("to_octal", "i", pure, [](Call& c) { return string(in_base(c.self.as<Int>(), 8)); });
    add("to_binary", "i", pure, [](Call& c) { return string(in_base(c.self.as<Int>(), 2)); });
    add("floor", "f", pure, of_float<std::floor>, true);
    add("ceiling", "f", pure, of_float<std::ceil>, true);
    add("round", "f", pure, of_float<std::round>, true);
    add("int", "f", pure, of_float<std::trunc>, true);
    add(
        "fraction", "f", pure, [](Call& c) { return floating(c.self.as<double>() - std::trunc(c.self.as<double>())); },
        true);
    add(
        "is_nan", "f", pure, [](Call& c) { return boolean(std::isnan(c.self.as<double>())); }, true);
    add(
        "is_finite", "f", pure, [](Call& c) { return boolean(std::isfinite(c.self.as<double>())); }, true);
    add(
        "is_infinite", "f", pure, [](Call& c) { return boolean(std::isinf(c.self.as<double>())); }, true);
    add("sqrt", "f", pure, of_float<std::sqrt>);
    add_functions(rows);
    for (const char* types : {"nn", "cc", "ss"}) {
        add("min", types, pure, [](Call& c) { return extreme(c, false); });
        add("max", types, pure, [](Call& c) { return extreme(c, true); });
    }
    add_bits(rows);
    add_ranges_and_blobs(rows);
}

}  // namespace sluice::reference
