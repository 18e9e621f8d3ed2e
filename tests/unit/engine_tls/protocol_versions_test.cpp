#include "engine/tls/protocol_versions.hpp"

#include <gtest/gtest.h>

#include "tests/unit/engine_tls/test_files.hpp"

namespace sluice::tls {
namespace {

struct Case {
    std::vector<std::string> items;
    std::string versions;  // "1.2 1.3"; empty: error
    std::vector<std::string> codes;
};

std::string text_of(VersionSet set) {
    std::string text;
    for (std::uint16_t version = VersionSet::kOldest; version <= VersionSet::kNewest; ++version) {
        if (!set.has(version)) continue;
        text += text.empty() ? "" : " ";
        text += std::string(version_name(version)).substr(4);
    }
    return text;
}

TEST(ProtocolVersions, Table) {
    const std::vector<Case> cases = {
        {{"TLSv1.2", "TLSv1.3"}, "1.2 1.3", {}},
        {{"TLSv1.3"}, "1.3", {}},
        {{"TLSv1_2"}, "1.2", {}},
        {{"0x0303", "0x0304"}, "1.2 1.3", {}},
        {{"tlsv1.2"}, "1.2", {}},
        {{"TLSv1", "TLSv1.3"}, "1.0 1.3", {"T0133"}},
        {{"TLSv1.1", "TLSv1.2"}, "1.1 1.2", {"T0133"}},
        {{">=TLSv1.2"}, "1.2 1.3", {}},
        {{">=TLSv1.1"}, "1.1 1.2 1.3", {"T0133"}},
        {{">=TLSv1.3"}, "1.3", {}},
        {{"+ALL:-SSLv3:-TLSv1.0"}, "1.2 1.3", {"T0134"}},
        {{"+ALL:-SSLv3"}, "1.2 1.3", {"T0134"}},
        {{"ALL"}, "1.2 1.3", {"T0134"}},
        {{"+ALL:+TLSv1.1"}, "1.1 1.2 1.3", {"T0134", "T0133"}},
        {{"+ALL:-TLSv1.3"}, "1.2", {"T0134"}},
        {{"-TLSv1.2"}, "1.3", {}},
        {{"!SSLv2:!SSLv3"}, "1.2 1.3", {}},
        {{"+TLSv1.3:-TLSv1.3"}, "", {"T0132"}},
        {{"-ALL"}, "", {"T0132"}},
        {{}, "", {"T0132"}},
        {{"SSLv3"}, "", {"T0131"}},
        {{"+ALL:+SSLv3"}, "", {"T0134", "T0131"}},
        {{">=SSLv3"}, "", {"T0131"}},
        {{"TLSv1.4"}, "", {"T0130"}},
        {{"+ALL:-TLSv9"}, "", {"T0134", "T0130"}},
        {{"TLSv1.2", ">=TLSv1.3"}, "", {"T0135"}},
        {{"TLSv1.2", "TLS1.3"}, "", {"T0130"}},
        {{""}, "", {"T0130"}},
    };
    for (const Case& each : cases) {
        const VersionSetResult result = translate_versions(each.items, {});
        const std::string shown = each.items.empty() ? "(none)" : each.items[0];
        EXPECT_EQ(text_of(result.versions), each.versions) << shown;
        EXPECT_EQ(codes_of(result.problems), each.codes) << shown;
    }
}

TEST(ProtocolVersions, EndsOfASetWithAGap) {
    VersionSet set;
    set.add(0x0301);
    set.add(0x0304);
    EXPECT_EQ(set.oldest(), 0x0301);
    EXPECT_EQ(set.newest(), 0x0304);
    EXPECT_FALSE(set.has(0x0303));
    EXPECT_FALSE(set.has(0x0305));
    EXPECT_FALSE(set.has(0x0300));
}

TEST(ProtocolVersions, TheTextNamesWhatWasWritten) {
    const auto result = translate_versions({"TLSv7"}, {"conf.d/tls.vsl", 4, 2});
    ASSERT_EQ(result.problems.size(), 1u);
    EXPECT_EQ(result.problems[0].text, "not a valid protocol version: 'TLSv7'");
    EXPECT_EQ(result.problems[0].origin.line, 4u);
    EXPECT_FALSE(result.problems[0].hint.empty());
}

}  // namespace
}  // namespace sluice::tls
