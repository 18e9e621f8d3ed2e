// Every problem that loading can find (tls.md 2.4, 3): one test each, by its code and the text that names the culprit.
#include "engine/tls/server_snapshot.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/engine_tls/test_files.hpp"

namespace sluice::tls {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Load : public ::testing::Test {
  protected:
    ServerSnapshot::Loaded load(const std::vector<DomainSettings>& domains, const RootSettings& root = {}) {
        return load_with(domains, root);
    }
    // One domain a.test with one pair.
    ServerSnapshot::Loaded load(const CertificatePair& pair) { return load({domain_of("a.test", {pair})}); }
    void expect_error(const ServerSnapshot::Loaded& loaded, const std::string& code, const std::string& part) {
        EXPECT_FALSE(loaded.snapshot);
        EXPECT_THAT(codes_of(loaded.problems), ElementsAre(code)) << texts_of(loaded.problems);
        EXPECT_THAT(texts_of(loaded.problems), HasSubstr(part));
        EXPECT_THAT(texts_of(loaded.problems), HasSubstr("config.vsl"));
    }
    void expect_warning(const ServerSnapshot::Loaded& loaded, const std::string& code, const std::string& part) {
        EXPECT_TRUE(loaded.snapshot);
        EXPECT_THAT(codes_of(loaded.problems), ElementsAre(code)) << texts_of(loaded.problems);
        EXPECT_THAT(texts_of(loaded.problems), HasSubstr(part));
    }

