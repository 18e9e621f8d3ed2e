#include "engine/tls/cipher_list.hpp"

#include <gtest/gtest.h>

#include "engine/tls/groups.hpp"
#include "tests/unit/engine_tls/test_files.hpp"

namespace sluice::tls {
namespace {

struct Case {
    std::string list;
    std::string strict;
    std::vector<std::string> codes;
};

TEST(CipherList, Table) {
    const std::string standard = "ALL:-aPSK:-3DES";
    const std::vector<Case> cases = {
        {"DEFAULT", standard, {}},
        {"DEFAULT:!LOW:!EXP", standard, {}},
        {"DEFAULT:!LOW:!EXP:!EXPORT:!MEDIUM:!aNULL:!eNULL:!NULL:!MD5:!RC4:!DES:!SEED:!IDEA:!CAMELLIA:!ARIA:!DSS:!ADH:"
         "!AECDH:!SSLv2:!DH:!EDH",
         standard,
         {}},
        {"DEFAULT:!kRSA", standard + ":!kRSA", {}},
        {"HIGH:!aNULL", standard, {}},
        {"STRONG", "ECDHE+AESGCM:ECDHE+CHACHA20:-aPSK", {}},
        {"ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256", {}},
        {"ECDHE-RSA-AES128-GCM-SHA256, AES128-SHA;AES256-SHA", "ECDHE-RSA-AES128-GCM-SHA256:AES128-SHA:AES256-SHA", {}},
        {"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", {}},
        {"DEFAULT:TLS_AES_128_GCM_SHA256", standard, {"T0144"}},
        {"DEFAULT:DHE-RSA-AES256-SHA", standard, {"T0140"}},
        {"AES128-SHA:RC4", "AES128-SHA", {"T0140"}},
        {"AES128-SHA:ECDHE-RSA-AES128-SHA256:CAMELLIA128-SHA", "AES128-SHA", {"T0140", "T0140"}},
        {"ALL:@STRENGTH", "ALL:@STRENGTH", {}},
        {"ALL:+AES128", "ALL:+AES128", {}},
        {"[ECDHE+AESGCM|ECDHE+CHACHA20]:AES128-SHA", "[ECDHE+AESGCM|ECDHE+CHACHA20]:AES128-SHA", {}},
        {"[ECDHE-RSA-AES128-GCM-SHA256|ECDHE-RSA-CHACHA20-POLY1305]:AES128-SHA",
         "[ECDHE-RSA-AES128-GCM-SHA256|ECDHE-RSA-CHACHA20-POLY1305]:AES128-SHA",
         {}},
        {"[ECDHE-RSA-AES128-GCM-SHA256|RC4-MD5]", "[ECDHE-RSA-AES128-GCM-SHA256]", {"T0140"}},
        {"DHE-RSA-AES256-SHA", "", {"T0140", "T0141"}},
        {"ALL:!ALL", "", {"T0141"}},
        {"", "", {"T0141"}},
        {"DEFAULT:@SECLEVEL=2", "", {"T0142"}},
        {"PROFILE=SYSTEM", "", {"T0142"}},
        {"SUITEB128", "", {"T0142"}},
        {"COMPLEMENTOFDEFAULT", "", {"T0142"}},
        {"NORMAL", "", {"T0143"}},
        {"SECURE256:-VERS-TLS1.0", "", {"T0143"}},
        {"ALL:-VERS-TLS1.0", "", {"T0143"}},
        {"ALL:DEFAULT", "", {"T0148"}},
        {"[ECDHE-RSA-AES128-GCM-SHA256", "", {"T0147"}},
    };
    for (const Case& each : cases) {
        const CipherListResult result = translate_ciphers(each.list, {});
        EXPECT_EQ(result.strict, has_error(result.problems) ? "" : each.strict) << each.list;
        EXPECT_EQ(codes_of(result.problems), each.codes) << each.list << "\n" << texts_of(result.problems);
    }
}

TEST(CipherList, TheDefaultHasNoTripleDesAndNoPreSharedKeys) {
    const auto ciphers = expand_cipher_list(translate_ciphers("DEFAULT", {}).strict);
    EXPECT_EQ(ciphers.size(), 14u);
    for (const CipherFacts& cipher : ciphers) {
        EXPECT_EQ(cipher.name.find("DES"), std::string::npos) << cipher.name;
        EXPECT_EQ(cipher.name.find("PSK"), std::string::npos) << cipher.name;
        EXPECT_GE(cipher.bits, 128) << cipher.name;
    }
}

TEST(CipherList, StrongIsTheSixAuthenticatedForwardSecretOnes) {
    const auto ciphers = expand_cipher_list(translate_ciphers("STRONG", {}).strict);
    EXPECT_EQ(ciphers.size(), 6u);
    EXPECT_EQ(std::count_if(ciphers.begin(), ciphers.end(), [](const CipherFacts& each) { return each.ecdsa; }), 3);
}

TEST(CipherList, AnEmptyResultNamesWhatWasDropped) {
    const auto result = translate_ciphers("DHE-RSA-AES256-SHA:RC4", {});
    EXPECT_NE(texts_of(result.problems).find("dropped: DHE-RSA-AES256-SHA RC4"), std::string::npos)
        << texts_of(result.problems);
}

TEST(CipherSuite, NamesOfVsmtpGetTheirPrefix) {
    const auto result = translate_cipher_suite(
        {"TLS13_AES_256_GCM_SHA384", "TLS13_AES_128_GCM_SHA256", "TLS13_CHACHA20_POLY1305_SHA256",
         "ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "ECDHE-RSA-AES128-GCM-SHA256"},
        {});
    EXPECT_EQ(result.strict, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384:ECDHE-RSA-AES128-GCM-SHA256");
    EXPECT_TRUE(result.problems.empty()) << texts_of(result.problems);
}

TEST(CipherSuite, SomeOfTheTls13SuitesIsAnError) {
    const auto result = translate_cipher_suite({"TLS_AES_256_GCM_SHA384", "ECDHE_RSA_WITH_AES_128_GCM_SHA256"}, {});
    EXPECT_EQ(codes_of(result.problems), std::vector<std::string>{"T0145"});
    EXPECT_TRUE(result.strict.empty());
}

TEST(CipherSuite, UnknownNamesAreWarnings) {
    const auto result = translate_cipher_suite({"ECDHE_RSA_WITH_AES_128_GCM_SHA256", "FOO"}, {});
    EXPECT_EQ(codes_of(result.problems), std::vector<std::string>{"T0140"});
    EXPECT_EQ(result.strict, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
}

TEST(Groups, Table) {
    EXPECT_EQ(translate_groups({"X25519", "P-256", "P-384", "P-521"}, {}).nids.size(), 4u);
    EXPECT_EQ(translate_groups({"prime256v1", "secp384r1"}, {}).nids, translate_groups({"P-256", "P-384"}, {}).nids);
    EXPECT_EQ(translate_groups({"P-256", "P-256"}, {}).nids.size(), 1u);
    for (const std::string refused : {"CECPQ2", "X25519MLKEM768", "P-224", "p-256", ""}) {
        const auto result = translate_groups({"X25519", refused}, {});
        EXPECT_EQ(codes_of(result.problems), std::vector<std::string>{"T0150"}) << refused;
        EXPECT_TRUE(result.nids.empty());
    }
    EXPECT_EQ(codes_of(translate_groups({}, {}).problems), std::vector<std::string>{"T0151"});
    EXPECT_EQ(group_name(29), "X25519");
    EXPECT_EQ(group_name(24), "P-384");
    EXPECT_EQ(group_name(0), "");
}

}  // namespace
}  // namespace sluice::tls
