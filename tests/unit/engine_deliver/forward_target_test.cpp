#include "engine/deliver/forward_target.hpp"

#include <gtest/gtest.h>

namespace sluice::deliver {
namespace {

TEST(ForwardTarget, TakesTheFormsOfTheTable) {
    struct {
        const char* text;
        ForwardTarget wanted;
    } const rows[] = {
        {"1.2.3.4", {"1.2.3.4", true, 25}},
        {"::1", {"::1", true, 25}},
        {"1.2.3.4:2525", {"1.2.3.4", true, 2525}},
        {"[::1]:2525", {"::1", true, 2525}},
        {"[fe80::1%1]:25", {"fe80::1%1", true, 25}},
        {"host.tld", {"host.tld", false, 25}},
        {"smtp://host.tld", {"host.tld", false, 25}},
        {"smtp://host.tld:2525/", {"host.tld", false, 2525}},
        {"smtp://[::1]:26?tls=none", {"::1", true, 26, ForwardTls::none}},
        {"smtp://host?tls=required", {"host", false, 25, ForwardTls::required}},
        {"smtp://host?tls=tunnel", {"host", false, 25, ForwardTls::tunnel}},
        {"smtp://us%40er:p%3Aw@host", {"host", false, 587, std::nullopt, "us@er", "p:w"}},
        {"smtps://host", {"host", false, 465, ForwardTls::tunnel}},
        {"smtp://host?tls=dane-only", {"host", false, 25, ForwardTls::dane_only}},
        {"smtp://host?tls=required&verify=ca&sni=other.test",
         {"host", false, 25, ForwardTls::required, "", "", "ca", "other.test"}},
        {"smtps://user:pass@host", {"host", false, 465, ForwardTls::tunnel, "user", "pass"}},
    };
    for (const auto& row : rows) {
        const auto parsed = parse_forward_target(row.text);
        ASSERT_TRUE(parsed.target) << row.text << ": " << parsed.error;
        EXPECT_EQ(*parsed.target, row.wanted) << row.text;
    }
}

TEST(ForwardTarget, SaysWhatIsWrong) {
    const std::pair<const char*, const char*> rows[] = {
        {"", "missing host"},
        {"smtp://", "missing host"},
        {"host:25", "a name with a port is written as a URL: smtp://host:25"},
        {"smtp://host?verify=pin", "invalid value 'pin' for parameter 'verify'; expected: 'no, optional, ca, host'"},
        {"smtp://host?sni=a..b", "'a..b' for parameter 'sni' is not a host name"},
        {"http://host", "scheme http is not supported"},
        {"smtp://host?tls=maybe",
         "invalid value 'maybe' for parameter 'tls'; expected: 'none, opportunistic, required, tunnel, dane-only'"},
        {"smtp://host?a=b", "parameter 'a'/'b' is not supported"},
        {"smtps://u:p@host?tls=none", "cannot specify both 'smtps://' and '?tls='"},
        {"1.2.3.4:0", "'0' is not a port"},
        {"[::1", "'[::1' has a '[' without ']'"},
        {"[host]", "'host' is not an address"},
        {"bad host", "'bad host' is neither a host name nor an address"},
        {"smtp://user@host", "credentials are written user:password@, percent-encoded"},
        {"smtp://host/path", "'host/path' holds a path, and a server has none"},
    };
    for (const auto& [text, why] : rows) EXPECT_EQ(parse_forward_target(text).error, why) << text;
}

TEST(ForwardTarget, IsShownWithoutItsPassword) {
    EXPECT_EQ(shown_method("forward smtp://user:se%40cret@host:25"), "forward smtp://user:***@host:25");
    EXPECT_EQ(shown_method("forward smtp://host:25"), "forward smtp://host:25");
    EXPECT_EQ(shown_method("forward 1.2.3.4"), "forward 1.2.3.4");
    EXPECT_EQ(shown_method("deliver"), "deliver");
}

}  // namespace
}  // namespace sluice::deliver
