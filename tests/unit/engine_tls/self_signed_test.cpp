#include "engine/tls/self_signed.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "engine/io/durable_file.hpp"
#include "tests/unit/engine_tls/test_files.hpp"

namespace sluice::tls {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(SelfSigned, FactsAreReadBack) {
    const TestFiles files;
    for (const auto& [key, type] :
         {std::pair{SelfSignedKey::ec_p256, "EC-P-256"}, {SelfSignedKey::rsa_2048, "RSA-2048"}}) {
        const auto pair = files.self_signed("a", {"Mail.Example", "*.b.example"}, key);
        const auto result = read_certificate_info(pair.certificate);
        ASSERT_EQ(result.chain.size(), 1u) << texts_of(result.problems);
        const CertificateInfo& info = result.chain[0];
        EXPECT_EQ(info.subject, "CN=mail.example");
        EXPECT_EQ(info.issuer, "CN=mail.example");
        EXPECT_TRUE(info.self_signed);
        EXPECT_FALSE(info.is_ca);
        EXPECT_EQ(info.key_type, type);
        EXPECT_THAT(info.names, ElementsAre("mail.example", "*.b.example"));
        EXPECT_THAT(info.sans, ElementsAre("DNS:mail.example", "DNS:*.b.example"));
        EXPECT_EQ(info.fingerprint.size(), 64u);
        EXPECT_EQ(info.spki_fingerprint.size(), 64u);
        EXPECT_EQ(info.serial.size(), 32u);
        EXPECT_NEAR(static_cast<double>(info.expires_in_s), 90 * 86400.0, 60.0);
        EXPECT_EQ(info.not_after.size(), std::string("2026-01-01T00:00:00Z").size());
        EXPECT_TRUE(info.not_after.ends_with("Z"));
    }
}

TEST(SelfSigned, OpensslAgrees) {
    const TestFiles files;
    const auto pair = files.self_signed("a", {"a.test"});
    files.run("openssl verify -CAfile a.pem -verify_hostname a.test -purpose sslserver a.pem");
    files.run("openssl x509 -in a.pem -noout -text > text && grep -q 'CA:FALSE' text && grep -q 'Version: 3' text");
    files.run("openssl x509 -in a.pem -noout -fingerprint -sha256 | tr -d : | tr A-F a-f | grep -q " +
              read_certificate_info(pair.certificate).chain[0].fingerprint);
    files.run(
        "openssl x509 -in a.pem -noout -pubkey | openssl pkey -pubin -outform der | openssl dgst -sha256 | grep -q " +
        read_certificate_info(pair.certificate).chain[0].spki_fingerprint);
}

TEST(SelfSigned, SerialsDiffer) {
    const TestFiles files;
    const auto serial = [&](const std::string& name) {
        return read_certificate_info(files.self_signed(name, {"a.test"}).certificate).chain[0].serial;
    };
    EXPECT_NE(serial("a"), serial("b"));
}

TEST(SelfSigned, RefusesWhatCannotBe) {
    const auto codes = [](std::vector<std::string> names, int days) {
        SelfSignedRequest request;
        request.dns_names = std::move(names);
        request.days = days;
        const auto result = make_self_signed(request);
        EXPECT_EQ(result.made.has_value(), result.problems.empty());
        return codes_of(result.problems);
    };
    EXPECT_THAT(codes({}, 90), ElementsAre("T0160"));
    EXPECT_THAT(codes({""}, 90), ElementsAre("T0160"));
    EXPECT_THAT(codes({"a.test,email:evil@x"}, 90), ElementsAre("T0160"));
    EXPECT_THAT(codes({"a b"}, 90), ElementsAre("T0160"));
    EXPECT_THAT(codes({"a.test"}, 0), ElementsAre("T0160"));
    EXPECT_THAT(codes({"a.test"}, kLongestDays + 1), ElementsAre("T0160"));
    EXPECT_THAT(codes({"a.test"}, kLongestDays), ElementsAre());
    EXPECT_THAT(codes({std::string(63, 'a') + "." + std::string(60, 'b') + ".test"}, 1), ElementsAre());
}

TEST(SelfSigned, TheKeyIsForItsOwnerOnly) {
    const TestFiles files;
    ::umask(0);
    const auto pair = files.self_signed("a", {"a.test"});
    struct stat key {};
    struct stat certificate {};
    ASSERT_EQ(::stat(pair.private_key.c_str(), &key), 0);
    ASSERT_EQ(::stat(pair.certificate.c_str(), &certificate), 0);
    EXPECT_EQ(key.st_mode & 07777u, 0600u);
    EXPECT_EQ(certificate.st_mode & 07777u, 0644u);
    ::umask(022);
}

TEST(SelfSigned, AFailedWriteLeavesTheOldFilesAndNoOthers) {
    const TestFiles files;
    const auto pair = files.self_signed("a", {"a.test"});
    const std::string old_key = TestFiles::read(pair.private_key);
    SelfSignedRequest request;
    request.dns_names = {"b.test"};
    const auto fresh = make_self_signed(request);
    for (const io::FileStep step :
         {io::FileStep::create, io::FileStep::write, io::FileStep::sync, io::FileStep::rename}) {
        io::set_fault_hook([&](io::FileStep at, const std::filesystem::path&) { return at == step ? ENOSPC : 0; });
        const auto problems = store_certificate(*fresh.made, pair.certificate, pair.private_key);
        io::set_fault_hook({});
        EXPECT_THAT(codes_of(problems), ElementsAre("T0162"));
        EXPECT_THAT(texts_of(problems), HasSubstr("No space left"));
        EXPECT_EQ(TestFiles::read(pair.private_key), old_key);
        EXPECT_FALSE(std::filesystem::exists(pair.private_key + ".tmp"));
    }
}

TEST(CertificateInfo, MissingFileIsAProblem) {
    const auto result = read_certificate_info("/nonexistent/cert.pem");
    EXPECT_TRUE(result.chain.empty());
    EXPECT_THAT(codes_of(result.problems), ElementsAre("T0101"));
}

TEST(CertificateInfo, OtherAlternativeNames) {
    const TestFiles files;
    files.run(
        "openssl req -x509 -nodes -newkey ed25519 -subj '/O=Org/CN=x' -out x.pem -keyout x.key -addext "
        "'subjectAltName=DNS:a.test,email:a@b.test,URI:https://a.test/,IP:192.0.2.1,IP:2001:db8::1'");
    const CertificateInfo info = read_certificate_info(files.path("x.pem")).chain.at(0);
    EXPECT_THAT(info.names, ElementsAre("a.test"));
    EXPECT_THAT(info.sans,
                ElementsAre("DNS:a.test", "email:a@b.test", "URI:https://a.test/", "IP:192.0.2.1", "IP:2001:db8::1"));
    EXPECT_EQ(info.subject, "CN=x,O=Org");
    EXPECT_EQ(info.key_type, "Ed25519");
    EXPECT_TRUE(info.is_ca);  // openssl req -x509 makes a CA by default
}

}  // namespace
}  // namespace sluice::tls
