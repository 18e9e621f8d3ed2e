#include "engine/rehearsal/expectations.hpp"

#include <gtest/gtest.h>

#include "dsl/value/objects.hpp"

namespace sluice::rehearsal {
namespace {

using dsl::Value;

Value text(std::string_view text) { return Value::string(text); }

Value step(std::string_view verdict, std::string_view reply, int code) {
    Value map = dsl::make_map();
    map.as_map().set("verdict", text(verdict));
    map.as_map().set("reply", text(reply));
    map.as_map().set("code", Value::integer(code));
    map.as_map().set("stages", dsl::make_array());
    return map;
}

TEST(Expectations, AVerdictACodeOrTheFirstWordsOfAReply) {
    const auto denied = step("deny", "554-5.7.1 not\n554 5.7.1 here", 554);
    for (const auto& met : {text("deny"), Value::integer(554), text("554-5.7.1"), text("554-5.7.1 not"),
                            text("554-5.7.1 not\n554 5.7.1 here")})
        EXPECT_EQ(difference(denied, met), "");
    for (const auto& other : {text("next"), Value::integer(250), text("554-5.7"), text("554-5.7.1 n"), text(""),
                              text("denied"), Value::boolean(true), Value()})
        EXPECT_NE(difference(denied, other), "");
}

TEST(Expectations, AMapNamesWhatCounts) {
    const auto denied = step("deny", "554 5.7.1 no", 554);
    Value expected = dsl::make_map();
    EXPECT_EQ(difference(denied, expected), "");
    expected.as_map().set("reply", text("554"));
    expected.as_map().set("verdict", text("deny"));
    EXPECT_EQ(difference(denied, expected), "");
    expected.as_map().set("code", Value::integer(550));
    EXPECT_EQ(difference(denied, expected),
              "expected code: 550\n  actual code: 554\nno stage ran\nreply: 554 5.7.1 no");
}

TEST(Expectations, OtherValuesAreEqualOrNot) {
    EXPECT_EQ(difference(Value::integer(1), Value::integer(1)), "");
    EXPECT_EQ(difference(Value::integer(1), text("1")), "expected: \"1\"\n  actual: 1");
    EXPECT_EQ(difference(Value(), Value()), "");
}

TEST(Expectations, TextsOfManyLinesAreComparedByLine) {
    EXPECT_EQ(difference(text("a\nb\nc"), text("a\nx\ny\nc")),
              "the text differs from line 2 on (- expected, + actual)\n- x\n- y\n+ b");
    EXPECT_EQ(difference(text("a\nb"), text("a")), "the text differs from line 2 on (- expected, + actual)\n+ b");
}

}  // namespace
}  // namespace sluice::rehearsal
