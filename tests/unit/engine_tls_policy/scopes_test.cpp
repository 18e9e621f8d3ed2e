// Scopes and precedence of TLS of delivery (tls.md 4.3).
#include "engine/tls_policy/scopes.hpp"

#include <gtest/gtest.h>

namespace sluice::tls_policy {
namespace {

Keys with_ca(const std::string& ca) {
    Keys keys;
    keys.ca = ca;
    return keys;
}

Keys with_mode(Mode mode, bool floor = false) {
    Keys keys;
    keys.mode = mode;
    keys.floor = floor;
    return keys;
}

// Every scope of 4.3 sets `ca` for bank.fi by binding b in group g to its own number.
Scopes all_scopes() {
    Scopes scopes;
    scopes.global = with_ca("7");
    scopes.domains["bank.fi"] = with_ca("6");
    Group& group = scopes.groups["g"];
    group.keys = with_ca("5");
    group.domains["bank.fi"] = with_ca("3");
    group.bindings["b"].domains["bank.fi"] = with_ca("1");
    scopes.bindings["b"].keys = with_ca("4");
    scopes.bindings["b"].domains["bank.fi"] = with_ca("2");
    return scopes;
}

TEST(Scopes, TheMostSpecificOneThatSetsAKeyWins) {
    Scopes scopes = all_scopes();
    Keys rule = with_ca("0");
    EXPECT_EQ(resolve(scopes, "bank.fi", "b", &rule).ca, "0");
    EXPECT_EQ(resolve(scopes, "bank.fi", "b").ca, "1");
    scopes.groups["g"].bindings["b"].domains.clear();
    EXPECT_EQ(resolve(scopes, "bank.fi", "b").ca, "2");
    scopes.bindings["b"].domains.clear();
    EXPECT_EQ(resolve(scopes, "bank.fi", "b").ca, "3");
    scopes.groups["g"].domains.clear();
    EXPECT_EQ(resolve(scopes, "bank.fi", "b").ca, "4");
    scopes.bindings["b"].keys = {};
    EXPECT_EQ(resolve(scopes, "bank.fi", "b").ca, "5");
    scopes.groups["g"].keys = {};
    EXPECT_EQ(resolve(scopes, "bank.fi", "b").ca, "6");
    scopes.domains.clear();
    EXPECT_EQ(resolve(scopes, "bank.fi", "b").ca, "7");
    scopes.global = {};
    EXPECT_EQ(resolve(scopes, "bank.fi", "b").ca, "");
}

TEST(Scopes, SourcesNameTheEntryThatDecided) {
    const Scopes scopes = all_scopes();
    const Effective effective = resolve(scopes, "bank.fi", "b");
    EXPECT_EQ(effective.sources.at("ca").entry, "delivery.binding_group[\"g\"].binding[\"b\"].domain[\"bank.fi\"]");
    EXPECT_EQ(effective.sources.at("ca").scope, Scope::group_binding_domain);
    EXPECT_EQ(effective.sources.at("mode").scope, Scope::built_in);
    EXPECT_EQ(effective.sources.size(), shown_keys(effective).size());
}

TEST(Scopes, WithoutABindingOnlyDomainAndGlobalCount) {
    const Scopes scopes = all_scopes();
    EXPECT_EQ(resolve(scopes, "bank.fi", "").ca, "6");
    EXPECT_EQ(resolve(scopes, "other.fi", "").ca, "7");
    EXPECT_EQ(resolve(scopes, "bank.fi", "unknown").ca, "6");
}

// Momentum's worked example: the binding gives the key, its inner domain only what differs.
TEST(Scopes, EachKeyFallsThroughAlone) {
    Scopes scopes;
    scopes.global.mode = Mode::opportunistic;
    scopes.global.ca = "public.pem";
    Binding& binding = scopes.bindings["customer-1"];
    binding.keys.certificate = "cust1.pem";
    binding.domains["partner.example"].mode = Mode::required;
    binding.domains["partner.example"].ca = "partners.pem";
    const Effective partner = resolve(scopes, "partner.example", "customer-1");
    EXPECT_EQ(partner.mode, Mode::required);
    EXPECT_EQ(partner.ca, "partners.pem");
    EXPECT_EQ(partner.certificate, "cust1.pem");
    const Effective other = resolve(scopes, "other.example", "customer-1");
    EXPECT_EQ(other.mode, Mode::opportunistic);
    EXPECT_EQ(other.ca, "public.pem");
    EXPECT_EQ(other.certificate, "cust1.pem");
}

TEST(Scopes, PatternsMatchMostSpecificFirst) {
    Domains domains;
    for (const char* pattern : {"a.b.example", ".a.b.example", "*.b.example", ".b.example", ".example", "*.example"})
        domains[pattern] = {};
    const auto names = [&](std::string_view domain) {
        std::vector<std::string> found;
        for (const auto& each : matching(domains, domain)) found.push_back(each->first);
        return found;
    };
    using Names = std::vector<std::string>;
    EXPECT_EQ(names("a.b.example"), (Names{"a.b.example", ".a.b.example", "*.b.example", ".b.example", ".example"}));
    EXPECT_EQ(names("x.a.b.example"), (Names{".a.b.example", ".b.example", ".example"}));
    EXPECT_EQ(names("b.example"), (Names{".b.example", "*.example", ".example"}));
    EXPECT_EQ(names("xb.example"), (Names{"*.example", ".example"}));
    EXPECT_EQ(names("example"), (Names{".example"}));
    EXPECT_EQ(names("example.org"), Names{});
    EXPECT_EQ(names(""), Names{});
}

TEST(Scopes, KeysFallThroughBetweenPatternsOfOneScope) {
    Scopes scopes;
    scopes.domains[".gov.example"] = with_mode(Mode::required);
    scopes.domains["tax.gov.example"] = with_ca("tax.pem");
    const Effective tax = resolve(scopes, "tax.gov.example", "");
    EXPECT_EQ(tax.ca, "tax.pem");
    EXPECT_EQ(tax.mode, Mode::required);
}

struct ModeRow {
    Mode mode;
    Level level;
    Extra dane;
    Extra mta_sts;
};
class Modes : public testing::TestWithParam<ModeRow> {};

TEST_P(Modes, AreShorthands) {
    Scopes scopes;
    scopes.global.mode = GetParam().mode;
    const Effective effective = resolve(scopes, "x.example", "");
    EXPECT_EQ(effective.level(), GetParam().level);
    EXPECT_EQ(effective.dane, GetParam().dane);
    EXPECT_EQ(effective.mta_sts, GetParam().mta_sts);
}

INSTANTIATE_TEST_SUITE_P(Table, Modes,
                         testing::Values(ModeRow{Mode::none, Level::none, Extra::off, Extra::off},
                                         ModeRow{Mode::opportunistic, Level::opportunistic, Extra::optional,
                                                 Extra::optional},
                                         ModeRow{Mode::required, Level::required, Extra::optional, Extra::optional},
                                         ModeRow{Mode::dane, Level::opportunistic, Extra::optional, Extra::optional},
                                         ModeRow{Mode::dane_only, Level::required, Extra::require, Extra::optional},
                                         ModeRow{Mode::mta_sts, Level::opportunistic, Extra::off, Extra::optional}));

TEST(Modes, WhatIsSetAsSpecificallyAsTheModeCounts) {
    Scopes scopes;
    scopes.global.mode = Mode::mta_sts;
    scopes.global.dane = Extra::optional;
    EXPECT_EQ(resolve(scopes, "x.example", "").dane, Extra::optional);
    scopes.domains["x.example"] = with_mode(Mode::mta_sts);
    EXPECT_EQ(resolve(scopes, "x.example", "").dane, Extra::off);
    scopes.domains["x.example"] = with_mode(Mode::dane_only);
    scopes.domains["x.example"].dane = Extra::off;
    EXPECT_EQ(resolve(scopes, "x.example", "").dane, Extra::require);
}

TEST(Floors, HoldAgainstBindingsGroupsAndRules) {
    Scopes scopes = all_scopes();
    scopes.domains["bank.fi"] = with_mode(Mode::required, true);
    scopes.domains["bank.fi"].verify = Verify::ca;
    scopes.bindings["b"].keys.mode = Mode::none;
    scopes.groups["g"].bindings["b"].domains["bank.fi"].verify = Verify::no;
    const Effective effective = resolve(scopes, "bank.fi", "b");
    EXPECT_EQ(effective.mode, Mode::required);
    EXPECT_EQ(effective.verify, Verify::ca);
    EXPECT_TRUE(effective.sources.at("mode").floor);
    EXPECT_EQ(effective.sources.at("mode").entry, "delivery.domain[\"bank.fi\"]");
    const Keys rule = with_mode(Mode::opportunistic);
    const Effective ruled = resolve(scopes, "bank.fi", "b", &rule);
    EXPECT_EQ(ruled.mode, Mode::required);
    EXPECT_EQ(ruled.not_lowered, std::vector<std::string>{"mode"});
    EXPECT_EQ(resolve(scopes, "other.fi", "b").mode, Mode::none);
}

TEST(Floors, LeaveWhatIsStricter) {
    Scopes scopes;
    scopes.domains["bank.fi"] = with_mode(Mode::required, true);
    scopes.bindings["b"].domains["bank.fi"] = with_mode(Mode::dane_only);
    scopes.bindings["b"].domains["bank.fi"].verify = Verify::host;
    const Effective effective = resolve(scopes, "bank.fi", "b");
    EXPECT_EQ(effective.mode, Mode::dane_only);
    EXPECT_EQ(effective.verify, Verify::host);
    EXPECT_FALSE(effective.sources.at("mode").floor);
}

TEST(Floors, OfAPolicyOfTheSendingDirection) {
    Scopes scopes;
    scopes.policies[".hospital.example"] = with_mode(Mode::required, true);
    scopes.domains["mail.hospital.example"] = with_mode(Mode::none);
    const Effective effective = resolve(scopes, "mail.hospital.example", "");
    EXPECT_EQ(effective.mode, Mode::required);
    EXPECT_EQ(effective.sources.at("mode").entry, "tls_policy[\".hospital.example\"]");
}

TEST(Floors, WithoutAFloorABindingMayWeakenADomain) {
    Scopes scopes;
    scopes.domains["bank.fi"] = with_mode(Mode::required);
    scopes.bindings["b"].keys.mode = Mode::none;
    EXPECT_EQ(resolve(scopes, "bank.fi", "b").mode, Mode::none);
}

TEST(Rules, MayStrengthenEverything) {
    Keys rule = with_mode(Mode::dane_only);
    rule.verify = Verify::host;
    const Effective effective = resolve(Scopes(), "bank.fi", "", &rule);
    EXPECT_EQ(effective.level(), Level::required);
    EXPECT_EQ(effective.dane, Extra::require);
    EXPECT_EQ(effective.verify, Verify::host);
    EXPECT_TRUE(effective.not_lowered.empty());
}

TEST(Rules, CannotTurnOffDaneAndMtaSts) {
    Keys rule;
    rule.dane = Extra::off;
    rule.mta_sts = Extra::off;
    Effective effective = resolve(Scopes(), "bank.fi", "", &rule);
    EXPECT_EQ(effective.dane, Extra::optional);
    EXPECT_EQ(effective.mta_sts, Extra::optional);
    EXPECT_EQ(effective.not_lowered, (std::vector<std::string>{"dane", "mta_sts"}));
    rule = with_mode(Mode::none);
    effective = resolve(Scopes(), "bank.fi", "", &rule);
    EXPECT_EQ(effective.level(), Level::none);
    EXPECT_EQ(effective.dane, Extra::optional);
}

TEST(TlsRequiredNo, LowersAllButFloors) {
    Scopes scopes;
    scopes.global = with_mode(Mode::dane_only);
    scopes.global.verify = Verify::host;
    const Effective lowered = resolve_without_policies(scopes, "bank.fi", "");
    EXPECT_EQ(lowered.mode, Mode::opportunistic);
    EXPECT_EQ(lowered.verify, Verify::no);
    EXPECT_EQ(lowered.dane, Extra::off);
    EXPECT_EQ(lowered.mta_sts, Extra::off);
    scopes.domains["bank.fi"] = with_mode(Mode::required, true);
    EXPECT_EQ(resolve_without_policies(scopes, "bank.fi", "").mode, Mode::required);
}

TEST(Fingerprint, DiffersWithEachValue) {
    Scopes scopes;
    const std::string plain = resolve(scopes, "x.example", "").fingerprint();
    EXPECT_EQ(resolve(scopes, "y.example", "").fingerprint(), plain);
    scopes.global.verify = Verify::ca;
    EXPECT_NE(resolve(scopes, "x.example", "").fingerprint(), plain);
}

TEST(Cases, HoldEveryEntryWithEveryBindingThatReachesIt) {
    const Scopes scopes = all_scopes();
    std::vector<std::string> cases;
    for (const auto& each : scopes.cases()) cases.push_back(each.domain + "/" + each.binding);
    for (const char* wanted : {"/", "bank.fi/", "/b", "bank.fi/b"})
        EXPECT_NE(std::find(cases.begin(), cases.end(), wanted), cases.end()) << wanted;
}

}  // namespace
}  // namespace sluice::tls_policy
