// Chains, dates, purposes, lists of revoked certificates and pins.
#include "engine/tls/verify.hpp"

#include <openssl/sha.h>

#include "engine/base/limits.hpp"
#include "tests/unit/engine_tls/peer_fixture.hpp"

namespace sluice::tls {
namespace {

using ::testing::HasSubstr;

class Chains : public PeerTest {
  protected:
    Judgement judged(const PeerChain& chain, std::shared_ptr<const TrustStore> store,
                     PeerRole role = PeerRole::server) {
        return judge_now(chain, {.demand = Demand::chain, .role = role, .trust = std::move(store)});
    }
    void expect_good(const Judgement& judgement) {
        EXPECT_TRUE(judgement.acceptable && judgement.verified && judgement.chain_verified) << judgement.why;
        EXPECT_EQ(judgement.fault, PeerFault::none);
        EXPECT_EQ(judgement.code, 0);
        EXPECT_EQ(judgement.why, "");
    }
    void expect_bad(const Judgement& judgement, PeerFault fault, int code) {
        EXPECT_FALSE(judgement.acceptable || judgement.verified || judgement.chain_verified);
        EXPECT_EQ(to_string(judgement.fault), to_string(fault)) << judgement.why;
        EXPECT_EQ(judgement.code, code) << judgement.why;
        EXPECT_NE(judgement.why, "");
    }
    PeerChain signed_by_root(const CertificateRequest& request) {
        const TestCertificate leaf = root_.sign(request);
        return chain_of({&leaf});
    }
};

TEST_F(Chains, LeadToATrustedCa) {
    expect_good(judged(chain_, trust({&root_})));
    expect_good(judged(chain_of({&leaf_, &middle_, &root_}), trust({&root_})));
    expect_good(judged(chain_of({&leaf_}), trust({&root_, &middle_})));
    const auto other = TestCertificate::root("other");
    expect_good(judged(chain_of({&leaf_, &other, &middle_}), trust({&other, &root_})));
    expect_bad(judged(chain_of({&leaf_}), trust({&root_})), PeerFault::not_trusted,
               X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY);
    expect_bad(judged(chain_, trust({&other})), PeerFault::not_trusted, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY);
    expect_bad(judged(chain_of({&leaf_, &middle_, &root_}), trust({&other})), PeerFault::not_trusted,
               X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN);
    expect_bad(judged(chain_, nullptr), PeerFault::not_trusted, 0);
}

TEST_F(Chains, WhatIsInTheFileIsTrustedEvenIfItIsNoRoot) {
    expect_good(judged(chain_, trust({&middle_})));
    expect_good(judged(chain_, trust({&leaf_})));
    const auto alone = TestCertificate::self_signed({.common_name = "alone"});
    expect_good(judged(chain_of({&alone}), trust({&alone})));
}

TEST_F(Chains, ASelfSignedOneIsNotTrusted) {
    const auto alone = TestCertificate::self_signed({.common_name = "alone"});
    const Judgement judgement = judged(chain_of({&alone}), trust({&root_}));
    expect_bad(judgement, PeerFault::not_trusted, X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT);
    EXPECT_EQ(judgement.why, "self signed certificate");
}

TEST_F(Chains, ANameIsNoSignature) {
    const auto impostor = TestCertificate::root("root");
    const TestCertificate leaf = impostor.sign({.common_name = "leaf"});
    expect_bad(judged(chain_of({&leaf}), trust({&root_})), PeerFault::not_trusted, X509_V_ERR_CERT_SIGNATURE_FAILURE);
}

TEST_F(Chains, ALeafIsNoCa) {
    const TestCertificate leaf = root_.sign({.common_name = "leaf"});
    const TestCertificate below = leaf.sign({.common_name = "below"});
    expect_bad(judged(chain_of({&below, &leaf}), trust({&root_})), PeerFault::not_trusted, X509_V_ERR_INVALID_CA);
}

TEST_F(Chains, Dates) {
    const auto store = trust({&root_});
    const auto dated = [&](Hours from, Hours until) {
        return judged(signed_by_root({.common_name = "x", .from = from, .until = until}), store);
    };
    expect_good(dated(Hours(-1), Hours(1)));
    expect_bad(dated(Hours(-48), Hours(-1)), PeerFault::expired, X509_V_ERR_CERT_HAS_EXPIRED);
    EXPECT_EQ(dated(Hours(-48), Hours(-1)).why, "certificate has expired");
    expect_bad(dated(Hours(1), Hours(48)), PeerFault::not_yet_valid, X509_V_ERR_CERT_NOT_YET_VALID);
    const auto old = root_.sign({.common_name = "old", .is_ca = true, .from = Hours(-48), .until = Hours(-1)});
    const TestCertificate leaf = old.sign({.common_name = "x"});
    expect_bad(judged(chain_of({&leaf, &old}), store), PeerFault::expired, X509_V_ERR_CERT_HAS_EXPIRED);
}

TEST_F(Chains, TheMomentIsTheCallers) {
    const Requirement requirement{.demand = Demand::chain, .trust = trust({&root_})};
    const auto now = std::chrono::system_clock::now();
    EXPECT_EQ(judge(chain_, requirement, now + Hours(25)).fault, PeerFault::expired);
    EXPECT_EQ(judge(chain_, requirement, now - Hours(2)).fault, PeerFault::not_yet_valid);
}

TEST_F(Chains, Purposes) {
    const auto store = trust({&root_});
    const auto server = signed_by_root({.common_name = "x", .purposes = "serverAuth"});
    const auto client = signed_by_root({.common_name = "x", .purposes = "clientAuth"});
    const auto any = signed_by_root({.common_name = "x"});
    expect_good(judged(server, store, PeerRole::server));
    expect_good(judged(client, store, PeerRole::client));
    expect_good(judged(any, store, PeerRole::server));
    expect_good(judged(any, store, PeerRole::client));
    expect_bad(judged(client, store, PeerRole::server), PeerFault::not_trusted, X509_V_ERR_INVALID_PURPOSE);
    expect_bad(judged(server, store, PeerRole::client), PeerFault::not_trusted, X509_V_ERR_INVALID_PURPOSE);
}

TEST_F(Chains, Length) {
    // The root is the last of the CAs above the leaf.
    const auto with = [&](int authorities) {
        std::vector<TestCertificate> all;
        all.push_back(root_.sign({.common_name = "ca", .is_ca = true}));
        for (int i = 2; i < authorities; ++i)
            all.push_back(all.back().sign({.common_name = "ca" + std::to_string(i), .is_ca = true}));
        all.push_back(all.back().sign({.common_name = "leaf"}));
        PeerChain chain;
        for (auto each = all.rbegin(); each != all.rend(); ++each) chain.push_back(each->der());
        return judged(chain, trust({&root_}));
    };
    expect_good(with(limits::certificate_chain));
    EXPECT_EQ(with(limits::certificate_chain + 1).fault, PeerFault::not_trusted);
}

TEST_F(Chains, RevokedCertificates) {
    const TestCertificate good = root_.sign({.common_name = "good"});
    const TestCertificate gone = root_.sign({.common_name = "gone"});
    const auto store = trust({&root_}, {root_.revoke({&gone})});
    expect_good(judged(chain_of({&good}), store));
    expect_bad(judged(chain_of({&gone}), store), PeerFault::revoked, X509_V_ERR_CERT_REVOKED);
    // A list of one CA says nothing about what another CA signed.
    expect_good(judged(chain_, store));
    expect_bad(judged(chain_, trust({&root_}, {root_.revoke({&middle_})})), PeerFault::revoked,
               X509_V_ERR_CERT_REVOKED);
    expect_bad(judged(chain_, trust({&root_, &middle_}, {middle_.revoke({&leaf_})})), PeerFault::revoked,
               X509_V_ERR_CERT_REVOKED);
}

TEST_F(Chains, AListThatCannotBeTrustedFails) {
    const TestCertificate good = root_.sign({.common_name = "good"});
    const auto with = [&](const std::string& list) { return judged(chain_of({&good}), trust({&root_}, {list})); };
    expect_bad(with(root_.revoke({}, Hours(-48), Hours(-1))), PeerFault::not_trusted, X509_V_ERR_CRL_HAS_EXPIRED);
    expect_bad(with(root_.revoke({}, Hours(1), Hours(48))), PeerFault::not_trusted, X509_V_ERR_CRL_NOT_YET_VALID);
    expect_bad(with(TestCertificate::root("root").revoke({})), PeerFault::not_trusted,
               X509_V_ERR_CRL_SIGNATURE_FAILURE);
    expect_good(with(TestCertificate::root("other").revoke({&good})));
}

TEST_F(Chains, NothingAtAllAndRubbish) {
    for (const Demand demand : {Demand::nothing, Demand::chain, Demand::host, Demand::pin, Demand::tlsa}) {
        const Requirement requirement{.demand = demand, .trust = trust({&root_})};
        const Judgement none = judge_now({}, requirement);
        EXPECT_EQ(none.fault, PeerFault::no_certificate);
        EXPECT_EQ(none.acceptable, demand == Demand::nothing);
        EXPECT_FALSE(none.verified);
        for (const std::string& bad : {std::string(), std::string("hello"), leaf_.der() + "x", leaf_.der().substr(1)}) {
            const Judgement judgement = judge_now({bad}, requirement);
            EXPECT_EQ(judgement.fault, demand == Demand::pin ? PeerFault::not_pinned : PeerFault::malformed);
            EXPECT_EQ(judgement.acceptable, demand == Demand::nothing);
            EXPECT_FALSE(judgement.verified);
            EXPECT_FALSE(describe_leaf({bad}, std::chrono::system_clock::now()));
        }
    }
    EXPECT_FALSE(describe_leaf({}, std::chrono::system_clock::now()));
    // What stands behind the leaf is help, not a condition.
    expect_good(judged({leaf_.der(), "hello", middle_.der()}, trust({&root_})));
}

class Demands : public PeerTest {};

// Rows: certificate is trusted, its name is right. Columns: acceptable and verified under each demand.
TEST_F(Demands, Table) {
    const auto good_store = trust({&root_});
    const auto other = TestCertificate::root("other");
    const auto bad_store = trust({&other});
    struct Row {
        bool trusted, named;
        Demand demand;
        bool acceptable, verified;
        PeerFault fault;
    };
    const std::vector<Row> table = {
        {true, true, Demand::nothing, true, true, PeerFault::none},
        {true, true, Demand::chain, true, true, PeerFault::none},
        {true, true, Demand::host, true, true, PeerFault::none},
        {true, false, Demand::nothing, true, false, PeerFault::name_mismatch},
        {true, false, Demand::chain, true, false, PeerFault::name_mismatch},
        {true, false, Demand::host, false, false, PeerFault::name_mismatch},
        {false, true, Demand::nothing, true, false, PeerFault::not_trusted},
        {false, true, Demand::chain, false, false, PeerFault::not_trusted},
        {false, true, Demand::host, false, false, PeerFault::not_trusted},
        {false, false, Demand::nothing, true, false, PeerFault::not_trusted},
        {false, false, Demand::chain, false, false, PeerFault::not_trusted},
        {false, false, Demand::host, false, false, PeerFault::not_trusted},
    };
    for (const Row& row : table) {
        const Judgement judgement = judge_now(chain_, {.demand = row.demand,
                                                       .trust = row.trusted ? good_store : bad_store,
                                                       .names = {row.named ? "mx.a.test" : "mx.b.test"}});
        EXPECT_EQ(judgement.acceptable, row.acceptable);
        EXPECT_EQ(judgement.verified, row.verified);
        EXPECT_EQ(judgement.chain_verified, row.trusted);
        EXPECT_EQ(judgement.name_verified, row.named);
        EXPECT_EQ(to_string(judgement.fault), to_string(row.fault));
        EXPECT_EQ(judgement.why.empty(), row.verified);
    }
    // Without names the chain alone proves, except where a name is demanded.
    for (const Demand demand : {Demand::nothing, Demand::chain}) {
        EXPECT_TRUE(judge_now(chain_, {.demand = demand, .trust = good_store}).verified);
    }
    EXPECT_FALSE(judge_now(chain_, {.demand = Demand::host, .trust = good_store}).acceptable);
}

class Pins : public PeerTest {
  protected:
    static std::string hex_of(const std::string& octets, const char* separator = "") {
        std::array<std::uint8_t, SHA256_DIGEST_LENGTH> digest{};
        SHA256(reinterpret_cast<const std::uint8_t*>(octets.data()), octets.size(), digest.data());
        std::string out;
        for (const std::uint8_t byte : digest) {
            char pair[3];
            std::snprintf(pair, sizeof pair, "%02x", byte);
            out += (out.empty() ? "" : separator) + std::string(pair);
        }
        return out;
    }
    Judgement pinned(const std::vector<std::string>& texts) {
        Requirement requirement{.demand = Demand::pin};
        for (const std::string& text : texts) requirement.pins.push_back(parse_pin(text).value());
        return judge_now(chain_, requirement);
    }
};

TEST_F(Pins, OfTheLeafOrItsKeyAndNothingElse) {
    const std::string rubbish(64, '0');
    for (const std::string& good : {"sha256:" + hex_of(leaf_.der()), "spki-sha256:" + hex_of(leaf_.key_der()),
                                    "sha256:" + hex_of(leaf_.der(), ":")}) {
        const Judgement judgement = pinned({"sha256:" + rubbish, good});
        EXPECT_TRUE(judgement.acceptable && judgement.verified) << good;
        EXPECT_EQ(judgement.fault, PeerFault::none);
    }
    for (const std::string& bad :
         {"sha256:" + rubbish, "sha256:" + hex_of(leaf_.key_der()), "spki-sha256:" + hex_of(leaf_.der()),
          "sha256:" + hex_of(middle_.der()), "spki-sha256:" + hex_of(middle_.key_der())}) {
        const Judgement judgement = pinned({bad});
        EXPECT_FALSE(judgement.acceptable || judgement.verified) << bad;
        EXPECT_EQ(judgement.fault, PeerFault::not_pinned);
        EXPECT_NE(judgement.why, "");
    }
    EXPECT_FALSE(pinned({}).acceptable);
    const auto expired = TestCertificate::self_signed({.common_name = "x", .from = Hours(-48), .until = Hours(-1)});
    Requirement requirement{.demand = Demand::pin, .pins = {parse_pin("sha256:" + hex_of(expired.der())).value()}};
    EXPECT_TRUE(judge_now(chain_of({&expired}), requirement).verified);
}

TEST_F(Pins, Notation) {
    const std::string low(64, 'a');
    const std::string high(64, 'A');
    EXPECT_EQ(parse_pin("sha256:" + low), (Pin{Pin::Of::certificate, std::string(32, '\xaa')}));
    EXPECT_EQ(parse_pin("spki-sha256:" + high), (Pin{Pin::Of::public_key, std::string(32, '\xaa')}));
    std::string colons = "aa";
    for (int i = 1; i < 32; ++i) colons += ":aa";
    EXPECT_EQ(parse_pin("sha256:" + colons), parse_pin("sha256:" + low));
    for (const std::string& bad :
         {std::string(), low, "sha1:" + low, "SHA256:" + low, "sha256:" + low + "a", "sha256:" + low + "aa",
          "sha256:" + low.substr(1), "sha256:" + low.substr(2), "sha256:" + low.substr(1) + "g",
          "sha256: " + low.substr(1), "sha256:" + colons + ":", "sha256:" + colons.substr(3),
          "sha256:" + colons.substr(0, 92) + "a:"}) {
        EXPECT_FALSE(parse_pin(bad)) << bad;
    }
}

TEST_F(PeerTest, FactsOfTheLeaf) {
    const TestCertificate leaf = middle_.sign({.common_name = "B\xc3\xbc"
                                                              "cher\nX: y",
                                               .alternative_names = "DNS:mx.a.test,email:a@a.test,IP:192.0.2.1"});
    const auto info = describe_leaf(chain_of({&leaf, &middle_}), std::chrono::system_clock::now());
    ASSERT_TRUE(info);
    EXPECT_EQ(info->subject_cn,
              "B\xc3\xbc"
              "cher\\x0aX: y");
    EXPECT_EQ(info->issuer_cn, "middle");
    EXPECT_EQ(info->issuer, "CN=middle,O=Test");
    EXPECT_THAT(info->sans, ::testing::ElementsAre("DNS:mx.a.test", "email:a@a.test", "IP:192.0.2.1"));
    EXPECT_FALSE(info->is_ca);
    const TestCertificate nameless = root_.sign({});
    EXPECT_EQ(describe_leaf(chain_of({&nameless}), std::chrono::system_clock::now())->subject_cn, "");
}

}  // namespace
}  // namespace sluice::tls
