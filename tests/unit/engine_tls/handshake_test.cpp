// Choice of certificate, alerts, versions, ALPN, facts (tls.md 8.1 tests 1 to 8, 11), each with a real handshake.
#include <gtest/gtest.h>

#include "engine/tls/name_table.hpp"
#include "tests/unit/engine_tls/handshake_fixture.hpp"

namespace sluice::tls {
namespace {

constexpr int kUnrecognizedName = 112;
constexpr int kMissingExtension = 109;
constexpr int kHandshakeFailure = 40;
constexpr int kProtocolVersion = 70;
constexpr int kNoApplicationProtocol = 120;

class CertificateChoice : public HandshakeTest {
  protected:
    std::vector<DomainSettings> two_domains() {
        return {domain_of("a.test", {files_.self_signed("a", {"a.test", "san.a.test"})}, {"*.star.test", ".dot.test"}),
                domain_of("b.test", {files_.self_signed("b", {"b.test"}, SelfSignedKey::rsa_2048)})};
    }
    static void expect_alert(const Meeting& meeting, int alert) {
        EXPECT_FALSE(meeting.client_done);
        EXPECT_EQ(meeting.client_alert, alert);
        ASSERT_TRUE(meeting.server.failure);
        EXPECT_EQ(meeting.server.failure->alert, alert);
    }
};

TEST_F(CertificateChoice, EachNameItsOwnCertificate) {
    const auto snapshot = load(two_domains());
    const std::vector<std::pair<std::string, std::string>> names = {
        {"a.test", "a.test"},     {"b.test", "b.test"},      {"A.TEST", "a.test"},
        {"san.a.test", "a.test"}, {"x.star.test", "a.test"}, {"x.y.dot.test", "a.test"},
    };
    for (const auto& [sni, domain] : names) {
        for (const std::uint16_t version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
            const Meeting meeting = meet(snapshot, {.sni = sni, .oldest = version, .newest = version});
            ASSERT_TRUE(meeting.client_done) << sni;
            EXPECT_EQ(meeting.greeting, "220 hello\r\n");
            EXPECT_EQ(meeting.certificate.names.at(0), domain) << sni;
            ASSERT_TRUE(meeting.server.facts);
            EXPECT_EQ(meeting.server.facts->domain, domain);
            EXPECT_EQ(meeting.server.facts->sni, normalised_name(sni));
        }
    }
}

TEST_F(CertificateChoice, UnknownNameGetsAlert112) {
    const auto snapshot = load(two_domains());
    for (const std::string sni : {"nope.test", "x.y.star.test", "star.test"}) {
        const Meeting meeting = meet(snapshot, {.sni = sni});
        expect_alert(meeting, kUnrecognizedName);
        EXPECT_EQ(meeting.server.failure->kind, HandshakeError::no_certificate);
        EXPECT_EQ(meeting.server.failure->sni, sni);
    }
}

TEST_F(CertificateChoice, NoNameGets109OrIn12Only40) {
    const auto snapshot = load(two_domains());
    const Meeting meeting = meet(snapshot, {});
    expect_alert(meeting, kMissingExtension);
    EXPECT_EQ(meeting.server.failure->kind, HandshakeError::no_certificate);
    EXPECT_FALSE(meeting.server.failure->sni);
    expect_alert(meet(snapshot, {.newest = TLS1_2_VERSION}), kHandshakeFailure);
}

TEST_F(CertificateChoice, DefaultServesNoNameButNotUnknownNames) {
    auto domains = two_domains();
    domains[1].is_default = true;
    const auto snapshot = load(domains);
    EXPECT_TRUE(snapshot->has_default());
    const Meeting without = meet(snapshot, {});
    ASSERT_TRUE(without.client_done);
    EXPECT_EQ(without.certificate.names.at(0), "b.test");
    EXPECT_EQ(without.server.facts->domain, "default");
    EXPECT_FALSE(without.server.facts->sni);
    EXPECT_EQ(meet(snapshot, {.sni = "b.test"}).server.facts->domain, "b.test");
    expect_alert(meet(snapshot, {.sni = "nope.test"}), kUnrecognizedName);
}

TEST_F(CertificateChoice, UnknownNamesGetTheDefaultOnRequest) {
    auto domains = two_domains();
    domains[1].is_default = true;
    RootSettings root;
    root.default_for_unknown_sni = true;
    const auto snapshot = load(domains, root);
    const Meeting meeting = meet(snapshot, {.sni = "nope.test"});
    ASSERT_TRUE(meeting.client_done);
    EXPECT_EQ(meeting.certificate.names.at(0), "b.test");
    EXPECT_EQ(meeting.server.facts->sni, "nope.test");
    // A listener may say otherwise.
    expect_alert(meet(snapshot, {.sni = "nope.test"}, {.listener_id = "l", .default_for_unknown_sni = false}),
                 kUnrecognizedName);
}

TEST_F(CertificateChoice, UnknownNamesGetAlertWhenThereIsNoDefaultToServe) {
    RootSettings root;
    root.default_for_unknown_sni = true;
    expect_alert(meet(load(two_domains(), root), {.sni = "nope.test"}), kUnrecognizedName);
}

TEST_F(CertificateChoice, EcdsaIsPreferredWhereTheClientCanVerifyIt) {
    const auto snapshot = load({domain_of("a.test", {files_.self_signed("rsa", {"a.test"}, SelfSignedKey::rsa_2048),
                                                     files_.self_signed("ec", {"a.test"})})});
    const std::vector<std::uint16_t> rsa_only = {SSL_SIGN_RSA_PSS_RSAE_SHA256, SSL_SIGN_RSA_PKCS1_SHA256};
    const std::vector<std::uint16_t> p384_only = {SSL_SIGN_ECDSA_SECP384R1_SHA384, SSL_SIGN_RSA_PSS_RSAE_SHA256};
    for (const std::uint16_t version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        ClientOptions options{.sni = "a.test", .oldest = version, .newest = version};
        EXPECT_EQ(meet(snapshot, options).certificate.key_type, "EC-P-256");
        options.verify_algorithms = rsa_only;
        EXPECT_EQ(meet(snapshot, options).certificate.key_type, "RSA-2048");
    }
    // TLS 1.3 ties the curve to the algorithm.
    EXPECT_EQ(meet(snapshot, {.sni = "a.test", .oldest = TLS1_3_VERSION, .verify_algorithms = p384_only})
                  .certificate.key_type,
              "RSA-2048");
    EXPECT_EQ(meet(snapshot, {.sni = "a.test", .newest = TLS1_2_VERSION, .ciphers = "ECDHE-RSA-AES128-GCM-SHA256"})
                  .certificate.key_type,
              "RSA-2048");
}

TEST_F(CertificateChoice, OneFileMayHoldBoth) {
    CertificatePair pair = files_.self_signed("a", {"a.test"});
    const std::string both =
        files_.write("both.pem", TestFiles::read(pair.private_key) + TestFiles::read(pair.certificate));
    EXPECT_TRUE(meet(load({domain_of("a.test", {{both, ""}})}), {.sni = "a.test"}).client_done);
}

TEST_F(CertificateChoice, TheWholeChainIsSent) {
    files_.run(
        "openssl req -x509 -nodes -days 30 -newkey rsa:2048 -keyout ca.key -out ca.pem -subj /CN=ca && "
        "openssl req -nodes -newkey rsa:2048 -keyout leaf.key -out leaf.csr -subj /CN=a.test && "
        "printf 'subjectAltName=DNS:a.test' > ext && "
        "openssl x509 -req -in leaf.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 20 -out leaf.pem -extfile ext "
        "&& "
        "cat leaf.pem ca.pem > chain.pem");
    const auto snapshot = load({domain_of("a.test", {{files_.path("chain.pem"), files_.path("leaf.key")}})});
    Loopback pair;
    auto server = pair.server(serve(pair.connection(), snapshot, {"l"}, std::chrono::seconds(10)));
    TlsClient client(pair.client_descriptor(), {.sni = "a.test"});
    ASSERT_TRUE(client.handshake());
    EXPECT_EQ(sk_CRYPTO_BUFFER_num(SSL_get0_peer_certificates(client.ssl())), 2u);
    (void)client.read();
    (void)server.get();
}

class Versions : public HandshakeTest {};

TEST_F(Versions, ADomainHasItsOwn) {
    auto modern = domain_of("a.test", {files_.self_signed("a", {"a.test"})});
    modern.protocol_version = {"TLSv1.3"};
    auto old = domain_of("b.test", {files_.self_signed("b", {"b.test"})});
    old.protocol_version = {"TLSv1.1", "TLSv1.2"};
    auto usual = domain_of("c.test", {files_.self_signed("c", {"c.test"})});
    const auto snapshot = load({modern, old, usual});
    const std::vector<std::tuple<std::string, std::uint16_t, bool>> table = {
        {"a.test", TLS1_1_VERSION, false}, {"a.test", TLS1_2_VERSION, false}, {"a.test", TLS1_3_VERSION, true},
        {"b.test", TLS1_VERSION, false},   {"b.test", TLS1_1_VERSION, true},  {"b.test", TLS1_2_VERSION, true},
        {"b.test", TLS1_3_VERSION, false}, {"c.test", TLS1_1_VERSION, false}, {"c.test", TLS1_2_VERSION, true},
        {"c.test", TLS1_3_VERSION, true},
    };
    for (const auto& [sni, version, allowed] : table) {
        const Meeting meeting = meet(snapshot, {.sni = sni, .oldest = version, .newest = version});
        EXPECT_EQ(meeting.client_done, allowed) << sni << " " << version_name(version);
        EXPECT_EQ(meeting.client_alert, allowed ? std::optional<int>() : kProtocolVersion)
            << sni << " " << version_name(version);
        EXPECT_EQ(meeting.server.facts.has_value(), allowed);
    }
}

TEST_F(Versions, AGapIsKept) {
    RootSettings root;
    root.protocol_version = {"TLSv1.1", "TLSv1.3"};
    const auto snapshot = load({domain_of("a.test", {files_.self_signed("a", {"a.test"})})}, root);
    EXPECT_EQ(meet(snapshot, {.sni = "a.test", .oldest = TLS1_1_VERSION, .newest = TLS1_3_VERSION}).version, "TLSv1.3");
    EXPECT_EQ(meet(snapshot, {.sni = "a.test", .oldest = TLS1_1_VERSION, .newest = TLS1_2_VERSION}).version, "TLSv1.1");
    EXPECT_FALSE(meet(snapshot, {.sni = "a.test", .oldest = TLS1_2_VERSION, .newest = TLS1_2_VERSION}).client_done);
}

TEST_F(Versions, TheListenerBeatsTheRootAndTheDomainTheListener) {
    auto own = domain_of("own.test", {files_.self_signed("own", {"own.test"})});
    own.protocol_version = {"TLSv1.2"};
    const auto snapshot = load({own, domain_of("a.test", {files_.self_signed("a", {"a.test"})})});
    ListenerPolicy policy{"l"};
    policy.versions = translate_versions({"TLSv1.3"}, {}).versions;
    EXPECT_FALSE(meet(snapshot, {.sni = "a.test", .newest = TLS1_2_VERSION}, policy).client_done);
    EXPECT_TRUE(meet(snapshot, {.sni = "own.test", .newest = TLS1_2_VERSION}, policy).client_done);
}

class Ciphers : public HandshakeTest {};

TEST_F(Ciphers, PreferenceIsTheClientsUnlessPreempted) {
    auto domain = domain_of("a.test", {files_.self_signed("a", {"a.test"}, SelfSignedKey::rsa_2048)});
    RootSettings root;
    root.ciphers = "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256";
    const ClientOptions options{.sni = "a.test",
                                .newest = TLS1_2_VERSION,
                                .ciphers = "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384"};
    EXPECT_EQ(meet(load({domain}, root), options).cipher, "ECDHE-RSA-AES128-GCM-SHA256");
    root.preempt_cipherlist = true;
    const auto preempted = load({domain}, root);
    EXPECT_EQ(meet(preempted, options).cipher, "ECDHE-RSA-AES256-GCM-SHA384");
    EXPECT_EQ(meet(preempted, options, {.listener_id = "l", .preempt_cipherlist = false}).cipher,
              "ECDHE-RSA-AES128-GCM-SHA256");
}

TEST_F(Ciphers, DomainBeatsListenerBeatsRoot) {
    auto own = domain_of("own.test", {files_.self_signed("own", {"own.test"}, SelfSignedKey::rsa_2048)});
    own.ciphers = "AES128-SHA";
    const auto snapshot =
        load({own, domain_of("a.test", {files_.self_signed("a", {"a.test"}, SelfSignedKey::rsa_2048)})});
    ListenerPolicy policy{"l"};
    policy.ciphers = make_cipher_policy("AES256-SHA");
    EXPECT_EQ(meet(snapshot, {.sni = "own.test", .newest = TLS1_2_VERSION}, policy).cipher, "AES128-SHA");
    EXPECT_EQ(meet(snapshot, {.sni = "a.test", .newest = TLS1_2_VERSION}, policy).cipher, "AES256-SHA");
    EXPECT_FALSE(
        meet(snapshot, {.sni = "a.test", .newest = TLS1_2_VERSION, .ciphers = "ECDHE+AESGCM"}, policy).client_done);
    EXPECT_TRUE(meet(snapshot, {.sni = "a.test", .newest = TLS1_2_VERSION, .ciphers = "ECDHE+AESGCM"}).client_done);
}

TEST_F(Ciphers, GroupsAreTheDomains) {
    auto own = domain_of("own.test", {files_.self_signed("own", {"own.test"})});
    own.groups = {"P-384"};
    const auto snapshot = load({own, domain_of("a.test", {files_.self_signed("a", {"a.test"})})});
    EXPECT_EQ(meet(snapshot, {.sni = "own.test"}).server.facts->group, "P-384");
    EXPECT_EQ(meet(snapshot, {.sni = "a.test"}).server.facts->group, "X25519");
}

class Alpn : public HandshakeTest {};

TEST_F(Alpn, SmtpIsChosenOthersAreRefused) {
    const auto snapshot = load({domain_of("a.test", {files_.self_signed("a", {"a.test"})})});
    const Meeting chosen = meet(snapshot, {.sni = "a.test", .alpn = {"h2", "smtp"}});
    ASSERT_TRUE(chosen.client_done);
    EXPECT_EQ(chosen.server.facts->alpn, "smtp");
    const Meeting none = meet(snapshot, {.sni = "a.test"});
    ASSERT_TRUE(none.client_done);
    EXPECT_FALSE(none.server.facts->alpn);
    for (const std::vector<std::string>& others :
         {std::vector<std::string>{"http/1.1"}, {"h2", "http/1.1"}, {"smt"}, {"smtps"}}) {
        const Meeting refused = meet(snapshot, {.sni = "a.test", .alpn = others});
        EXPECT_FALSE(refused.client_done);
        EXPECT_EQ(refused.client_alert, kNoApplicationProtocol);
        EXPECT_EQ(refused.server.failure->kind, HandshakeError::protocol);
        EXPECT_EQ(refused.server.failure->alert, kNoApplicationProtocol);
    }
}

TEST_F(Alpn, OurOrderDecidesAndAnEmptyListTurnsItOff) {
    const auto snapshot = load({domain_of("a.test", {files_.self_signed("a", {"a.test"})})});
    EXPECT_EQ(meet(snapshot, {.sni = "a.test", .alpn = {"smtp", "submission"}},
                   {.listener_id = "l", .alpn = std::vector<std::string>{"submission", "smtp"}})
                  .server.facts->alpn,
              "submission");
    const Meeting off =
        meet(snapshot, {.sni = "a.test", .alpn = {"h2"}}, {.listener_id = "l", .alpn = std::vector<std::string>{}});
    EXPECT_TRUE(off.client_done);
}

TEST_F(HandshakeTest, FactsOfAConnection) {
    const auto snapshot = load({domain_of("a.test", {files_.self_signed("a", {"a.test"}, SelfSignedKey::rsa_2048)})});
    const Meeting meeting =
        meet(snapshot, {.sni = "A.test", .newest = TLS1_2_VERSION, .ciphers = "ECDHE-RSA-AES256-GCM-SHA384"});
    ASSERT_TRUE(meeting.server.facts);
    const Facts& facts = *meeting.server.facts;
    EXPECT_TRUE(facts.implicit);
    EXPECT_EQ(facts.version, "TLSv1.2");
    EXPECT_EQ(facts.cipher, "ECDHE-RSA-AES256-GCM-SHA384");
    EXPECT_EQ(facts.cipher_std, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384");
    EXPECT_EQ(facts.cipher_algbits, 256);
    EXPECT_EQ(facts.cipher_usebits, 256);
    EXPECT_EQ(facts.group, "X25519");
    EXPECT_FALSE(facts.resumed);
    EXPECT_GE(facts.handshake_ms, 0);
    const Meeting plain_rsa =
        meet(snapshot, {.sni = "a.test", .newest = TLS1_2_VERSION, .ciphers = "AES128-GCM-SHA256"});
    EXPECT_EQ(plain_rsa.server.facts->group, "");
}

}  // namespace
}  // namespace sluice::tls
