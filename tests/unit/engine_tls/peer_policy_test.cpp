// Which scope's key counts, and what is told of those that cannot work.
#include "engine/tls/peer_policy.hpp"

#include <unistd.h>

#include "tests/unit/engine_tls/peer_fixture.hpp"

namespace sluice::tls {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Policies : public PeerTest {
  protected:
    static PeerScope scope(std::optional<std::string> ca, std::optional<VerifyMode> mode = {},
                           std::vector<std::string> lists = {}) {
        return {std::move(ca), std::move(lists), mode, false, {"config.vsl", 3, 1}};
    }
    // Subject of the first CA, or "-".
    static std::string trusted(const PeerPolicy& policy) {
        return policy.trust ? policy.trust->certificates().at(0).subject_cn : "-";
    }
    const std::string root_file_ = files_.write("root.pem", root_.pem());
    const std::string middle_file_ = files_.write("middle.pem", middle_.pem());
};

TEST_F(Policies, TheFirstScopeThatSetsAKeyCounts) {
    const PeerScope nothing;
    const PeerScope root_ca = scope(root_file_);
    const PeerScope middle_ca = scope(middle_file_);
    const PeerScope off = scope({}, VerifyMode::none);
    const PeerScope on = scope({}, VerifyMode::optional);
    const PeerScope strict = scope({}, VerifyMode::require);
    const PeerScope strict_ca = scope(middle_file_, VerifyMode::require);
    struct Row {
        const PeerScope *domain, *listener, *root;
        VerifyMode mode;
        const char* trusted;
    };
    const std::vector<Row> table = {
        {nullptr, nullptr, &nothing, VerifyMode::none, "-"},
        {nullptr, nullptr, &root_ca, VerifyMode::optional, "root"},
        {nullptr, &middle_ca, &root_ca, VerifyMode::optional, "middle"},
        {&root_ca, &middle_ca, &nothing, VerifyMode::optional, "root"},
        {&nothing, &middle_ca, &root_ca, VerifyMode::optional, "middle"},
        {nullptr, &strict, &root_ca, VerifyMode::require, "root"},
        {&strict, nullptr, &root_ca, VerifyMode::require, "root"},
        {&on, &strict, &root_ca, VerifyMode::optional, "root"},
        {&off, &strict, &root_ca, VerifyMode::none, "-"},
        {&root_ca, &strict_ca, &nothing, VerifyMode::require, "root"},
        {&root_ca, nullptr, &off, VerifyMode::none, "-"},
        {nullptr, nullptr, &on, VerifyMode::optional, "-"},
        {nullptr, nullptr, &strict, VerifyMode::require, "-"},
    };
    for (std::size_t i = 0; i < table.size(); ++i) {
        const Row& row = table[i];
        PeerPolicies policies;
        std::vector<Problem> problems;
        policies.load({row.domain, row.listener, row.root}, nullptr, problems);
        EXPECT_THAT(problems, IsEmpty()) << i;
        const PeerPolicy policy = policies.resolve({row.domain, row.listener, row.root});
        EXPECT_EQ(policy.mode, row.mode) << i;
        EXPECT_EQ(trusted(policy), row.trusted) << i;
    }
}

TEST_F(Policies, ListsAreAKeyOfTheirOwn) {
    const std::string list = files_.write("root.crl", root_.revoke({&middle_}));
    const PeerScope domain = scope({}, {}, {list});
    const PeerScope root = scope(root_file_);
    PeerPolicies policies;
    std::vector<Problem> problems;
    policies.load({&domain, nullptr, &root}, nullptr, problems);
    policies.load({nullptr, nullptr, &root}, nullptr, problems);
    EXPECT_THAT(problems, IsEmpty());
    const auto judged = [&](const PeerPolicy& policy) {
        return judge_now(chain_, {.demand = Demand::chain, .role = PeerRole::client, .trust = policy.trust}).fault;
    };
    EXPECT_EQ(judged(policies.resolve({&domain, nullptr, &root})), PeerFault::revoked);
    EXPECT_EQ(judged(policies.resolve({nullptr, nullptr, &root})), PeerFault::none);
}

TEST_F(Policies, FilesAreReadOnceAndToldOnce) {
    const PeerScope missing = scope("/nonexistent/ca.pem");
    const PeerScope strict = scope({}, VerifyMode::require);
    const PeerScope good = scope(root_file_);
    PeerPolicies policies;
    std::vector<Problem> problems;
    policies.load({nullptr, nullptr, &missing}, nullptr, problems);
    policies.load({&strict, nullptr, &missing}, nullptr, problems);
    EXPECT_THAT(codes_of(problems), ElementsAre("T0170"));
    policies.load({&strict, nullptr, &good}, nullptr, problems);
    policies.load({nullptr, nullptr, &good}, nullptr, problems);
    EXPECT_EQ(policies.resolve({&strict, nullptr, &good}).trust, policies.resolve({nullptr, nullptr, &good}).trust);
}

TEST_F(Policies, WhatIsWorthAWarning) {
    const auto told = [&](const PeerScope& root) {
        PeerPolicies policies;
        std::vector<Problem> problems;
        policies.load({nullptr, nullptr, &root}, &root, problems);
        EXPECT_FALSE(has_error(problems));
        return problems;
    };
    const auto granting = [](PeerScope all) {
        all.verified_is_trusted = true;
        return all;
    };
    const std::string both = files_.write("both.pem", root_.pem() + middle_.pem());
    const std::string twice = files_.write("twice.pem", root_.pem() + root_.pem());
    EXPECT_THAT(told(scope(both)), IsEmpty());
    EXPECT_THAT(told(granting(scope(root_file_))), IsEmpty());
    EXPECT_THAT(told(granting(scope(twice))), IsEmpty());
    EXPECT_THAT(codes_of(told(granting(scope(both)))), ElementsAre("T0183"));
    EXPECT_THAT(texts_of(told(granting(scope(both)))), HasSubstr("(2 of them)"));
    EXPECT_THAT(codes_of(told(granting(scope({})))), ElementsAre("T0185"));
    EXPECT_THAT(codes_of(told(granting(scope({}, VerifyMode::require)))), ElementsAre("T0185"));
    EXPECT_THAT(codes_of(told(scope({}, {}, {"a.crl"}))), ElementsAre("T0182"));
    const std::string bundle = "/etc/ssl/certs/ca-certificates.crt";
    if (::access(bundle.c_str(), R_OK) != 0) GTEST_SKIP() << "no bundle on this system";
    EXPECT_THAT(codes_of(told(granting(scope(bundle)))), Contains("T0184"));
    EXPECT_THAT(codes_of(told(granting(scope(files_.write("copy.pem", TestFiles::read(bundle)))))), Contains("T0184"));
}

}  // namespace
}  // namespace sluice::tls
