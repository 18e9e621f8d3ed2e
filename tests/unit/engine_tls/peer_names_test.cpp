// RFC 6125 6.4 and its appendices, RFC 7817, as a table.
#include "tests/unit/engine_tls/peer_fixture.hpp"

namespace sluice::tls {
namespace {

struct Row {
    const char* common_name;
    const char* alternative_names;
    std::vector<std::string> wanted;
    bool match;
};

class PeerNames : public PeerTest {
  protected:
    Judgement of(const Row& row, bool common_name = true) {
        const TestCertificate leaf =
            root_.sign({.common_name = row.common_name, .alternative_names = row.alternative_names});
        Requirement requirement{.demand = Demand::host, .trust = trust_, .names = row.wanted};
        requirement.common_name = common_name;
        return judge_now(chain_of({&leaf}), requirement);
    }
    std::shared_ptr<const TrustStore> trust_ = trust({&root_});
};

TEST_F(PeerNames, Table) {
    const std::vector<Row> table = {
        // Exactly, whatever the case; one of several.
        {"", "DNS:mx.a.test", {"mx.a.test"}, true},
        {"", "DNS:MX.A.Test", {"mx.a.test"}, true},
        {"", "DNS:other.test,DNS:mx.a.test", {"mx.a.test"}, true},
        {"", "DNS:mx.a.test", {"b.test", "mx.a.test"}, true},
        {"", "DNS:mx.a.test", {"a.test"}, false},
        {"", "DNS:a.test", {"mx.a.test"}, false},
        {"", "DNS:xmx.a.test", {"mx.a.test"}, false},
        {"", "DNS:mx.a.test.b.test", {"mx.a.test"}, false},
        {"", "DNS:mx.a.test.", {"mx.a.test"}, false},
        {"", "DNS:mx_1.a.test", {"mx_1.a.test"}, true},
        // A wildcard is one whole label, the first.
        {"", "DNS:*.a.test", {"mx.a.test"}, true},
        {"", "DNS:*.A.TEST", {"mx.a.test"}, true},
        {"", "DNS:*.a.test", {"a.test"}, false},
        {"", "DNS:*.a.test", {"x.mx.a.test"}, false},
        {"", "DNS:m*.a.test", {"mx.a.test"}, false},
        {"", "DNS:*x.a.test", {"mx.a.test"}, false},
        {"", "DNS:m*x.a.test", {"mx.a.test"}, false},
        {"", "DNS:**.a.test", {"mx.a.test"}, false},
        {"", "DNS:mx.*.test", {"mx.a.test"}, false},
        {"", "DNS:*.*.test", {"mx.a.test"}, false},
        {"", "DNS:*.test", {"a.test"}, false},
        {"", "DNS:*.", {"a.test"}, false},
        {"", "DNS:*", {"test"}, false},
        {"", "DNS:*.a.test", {"*.a.test"}, false},
        {"", "DNS:*.xn--bcher-kva.test", {"mx.xn--bcher-kva.test"}, true},
        // ".a.test": every name below.
        {"", "DNS:mx.a.test", {".a.test"}, true},
        {"", "DNS:x.mx.a.test", {".a.test"}, true},
        {"", "DNS:*.a.test", {".a.test"}, true},
        {"", "DNS:a.test", {".a.test"}, false},
        {"", "DNS:ba.test", {".a.test"}, false},
        // The common name, if there is no other.
        {"mx.a.test", "", {"mx.a.test"}, true},
        {"MX.A.TEST", "", {"mx.a.test"}, true},
        {"*.a.test", "", {"mx.a.test"}, true},
        {"mx.a.test extra", "", {"mx.a.test"}, false},
        {"mx.a.test", "DNS:other.test", {"mx.a.test"}, false},
        {"mx.a.test", "email:a@mx.a.test", {"mx.a.test"}, false},
        {"mx.a.test", "IP:192.0.2.1", {"mx.a.test"}, false},
        {"", "email:mx.a.test", {"mx.a.test"}, false},
        {"", "URI:https://mx.a.test/", {"mx.a.test"}, false},
        // Addresses.
        {"", "IP:192.0.2.1", {"192.0.2.1"}, true},
        {"", "IP:192.0.2.2", {"192.0.2.1"}, false},
        {"", "IP:2001:db8::1", {"2001:db8::1"}, true},
        {"", "IP:2001:db8::1", {"2001:DB8:0::1"}, true},
        {"", "IP:2001:db8::2", {"2001:db8::1"}, false},
        {"", "DNS:192.0.2.1", {"192.0.2.1"}, false},
        {"192.0.2.1", "", {"192.0.2.1"}, false},
        // Nothing asked for, nothing there.
        {"mx.a.test", "DNS:mx.a.test", {}, false},
        {"mx.a.test", "DNS:mx.a.test", {""}, false},
        {"", "", {"mx.a.test"}, false},
    };
    for (const Row& row : table) {
        const Judgement judgement = of(row);
        const std::string shown = std::string(row.common_name) + " | " + row.alternative_names + " | " +
                                  (row.wanted.empty() ? "-" : row.wanted.back());
        EXPECT_EQ(judgement.name_verified, row.match) << shown;
        EXPECT_EQ(judgement.acceptable, row.match) << shown;
        EXPECT_EQ(judgement.verified, row.match) << shown;
        EXPECT_EQ(judgement.fault, row.match ? PeerFault::none : PeerFault::name_mismatch) << shown;
        EXPECT_EQ(judgement.why.empty(), row.match) << shown;
    }
}

TEST_F(PeerNames, TheCommonNameOnlyWhereItIsWanted) {
    EXPECT_TRUE(of({"mx.a.test", "", {"mx.a.test"}, true}, true).acceptable);
    EXPECT_FALSE(of({"mx.a.test", "", {"mx.a.test"}, true}, false).acceptable);
}

TEST_F(PeerNames, AZeroByteEndsNoName) {
    // "mx.a.test\0.evil.test" is no name that a library's configuration text can hold.
    const std::string evil("mx.a.test\0.evil.test", 20);
    GENERAL_NAMES* names = sk_GENERAL_NAME_new_null();
    GENERAL_NAME* name = GENERAL_NAME_new();
    ASN1_IA5STRING* text = ASN1_IA5STRING_new();
    ASN1_STRING_set(text, evil.data(), static_cast<int>(evil.size()));
    GENERAL_NAME_set0_value(name, GEN_DNS, text);
    sk_GENERAL_NAME_push(names, name);
    const TestCertificate leaf = root_.sign({.common_name = "x"});
    X509_add1_ext_i2d(leaf.x509(), NID_subject_alt_name, names, 0, 0);
    sk_GENERAL_NAME_pop_free(names, GENERAL_NAME_free);
    X509_sign(leaf.x509(), root_.key(), EVP_sha256());
    const Judgement judgement =
        judge_now(chain_of({&leaf}), {.demand = Demand::host, .trust = trust_, .names = {"mx.a.test"}});
    EXPECT_TRUE(judgement.chain_verified) << judgement.why;
    EXPECT_EQ(judgement.fault, PeerFault::name_mismatch);
    const auto info = describe_leaf(chain_of({&leaf}), std::chrono::system_clock::now());
    ASSERT_TRUE(info);
    EXPECT_THAT(info->sans, ::testing::ElementsAre("DNS:mx.a.test\\x00.evil.test"));
}

}  // namespace
}  // namespace sluice::tls
