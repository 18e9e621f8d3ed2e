#include "engine/tls/trust_store.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include "engine/base/limits.hpp"
#include "tests/unit/engine_tls/peer_fixture.hpp"

namespace sluice::tls {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Trust : public PeerTest {
  protected:
    TrustStore::Loaded load(const std::string& text, const std::vector<std::string>& lists = {}) {
        return TrustStore::load(files_.write("ca.pem", text), lists, {"config.vsl", 7});
    }
    void expect_error(const TrustStore::Loaded& loaded, const std::string& code, const std::string& part) {
        EXPECT_FALSE(loaded.store);
        EXPECT_THAT(codes_of(loaded.problems), ElementsAre(code));
        EXPECT_THAT(texts_of(loaded.problems), HasSubstr(part));
        EXPECT_THAT(texts_of(loaded.problems), HasSubstr("[config.vsl]"));
    }
};

TEST_F(Trust, EachCertificateIsKeptOnce) {
    const auto loaded = load(root_.pem() + middle_.pem() + root_.pem());
    ASSERT_TRUE(loaded.store) << texts_of(loaded.problems);
    EXPECT_THAT(loaded.problems, IsEmpty());
    EXPECT_EQ(loaded.store->size(), 2u);
    EXPECT_EQ(loaded.store->certificates()[0].subject_cn, "root");
    EXPECT_EQ(loaded.store->certificates()[1].issuer_cn, "root");
    EXPECT_EQ(loaded.store->certificates()[1].subject_cn, "middle");
}

TEST_F(Trust, EqualContentHasAnEqualDigest) {
    const std::string list = files_.write("a.crl", root_.revoke({&middle_}));
    const auto digest = [](const TrustStore::Loaded& loaded) { return std::string(loaded.store->digest()); };
    const std::string both = digest(load(root_.pem() + middle_.pem()));
    EXPECT_EQ(both.size(), 32u);
    EXPECT_EQ(both, digest(load("some words\n" + middle_.pem() + root_.pem() + root_.pem())));
    EXPECT_NE(both, digest(load(root_.pem())));
    EXPECT_NE(both, digest(load(root_.pem() + middle_.pem(), {list})));
    EXPECT_EQ(digest(load(root_.pem(), {list})), digest(load(root_.pem(), {list, list})));
}

TEST_F(Trust, WhatCannotBeReadIsTold) {
    expect_error(TrustStore::load("/nonexistent/ca.pem", {}, {"config.vsl"}), "T0170", "/nonexistent/ca.pem");
    expect_error(TrustStore::load(files_.path(""), {}, {"config.vsl"}), "T0171", "Is a directory");
    expect_error(load(""), "T0172", "ca.pem");
    expect_error(load(" \n\t\r\n"), "T0172", "ca.pem");
    expect_error(load("hello"), "T0173", "NO_START_LINE");
    expect_error(load(root_.der()), "T0173", "ca.pem");
    expect_error(load(root_.key_pem()), "T0173", "ca.pem");
    expect_error(load(root_.pem() + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), "T0173",
                 "ca.pem");
    std::string cut = root_.pem() + middle_.pem();
    cut.resize(cut.size() - 40);
    expect_error(load(cut), "T0173", "ca.pem");
}

TEST_F(Trust, WhatCannotBeReadOfListsIsTold) {
    const auto with = [&](const std::string& text) { return load(root_.pem(), {files_.write("a.crl", text)}); };
    expect_error(load(root_.pem(), {"/nonexistent/a.crl"}), "T0175", "/nonexistent/a.crl");
    expect_error(load(root_.pem(), {files_.path("")}), "T0176", "Is a directory");
    expect_error(with(""), "T0177", "a.crl");
    expect_error(with("hello"), "T0178", "a.crl");
    expect_error(with(root_.pem()), "T0178", "a.crl");
    EXPECT_TRUE(with(root_.revoke({})).store);
}

TEST_F(Trust, AllProblemsAreToldAtOnce) {
    const auto loaded = TrustStore::load("/nonexistent/ca.pem", {"/nonexistent/a.crl", files_.path("")}, {});
    EXPECT_THAT(codes_of(loaded.problems), ElementsAre("T0170", "T0175", "T0176"));
}

TEST_F(Trust, WhatIsOutOfDateIsAWarning) {
    const auto old =
        TestCertificate::self_signed({.common_name = "old", .is_ca = true, .from = Hours(-48), .until = Hours(-1)});
    const auto expired = load(root_.pem() + old.pem());
    EXPECT_TRUE(expired.store);
    EXPECT_THAT(codes_of(expired.problems), ElementsAre("T0174"));
    EXPECT_THAT(texts_of(expired.problems), HasSubstr("CN=old"));
    const auto list = [&](Hours from, Hours until) {
        const auto loaded = load(root_.pem(), {files_.write("a.crl", root_.revoke({}, from, until))});
        EXPECT_TRUE(loaded.store);
        return codes_of(loaded.problems);
    };
    EXPECT_THAT(list(Hours(-48), Hours(-1)), ElementsAre("T0179"));
    EXPECT_THAT(list(Hours(1), Hours(48)), ElementsAre("T0180"));
    EXPECT_THAT(list(Hours(-1), Hours(1)), IsEmpty());
}

TEST_F(Trust, FilesHaveALimit) {
    const std::string ca = root_.pem();
    EXPECT_TRUE(load(ca + std::string(limits::ca_file - ca.size(), '\n')).store);
    expect_error(load(ca + std::string(limits::ca_file - ca.size() + 1, '\n')), "T0171", "too large");
    const std::string list = root_.revoke({});
    const auto with = [&](std::size_t blank) {
        return load(ca, {files_.write("a.crl", list + std::string(blank, '\n'))});
    };
    EXPECT_TRUE(with(limits::crl_file - list.size()).store);
    expect_error(with(limits::crl_file - list.size() + 1), "T0176", "too large");
}

TEST(SystemTrust, IsLoadedOnce) {
    const auto first = TrustStore::system();
    ASSERT_TRUE(first.store);
    EXPECT_EQ(first.store, TrustStore::system().store);
    if (::access("/etc/ssl/certs/ca-certificates.crt", R_OK) != 0) GTEST_SKIP() << "no bundle on this system";
    EXPECT_GT(first.store->size(), 50u);
    EXPECT_THAT(first.problems, IsEmpty());
}

}  // namespace
}  // namespace sluice::tls
