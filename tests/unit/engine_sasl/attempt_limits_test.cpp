// Failures per session, and per address in a sliding window.
#include "engine/sasl/attempt_limits.hpp"

#include <gtest/gtest.h>

namespace sluice::sasl {
namespace {

using namespace std::chrono_literals;
using enum AttemptVerdict;

AttemptLimits::AddressKey v4(std::uint8_t last) {
    const std::array<std::uint8_t, 4> bytes = {192, 0, 2, last};
    return AttemptLimits::address_key(bytes);
}

class Attempts : public testing::Test {
  protected:
    AttemptLimits limits{{.session_failures = 3, .address_failures = 2, .window = 10s, .addresses = 3}};
    AttemptLimits::Time now{};
};

TEST_F(Attempts, PerSession) {
    EXPECT_EQ(limits.check(0, v4(1), now), go_on);
    EXPECT_EQ(limits.check(2, v4(1), now), go_on);
    EXPECT_EQ(limits.check(3, v4(1), now), session_limit);
    AttemptLimits none({.session_failures = 0});
    EXPECT_EQ(none.check(0, v4(1), now), session_limit);
    AttemptLimits any;
    EXPECT_EQ(any.check(1'000'000, v4(1), now), go_on);
}

TEST_F(Attempts, PerAddress) {
    limits.failed(v4(1), now);
    EXPECT_EQ(limits.check(0, v4(1), now), go_on);
    limits.failed(v4(1), now);
    EXPECT_EQ(limits.check(0, v4(1), now), address_limit);
    EXPECT_EQ(limits.check(0, v4(2), now), go_on);
}

TEST_F(Attempts, TheWindowSlides) {
    limits.failed(v4(1), now);
    limits.failed(v4(1), now + 6s);
    EXPECT_EQ(limits.check(0, v4(1), now + 10s - 1ns), address_limit);
    EXPECT_EQ(limits.check(0, v4(1), now + 10s), go_on);
    limits.failed(v4(1), now + 11s);
    EXPECT_EQ(limits.check(0, v4(1), now + 15s), address_limit);
    EXPECT_EQ(limits.check(0, v4(1), now + 16s), go_on);
    EXPECT_EQ(limits.remembered(), 1U);
    EXPECT_EQ(limits.check(0, v4(1), now + 21s), go_on);
    EXPECT_EQ(limits.remembered(), 0U);
}

TEST_F(Attempts, TheTableIsBounded) {
    for (std::uint8_t i = 1; i <= 3; ++i) {
        limits.failed(v4(i), now + std::chrono::seconds(i));
        limits.failed(v4(i), now + std::chrono::seconds(i));
    }
    limits.failed(v4(1), now + 4s);  // no longer the oldest
    EXPECT_EQ(limits.remembered(), 3U);
    limits.failed(v4(4), now + 4s);
    EXPECT_EQ(limits.remembered(), 3U);
    EXPECT_EQ(limits.check(0, v4(1), now + 4s), address_limit);
    EXPECT_EQ(limits.check(0, v4(2), now + 4s), go_on);
    EXPECT_EQ(limits.check(0, v4(3), now + 4s), address_limit);
}

TEST_F(Attempts, SwitchedOff) {
    AttemptLimits off({.address_failures = -1});
    for (int i = 0; i < 100; ++i) off.failed(v4(1), now);
    EXPECT_EQ(off.check(0, v4(1), now), go_on);
    EXPECT_EQ(off.remembered(), 0U);
    AttemptLimits never({.address_failures = 0});
    EXPECT_EQ(never.check(0, v4(1), now), address_limit);
}

TEST_F(Attempts, DefaultsAreTheNamedLimits) {
    AttemptLimits usual;
    for (int i = 0; i < sluice::limits::auth_failures - 1; ++i) usual.failed(v4(1), now);
    EXPECT_EQ(usual.check(0, v4(1), now), go_on);
    usual.failed(v4(1), now);
    EXPECT_EQ(usual.check(0, v4(1), now), address_limit);
    EXPECT_EQ(usual.check(0, v4(1), now + sluice::limits::auth_window), go_on);
    for (std::size_t i = 0; i <= sluice::limits::auth_addresses; ++i) {
        AttemptLimits::AddressKey key{};
        key[0] = static_cast<std::uint8_t>(i);
        key[1] = static_cast<std::uint8_t>(i >> 8);
        key[2] = static_cast<std::uint8_t>(i >> 16);
        usual.failed(key, now + sluice::limits::auth_window);
    }
    EXPECT_EQ(usual.remembered(), sluice::limits::auth_addresses);
}

TEST(AddressKey, WhatCountsAsOneClient) {
    std::array<std::uint8_t, 16> one = {0x20, 0x01, 0x0d, 0xb8, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    auto neighbour = one;
    neighbour[15] = 99;
    auto other = one;
    other[7] = 99;
    EXPECT_EQ(AttemptLimits::address_key(one), AttemptLimits::address_key(neighbour));
    EXPECT_NE(AttemptLimits::address_key(one), AttemptLimits::address_key(other));
    const std::array<std::uint8_t, 16> mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1};
    EXPECT_EQ(AttemptLimits::address_key(mapped), v4(1));
    EXPECT_NE(v4(1), v4(2));
}

}  // namespace
}  // namespace sluice::sasl
