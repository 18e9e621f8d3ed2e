#include "engine/obs/log_line.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>
#include <thread>

namespace sluice::obs::test {

namespace {

using namespace std::chrono_literals;
constexpr auto moment = std::chrono::sys_days(std::chrono::year(2026) / 2 / 3) + 4h + 5min + 6s + 7ms;

std::string event(std::chrono::system_clock::time_point time, Level level, Fields fields = {}) {
    std::string line;
    append_event(line, time, level, "an-event", fields);
    return line;
}

// The line as a thread in this zone writes it.
std::string in_zone(const char* zone, std::chrono::system_clock::time_point time) {
    ::setenv("TZ", zone, 1);
    ::tzset();
    std::string line;
    std::thread([&] { line = event(time, Level::info); }).join();
    ::unsetenv("TZ");
    ::tzset();
    return line;
}

}  // namespace

TEST(LogLine, TimeWithTheOffsetOfTheZone) {
    EXPECT_EQ(in_zone("UTC0", moment), "2026-02-03T04:05:06.007+00:00 info an-event\n");
    EXPECT_EQ(in_zone("CET-1", moment), "2026-02-03T05:05:06.007+01:00 info an-event\n");
    EXPECT_EQ(in_zone("NST3:30", moment), "2026-02-03T00:35:06.007-03:30 info an-event\n");
}

TEST(LogLine, TheZoneChangesWithinAThread) {
    ::setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
    ::tzset();
    const auto change = std::chrono::sys_days(std::chrono::year(2026) / 3 / 29) + 1h;
    EXPECT_EQ(event(change - 1ms, Level::info), "2026-03-29T01:59:59.999+01:00 info an-event\n");
    EXPECT_EQ(event(change, Level::info), "2026-03-29T03:00:00.000+02:00 info an-event\n");
    ::unsetenv("TZ");
    ::tzset();
}

TEST(LogLine, Levels) {
    const auto level_of = [](Level level) { return event(moment, level).substr(30); };
    EXPECT_EQ(level_of(Level::trace), "trace an-event\n");
    EXPECT_EQ(level_of(Level::debug), "debug an-event\n");
    EXPECT_EQ(level_of(Level::info), "info an-event\n");
    EXPECT_EQ(level_of(Level::warn), "warning an-event\n");
    EXPECT_EQ(level_of(Level::error), "error an-event\n");
}

TEST(LogLine, ValuesAreQuotedWhereTheyNeedIt) {
    const std::string line = event(moment, Level::info,
                                   {{"plain", "a:b/c<d>"},
                                    {"empty", ""},
                                    {"blank", "a b"},
                                    {"equal", "a=b"},
                                    {"quote", "a\"b\\c"},
                                    {"forged", "a\n2026 error\x7f"},
                                    {"utf8", "é"}});
    EXPECT_EQ(line.substr(30), R"(info an-event plain=a:b/c<d> empty="" blank="a b" equal="a=b" quote="a\"b\\c" )"
                               R"(forged="a\x0a2026 error\x7f" utf8=é)"
                               "\n");
}

TEST(LogLine, WhatARuleLogs) {
    std::string line = "kept ";
    append_rule_log(line, moment, Level::warn, "two words", {{"session", "0123"}});
    EXPECT_EQ(line.substr(35), "warning rule-log text=\"two words\" session=0123\n");
    EXPECT_TRUE(line.starts_with("kept 2026-"));
}

}  // namespace sluice::obs::test
