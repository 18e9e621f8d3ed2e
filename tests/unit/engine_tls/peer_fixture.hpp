// Peers with certificates of test CAs, for the tests of judging them.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "engine/tls/verify.hpp"
#include "tests/support/test_authority.hpp"
#include "tests/unit/engine_tls/test_files.hpp"

namespace sluice::tls {

using test::CertificateRequest;
using test::Hours;
using test::TestCertificate;

inline PeerChain chain_of(const std::vector<const TestCertificate*>& certificates) {
    PeerChain chain;
    for (const TestCertificate* each : certificates) chain.push_back(each->der());
    return chain;
}

// A root, a CA below it, and a server below that.
class PeerTest : public ::testing::Test {
  protected:
    std::shared_ptr<const TrustStore> trust(const std::vector<const TestCertificate*>& authorities,
                                            const std::vector<std::string>& lists = {}) {
        std::string pem;
        for (const TestCertificate* each : authorities) pem += each->pem();
        std::vector<std::string> paths;
        for (const std::string& list : lists)
            paths.push_back(files_.write("list" + std::to_string(paths.size()) + ".crl", list));
        auto loaded = TrustStore::load(files_.write("ca.pem", pem), paths, {"config.vsl"});
        EXPECT_TRUE(loaded.store) << texts_of(loaded.problems);
        return loaded.store;
    }
    [[nodiscard]] Judgement judge_now(const PeerChain& chain, const Requirement& requirement) const {
        return judge(chain, requirement, std::chrono::system_clock::now());
    }

    TestFiles files_;
    TestCertificate root_ = TestCertificate::root("root");
    TestCertificate middle_ = root_.sign({.common_name = "middle", .is_ca = true});
    TestCertificate leaf_ = middle_.sign({.common_name = "leaf", .alternative_names = "DNS:mx.a.test"});
    PeerChain chain_ = chain_of({&leaf_, &middle_});
};

}  // namespace sluice::tls
