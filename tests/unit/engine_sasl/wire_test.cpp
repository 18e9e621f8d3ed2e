// Base64, `*`, `=` and the length of lines.
#include "engine/sasl/wire.hpp"

#include <gtest/gtest.h>

#include "engine/base/limits.hpp"

namespace sluice::sasl {
namespace {

std::string decoded(std::string_view line) {
    const auto result = decode_response(line);
    return result ? std::string(result->view()) : "failed";
}

TEST(Wire, Responses) {
    EXPECT_EQ(decoded("dGVzdA=="), "test");
    EXPECT_EQ(decoded("dGVzdDE="), "test1");
    EXPECT_EQ(decoded("dGVzdDEy"), "test12");
    EXPECT_EQ(decoded(""), "");
    EXPECT_EQ(decoded("AGEAYg=="), std::string("\0a\0b", 4));
}

TEST(Wire, WhatIsNoBase64) {
    for (const char* line : {"dGVzdA", "dGVzdA=", "dGVzdA===", "dGVz dA==", "dGVzdA==\r", "dGV@dA==", "=",
                             "====", "dGVzdA==dGVz", "dGVzdB==", "**", " *", "d", "dGVzdDF="})
        EXPECT_EQ(decode_response(line).error(), WireError::not_base64) << line;
    EXPECT_EQ(decode_response(std::string("dGV\0", 4)).error(), WireError::not_base64);
    EXPECT_EQ(decode_response("dGV\xff").error(), WireError::not_base64);
}

TEST(Wire, Cancelled) { EXPECT_EQ(decode_response("*").error(), WireError::cancelled); }

TEST(Wire, TheLongestLine) {
    const std::string longest(limits::sasl_line, 'A');
    EXPECT_EQ(decode_response(longest)->size(), limits::sasl_message);
    EXPECT_EQ(decode_initial_response(longest).value()->size(), limits::sasl_message);
    EXPECT_EQ(decode_response(longest + "A").error(), WireError::too_long);
    EXPECT_EQ(decode_initial_response(longest + "A").error(), WireError::too_long);
}

TEST(Wire, InitialResponse) {
    EXPECT_FALSE(decode_initial_response("").value().has_value());
    EXPECT_EQ(decode_initial_response("=").value().value().view(), "");
    EXPECT_EQ(decode_initial_response("dGVzdA==").value().value().view(), "test");
    EXPECT_EQ(decode_initial_response("*").error(), WireError::not_base64);
    EXPECT_EQ(decode_initial_response("= ").error(), WireError::not_base64);
}

TEST(Wire, Encoding) {
    EXPECT_EQ(encode_base64(""), "");
    EXPECT_EQ(encode_base64("f"), "Zg==");
    EXPECT_EQ(encode_base64("fo"), "Zm8=");
    EXPECT_EQ(encode_base64("foo"), "Zm9v");
    EXPECT_EQ(encode_base64(std::string_view("User Name\0", 10)), "VXNlciBOYW1lAA==");
}

TEST(Secret, MovesAndShortens) {
    Secret first(std::string_view("password"));
    Secret second(std::move(first));
    EXPECT_EQ(second.view(), "password");
    EXPECT_TRUE(first.empty());  // NOLINT: that it was moved from is the point
    second.shorten(4);
    EXPECT_EQ(second.view(), "pass");
    EXPECT_EQ(second.data()[4], '\0');
    second = Secret(std::string_view("other"));
    EXPECT_EQ(second.view(), "other");
    second.clear();
    EXPECT_TRUE(second.empty());
}

TEST(Secret, WipesAtTheEndOfTheScope) {
    std::array<char, 4> bytes = {'a', 'b', 'c', 'd'};
    { const WipeAtEnd wipe_bytes(bytes); }
    EXPECT_EQ(bytes, (std::array<char, 4>{}));
}

TEST(Secret, Comparison) {
    EXPECT_TRUE(equal_in_constant_time("abc", "abc"));
    EXPECT_FALSE(equal_in_constant_time("abc", "abd"));
    EXPECT_FALSE(equal_in_constant_time("abc", "ab"));
    EXPECT_TRUE(equal_in_constant_time("", ""));
}

}  // namespace
}  // namespace sluice::sasl
