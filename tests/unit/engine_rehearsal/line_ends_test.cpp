#include "engine/rehearsal/line_ends.hpp"

#include <gtest/gtest.h>

namespace sluice::rehearsal {
namespace {

TEST(LineEndsTest, EveryLineEndsWithCrlf) {
    EXPECT_EQ(with_crlf(""), "");
    EXPECT_EQ(with_crlf("a\n\nb\n"), "a\r\n\r\nb\r\n");
    EXPECT_EQ(with_crlf("a\r\nb"), "a\r\nb\r\n");
    EXPECT_EQ(with_crlf("\n"), "\r\n");
    EXPECT_EQ(with_crlf("a\rb\r"), "a\rb\r\r\n");
}

TEST(LineEndsTest, WhatIsConvertedStaysAsItIs) {
    for (const auto* text : {"a\n.b\r\n\nc", "a\r", "\r\n", ""}) EXPECT_EQ(with_crlf(with_crlf(text)), with_crlf(text));
}

TEST(LineEndsTest, AsSentBehindData) {
    EXPECT_EQ(as_sent(""), ".\r\n");
    EXPECT_EQ(as_sent("a\nb"), "a\r\nb\r\n.\r\n");
    EXPECT_EQ(as_sent(".a\n..b\nc.\n"), "..a\r\n...b\r\nc.\r\n.\r\n");
    EXPECT_EQ(as_sent("."), "..\r\n.\r\n");
    EXPECT_EQ(as_sent("a\r.b\r\n"), "a\r.b\r\n.\r\n");
}

}  // namespace
}  // namespace sluice::rehearsal
