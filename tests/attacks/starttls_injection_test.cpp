// CVE-2011-0411: clear text behind STARTTLS must never be answered, neither in clear nor inside TLS, wherever the bytes
// are cut into segments.
#include <gtest/gtest.h>

#include <thread>

#include "tests/unit/engine_smtp/tls_dialog.hpp"

namespace sluice::smtp::test {
namespace {

using Injection = SecureFixture;

constexpr std::string_view attack = "STARTTLS\r\nNOOP\r\nRSET\r\n";
constexpr std::size_t command = 10;  // "STARTTLS\r\n"

// Two segments, cut before byte `cut`.
void send_cut(SecureClient& client, std::size_t cut) {
    client.no_delay();
    client.send(attack.substr(0, cut));
    if (cut > 0) std::this_thread::sleep_for(std::chrono::milliseconds(2));
    client.send(attack.substr(cut));
}

TEST_F(Injection, RejectAnswersNothingButTheRefusal) {
    for (std::size_t cut = 0; cut < attack.size(); ++cut) {
        const auto client = connect();
        talk(*client, "S: 220");
        send_cut(*client, cut);
        const std::string said = client->rest();
        EXPECT_EQ(said.find("250"), std::string::npos) << cut << ": " << said;
        if (cut < command) {
            EXPECT_EQ(said, "554 5.5.0 Error: data received after STARTTLS, closing connection\r\n") << cut;
        } else {
            // The rest came after the 220: it went to the TLS engine, which refused it.
            EXPECT_TRUE(said.starts_with("220 TLS go ahead\r\n") || said.starts_with("554 5.5.0")) << cut << said;
        }
    }
    const std::string detail = events.find(SessionEvent::starttls_injection).value_or("");
    EXPECT_EQ(detail, "12 bytes: NOOP\\x0d\\x0aRSET\\x0d\\x0a");
}

TEST_F(Injection, IgnoreThrowsTheBytesAwayAndNothingIsLeftInsideTls) {
    settings.tls.starttls_injection_policy = InjectionPolicy::ignore;
    for (std::size_t cut = 0; cut < command; ++cut) {
        const auto client = connect();
        talk(*client, "S: 220");
        send_cut(*client, cut);
        talk(*client, "S. 220 TLS go ahead");
        ASSERT_TRUE(client->start_tls()) << cut;
        // Had NOOP or RSET survived, their replies would come first.
        talk(*client, "C: HELP\nS: 214\nC: QUIT\nS: 221\nEND");
    }
}

// tls.md 8.1, row 13: with EHLO in the same segment.
TEST_F(Injection, BehindEhloInOneSegment) {
    auto client = connect();
    talk(*client, "S: 220");
    client->send("EHLO x\r\nSTARTTLS\r\nMAIL FROM:<x@y>\r\n");
    const std::string said = client->rest();
    EXPECT_TRUE(said.ends_with("250 STARTTLS\r\n554 5.5.0 Error: data received after STARTTLS, closing connection\r\n"))
        << said;
    EXPECT_EQ(rules->calls(), "connect helo");
}

TEST_F(Injection, TheBeginningOfACommandDoesNotSurviveEither) {
    settings.tls.starttls_injection_policy = InjectionPolicy::ignore;
    const auto client = connect();
    talk(*client, "S: 220");
    client->send("STARTTLS\r\nHEL");
    talk(*client, "S: 220");
    ASSERT_TRUE(client->start_tls());
    talk(*client, "C: P\nS: 500\nC: QUIT\nS: 221\nEND");
}

}  // namespace
}  // namespace sluice::smtp::test
