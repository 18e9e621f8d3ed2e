#include "engine/base/ip_address.hpp"

#include <gtest/gtest.h>

namespace sluice {
namespace {

asio::ip::address address(const char* text) { return asio::ip::make_address(text); }

TEST(IpAddressTest, MappedIsIpv4) { EXPECT_EQ(unmapped(address("::ffff:192.0.2.1")), address("192.0.2.1")); }

TEST(IpAddressTest, OthersStayAsTheyAre) {
    for (const auto* text : {"192.0.2.1", "2001:db8::1", "::192.0.2.1", "::1", "fe80::1%1"})
        EXPECT_EQ(unmapped(address(text)), address(text)) << text;
}

}  // namespace
}  // namespace sluice
