#include "engine/deliver/local_message.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace sluice::deliver {
namespace {

TEST(TraceFields, StayTwoLines) {
    queue::Envelope envelope;
    envelope.reverse_path = "x@y>\r\nEvil: header";
    const std::string fields = trace_fields(envelope, queue::Recipient{"a\n@b"});
    EXPECT_EQ(std::count(fields.begin(), fields.end(), '\n'), 2);
    EXPECT_EQ(fields, "Return-Path: <x@y>Evil: header>\nDelivered-To: a@b\n");
}

TEST(LocalLineEnds, OnlyCrLfChanges) {
    EXPECT_EQ(with_local_line_ends("a\r\nb\r\n"), "a\nb\n");
    EXPECT_EQ(with_local_line_ends("a\nb\rc\r\r\n\n\r"), "a\nb\rc\r\n\n\r");
    EXPECT_EQ(with_local_line_ends(""), "");
    EXPECT_EQ(with_local_line_ends("\r"), "\r");
}

}  // namespace
}  // namespace sluice::deliver
