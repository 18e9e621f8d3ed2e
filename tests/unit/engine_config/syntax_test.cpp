#include "engine/config/syntax.hpp"

#include <gtest/gtest.h>

namespace sluice::config {
namespace {

TEST(Endpoint, TakesIpAddressesWithPort) {
    std::string why;
    EXPECT_EQ(parse_endpoint("127.0.0.1:25", why)->port(), 25);
    EXPECT_EQ(parse_endpoint("[::1]:587", why)->address().to_string(), "::1");
    EXPECT_EQ(parse_endpoint("0.0.0.0:0", why)->port(), 0);
}

TEST(Endpoint, SaysWhatIsWrong) {
    std::string why;
    EXPECT_FALSE(parse_endpoint("127.0.0.1", why));
    EXPECT_EQ(why, "could not parse port for '127.0.0.1'");
    EXPECT_FALSE(parse_endpoint("127.0.0.1:70000", why));
    EXPECT_FALSE(parse_endpoint("::1:25", why));
    EXPECT_EQ(why, "could not parse address '::1:25'");
    EXPECT_FALSE(parse_endpoint("1.2.3.999:25", why));
}

TEST(Version, ComparesAgainstEveryTerm) {
    EXPECT_EQ(version_matches(">=2.1.0, <3.0.0", "2.2.0"), true);
    EXPECT_EQ(version_matches(">=2.3.0, <3.0.0", "2.2.0"), false);
    EXPECT_EQ(version_matches("<2.2.0", "2.2.0"), false);
    EXPECT_EQ(version_matches("^2.1", "2.2.0"), true);
    EXPECT_EQ(version_matches("~2.1.0", "2.2.0"), false);
    EXPECT_EQ(version_matches("=2.2.0", "2.2.0"), true);
    EXPECT_EQ(version_matches("nonsense", "2.2.0"), std::nullopt);
}

TEST(Domain, IsLowerCaseAndAsciiWithoutTrailingDot) {
    EXPECT_EQ(canonical_domain("Example.COM."), "example.com");
    EXPECT_EQ(canonical_domain("bücher.example"), "xn--bcher-kva.example");
    for (const auto* text : {"", ".", "a..b", ".a"}) EXPECT_FALSE(canonical_domain(text)) << text;
}

}  // namespace
}  // namespace sluice::config
