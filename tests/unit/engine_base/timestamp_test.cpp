#include "engine/base/timestamp.hpp"

#include <gtest/gtest.h>

namespace sluice {
namespace {

using namespace std::chrono_literals;

std::chrono::system_clock::time_point at(std::chrono::nanoseconds since_epoch) {
    return std::chrono::system_clock::time_point(since_epoch);
}

TEST(TimestampTest, UtcToTheMillisecond) {
    EXPECT_EQ(timestamp(at(1770091506789ms)), "2026-02-03T04:05:06.789Z");
    EXPECT_EQ(timestamp(at(0s)), "1970-01-01T00:00:00.000Z");
    EXPECT_EQ(timestamp(at(1709251199s)), "2024-02-29T23:59:59.000Z");
}

TEST(TimestampTest, MillisecondsHaveThreeDigitsAndAreNotRounded) {
    EXPECT_EQ(timestamp(at(7ms)), "1970-01-01T00:00:00.007Z");
    EXPECT_EQ(timestamp(at(1s + 70ms)), "1970-01-01T00:00:01.070Z");
    EXPECT_EQ(timestamp(at(1s - 1ns)), "1970-01-01T00:00:00.999Z");
    EXPECT_EQ(timestamp(at(1s)), "1970-01-01T00:00:01.000Z");
}

TEST(TimestampTest, BeforeTheEpoch) { EXPECT_EQ(timestamp(at(-1ms)), "1969-12-31T23:59:59.999Z"); }

TEST(Rfc5322Date, InUtcWithTwoDigitDays) {
    EXPECT_EQ(rfc5322_date(at(0s)), "Thu, 01 Jan 1970 00:00:00 +0000");
    EXPECT_EQ(rfc5322_date(at(1709251199s)), "Thu, 29 Feb 2024 23:59:59 +0000");
    EXPECT_EQ(rfc5322_date(at(1770091506789ms)), "Tue, 03 Feb 2026 04:05:06 +0000");
}

}  // namespace
}  // namespace sluice
