#include "engine/smtp_client/extensions.hpp"

#include <gtest/gtest.h>

namespace sluice::smtp_client {
namespace {

TEST(Extensions, KeywordsAreCaseBlindAndParametersRead) {
    const Extensions found = Extensions::parse(
        "250-peer.test DSN\n250-pipelining\n250-8bitMIME\n250-SIZE 12345\n250-AUTH LOGIN CRAM-MD5 plain\n"
        "250-X-WHATEVER SMTPUTF8\n250 CHUNKING");
    EXPECT_TRUE(found.pipelining && found.eight_bit_mime && found.chunking);
    EXPECT_TRUE(found.auth_login && found.auth_plain);
    EXPECT_TRUE(found.size);
    EXPECT_EQ(found.size_limit, 12345u);
    EXPECT_FALSE(found.dsn) << "the first line is the server's name";
    EXPECT_FALSE(found.smtputf8) << "a parameter is no keyword";
    EXPECT_FALSE(found.starttls || found.binary_mime || found.enhanced_status_codes);
}

TEST(Extensions, SizesThatAreNoNumberAnnounceNoLimit) {
    for (const char* text : {"250-p\n250 SIZE", "250-p\n250 SIZE 0", "250-p\n250 SIZE many", "250-p\n250 SIZE 12x",
                             "250-p\n250 SIZE 99999999999999999999999", "250-p\n250 SIZE -5"}) {
        const Extensions found = Extensions::parse(text);
        EXPECT_TRUE(found.size) << text;
        EXPECT_EQ(found.size_limit, 0u) << text;
    }
    EXPECT_EQ(Extensions::parse("250-p\n250 SIZE 18446744073709551615").size_limit, 18446744073709551615u);
}

TEST(Extensions, ABareGreetingOffersNothing) {
    const Extensions found = Extensions::parse("250 peer.test PIPELINING");
    EXPECT_FALSE(found.pipelining || found.size || found.starttls);
}

TEST(Extensions, OldServersSpellAuthWithAnEqualsSign) {
    EXPECT_TRUE(Extensions::parse("250-p\n250 AUTH=LOGIN").auth_login);
}

}  // namespace
}  // namespace sluice::smtp_client
