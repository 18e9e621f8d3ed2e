#include "engine/deliver/lmtp_target.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::deliver {
namespace {

using ::testing::StartsWith;

std::string error_of(const std::string& text) {
    const auto parsed = parse_lmtp_target(text);
    EXPECT_NE(parsed.target.has_value(), !parsed.error.empty()) << text;
    return parsed.error;
}

TEST(LmtpTarget, Forms) {
    EXPECT_EQ(parse_lmtp_target("mail.test:2003").target, (LmtpTarget{"mail.test", 2003, ""}));
    EXPECT_EQ(parse_lmtp_target("127.0.0.1:24").target, (LmtpTarget{"127.0.0.1", 24, ""}));
    EXPECT_EQ(parse_lmtp_target("[::1]:24").target, (LmtpTarget{"::1", 24, ""}));
    EXPECT_EQ(parse_lmtp_target("/run/dovecot/lmtp").target, (LmtpTarget{"", 0, "/run/dovecot/lmtp"}));
    EXPECT_EQ(parse_lmtp_target("/run/a:24").target, (LmtpTarget{"", 0, "/run/a:24"}));
}

TEST(LmtpTarget, WhatIsWrongIsTold) {
    for (const std::string text : {"", "mail.test", "127.0.0.1", "::1", "[::1]", "lmtp.sock"})
        EXPECT_EQ(error_of(text),
                  "'" + text + "' has no port: write lmtp:HOST:PORT, lmtp:[ADDRESS]:PORT or lmtp:/path/of/socket");
    EXPECT_EQ(error_of("mail.test:"), "'' is not a port");
    EXPECT_EQ(error_of("mail.test:0"), "'0' is not a port");
    EXPECT_EQ(error_of("mail.test:65536"), "'65536' is not a port");
    EXPECT_EQ(error_of("mail.test:lmtp"), "'lmtp' is not a port");
    EXPECT_EQ(error_of(":24"), "missing host");
    EXPECT_THAT(error_of("a b:24"), StartsWith("'a b' is neither a host name nor an address"));
    EXPECT_EQ(error_of("[x]:24"), "'x' is not an address");
    EXPECT_EQ(error_of("run/lmtp"), "the path of a local socket must be absolute");
    for (const std::string text : {"user:pass@mail.test:24", "mail.test:24?tls=none"}) EXPECT_NE(error_of(text), "");
    EXPECT_EQ(error_of("mail.test:24?tls=none"), "LMTP takes neither credentials nor parameters");
}

TEST(LmtpTarget, TheSystemLimitsPathsOfSockets) {
    EXPECT_EQ(error_of("/" + std::string(106, 'x')), "");
    EXPECT_EQ(error_of("/" + std::string(107, 'x')), "the path of a local socket has 108 octets; the system takes 107");
}

}  // namespace
}  // namespace sluice::deliver
