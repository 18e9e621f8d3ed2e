// Operators, comparisons, text forms and UTF-8 on values (vsl-language.md sections 5, 6, 12).
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "dsl/value/operations.hpp"

namespace sluice::dsl {
namespace {

const Limits no_limits = Limits{}.bounded();

Value i(std::int64_t n) { return Value::integer(n); }
Value f(double d) { return Value::floating(d); }
Value s(std::string_view t) { return Value::string(t); }
Value c(char32_t x) { return Value::character(x); }

std::string shown(Op op, const Value& a, const Value& b) {
    Value result;
    if (const auto error = binary(op, a, b, result, no_limits)) return std::string(name(error->kind));
    std::string text;
    EXPECT_EQ(append_debug(result, text, no_limits), nullptr);
    return text;
}

TEST(Arithmetic, LimitsOfIntegers) {
    constexpr auto max = std::numeric_limits<std::int64_t>::max();
    constexpr auto min = std::numeric_limits<std::int64_t>::min();
    EXPECT_EQ(shown(Op::add, i(max), i(1)), "ErrorArithmetic");
    EXPECT_EQ(shown(Op::add, i(max), i(0)), "9223372036854775807");
    EXPECT_EQ(shown(Op::sub, i(min), i(1)), "ErrorArithmetic");
    EXPECT_EQ(shown(Op::mul, i(min), i(-1)), "ErrorArithmetic");
    EXPECT_EQ(shown(Op::div, i(min), i(-1)), "ErrorArithmetic");
    EXPECT_EQ(shown(Op::div, i(1), i(0)), "ErrorArithmetic");
    EXPECT_EQ(shown(Op::mod, i(min), i(-1)), "ErrorArithmetic");
    EXPECT_EQ(shown(Op::mod, i(1), i(0)), "ErrorArithmetic");
    EXPECT_EQ(shown(Op::pow, i(2), i(62)), "4611686018427387904");
    EXPECT_EQ(shown(Op::pow, i(2), i(63)), "ErrorArithmetic");
    EXPECT_EQ(shown(Op::pow, i(-1), i(max)), "-1");
    EXPECT_EQ(shown(Op::pow, i(10), i(min)), "ErrorArithmetic");
    for (const auto count : {min, std::int64_t{-64}, std::int64_t{-1}, std::int64_t{64}, max}) {
        EXPECT_NE(shown(Op::shl, i(1), i(count)), "ErrorArithmetic");
        EXPECT_NE(shown(Op::shr, i(-1), i(count)), "ErrorArithmetic");
    }
    Value result;
    EXPECT_NE(negate(i(min), result), nullptr);
    EXPECT_EQ(negate(i(max), result), nullptr);
}

TEST(Arithmetic, ResultMayBeAnOperand) {
    Value a = s("ab");
    ASSERT_EQ(binary(Op::add, a, a, a, no_limits), nullptr);
    EXPECT_EQ(a.as_string(), "abab");
    Value array = make_array({i(1)});
    ASSERT_EQ(binary(Op::add, array, array, array, no_limits), nullptr);
    EXPECT_EQ(array.as_array().items.size(), 2u);
    ASSERT_EQ(compound(Op::add, array, array, no_limits), nullptr);
    EXPECT_EQ(array.as_array().items.size(), 4u);
    ASSERT_EQ(compound(Op::add, array, Value(array.as_array().items[0]), no_limits), nullptr);
    EXPECT_EQ(array.as_array().items.size(), 5u);
}

TEST(Arithmetic, SizesAtTheLimitAndOnePast) {
    Limits limits;
    limits.string_bytes = 10;
    limits.array_items = 3;
    limits.map_items = 2;
    Value result;
    EXPECT_EQ(binary(Op::add, s("12345"), s("67890"), result, limits), nullptr);
    EXPECT_EQ(binary(Op::add, s("12345"), s("678901"), result, limits)->kind, ErrorKind::data_too_large);
    EXPECT_EQ(binary(Op::add, s("123456789"), c(U'é'), result, limits)->kind, ErrorKind::data_too_large);
    Value text = s("123456789");
    EXPECT_EQ(compound(Op::add, text, i(1), limits), nullptr);
    EXPECT_EQ(compound(Op::add, text, i(1), limits)->kind, ErrorKind::data_too_large);
    const Value two = make_array({i(1), i(2)});
    const Value one = make_array({i(1)});
    EXPECT_EQ(binary(Op::add, two, one, result, limits), nullptr);
    EXPECT_EQ(binary(Op::add, two, two, result, limits)->kind, ErrorKind::data_too_large);
    Value map = make_map();
    EXPECT_EQ(set_index(map, s("a"), i(1), limits), nullptr);
    EXPECT_EQ(set_index(map, s("b"), i(1), limits), nullptr);
    EXPECT_EQ(set_index(map, s("b"), i(2), limits), nullptr);
    EXPECT_EQ(set_index(map, s("c"), i(1), limits)->kind, ErrorKind::data_too_large);
    Value blob = make_blob(Bytes(3));
    EXPECT_EQ(compound(Op::add, blob, i(1), limits)->kind, ErrorKind::data_too_large);
    EXPECT_EQ(compound(Op::add, blob, s(""), limits), nullptr);
}

// Section 6: rows are pairs, columns == != < <= > >=.
TEST(Comparison, Table) {
    const auto nan = std::nan("");
    const Value fn = make_object<FnObject>();
    const struct {
        Value a, b;
        std::string wanted;
    } rows[] = {
        {i(1), i(1),
         "TF"
         "FTFT"},
        {i(1), f(1.5),
         "FT"
         "TTFF"},
        {f(1.0), i(1),
         "TF"
         "FTFT"},
        {f(nan), f(nan),
         "FT"
         "FFFF"},
        {Value::boolean(false), Value::boolean(true),
         "FT"
         "TTFF"},
        {s("a"), s("b"),
         "FT"
         "TTFF"},
        {s("Z"), s("a"),
         "FT"
         "TTFF"},
        {c(U'x'), c(U'x'),
         "TF"
         "FTFT"},
        {c(U'x'), s("x"),
         "TF"
         "FTFT"},
        {s("xyz"), c(U'x'),
         "FT"
         "FFTT"},
        {Value(), Value(),
         "TF"
         "FFFF"},
        {i(1), s("1"),
         "FT"
         "FFFF"},
        {Value(), i(0),
         "FT"
         "FFFF"},
        {make_array({}), make_array({}),
         "TF"
         "EEEE"},
        {make_array({i(1)}), make_array({f(1.0)}),
         "TF"
         "EEEE"},
        {make_map(), make_map(),
         "TF"
         "EEEE"},
        {make_map(), make_array({}),
         "FT"
         "FFFF"},
        {make_blob({1}), make_blob({1}),
         "TF"
         "EEEE"},
        {make_range(1, 3, false), make_range(1, 3, true),
         "FT"
         "EEEE"},
        {make_range(1, 3, true), make_range(1, 3, true),
         "TF"
         "EEEE"},
        {Value::timestamp(1), Value::timestamp(2),
         "FT"
         "TTFF"},
        {fn, fn,
         "EE"
         "EEEE"},
        {fn, i(1),
         "FT"
         "FFFF"},
        {make_array({fn}), make_array({fn}),
         "EE"
         "EEEE"},
    };
    for (const auto& row : rows) {
        std::string got;
        for (const auto op : {Op::eq, Op::ne, Op::lt, Op::le, Op::gt, Op::ge}) {
            const auto text = shown(op, row.a, row.b);
            got += text == "true" ? 'T' : text == "false" ? 'F' : 'E';
        }
        EXPECT_EQ(got, row.wanted) << brief(row.a) << " and " << brief(row.b);
    }
}

TEST(Comparison, SharedAndDeepValuesEndWithAnError) {
    Value wide = make_array({i(1)});
    for (int n = 0; n < 60; ++n) wide = make_array({wide, wide});
    bool same = false;
    EXPECT_EQ(equal(wide, wide, same)->kind, ErrorKind::data_too_large);
    Value deep;
    for (int n = 0; n < 100'000; ++n) deep = make_array({deep});
    EXPECT_EQ(equal(deep, deep, same)->kind, ErrorKind::data_too_large);
    std::string text;
    EXPECT_EQ(append_debug(wide, text, no_limits)->kind, ErrorKind::data_too_large);
    text.clear();
    EXPECT_EQ(append_debug(deep, text, no_limits)->kind, ErrorKind::data_too_large);
    EXPECT_LT(brief(wide).size(), 200u);
    EXPECT_LT(brief(deep).size(), 200u);
}

TEST(Text, Floats) {
    EXPECT_EQ(float_text(1.0), "1.0");
    EXPECT_EQ(float_text(-0.0), "0.0");
    EXPECT_EQ(float_text(0.1), "0.1");
    EXPECT_EQ(float_text(1e13), "10000000000000.0");
    EXPECT_EQ(float_text(1.5e13), "1.5e13");
    EXPECT_EQ(float_text(1e20), "1e20");
    EXPECT_EQ(float_text(1e-7), "0.0000001");
    EXPECT_EQ(float_text(1e-20), "1e-20");
    EXPECT_EQ(float_text(std::nan("")), "NaN");
    EXPECT_EQ(float_text(-std::numeric_limits<double>::infinity()), "-inf");
    EXPECT_EQ(float_text(5e-324), "5e-324");
    EXPECT_EQ(float_text(1.7976931348623157e308), "1.7976931348623157e308");
}

TEST(Index, EveryIntegerIsSafe) {
    const std::int64_t edges[] = {INT64_MIN, INT64_MIN + 1, -65,      -64, -4, -3, -1, 0, 2, 3, 63,
                                  64,        INT64_MAX - 1, INT64_MAX};
    for (const auto at : edges) {
        for (Value container :
             {make_array({i(1), i(2), i(3)}), make_array({}), make_blob({1, 2, 3}), s("aé😀"), s(""), i(5)}) {
            Value result;
            const auto read = get_index(container, i(at), result);
            Value value = container.is_string() ? c(U'z') : container.is_int() ? Value::boolean(true) : i(7);
            const auto write = set_index(container, i(at), value, no_limits);
            EXPECT_EQ(read == nullptr, write == nullptr) << brief(container) << " at " << at;
        }
        for (const auto length : edges) {
            const auto part = part_of(at, length, 5);
            EXPECT_LE(part.start + part.length, 5u);
            for (const bool inclusive : {false, true}) {
                const auto ranged = part_of(RangeObject(at, length, inclusive), 5);
                EXPECT_LE(ranged.start + ranged.length, 5u);
            }
        }
    }
}

TEST(Utf8, DecodesStrictly) {
    const struct {
        std::string text;
        std::size_t characters;  // decoded one after the other
        bool sound;
    } rows[] = {
        {"a", 1, true},
        {"é", 1, true},
        {"日", 1, true},
        {"😀", 1, true},
        {"\xf4\x8f\xbf\xbf", 1, true},
        {"\x80", 1, false},
        {"\xc0\x80", 2, false},
        {"\xe0\x80\x80", 3, false},
        {"\xed\xa0\x80", 3, false},
        {"\xf4\x90\x80\x80", 4, false},
        {"\xf7\xbf\xbf\xbf", 4, false},
        {"\xc3", 1, false},
        {"\xe6\x97", 2, false},
        {"\xff", 1, false},
    };
    for (const auto& row : rows) {
        std::size_t count = 0;
        bool sound = true;
        for (std::size_t at = 0; at < row.text.size(); ++count) sound = decode_char(row.text, at) != 0xfffd && sound;
        EXPECT_EQ(count, row.characters);
        EXPECT_EQ(sound, row.sound);
    }
}

TEST(FindText, AsStringView) {
    EXPECT_EQ(find_text("hello", ""), 0u);
    EXPECT_EQ(find_text("hello", "", 5), 5u);
    EXPECT_EQ(find_text("hello", "", 6), std::string_view::npos);
    EXPECT_EQ(find_text("hello", "l", 3), 3u);
    EXPECT_EQ(find_text("", "x"), std::string_view::npos);
    // Quadratic for a naive search: this would take minutes.
    const std::string text(8u << 20, 'a');
    EXPECT_EQ(find_text(text, std::string(4u << 20, 'a') + "b"), std::string_view::npos);
}

TEST(ErrorValue, Fields) {
    Value result;
    const auto error = get_index(make_array({i(1)}), i(5), result);
    const auto map = to_value(*error);
    EXPECT_EQ(map.as_map().find("error")->as_string(), "ErrorArrayBounds");
    EXPECT_EQ(map.as_map().find("index")->as_int(), 5);
    EXPECT_EQ(map.as_map().find("length")->as_int(), 1);
    EXPECT_EQ(to_value(*make_thrown(i(7))).as_int(), 7);
}

}  // namespace
}  // namespace sluice::dsl
