#include "engine/smtp/handshake_failures.hpp"

#include <gtest/gtest.h>

namespace sluice::smtp {
namespace {

using namespace std::chrono_literals;

asio::ip::address address(const std::string& text) { return asio::ip::make_address(text); }

const HandshakeFailures::Time start{};

TEST(HandshakeFailures, AreCountedByAddressAndWindow) {
    HandshakeFailures failures;
    EXPECT_EQ(failures.count(address("192.0.2.1"), 10min, start), 0u);
    failures.failed(address("192.0.2.1"), start);
    failures.failed(address("192.0.2.1"), start + 5min);
    failures.failed(address("192.0.2.2"), start + 5min);
    EXPECT_EQ(failures.count(address("192.0.2.1"), 10min, start + 6min), 2u);
    EXPECT_EQ(failures.count(address("::ffff:192.0.2.1"), 10min, start + 6min), 2u);
    EXPECT_EQ(failures.count(address("192.0.2.1"), 2min, start + 6min), 1u);
    EXPECT_EQ(failures.count(address("192.0.2.1"), 10min, start + 10min - 1ms), 2u);
    EXPECT_EQ(failures.count(address("192.0.2.1"), 10min, start + 10min), 1u);
    EXPECT_EQ(failures.count(address("192.0.2.3"), 10min, start), 0u);
}

TEST(HandshakeFailures, OfIpv6ANetworkCounts) {
    HandshakeFailures failures;
    failures.failed(address("2001:db8::1"), start);
    EXPECT_EQ(failures.count(address("2001:db8::ffff:1"), 1min, start), 1u);
    EXPECT_EQ(failures.count(address("2001:db8:0:1::1"), 1min, start), 0u);
}

TEST(HandshakeFailures, OfOneAddressHaveALimit) {
    HandshakeFailures failures;
    for (std::size_t i = 0; i < limits::tls_failures; ++i) failures.failed(address("192.0.2.1"), start);
    EXPECT_EQ(failures.count(address("192.0.2.1"), 1min, start), limits::tls_failures);
    failures.failed(address("192.0.2.1"), start + 30s);
    EXPECT_EQ(failures.count(address("192.0.2.1"), 1min, start + 30s), limits::tls_failures);
    EXPECT_EQ(failures.count(address("192.0.2.1"), 1min, start + 70s), 1u);  // the oldest went for the newest
}

TEST(HandshakeFailures, AddressesHaveALimit) {
    HandshakeFailures failures(2);
    failures.failed(address("192.0.2.1"), start);
    failures.failed(address("192.0.2.2"), start + 1s);
    failures.failed(address("192.0.2.1"), start + 2s);
    EXPECT_EQ(failures.remembered(), 2u);
    failures.failed(address("192.0.2.3"), start + 3s);
    EXPECT_EQ(failures.remembered(), 2u);
    EXPECT_EQ(failures.count(address("192.0.2.2"), 1min, start + 3s), 0u);
    EXPECT_EQ(failures.count(address("192.0.2.1"), 1min, start + 3s), 2u);
}

TEST(HandshakeFailures, AreForgottenAtLast) {
    HandshakeFailures failures;
    failures.failed(address("192.0.2.1"), start);
    EXPECT_EQ(
        failures.count(address("192.0.2.1"), limits::tls_failure_window, start + limits::tls_failure_window - 1ms), 1u);
    EXPECT_EQ(failures.count(address("192.0.2.1"), limits::tls_failure_window, start + limits::tls_failure_window), 0u);
    EXPECT_EQ(failures.remembered(), 0u);
}

}  // namespace
}  // namespace sluice::smtp
