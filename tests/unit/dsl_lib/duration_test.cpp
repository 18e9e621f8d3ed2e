#include "dsl/lib/duration.hpp"

#include <gtest/gtest.h>

namespace sluice::dsl::lib {
namespace {

using std::chrono::milliseconds;

TEST(Duration, SumsGroupsOfNumberAndUnit) {
    EXPECT_EQ(parse_duration("500ms"), milliseconds(500));
    EXPECT_EQ(parse_duration("30s"), milliseconds(30'000));
    EXPECT_EQ(parse_duration("1m 30s"), milliseconds(90'000));
    EXPECT_EQ(parse_duration("1m30s"), milliseconds(90'000));
    EXPECT_EQ(parse_duration("10min"), milliseconds(600'000));
    EXPECT_EQ(parse_duration("2h"), milliseconds(7'200'000));
    EXPECT_EQ(parse_duration("1d"), milliseconds(86'400'000));
    EXPECT_EQ(parse_duration("0s"), milliseconds(0));
}

TEST(Duration, RoundsUpToAMillisecond) { EXPECT_EQ(parse_duration("1us"), milliseconds(1)); }

TEST(Duration, RefusesWhatIsNoDuration) {
    for (const auto* text :
         {"", " ", "5", "1.5s", "s", "-1s", "5 parsecs", "99999999999999999999s", "1y999999999999999y"})
        EXPECT_FALSE(parse_duration(text)) << text;
}

}  // namespace
}  // namespace sluice::dsl::lib
