// tls.md section 6, row by row: what each TLS option of Momentum becomes, with the texts of the table.
#include "engine/migrate/momentum_options.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/temporary_directory.hpp"

namespace sluice::migrate::momentum {

namespace {

grammar::ecelerity::Value word(std::string_view text) { return {.text = std::string(text)}; }

std::string shown(const Value& value) {
    if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
    if (const auto* text = std::get_if<std::string>(&value)) return *text;
    std::string out;
    for (const auto& item : std::get<Strings>(value)) out += (out.empty() ? "" : ",") + item;
    return out;
}

struct Mapped {
    const char* option;
    const char* value;
    const char* inbound;
    const char* outbound;
    const char* written;
};

class IsMapped : public testing::TestWithParam<Mapped> {};

TEST_P(IsMapped, ToOurKey) {
    const auto& row = GetParam();
    const auto got = translate(row.option, word(row.value));
    ASSERT_TRUE(got) << row.option;
    EXPECT_EQ(got->verdict, Verdict::mapped) << row.option << ": " << got->text;
    EXPECT_EQ(got->inbound, row.inbound) << row.option;
    EXPECT_EQ(got->outbound, row.outbound) << row.option;
    EXPECT_EQ(shown(got->value), row.written) << row.option;
}

INSTANTIATE_TEST_SUITE_P(
    Section6, IsMapped,
    testing::Values(Mapped{"tls", "no", "", "mode", "none"}, Mapped{"tls", "ifavailable", "", "mode", "opportunistic"},
                    Mapped{"tls", "Required", "", "mode", "required"},
                    Mapped{"tls_ca", "/a/CA.pem", "", "ca", "/a/CA.pem"},
                    Mapped{"tls_certificate", "/a/c.pem", "certificate", "certificate", "/a/c.pem"},
                    Mapped{"tls_certificate", "NONE", "certificate", "certificate", "none"},
                    Mapped{"tls_key", "/a/k.pem", "private_key", "private_key", "/a/k.pem"},
                    Mapped{"tls_ciphers", "DEFAULT", "ciphers", "ciphers", "DEFAULT"},
                    Mapped{"tls_ciphers", "DEFAULT:!LOW:!EXP", "ciphers", "ciphers", "DEFAULT:!LOW:!EXP"},
                    Mapped{"tls_verify", "no", "", "verify", "no"}, Mapped{"tls_verify", "CA", "", "verify", "ca"},
                    Mapped{"tls_verify", "host", "", "verify", "host"},
                    Mapped{"tls_verify", "optional", "", "verify", "optional"},
                    Mapped{"tls_client_ca", "/a/b", "client_ca", "", "/a/b"},
                    Mapped{"tls_verify_mode", "none", "verify_mode", "", "none"},
                    Mapped{"tls_verify_mode", "require", "verify_mode", "", "require"},
                    Mapped{"tls_verified_peer_can_relay", "true", "verified_peer_can_relay", "", "true"},
                    Mapped{"tls_verified_peer_is_authorized", "false", "verified_peer_is_authorized", "", "false"},
                    Mapped{"tls_ifavailable_fallback", "false", "", "fallback", "false"},
                    Mapped{"tls_fallback_always_new_connection", "no", "", "fallback_new_connection", "false"},
                    Mapped{"tls_protocols", "+ALL:-SSLv3", "protocol_version", "protocol_version", "+ALL:-SSLv3"},
                    Mapped{"starttls_injection_policy", "reject", "starttls_injection_policy", "", "reject"},
                    Mapped{"starttls_injection_policy", "ignore", "starttls_injection_policy", "", "ignore"},
                    Mapped{"tls_ec_curve_names", "secp384r1:prime256v1", "groups", "groups", "secp384r1,prime256v1"}));

struct Told {
    const char* option;
    const char* value;
    Verdict verdict;
    const char* text;
};

class IsTold : public testing::TestWithParam<Told> {};

TEST_P(IsTold, WithTheTextOfTheTable) {
    const auto& row = GetParam();
    const auto got = translate(row.option, word(row.value));
    ASSERT_TRUE(got) << row.option;
    EXPECT_EQ(got->verdict, row.verdict) << row.option << " " << row.value;
    EXPECT_NE(got->text.find(row.text), std::string::npos) << row.option << ": " << got->text;
    EXPECT_EQ(got->verdict == Verdict::refused && got->instead.empty(), false) << row.option;
}

INSTANTIATE_TEST_SUITE_P(
    Section6, IsTold,
    testing::Values(
        Told{"tls_ciphers", "NORMAL", Verdict::refused, "GnuTLS priority strings are not supported"},
        Told{"tls_ciphers", "SECURE256:-VERS-TLS1.0", Verdict::refused, "GnuTLS priority strings are not supported"},
        Told{"tls_ciphers", "RC4", Verdict::refused, ""},
        Told{"tls_protocols", "+SSLv3", Verdict::refused, "SSLv3 cannot be enabled"},
        Told{"starttls_injection_policy", "allow", Verdict::refused,
             "\"allow\" lets clear-text commands run inside TLS (CVE-2011-0411)"},
        Told{"tls_allow_renegotiation", "false", Verdict::notice,
             "renegotiation is always refused by this TLS library"},
        Told{"tls_allow_renegotiation", "true", Verdict::refused,
             "renegotiation cannot be allowed: a BoringSSL server always refuses it"},
        Told{"tls_enable_dhe_ciphers", "false", Verdict::notice, "already so"},
        Told{"tls_enable_dhe_ciphers", "true", Verdict::refused, "DHE suites are not available; ECDHE is always on"},
        Told{"tls_engine", "openssl", Verdict::notice, "one TLS library is built in (BoringSSL); option ignored"},
        Told{"tls_engine", "GnuTLS", Verdict::refused, "one TLS library is built in (BoringSSL); option ignored"},
        Told{"crypto_lock_method", "EC_SSL_SPINLOCK", Verdict::notice, "the TLS library does its own locking"},
        Told{"crypto_lock_method", "EC_SSL_MUTEX", Verdict::notice, "the TLS library does its own locking"},
        Told{"crypto_lock_method", "EC_SSL_DEFAULTLOCK", Verdict::notice, "the TLS library does its own locking"},
        Told{"crypto_lock_method", "none", Verdict::refused, "'none' is not a value of this option"},
        Told{"ssl_lock_method", "mutex", Verdict::notice, "the TLS library does its own locking"},
        Told{"ssl_lock_method", "spinlock", Verdict::notice, "the TLS library does its own locking"},
        Told{"ssl_lock_method", "default", Verdict::notice, "the TLS library does its own locking"},
        Told{"tls", "maybe", Verdict::refused, "'maybe' is not a value of this option"},
        Told{"tls_verify_mode", "optional", Verdict::refused, "is not a value"},
        Told{"tls_ifavailable_fallback", "perhaps", Verdict::refused, "neither true nor false"},
        Told{"tls_dhparams_file", "/no/such/dh.pem", Verdict::refused, "'/no/such/dh.pem' does not exist"},
        Told{"tls_ec_curve_names", "X25519MLKEM768", Verdict::refused, ""},
        Told{"tlsv13_ciphersuites", "TLS_AES_128_GCM_SHA256", Verdict::refused,
             "TLS 1.3 suites cannot be disabled one by one in this TLS library"},
        Told{"tlsv13_ciphersuites", "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256",
             Verdict::notice, "always on"}));

TEST(Options, AFileOfDhParametersThatIsThereIsIgnored) {
    const test::TemporaryDirectory directory;
    std::ofstream(directory.path() / "dh.pem") << "x";
    const auto got = translate("tls_dhparams_file", word((directory.path() / "dh.pem").string()));
    EXPECT_EQ(got->verdict, Verdict::notice);
    EXPECT_EQ(got->text, "finite-field DHE is not in this TLS library; file ignored");
}

TEST(Options, OtherOptionsAreNotOfTheTable) {
    EXPECT_FALSE(translate("max_outbound_connections", word("20")));
    EXPECT_FALSE(is_tls_option("gateway"));
}

TEST(Options, AListWhereAWordBelongsIsRefused) {
    EXPECT_EQ(translate("tls", {.kind = grammar::ecelerity::Value::Kind::list})->verdict, Verdict::refused);
}

}  // namespace

}  // namespace sluice::migrate::momentum
