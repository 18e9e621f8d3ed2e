#include "engine/watch/trace_filter.hpp"

#include <gtest/gtest.h>

namespace sluice::watch {
namespace {

bool client(const std::string& option, const std::string& address) {
    const auto filter = TraceRequest{.ip = option}.filter();
    return filter.ok() && filter->accepts(asio::ip::make_address(address));
}

TEST(TraceFilterTest, Clients) {
    EXPECT_TRUE(client("192.0.2.1", "192.0.2.1"));
    EXPECT_FALSE(client("192.0.2.1", "192.0.2.2"));
    EXPECT_TRUE(client("192.0.2.0/24", "192.0.2.255"));
    EXPECT_FALSE(client("192.0.2.0/24", "192.0.3.0"));
    EXPECT_TRUE(client("2001:db8::/32", "2001:db8:1::1"));
    EXPECT_FALSE(client("2001:db8::/32", "192.0.2.1"));
    EXPECT_TRUE(client("192.0.2.1", "::ffff:192.0.2.1"));
    EXPECT_TRUE(client("", "192.0.2.1"));
}

bool address(const std::string& pattern, const std::string& text) {
    const auto parsed = AddressPattern::parse(pattern);
    return parsed && parsed->matches(text.empty() ? smtp::Address() : smtp::parse_address(text).value());
}

TEST(TraceFilterTest, Addresses) {
    EXPECT_TRUE(address("jane@example.com", "jane@EXAMPLE.com"));
    EXPECT_FALSE(address("jane@example.com", "Jane@example.com"));
    EXPECT_TRUE(address("<jane@example.com>", "jane@example.com"));
    EXPECT_TRUE(address("Example.com", "jane@example.COM"));
    EXPECT_FALSE(address("example.com", "jane@sub.example.com"));
    EXPECT_TRUE(address("[192.0.2.1]", "jane@[192.0.2.1]"));
    EXPECT_TRUE(address("<>", ""));
    EXPECT_FALSE(address("<>", "jane@example.com"));
    EXPECT_FALSE(address("example.com", ""));
    for (const auto* wrong : {"", "@", "a@", "@b", "a b", "a@b@c", "<a@b"})
        EXPECT_FALSE(AddressPattern::parse(wrong)) << wrong;
}

TEST(TraceFilterTest, TheRequestTravelsAsJson) {
    const TraceRequest request{"192.0.2.0/24", "\"a \\\" b\"@example.com", "x.test", Form::json, 7};
    const auto read = TraceRequest::parse(request.json());
    ASSERT_TRUE(read);
    EXPECT_EQ(read->ip, request.ip);
    EXPECT_EQ(read->from, request.from);
    EXPECT_EQ(read->rcpt, request.rcpt);
    EXPECT_EQ(read->form, Form::json);
    EXPECT_EQ(read->count, 7u);
    EXPECT_EQ(request.json().find('\n'), std::string::npos);
    for (const auto* wrong : {"", "7", "{", R"({"ip":7})", R"({"count":-1})", R"({"no":""})"})
        EXPECT_FALSE(TraceRequest::parse(wrong)) << wrong;
}

}  // namespace
}  // namespace sluice::watch