    TestFiles files_;
};

TEST_F(Load, AGoodPairHasNoProblem) {
    const auto loaded = load(files_.self_signed("a", {"a.test", "www.a.test"}));
    EXPECT_TRUE(loaded.problems.empty()) << texts_of(loaded.problems);
    ASSERT_TRUE(loaded.snapshot);
    EXPECT_FALSE(loaded.snapshot->empty());
    EXPECT_FALSE(loaded.snapshot->has_default());
    ASSERT_EQ(loaded.snapshot->certificates().size(), 1u);
    const CertificateInfo& info = loaded.snapshot->certificates()[0];
    EXPECT_EQ(info.domain, "a.test");
    EXPECT_EQ(info.certificate, files_.path("a.pem"));
    EXPECT_EQ(info.key_type, "EC-P-256");
    EXPECT_THAT(info.names, ElementsAre("a.test", "www.a.test"));
    EXPECT_EQ(loaded.snapshot->domain_for("WWW.a.test."), "a.test");
    EXPECT_EQ(loaded.snapshot->domain_for("b.test"), std::nullopt);
}

TEST_F(Load, NothingAtAllIsAnEmptySnapshot) {
    const auto loaded = load(std::vector<DomainSettings>{domain_of("a.test", {})});
    ASSERT_TRUE(loaded.snapshot);
    EXPECT_TRUE(loaded.snapshot->empty());
    EXPECT_TRUE(loaded.problems.empty());
}

TEST_F(Load, MissingCertificate) {
    CertificatePair pair = files_.self_signed("a", {"a.test"});
    pair.certificate = files_.path("nowhere.pem");
    expect_error(load(pair), "T0101", "nowhere.pem");
}

TEST_F(Load, UnreadableCertificate) {
    CertificatePair pair = files_.self_signed("a", {"a.test"});
    ::mkdir(files_.path("directory").c_str(), 0700);
    pair.certificate = files_.path("directory");
    expect_error(load(pair), "T0102", "Is a directory");
}

TEST_F(Load, MalformedCertificate) {
    CertificatePair pair = files_.self_signed("a", {"a.test"});
    const std::string good = TestFiles::read(pair.certificate);
    for (const std::string& text : {std::string("hello"), std::string(), good.substr(0, good.size() / 2),
                                    "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n" + good}) {
        pair.certificate = files_.write("bad.pem", text);
        expect_error(load(pair), "T0103", "bad.pem");
    }
}

TEST_F(Load, TooLargeAFile) {
    CertificatePair pair = files_.self_signed("a", {"a.test"});
    const std::string good = TestFiles::read(pair.certificate);
    constexpr std::size_t kLimit = 1024 * 1024;
    pair.certificate = files_.write("limit.pem", good + std::string(kLimit - good.size(), '\n'));
    EXPECT_TRUE(load(pair).snapshot);
    pair.certificate = files_.write("over.pem", good + std::string(kLimit - good.size() + 1, '\n'));
    expect_error(load(pair), "T0102", "File too large");
}

TEST_F(Load, MissingKey) {
    CertificatePair pair = files_.self_signed("a", {"a.test"});
    pair.private_key = files_.path("nowhere.key");
    expect_error(load(pair), "T0104", "nowhere.key");
}

TEST_F(Load, UnreadableKey) {
    CertificatePair pair = files_.self_signed("a", {"a.test"});
    pair.private_key = files_.path(".");
    expect_error(load(pair), "T0105", "Is a directory");
}

TEST_F(Load, KeyThatIsNone) {
    CertificatePair pair = files_.self_signed("a", {"a.test"});
    pair.private_key = pair.certificate;
    expect_error(load(pair), "T0106", "a.pem");
    pair.private_key.clear();
    expect_error(load(pair), "T0106", "a.pem");
}

TEST_F(Load, EncryptedKey) {
    CertificatePair pair = files_.self_signed("a", {"a.test"});
    files_.run("openssl pkey -in a.key -aes256 -passout pass:secret -out pkcs8.key");
    files_.run("openssl ec -in a.key -aes256 -passout pass:secret -out sec1.key");
    for (const std::string name : {"pkcs8.key", "sec1.key"}) {
        pair.private_key = files_.path(name);
        expect_error(load(pair), "T0107", name);
    }
}

TEST_F(Load, KeyOfAnotherCertificate) {
    CertificatePair pair = files_.self_signed("a", {"a.test"});
    pair.private_key = files_.self_signed("b", {"b.test"}).private_key;
    expect_error(load(pair), "T0108", "b.key");
    pair.private_key = files_.self_signed("c", {"c.test"}, SelfSignedKey::rsa_2048).private_key;
    expect_error(load(pair), "T0108", "c.key");
}

TEST_F(Load, DatesAreWarnings) {
    SelfSignedRequest request;
    request.dns_names = {"a.test"};
    request.days = 1;
    const auto made = make_self_signed(request);
    const CertificatePair pair{files_.path("a.pem"), files_.path("a.key")};
    ASSERT_TRUE(store_certificate(*made.made, pair.certificate, pair.private_key).empty());
    const std::vector<DomainSettings> domains = {domain_of("a.test", {pair})};
    const auto at = [&](std::chrono::hours offset) {
        return ServerSnapshot::load({}, domains, make_ticket_keys(std::chrono::hours(1)), request.now + offset);
    };
    EXPECT_TRUE(at(std::chrono::hours(23)).problems.empty());
    const auto expired = at(std::chrono::hours(25));
    expect_warning(expired, "T0109", "has expired");
    EXPECT_LT(expired.snapshot->certificates()[0].expires_in_s, 0);
    expect_warning(at(std::chrono::hours(-2)), "T0110", "possible clock skew");
}

TEST_F(Load, NoNameCovered) {
    const auto pair = files_.self_signed("a", {"other.test", "*.wild.test"});
    expect_warning(load(pair), "T0111", "served by a.test (a.test)");
    const std::vector<std::pair<std::string, bool>> table = {
        {"x.wild.test", true}, {"x.y.wild.test", false}, {"*.wild.test", true}, {".wild.test", true},
        {".test", true},       {"*.test", true},         {"wild.test", false},  {".other.test", true},
    };
    for (const auto& [served, covered] : table) {
        auto domain = domain_of("a.test", {pair}, {served});
        EXPECT_EQ(load({domain}).problems.empty(), covered) << served;
    }
    EXPECT_TRUE(load({domain_of("OTHER.test", {pair})}).problems.empty());
    auto fallback = domain_of("default", {pair});
    fallback.is_default = true;
    EXPECT_TRUE(load({fallback}).problems.empty());
}

TEST_F(Load, WeakRsa) {
    expect_warning(load(files_.with_openssl("weak", "-newkey rsa:1024", "a.test")), "T0112", "1024 bits");
}

TEST_F(Load, Dsa) {
    files_.run("openssl dsaparam -out dsa.params 1024");
    expect_error(load(files_.with_openssl("dsa", "-newkey dsa:dsa.params", "a.test")), "T0113", "DSA");
}

TEST_F(Load, RarelyVerifiableKeys) {
    const auto ed25519 = files_.with_openssl("ed", "-newkey ed25519", "a.test");
    const auto p521 = files_.with_openssl("p521", "-newkey ec -pkeyopt ec_paramgen_curve:P-521", "a.test");
    expect_warning(load(ed25519), "T0114", "Ed25519");
    expect_warning(load(p521), "T0114", "EC-P-521");
    // With a second certificate there is nothing to warn of.
    EXPECT_TRUE(load({domain_of("a.test", {ed25519, files_.self_signed("a", {"a.test"})})}).problems.empty());
}

TEST_F(Load, NameClaimedTwice) {
    const auto pair = files_.self_signed("a", {"a.test", "b.test"});
    const auto loaded = load({domain_of("a.test", {pair}, {"mx.test"}), domain_of("b.test", {pair}, {"mx.test"})});
    expect_error(loaded, "T0115", "domain-enabled/a.test/config.vsl");
    EXPECT_THAT(texts_of(loaded.problems), HasSubstr("domain-enabled/b.test/config.vsl"));
}

TEST_F(Load, CertificateNamesCanBeIgnored) {
    const auto pair = files_.self_signed("a", {"a.test", "mx.test"});
    RootSettings root;
    root.match_certificate_names = false;
    EXPECT_EQ(load({domain_of("a.test", {pair})}, root).snapshot->domain_for("mx.test"), std::nullopt);
    EXPECT_EQ(load({domain_of("a.test", {pair})}).snapshot->domain_for("mx.test"), "a.test");
}

TEST_F(Load, TwoDefaults) {
    auto a = domain_of("a.test", {files_.self_signed("a", {"a.test"})});
    auto b = domain_of("b.test", {});
    a.is_default = b.is_default = true;
    const auto loaded = load({a, b});
    expect_error(loaded, "T0116", "domain-enabled/a.test/config.vsl");
    EXPECT_THAT(texts_of(loaded.problems), HasSubstr("domain-enabled/b.test/config.vsl"));
}

TEST_F(Load, ChainWithoutIntermediatesAndInDisorder) {
    files_.run(
        "openssl req -x509 -nodes -newkey rsa:2048 -keyout ca.key -out ca.pem -subj /CN=ca && "
        "openssl req -nodes -newkey rsa:2048 -keyout leaf.key -out leaf.csr -subj /CN=a.test && "
        "printf 'subjectAltName=DNS:a.test' > ext && "
        "openssl x509 -req -in leaf.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 20 -out leaf.pem -extfile ext "
        "&& "
        "cat leaf.pem ca.pem > good.pem");
    const std::string key = files_.path("leaf.key");
    expect_warning(load({files_.path("leaf.pem"), key}), "T0117", "CN=ca");
    EXPECT_TRUE(load({files_.path("good.pem"), key}).problems.empty());
    const auto other = files_.self_signed("other", {"other.test"});
    const std::string mixed =
        files_.write("mixed.pem", TestFiles::read(files_.path("good.pem")) + TestFiles::read(other.certificate));
    expect_error(load({mixed, key}), "T0118", "number 3");
}

TEST_F(Load, MalformedServedName) {
    expect_error(load({domain_of("a.test", {files_.self_signed("a", {"a.test"})}, {"*x"})}), "T0119", "*x");
}

TEST_F(Load, TwoCertificatesOfOneKeyType) {
    const auto a = files_.self_signed("a", {"a.test"});
    const auto b = files_.self_signed("b", {"a.test"});
    const auto loaded = load({domain_of("a.test", {a, b})});
    expect_error(loaded, "T0120", "a.pem");
    EXPECT_THAT(texts_of(loaded.problems), HasSubstr("b.pem"));
}

TEST_F(Load, KeyTypesOutsideTheList) {
    const auto p224 = files_.with_openssl("p224", "-newkey ec -pkeyopt ec_paramgen_curve:P-224", "a.test");
    expect_error(load(p224), "T0121", "p224.key");
}

TEST_F(Load, AllKeyFormats) {
    const auto rsa = files_.self_signed("rsa", {"a.test"}, SelfSignedKey::rsa_2048);
    const auto ec = files_.self_signed("ec", {"a.test"});
    files_.run("openssl rsa -traditional -in rsa.key -out pkcs1.key && grep -q 'BEGIN RSA PRIVATE KEY' pkcs1.key");
    files_.run(
        "openssl ecparam -name prime256v1 > sec1.key && openssl ec -in ec.key >> sec1.key && grep -q 'BEGIN EC PRIVATE "
        "KEY' sec1.key");
    for (const CertificatePair& pair :
         {rsa, ec, CertificatePair{rsa.certificate, files_.path("pkcs1.key")},
          CertificatePair{ec.certificate, files_.path("sec1.key")},
          files_.with_openssl("p384", "-newkey ec -pkeyopt ec_paramgen_curve:P-384", "a.test")}) {
        const auto loaded = load(pair);
        EXPECT_TRUE(loaded.problems.empty()) << pair.private_key << "\n" << texts_of(loaded.problems);
    }
}

TEST_F(Load, SettingsThatCannotBe) {
    const auto pair = files_.self_signed("a", {"a.test"});
    const auto with = [&](auto change) {
        RootSettings root;
        root.origin = {"conf.d/config.vsl", 1, 1};
        change(root);
        return load({domain_of("a.test", {pair})}, root);
    };
    expect_error(with([](RootSettings& root) { root.protocol_version = {"TLSv9"}; }), "T0130", "TLSv9");
    expect_error(with([](RootSettings& root) { root.protocol_version.clear(); }), "T0132", "no version");
    expect_error(with([](RootSettings& root) { root.ciphers = "NORMAL"; }), "T0143", "GnuTLS priority strings");
    expect_error(with([](RootSettings& root) { root.groups = {"P-999"}; }), "T0150", "P-999");
    expect_error(with([](RootSettings& root) { root.groups.clear(); }), "T0151", "groups");
    expect_error(with([](RootSettings& root) { root.alpn = {"smtp", ""}; }), "T0152", "ALPN");
    const auto both = with([](RootSettings& root) {
        root.ciphers = "STRONG";
        root.cipher_suite = {"ECDHE_RSA_WITH_AES_128_GCM_SHA256"};
    });
    EXPECT_FALSE(both.snapshot);
    EXPECT_THAT(codes_of(both.problems), ElementsAre("T0146"));
    expect_warning(with([](RootSettings& root) {
                       root.protocol_version = {"TLSv1.1", "TLSv1.2"};
                   }),
                   "T0133", "TLSv1.1");
}

TEST_F(Load, ACipherListIsNotNeededForTls13Alone) {
    const auto pair = files_.self_signed("a", {"a.test"});
    RootSettings root;
    root.cipher_suite = {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"};
    EXPECT_THAT(codes_of(load({domain_of("a.test", {pair})}, root).problems), ElementsAre("T0141"));
    root.protocol_version = {"TLSv1.3"};
    const auto loaded = load({domain_of("a.test", {pair})}, root);
    EXPECT_TRUE(loaded.snapshot) << texts_of(loaded.problems);
}

TEST_F(Load, AllProblemsAreToldAtOnce) {
    auto a = domain_of("a.test", {{files_.path("none.pem"), files_.path("none.key")}});
    auto b = domain_of("b.test", {files_.self_signed("b", {"b.test"})});
    b.protocol_version = {"SSLv3"};
    EXPECT_THAT(codes_of(load({a, b}).problems), ElementsAre("T0101", "T0104", "T0131"));
}

TEST_F(Load, OnePairForManyDomainsIsReadOnceAndComplainedOfOnce) {
    const CertificatePair missing{files_.path("none.pem"), files_.path("none.key")};
    EXPECT_THAT(codes_of(load({domain_of("a.test", {missing}), domain_of("b.test", {missing})}).problems),
                ElementsAre("T0101", "T0104"));
}

}  // namespace
}  // namespace sluice::tls
