// Values of Postfix in our terms, and its tables as scopes.
#include "engine/migrate/postfix_values.hpp"

#include <gtest/gtest.h>

#include "engine/migrate/postfix_files.hpp"
#include "engine/migrate/postfix_policy.hpp"

namespace sluice::migrate::postfix {

namespace {

struct Versions {
    const char* written;
    Strings versions;
    bool noted;
};

class Protocol : public testing::TestWithParam<Versions> {};

TEST_P(Protocol, Means) {
    const auto got = protocols_of(GetParam().written);
    EXPECT_EQ(got.versions, GetParam().versions) << GetParam().written;
    EXPECT_EQ(got.why.empty(), !GetParam().versions.empty()) << got.why;
    EXPECT_EQ(!got.note.empty(), GetParam().noted) << got.note;
}

INSTANTIATE_TEST_SUITE_P(Samples, Protocol,
                         testing::Values(Versions{">=TLSv1.2", {"TLSv1.2", "TLSv1.3"}, false},
                                         Versions{">=TLSv1", {"TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3"}, false},
                                         Versions{">=TLSv1.2, <=TLSv1.2", {"TLSv1.2"}, false},
                                         Versions{"TLSv1.3", {"TLSv1.3"}, false},
                                         Versions{"TLSv1.2:TLSv1.3", {"TLSv1.2", "TLSv1.3"}, false},
                                         Versions{"!SSLv2, !SSLv3", {"TLSv1.2", "TLSv1.3"}, true},
                                         Versions{"!SSLv2,!SSLv3,!TLSv1,!TLSv1.1", {"TLSv1.2", "TLSv1.3"}, false},
                                         Versions{"!SSLv2 !TLSv1 !TLSv1.1 !TLSv1.3", {"TLSv1.2"}, false},
                                         Versions{"SSLv3, TLSv1", {"TLSv1.0"}, true}, Versions{"SSLv3", {}, true},
                                         Versions{"<=SSLv3", {}, false}, Versions{"<=TLSv1.2", {"TLSv1.2"}, true},
                                         Versions{"TLSv9", {}, false}));

TEST(Ciphers, OfGradesAndLists) {
    EXPECT_EQ(ciphers_of("high", "", ""), "HIGH");
    EXPECT_EQ(ciphers_of("medium", "", "aNULL, RC4"), "DEFAULT:!aNULL:!RC4");
    EXPECT_EQ(ciphers_of("medium", "ECDHE+AESGCM", "SHA1"), "ECDHE+AESGCM:!SHA1");
    EXPECT_EQ(ciphers_of("null", "", ""), std::nullopt);
}

TEST(Durations, HaveAUnit) {
    EXPECT_EQ(duration_of("300"), "300s");
    EXPECT_EQ(duration_of("5m"), "5m");
    for (const auto* wrong : {"", "s", "5x", "5mm", "-1s"}) EXPECT_EQ(duration_of(wrong), std::nullopt) << wrong;
}

TEST(Pins, AreOfCertificateAndKey) {
    const std::string hex(64, 'a');
    EXPECT_EQ(pins_of(hex), (Strings{"sha256:" + hex, "spki-sha256:" + hex}));
    EXPECT_EQ(pins_of("AA:" + std::string(62, 'A')), (Strings{"sha256:" + hex, "spki-sha256:" + hex}));
    EXPECT_TRUE(pins_of(std::string(32, 'a')).empty());  // MD5
    EXPECT_TRUE(pins_of(std::string(63, 'a')).empty());
    EXPECT_TRUE(pins_of(std::string(64, 'g')).empty());
}

Parameters parameters(std::initializer_list<std::pair<const char*, const char*>> list) {
    Parameters out;
    for (const auto& [name, value] : list) out[name] = {value, {}};
    return out;
}

TEST(Expansion, OfWhatIsInTheFile) {
    const auto main = parameters({{"a", "1"}, {"b", "$a/${a}/$(a)"}, {"empty", ""}});
    const auto expanded = [&](std::string_view text) {
        std::string unknown;
        return expand(text, main, unknown).value_or("unknown: " + unknown);
    };
    EXPECT_EQ(expanded("x$b.y"), "x1/1/1.y");
    EXPECT_EQ(expanded("$$a"), "$a");
    EXPECT_EQ(expanded("${a?set}${a:unset}${empty?set}${empty:$a}"), "set1");
    EXPECT_EQ(expanded("$nothing/x"), "unknown: nothing");
    EXPECT_EQ(expanded("${nothing?x}"), "unknown: nothing");
    EXPECT_EQ(expanded("${a"), "unknown: {a");
    EXPECT_EQ(expanded("${{$a} == {1} ? {x} : {y}}"), "unknown: {$a} == {1} ? {x} : {y}");
}

TEST(Expansion, NamesThatReferToEachOther) {
    std::string unknown;
    EXPECT_EQ(expand("$a", parameters({{"a", "$b"}, {"b", "$a"}}), unknown), std::nullopt);
    EXPECT_NE(unknown, "");
}

Keys keys(const char* mode, const char* verify = nullptr) {
    Keys out;
    out["mode"] = std::string(mode);
    if (verify != nullptr) out["verify"] = std::string(verify);
    return out;
}

std::string shown(const Named<Keys>& scopes, std::string_view pattern) {
    const auto* keys = scopes.find(pattern);
    if (keys == nullptr) return "-";
    std::string out;
    for (const auto& [key, value] : *keys) {
        out += (out.empty() ? "" : " ") + key + "=";
        if (const auto* text = std::get_if<std::string>(&value)) out += *text;
    }
    return out;
}

TEST(Scopes, ADotCoversSubdomainsOnlyWithPostfix) {
    const auto scopes = scopes_of({{".x.test", keys("required", "host")}}, keys("opportunistic"));
    EXPECT_EQ(shown(scopes, ".x.test"), "mode=required verify=host");
    // x.test itself is as it was without any entry.
    EXPECT_EQ(shown(scopes, "x.test"), "mode=opportunistic verify=no");
}

TEST(Scopes, ADomainWithAnEntryOfItsOwnKeepsIt) {
    const auto scopes = scopes_of({{".x.test", keys("required", "host")}, {"x.test", keys("dane-only")}}, keys("none"));
    EXPECT_EQ(scopes.size(), 2U);
    EXPECT_EQ(shown(scopes, "x.test"), "mode=dane-only verify=no");
}

TEST(Scopes, AnEntryInheritsNothingFromAnother) {
    const auto scopes =
        scopes_of({{".test", keys("required", "pin")}, {".x.test", keys("required")}, {"a.x.test", keys("none")}},
                  keys("required", "host"));
    EXPECT_EQ(shown(scopes, ".test"), "mode=required verify=pin");
    EXPECT_EQ(shown(scopes, ".x.test"), "mode=required verify=no");
    EXPECT_EQ(shown(scopes, "a.x.test"), "mode=none");
    // Nearest in Postfix' table: .test for x.test, main.cf for test.
    EXPECT_EQ(shown(scopes, "x.test"), "mode=required verify=pin");
    EXPECT_EQ(shown(scopes, "test"), "mode=required verify=host");
}

TEST(Scopes, BelowAnEntryWithoutTls) {
    const auto scopes =
        scopes_of({{".x.test", keys("none")}, {"a.x.test", keys("required", "ca")}}, keys("required", "host"));
    EXPECT_EQ(shown(scopes, ".x.test"), "mode=none");
    EXPECT_EQ(shown(scopes, "a.x.test"), "mode=required verify=ca");
}

}  // namespace

}  // namespace sluice::migrate::postfix
