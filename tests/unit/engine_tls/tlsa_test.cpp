// TLSA records against certificates (RFC 6698 2.1, RFC 7671).
#include <openssl/rsa.h>
#include <openssl/sha.h>

#include "tests/unit/engine_tls/peer_fixture.hpp"

namespace sluice::tls {
namespace {

std::string digest(std::uint8_t matching_type, const std::string& octets) {
    std::string out(matching_type == 1 ? SHA256_DIGEST_LENGTH : SHA512_DIGEST_LENGTH, '\0');
    const auto* in = reinterpret_cast<const std::uint8_t*>(octets.data());
    auto* to = reinterpret_cast<std::uint8_t*>(out.data());
    if (matching_type == 0) return octets;
    matching_type == 1 ? SHA256(in, octets.size(), to) : SHA512(in, octets.size(), to);
    return out;
}

TlsaRecord record_of(const TestCertificate& certificate, std::uint8_t usage, std::uint8_t selector,
                     std::uint8_t matching_type) {
    return {usage, selector, matching_type,
            digest(matching_type, selector == 0 ? certificate.der() : certificate.key_der())};
}

class Dane : public PeerTest {
  protected:
    Judgement judged(const PeerChain& chain, std::vector<TlsaRecord> records,
                     std::vector<std::string> names = {"mx.a.test"}) {
        return judge_now(chain, {.demand = Demand::tlsa, .names = std::move(names), .tlsa = std::move(records)});
    }
    void expect_good(const Judgement& judgement, const std::string& what = {}) {
        EXPECT_TRUE(judgement.acceptable && judgement.verified) << what << " " << judgement.why;
        EXPECT_EQ(judgement.fault, PeerFault::none) << what;
        EXPECT_EQ(judgement.why, "") << what;
    }
    void expect_bad(const Judgement& judgement, PeerFault fault, const std::string& what = {}) {
        EXPECT_FALSE(judgement.acceptable || judgement.verified) << what;
        EXPECT_EQ(to_string(judgement.fault), to_string(fault)) << what << " " << judgement.why;
        EXPECT_NE(judgement.why, "") << what;
    }
    const PeerChain whole_ = chain_of({&leaf_, &middle_, &root_});
};

TEST_F(Dane, EverySelectorAndMatchingType) {
    const auto other = TestCertificate::root("other");
    for (std::uint8_t selector = 0; selector <= 1; ++selector) {
        for (std::uint8_t type = 0; type <= 2; ++type) {
            const std::string what = std::to_string(selector) + " " + std::to_string(type);
            expect_good(judged(whole_, {record_of(leaf_, 3, selector, type)}), "3 " + what);
            expect_good(judged(whole_, {record_of(middle_, 2, selector, type)}), "2 " + what);
            expect_good(judged(whole_, {record_of(root_, 2, selector, type)}), "2 " + what);
            expect_bad(judged(whole_, {record_of(other, 3, selector, type)}), PeerFault::tlsa_mismatch, "3 " + what);
            expect_bad(judged(whole_, {record_of(other, 2, selector, type)}),
                       type == 0 && selector == 0 ? PeerFault::not_trusted : PeerFault::tlsa_mismatch, "2 " + what);
            // Usage 3 is about the leaf, usage 2 about what is above it.
            expect_bad(judged(whole_, {record_of(middle_, 3, selector, type)}), PeerFault::tlsa_mismatch, "3 " + what);
            TlsaRecord wrong_selector = record_of(leaf_, 3, selector, type);
            wrong_selector.selector = 1 - selector;
            expect_bad(judged(whole_, {wrong_selector}), PeerFault::tlsa_mismatch, "3 x " + what);
        }
    }
    for (std::uint8_t selector = 0; selector <= 1; ++selector) {
        for (std::uint8_t type = 1; type <= 2; ++type) {
            expect_bad(judged(whole_, {record_of(leaf_, 2, selector, type)}), PeerFault::tlsa_mismatch);
        }
    }
}

TEST_F(Dane, AnyOneRecordSuffices) {
    const auto other = TestCertificate::root("other");
    const TlsaRecord good = record_of(leaf_, 3, 1, 1);
    const TlsaRecord bad = record_of(other, 3, 1, 1);
    expect_good(judged(whole_, {bad, good}));
    expect_good(judged(whole_, {good, bad}));
    expect_good(judged(whole_, {record_of(other, 2, 0, 1), good}));
    expect_good(judged(whole_, {record_of(other, 2, 0, 0), good}));
    expect_bad(judged(whole_, {bad, bad}), PeerFault::tlsa_mismatch);
}

TEST_F(Dane, TheLeafItselfNeedsNeitherDatesNorNamesNorChain) {
    const auto old = TestCertificate::self_signed({.common_name = "x", .from = Hours(-48), .until = Hours(-1)});
    expect_good(judged(chain_of({&old}), {record_of(old, 3, 1, 1)}));
    expect_good(judged(chain_of({&old}), {record_of(old, 3, 0, 2)}, {}));
    const TestCertificate wrong_purpose = root_.sign({.common_name = "x", .purposes = "clientAuth"});
    expect_good(judged(chain_of({&wrong_purpose}), {record_of(wrong_purpose, 3, 1, 1)}));
    expect_good(judged({leaf_.der(), "rubbish"}, {record_of(leaf_, 3, 1, 1)}));
}

TEST_F(Dane, BelowAnAnchorChainDatesAndNamesCount) {
    const TlsaRecord anchor = record_of(root_, 2, 0, 1);
    const auto below = [&](const CertificateRequest& request) {
        const TestCertificate leaf = root_.sign(request);
        return judged(chain_of({&leaf, &root_}), {anchor});
    };
    expect_good(below({.alternative_names = "DNS:mx.a.test"}));
    expect_good(below({.common_name = "mx.a.test"}));
    expect_bad(below({.alternative_names = "DNS:mx.b.test"}), PeerFault::name_mismatch);
    expect_bad(below({.alternative_names = "DNS:mx.a.test", .from = Hours(-48), .until = Hours(-1)}),
               PeerFault::expired);
    expect_bad(below({.alternative_names = "DNS:mx.a.test", .from = Hours(1), .until = Hours(48)}),
               PeerFault::not_yet_valid);
    expect_bad(below({.alternative_names = "DNS:mx.a.test", .purposes = "clientAuth"}), PeerFault::not_trusted);
    // The anchor's certificate is sent along, but the leaf is not signed by it.
    const auto alone = TestCertificate::self_signed({.alternative_names = "DNS:mx.a.test"});
    expect_bad(judged(chain_of({&alone, &root_}), {anchor}), PeerFault::not_trusted);
    expect_bad(judged(whole_, {anchor}, {}), PeerFault::name_mismatch);
    expect_good(judged(whole_, {anchor}, {"a.test", "mx.a.test"}));
}

TEST_F(Dane, WhatIsAboveTheAnchorDoesNotMatter) {
    const auto old_root =
        TestCertificate::self_signed({.common_name = "old", .is_ca = true, .from = Hours(-48), .until = Hours(-1)});
    const TestCertificate middle = old_root.sign({.common_name = "middle", .is_ca = true});
    const TestCertificate leaf = middle.sign({.alternative_names = "DNS:mx.a.test"});
    expect_good(judged(chain_of({&leaf, &middle, &old_root}), {record_of(middle, 2, 1, 1)}));
    expect_bad(judged(chain_of({&leaf, &middle, &old_root}), {record_of(old_root, 2, 1, 1)}), PeerFault::expired);
    expect_good(judged(chain_of({&leaf, &old_root, &middle}), {record_of(middle, 2, 1, 1)}));
}

TEST_F(Dane, TheAnchorMayBeInTheRecordAlone) {
    // 2 0 0: the whole certificate. 2 1 0: a bare key.
    for (std::uint8_t selector = 0; selector <= 1; ++selector) {
        expect_good(judged(chain_, {record_of(root_, 2, selector, 0)}));
        expect_good(judged(chain_of({&leaf_}), {record_of(middle_, 2, selector, 0)}));
        expect_bad(judged(chain_of({&leaf_}), {record_of(root_, 2, selector, 0)}),
                   selector == 0 ? PeerFault::not_trusted : PeerFault::tlsa_mismatch);
        expect_bad(judged(chain_, {record_of(root_, 2, selector, 0)}, {"mx.b.test"}), PeerFault::name_mismatch);
        // A digest of what is not sent cannot be compared with anything.
        expect_bad(judged(chain_, {record_of(root_, 2, selector, 1)}), PeerFault::tlsa_mismatch);
        const TestCertificate old =
            root_.sign({.alternative_names = "DNS:mx.a.test", .from = Hours(-48), .until = Hours(-1)});
        expect_bad(judged(chain_of({&old}), {record_of(root_, 2, selector, 0)}), PeerFault::expired);
    }
}

TEST_F(Dane, TheStrongestDigestCounts) {
    const auto other = TestCertificate::root("other");
    // Within one usage and selector: a SHA-512 that does not match makes the SHA-256 that does of no account.
    expect_bad(judged(whole_, {record_of(leaf_, 3, 1, 1), record_of(other, 3, 1, 2)}), PeerFault::tlsa_mismatch);
    expect_good(judged(whole_, {record_of(other, 3, 1, 1), record_of(leaf_, 3, 1, 2)}));
    expect_bad(judged(whole_, {record_of(root_, 2, 0, 1), record_of(other, 2, 0, 2)}), PeerFault::tlsa_mismatch);
    // Not across selectors and usages, and not against full contents.
    expect_good(judged(whole_, {record_of(leaf_, 3, 1, 1), record_of(other, 3, 0, 2)}));
    expect_good(judged(whole_, {record_of(leaf_, 3, 1, 1), record_of(other, 2, 1, 2)}));
    expect_good(judged(whole_, {record_of(leaf_, 3, 1, 0), record_of(other, 3, 1, 2)}));
    // What cannot be used is no reason either.
    TlsaRecord broken = record_of(other, 3, 1, 2);
    broken.data.pop_back();
    expect_good(judged(whole_, {record_of(leaf_, 3, 1, 1), broken}));
}

TEST_F(Dane, UsableRecords) {
    const std::string d32(32, 'x');
    const std::string d64(64, 'x');
    struct Row {
        TlsaRecord record;
        bool usable;
    };
    const std::vector<Row> table = {
        {{2, 0, 1, d32}, true},
        {{2, 1, 2, d64}, true},
        {{3, 0, 1, d32}, true},
        {{3, 1, 1, d32}, true},
        {{3, 1, 2, d64}, true},
        {{3, 0, 0, leaf_.der()}, true},
        {{3, 1, 0, leaf_.key_der()}, true},
        {{0, 0, 1, d32}, false},
        {{1, 0, 1, d32}, false},
        {{4, 0, 1, d32}, false},
        {{255, 0, 1, d32}, false},
        {{3, 2, 1, d32}, false},
        {{3, 255, 1, d32}, false},
        {{3, 1, 3, d32}, false},
        {{3, 1, 1, d32 + "x"}, false},
        {{3, 1, 1, d32.substr(1)}, false},
        {{3, 1, 1, d64}, false},
        {{3, 1, 2, d32}, false},
        {{3, 1, 1, ""}, false},
        {{3, 0, 0, ""}, false},
        {{3, 0, 0, "hello"}, false},
        {{3, 0, 0, leaf_.key_der()}, false},
        {{3, 1, 0, leaf_.der()}, false},
        {{3, 0, 0, leaf_.der() + "x"}, false},
        {{2, 1, 0, leaf_.key_der() + "x"}, false},
    };
    for (const Row& row : table) {
        EXPECT_EQ(is_usable(row.record), row.usable)
            << int{row.record.usage} << " " << int{row.record.selector} << " " << int{row.record.matching_type};
        if (!row.usable) expect_bad(judged(whole_, {row.record}), PeerFault::tlsa_mismatch);
    }
    expect_bad(judged(whole_, {}), PeerFault::tlsa_mismatch);
    EXPECT_EQ(judged(whole_, {{1, 0, 1, d32}}).why, "there is no usable TLSA record");
}

}  // namespace
}  // namespace sluice::tls
