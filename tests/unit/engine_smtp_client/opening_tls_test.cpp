// TLS in all modes: STARTTLS, injection, fallback, tunnel, server names.
#include "tests/unit/engine_smtp_client/opening_fixture.hpp"

namespace sluice::smtp_client {
namespace {

using OpeningTls = Opening;

TEST_F(OpeningTls, TlsWithoutAContextIsOurMistake) {
    Options options = clear_options();
    options.tls.mode = TlsMode::required;
    const Outcome outcome = open(Script(), options);
    ASSERT_TRUE(outcome.failure);
    EXPECT_EQ(outcome.failure->result.cause, Cause::configuration);
}

TEST_F(OpeningTls, StarttlsIsUsedWhereOffered) {
    for (const TlsMode mode : {TlsMode::opportunistic, TlsMode::required}) {
        const Outcome outcome = open(offering_starttls(), tls_options(mode));
        expect_delivered(outcome);
        EXPECT_EQ(outcome.second.at(0).kind, Kind::delivered);
        EXPECT_EQ(server().server_names, Strings{"peer.test"});
        EXPECT_EQ(server().commands.at(0), "EHLO client.test");
        EXPECT_EQ(server().commands.at(1), "STARTTLS");
        EXPECT_EQ(server().commands.at(2), "EHLO client.test");
        EXPECT_TRUE(server().commands.at(3).ends_with(" SIZE=" + std::to_string(kText.size())))
            << "the list before TLS is forgotten";
        EXPECT_EQ(server().mails.at(0).content, kText);
        EXPECT_TRUE(outcome.fallback.empty());
    }
}

TEST_F(OpeningTls, LargeContentGoesThroughTls) {
    std::string lines;
    while (lines.size() < (3u << 20u)) lines += ".a line with a dot\r\n";
    const OwnMail big({"a@there.test"}, {lines});
    Script script = offering_starttls();
    script.offers_under_tls = Strings{"PIPELINING"};
    expect_delivered(deliver(script, tls_options(TlsMode::required), big.mail));
    EXPECT_EQ(server().mails.at(0).content, lines);
}

TEST_F(OpeningTls, TheServerNameIsTheHostsWithoutTheDotAndNeverAnAddress) {
    Options options = tls_options(TlsMode::required);
    options.host_name = "peer.test.";
    expect_delivered(open(offering_starttls(), options));
    EXPECT_EQ(server().server_names, Strings{"peer.test"});
    Script script = offering_starttls();
    tls::DomainSettings any = tls::domain_of("default", {files_.self_signed("d", {"d.test"})});
    any.is_default = true;
    auto loaded = tls::load_with({any});
    ASSERT_TRUE(loaded.snapshot) << tls::texts_of(loaded.problems);
    script.certificates = loaded.snapshot;
    for (const char* host : {"192.0.2.1", "2001:db8::1", "[192.0.2.1]", ""}) {
        options.host_name = host;
        expect_delivered(open(script, options));
        EXPECT_EQ(server().server_names, Strings{""}) << host;
    }
}

TEST_F(OpeningTls, TunnelIsTlsFromTheFirstByte) {
    Script script = offering_starttls();
    script.tunnel = true;
    script.offers_under_tls = Strings{"STARTTLS"};
    expect_delivered(open(script, tls_options(TlsMode::tunnel)));
    EXPECT_FALSE(heard("STARTTLS")) << "offered again under TLS: passed over";
}

TEST_F(OpeningTls, WithoutStarttlsOnlyOpportunisticGoesOn) {
    expect_delivered(open(Script(), tls_options(TlsMode::opportunistic)));
    const Outcome outcome = open(Script(), tls_options(TlsMode::required));
    ASSERT_TRUE(outcome.failure);
    EXPECT_EQ(outcome.failure->result.text, "451 4.7.6 [internal] STARTTLS required but not advertised");
    EXPECT_EQ(outcome.failure->result.status, "4.7.6");
    EXPECT_EQ(outcome.failure->result.kind, Kind::temporary);
    EXPECT_FALSE(heard("MAIL FROM:<sender@here.test>"));
}

TEST_F(OpeningTls, ARefusedStarttls) {
    Script script = offering_starttls();
    script.answer = always("STARTTLS", "454 4.7.0 not now");
    const Outcome required = open(script, tls_options(TlsMode::required));
    ASSERT_TRUE(required.failure);
    EXPECT_EQ(required.failure->result.text, "451 4.7.5 [internal] no tls go-ahead");
    EXPECT_EQ(required.failure->detail, "454 4.7.0 not now");
    EXPECT_EQ(server().connections, 1);

    const Outcome again = open(script, tls_options(TlsMode::opportunistic));
    expect_delivered(again);
    EXPECT_EQ(server().connections, 2);
    EXPECT_EQ(again.fallback, "451 4.7.5 [internal] no tls go-ahead: 454 4.7.0 not now");

    Options same = tls_options(TlsMode::opportunistic);
    same.tls.fallback_new_connection = false;
    expect_delivered(open(script, same));
    EXPECT_EQ(server().connections, 1);

    Options never = tls_options(TlsMode::opportunistic);
    never.tls.fallback = never.tls.fallback_new_connection = false;
    EXPECT_TRUE(open(script, never).failure);
    EXPECT_EQ(server().connections, 1);
}

// What an attacker puts behind the 220 in clear must neither count as said under TLS nor go unnoticed.
TEST_F(OpeningTls, ClearTextBehindTheReplyToStarttlsIsAFailure) {
    for (const char* injected : {"250 early", "250-peer\r\n250 AUTH PLAIN", "x"}) {
        Script script = offering_starttls();
        script.answer = always("STARTTLS", std::string("220 go\r\n") + injected);
        const Outcome outcome = open(script, tls_options(TlsMode::required));
        ASSERT_TRUE(outcome.failure);
        EXPECT_EQ(outcome.failure->result.text, "451 4.7.5 [internal] TLS negotiation failed");
        EXPECT_EQ(outcome.failure->result.status, "4.7.5");
        EXPECT_TRUE(server().server_names.empty());
        EXPECT_FALSE(heard("MAIL FROM:<sender@here.test>"));
    }
}

TEST_F(OpeningTls, AFailedHandshakeFallsBackOnlyWhenOpportunistic) {
    Script script = offering_starttls();
    Options options = tls_options(TlsMode::required);
    options.host_name = "unknown.test";  // the server ends that with an alert
    const Outcome required = open(script, options);
    ASSERT_TRUE(required.failure);
    EXPECT_EQ(required.failure->result.text, "451 4.7.5 [internal] TLS negotiation failed");
    EXPECT_NE(required.failure->detail.find("(alert 112)"), std::string::npos) << required.failure->detail;
    EXPECT_TRUE(required.failure->another_host);

    options.tls.mode = TlsMode::opportunistic;
    const Outcome fallen = open(script, options);
    expect_delivered(fallen);
    EXPECT_EQ(server().connections, 3) << "with the name, without, in clear";
    EXPECT_TRUE(fallen.fallback.starts_with("451 4.7.5 [internal] TLS negotiation failed: ")) << fallen.fallback;
    options.tls.fallback = false;
    EXPECT_TRUE(open(script, options).failure);
}

TEST_F(OpeningTls, ASilentHandshakeEndsAtItsTimeout) {
    Script script;
    Options options = tls_options(TlsMode::tunnel);  // a server in clear waits for commands, the client for its hello
    options.timeouts.handshake = std::chrono::milliseconds(50);
    script.answer = always("greeting", kSilent);
    const Outcome outcome = open(script, options);
    ASSERT_TRUE(outcome.failure);
    EXPECT_EQ(outcome.failure->detail, "handshake timeout");
}

TEST_F(OpeningTls, AConnectionDroppedRightAfterTheHandshakeCountsAsFailedNegotiation) {
    Script script = offering_starttls();
    script.answer = [](std::string_view event, int nth, std::string_view) -> std::optional<std::string> {
        if (event == "EHLO" && nth == 1) return kCut;
        return std::nullopt;
    };
    expect_delivered(open(script, tls_options(TlsMode::opportunistic)));
    EXPECT_EQ(server().connections, 2);
}

TEST_F(OpeningTls, AServerThatHangsUpAtStarttls) {
    Script script = offering_starttls();
    script.answer = always("STARTTLS", kCut);
    const Outcome required = open(script, tls_options(TlsMode::required));
    ASSERT_TRUE(required.failure);
    EXPECT_EQ(required.failure->result.text, "451 4.7.5 [internal] no tls go-ahead");
    expect_delivered(open(script, tls_options(TlsMode::opportunistic)));
    EXPECT_EQ(server().connections, 2);
}

}  // namespace
}  // namespace sluice::smtp_client
