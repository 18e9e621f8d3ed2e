// The policy file of MTA-STS, RFC 8461 3.2.
#include "grammar/sts/policy.hpp"

#include <gtest/gtest.h>

#include "grammar/sts/limits.hpp"

namespace sluice::grammar::sts {
namespace {

constexpr std::string_view kExample =
    "version: STSv1\r\nmode: enforce\r\nmx: mail.example.com\r\nmx: *.example.net\r\n"
    "mx: backupmx.example.com\r\nmax_age: 604800\r\n";

Policy policy(PolicyMode mode, std::vector<std::string> mx, std::uint32_t max_age) {
    return {mode, std::move(mx), max_age};
}

struct Good {
    std::string_view text;
    Policy policy;
};

class GoodPolicy : public testing::TestWithParam<Good> {};
TEST_P(GoodPolicy, IsRead) {
    const ParsedPolicy parsed = parse_policy(GetParam().text);
    EXPECT_EQ(parsed.error, "");
    EXPECT_EQ(parsed.policy, GetParam().policy);
}

const Policy example =
    policy(PolicyMode::enforce, {"mail.example.com", "*.example.net", "backupmx.example.com"}, 604800);

INSTANTIATE_TEST_SUITE_P(
    Table, GoodPolicy,
    testing::Values(
        Good{kExample, example},
        // LF, no line end behind the last line, another order, blanks at the ends of lines, no blank behind a colon
        Good{"max_age:604800\nmx:mail.example.com \t\nmx: \t*.example.net\nmode:enforce\nmx: backupmx.example.com\n"
             "version:STSv1",
             example},
        Good{"version: STSv1\nmode: testing\nmx: mx1.a\nmax_age: 0\n", policy(PolicyMode::testing, {"mx1.a"}, 0)},
        Good{"version: STSv1\nmode: none\nmax_age: 86400\n", policy(PolicyMode::none, {}, 86400)},
        Good{"version: STSv1\nmode: none\nmx: a.b\nmax_age: 0000000001\n", policy(PolicyMode::none, {"a.b"}, 1)},
        // names in any case, a final dot, A-labels, "_"
        Good{"version: STSv1\nmode: enforce\nmx: MX1.Example.COM.\nmx: *.XN--bcher-kva.example\nmx: m_x-1.a\n"
             "max_age: 1\n",
             policy(PolicyMode::enforce, {"mx1.example.com", "*.xn--bcher-kva.example", "m_x-1.a"}, 1)},
        // empty lines
        Good{"\r\nversion: STSv1\n \nmode: none\n\nmax_age: 1\n\n\n", policy(PolicyMode::none, {}, 1)},
        // fields nobody knows are ignored, names compare with their case
        Good{"version: STSv1\nmode: none\nmax_age: 1\nX-Other_1.2: some text: with\tmore\nMode: enforce\n"
             "note: gr\xc3\xbc\xc3\x9f"
             "e\n",
             policy(PolicyMode::none, {}, 1)},
        // all but the first are ignored, whatever they say
        Good{"version: STSv1\nversion: STSv2\nmode: none\nmode: enforce\nmode: other\nmax_age: 5\nmax_age: 6\n"
             "max_age: x\nmax_age: 99999999\n",
             policy(PolicyMode::none, {}, 5)}));

struct Bad {
    std::string_view text;
    std::string_view error;
};

class BadPolicy : public testing::TestWithParam<Bad> {};
TEST_P(BadPolicy, IsRefusedWithTheReason) {
    const ParsedPolicy parsed = parse_policy(GetParam().text);
    EXPECT_EQ(parsed.error, GetParam().error);
    EXPECT_EQ(parsed.policy, Policy());
}

INSTANTIATE_TEST_SUITE_P(
    Table, BadPolicy,
    testing::Values(
        Bad{"", "no line \"version: STSv1\""}, Bad{"mode: none\nmax_age: 1", "no line \"version: STSv1\""},
        Bad{"version: STSv1\nmax_age: 1", "no line \"mode: …\""},
        Bad{"version: STSv1\nmode: none", "no line \"max_age: …\""},
        Bad{"version: STSv1\nmode: enforce\nmax_age: 1", "no line \"mx: …\""},
        Bad{"version: STSv1\nmode: testing\nmax_age: 1", "no line \"mx: …\""},
        Bad{"version: STSv2\nmode: none\nmax_age: 1", "line 1: version: 'STSv2' is not STSv1"},
        Bad{"version: stsv1\nmode: none\nmax_age: 1", "line 1: version: 'stsv1' is not STSv1"},
        Bad{"version: STSv1 x\nmode: none\nmax_age: 1", "line 1: version: 'STSv1 x' is not STSv1"},
        Bad{"version: STSv1\nmode: enforced\nmx: a\nmax_age: 1",
            "line 2: mode: 'enforced' is none of enforce, testing and none"},
        Bad{"version: STSv1\r\nmode:\r\nmx: a\r\nmax_age: 1", "line 2: mode: '' is none of enforce, testing and none"},
        Bad{"version: STSv1\nmode: Enforce\nmx: a\nmax_age: 1",
            "line 2: mode: 'Enforce' is none of enforce, testing and none"},
        Bad{"version: STSv1\nmode: none\nmax_age: -1", "line 3: max_age: '-1' is not a number of seconds"},
        Bad{"version: STSv1\nmode: none\nmax_age: 1 day", "line 3: max_age: '1 day' is not a number of seconds"},
        Bad{"version: STSv1\nmode: none\nmax_age: 12345678901",
            "line 3: max_age: '12345678901' is not a number of seconds"},
        Bad{"version: STSv1\nmode: none\nmax_age: 31557601",
            "line 3: max_age: '31557601' is more than 31557600 seconds, one year"},
        Bad{"version: STSv1\nmode: none\nmax_age: 1\nmx: b\xc3\xbc"
            "cher.example",
            "line 4: mx: 'b??cher.example' is neither a domain name in A-labels nor one behind \"*.\""},
        Bad{"version: STSv1\nmode: none\nmax_age: 1\nmx: mail.*.example",
            "line 4: mx: 'mail.*.example' is neither a domain name in A-labels nor one behind \"*.\""},
        Bad{"version: STSv1\nmode: none\nmax_age: 1\nmx: *",
            "line 4: mx: '*' is neither a domain name in A-labels nor one behind \"*.\""},
        Bad{"version: STSv1\nmode: none\nmax_age: 1\nmx: a..b",
            "line 4: mx: 'a..b' is neither a domain name in A-labels nor one behind \"*.\""},
        Bad{"version: STSv1\nmode: none\nmax_age: 1\nmx: a b",
            "line 4: mx: 'a b' is neither a domain name in A-labels nor one behind \"*.\""},
        Bad{"<html>\n", "line 1: '<html>' is not \"name: value\""},
        Bad{"version: STSv1\rmode: none\rmax_age: 1\r", "line 1: version: 'STSv1?mode: none?max_age: 1?' is not STSv1"},
        Bad{"version: STSv1\nmode: none\nmax_age: 1\n other: x", "line 4: ' other: x' is not \"name: value\""},
        Bad{"version: STSv1\nmode: none\nmax_age: 1\nother:", "line 4: 'other:' is not \"name: value\""},
        Bad{"version: STSv1\nmode: none\nmax_age: 1\nother: \xff", "line 4: 'other: ?' is not \"name: value\""}));

TEST(PolicyLimits, FileAtTheLimitAndOnePast) {
    std::string text = "version: STSv1\nmode: none\nmax_age: 1\nother: ";
    text.append(max_policy - text.size(), 'x');
    EXPECT_EQ(parse_policy(text).error, "");
    EXPECT_EQ(parse_policy(text + 'x').error, "more than 65536 octets");
}

TEST(PolicyLimits, MaxAgeAtTheLimit) {
    EXPECT_EQ(parse_policy("version: STSv1\nmode: none\nmax_age: 31557600\n").policy.max_age, max_policy_age);
}

TEST(PolicyLimits, PatternsAtTheLimitAndOnePast) {
    std::string text = "version: STSv1\nmode: enforce\nmax_age: 1\n";
    for (std::size_t i = 0; i < max_mx_patterns; ++i) text += "mx: a.b\n";
    EXPECT_EQ(parse_policy(text).policy.mx.size(), max_mx_patterns);
    EXPECT_EQ(parse_policy(text + "mx: a.b\n").error, "line 1004: more than 1000 mx patterns");
}

TEST(PolicyLimits, NamesAtTheLimitAndOnePast) {
    const std::string head = "version: STSv1\nmode: enforce\nmax_age: 1\nmx: *.";
    EXPECT_EQ(parse_policy(head + std::string(63, 'a')).error, "");
    EXPECT_EQ(parse_policy(head + std::string(64, 'a')).error,
              "line 4: mx: '*." + std::string(58, 'a') + "...' is too long for a domain name");
}

TEST(PolicyLimits, ExtensionNamesAtTheLimitAndOnePast) {
    const std::string head = "version: STSv1\nmode: none\nmax_age: 1\n";
    EXPECT_EQ(parse_policy(head + std::string(32, 'a') + ": x").error, "");
    EXPECT_NE(parse_policy(head + std::string(33, 'a') + ": x").error, "");
}

TEST(PolicyLines, AreThoseOfTheExample) {
    std::string text;
    for (const std::string& line : policy_lines(parse_policy(kExample).policy)) text += line + "\r\n";
    EXPECT_EQ(text, kExample);
}

}  // namespace
}  // namespace sluice::grammar::sts
