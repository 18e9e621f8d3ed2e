#include "engine/tls/name_table.hpp"

#include <gtest/gtest.h>

#include "tests/unit/engine_tls/test_files.hpp"

namespace sluice::tls {
namespace {

NameTable::Domain domain(const std::string& name, std::vector<std::string> server_names,
                         std::vector<NameTable::CertificateName> certificate_names = {}) {
    return {name, std::move(server_names), std::move(certificate_names), {name + "/config.vsl"}};
}

struct Case {
    std::string sni;
    int domain;  // -1: unknown
    int step;
};

TEST(NameTable, StepsInOrder) {
    const auto built = NameTable::build({
        domain("shop.example", {"mx1.shop.example", ".mail.shop.example"},
               {{"san.example", "f1"}, {"*.w.example", "f1"}}),
        domain("korr.at", {"*.star.example", ".dot.example"}, {{"mail.korr.at", "f2"}, {"shop.example", "f2"}}),
        domain("deep.example", {".sub.dot.example", "one.star.example"},
               {{"*.star.example", "f3"}, {"x.w.example", "f3"}}),
        domain("default", {}, {}),
    });
    ASSERT_TRUE(built.problems.empty()) << texts_of(built.problems);
    const std::vector<Case> cases = {
        {"shop.example", 0, 1},
        {"SHOP.Example", 0, 1},
        {"shop.example.", 0, 1},
        {"shop.example..", -1, 0},
        {"mx1.shop.example", 0, 2},
        {"mx2.shop.example", -1, 0},
        {"mail.shop.example", 0, 6},
        {"a.b.mail.shop.example", 0, 6},
        {"san.example", 0, 3},
        {"a.w.example", 0, 5},
        {"a.b.w.example", -1, 0},
        {"w.example", -1, 0},
        {"x.w.example", 2, 3},
        {"mail.korr.at", 1, 3},
        {"korr.at", 1, 1},
        {"a.star.example", 1, 4},
        {"one.star.example", 2, 2},
        {"a.b.star.example", -1, 0},
        {"star.example", -1, 0},
        {"dot.example", 1, 6},
        {"a.dot.example", 1, 6},
        {"a.b.c.dot.example", 1, 6},
        {"sub.dot.example", 2, 6},
        {"x.sub.dot.example", 2, 6},
        {"notdot.example", -1, 0},
        {"example", -1, 0},
        {"", -1, 0},
        {".", -1, 0},
        {".dot.example", -1, 0},
        {"a..dot.example", -1, 0},
        {"*.star.example", -1, 0},
        {"127.0.0.1", -1, 0},
        {"a b.dot.example", -1, 0},
        {"::1", -1, 0},
        {"under_score.dot.example", 1, 6},
        {"default", -1, 0},
        {"a/b.dot.example", -1, 0},
        {std::string("a\0.dot.example", 14), -1, 0},
    };
    for (const Case& each : cases) {
        const auto found = built.table.find(each.sni);
        EXPECT_EQ(found ? static_cast<int>(found->domain) : -1, each.domain) << each.sni;
        EXPECT_EQ(found ? found->step : 0, each.step) << each.sni;
    }
}

TEST(NameTable, TwoDomainsAtOneStepIsAnErrorThatNamesBothFiles) {
    const std::vector<std::vector<NameTable::Domain>> conflicts = {
        {domain("a.test", {"mx.test"}), domain("b.test", {"MX.test."})},
        {domain("a.test", {"*.x.test"}), domain("b.test", {"*.x.test"})},
        {domain("a.test", {".x.test"}), domain("b.test", {".x.test"})},
        {domain("a.test", {}), domain("A.test.", {})},
        {domain("a.test", {}, {{"mx.test", "f1"}}), domain("b.test", {}, {{"mx.test", "f2"}})},
        {domain("a.test", {}, {{"*.x.test", "f1"}}), domain("b.test", {}, {{"*.x.test", "f2"}})},
    };
    for (const auto& domains : conflicts) {
        const auto built = NameTable::build(domains);
        ASSERT_EQ(codes_of(built.problems), std::vector<std::string>{"T0115"});
        EXPECT_NE(built.problems[0].text.find(domains[0].origin.file), std::string::npos) << built.problems[0].text;
        EXPECT_NE(built.problems[0].text.find(domains[1].origin.file), std::string::npos) << built.problems[0].text;
    }
}

TEST(NameTable, OneNameAtTwoStepsIsFine) {
    const auto built = NameTable::build({domain("a.test", {"b.test"}), domain("b.test", {})});
    EXPECT_TRUE(built.problems.empty());
    EXPECT_EQ(built.table.find("b.test"), (NameTable::Match{1, 1}));
}

TEST(NameTable, OneCertificateForSeveralDomainsIsFine) {
    const std::vector<NameTable::CertificateName> names = {
        {"a.test", "f"}, {"b.test", "f"}, {"mx.test", "f"}, {"*.w.test", "f"}};
    const auto built = NameTable::build({domain("a.test", {}, names), domain("b.test", {}, names)});
    EXPECT_TRUE(built.problems.empty()) << texts_of(built.problems);
    EXPECT_EQ(built.table.find("b.test"), (NameTable::Match{1, 1}));
    EXPECT_EQ(built.table.find("mx.test"), (NameTable::Match{0, 3}));
    EXPECT_EQ(built.table.find("z.w.test"), (NameTable::Match{0, 5}));
}

TEST(NameTable, ACertificateNameThatTheConfigurationSettlesIsNoConflict) {
    const auto built = NameTable::build({domain("a.test", {"mx.test"}, {{"mx.test", "f1"}}),
                                         domain("b.test", {}, {{"mx.test", "f2"}, {"a.test", "f2"}})});
    EXPECT_TRUE(built.problems.empty()) << texts_of(built.problems);
    EXPECT_EQ(built.table.find("mx.test"), (NameTable::Match{0, 2}));
}

TEST(NameTable, MalformedServedNamesAreErrors) {
    for (const std::string bad :
         {"*", "*.", ".", "", "a*.test", "*.*.test", "a b", "10.0.0.1", "a..b", "ä.test", "*x.test"}) {
        const auto built = NameTable::build({domain("a.test", {bad})});
        EXPECT_EQ(codes_of(built.problems), std::vector<std::string>{"T0119"}) << bad;
    }
}

TEST(NameTable, LongestNameIsTheLimit) {
    const std::string label(61, 'a');
    std::string name = label + "." + label + "." + label + "." + label + ".abcde";
    ASSERT_EQ(name.size(), 253u);
    EXPECT_TRUE(is_sni_name(name));
    EXPECT_FALSE(is_sni_name(name + "f"));
    EXPECT_TRUE(is_sni_name(std::string(63, 'a') + ".test"));
    EXPECT_FALSE(is_sni_name(std::string(64, 'a') + ".test"));
}

}  // namespace
}  // namespace sluice::tls
