// Examination of content, and dot-stuffing against the reference unstuffer.
#include "engine/smtp_client/content.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "engine/base/limits.hpp"
#include "tests/unit/engine_smtp_client/scripted_server.hpp"

namespace sluice::smtp_client {
namespace {

using Views = std::vector<std::string_view>;

TEST(Content, FindsLoneNewlinesAcrossPieces) {
    const auto lone = [](const Views& pieces) { return examine(pieces).lone_newline; };
    EXPECT_FALSE(lone({}));
    EXPECT_FALSE(lone({"a\r\n"}));
    EXPECT_FALSE(lone({"a\r", "\nb\r\n"}));
    EXPECT_FALSE(lone({"a\r", "", "\n"}));
    EXPECT_FALSE(lone({"a", "b"}));
    EXPECT_TRUE(lone({"a\n"}));
    EXPECT_TRUE(lone({"a\r"}));
    EXPECT_TRUE(lone({"a\r", "b\n"}));
    EXPECT_TRUE(lone({"a\rb\r\n"}));
    EXPECT_TRUE(lone({"a\r\r\n"}));
    EXPECT_TRUE(lone({"\n", "\r\n"}));
    EXPECT_TRUE(lone({"a\r\n\nb\r\n"}));
}

TEST(Content, KnowsWhatItIsMadeOf) {
    const Views pieces = {"a\r\n", std::string_view(".b\0\r", 4), "\nlast"};
    const ContentFacts facts = examine(pieces);
    EXPECT_EQ(facts.octets, 12u);
    EXPECT_TRUE(facts.nul && facts.leading_dots && !facts.ends_with_line && !facts.lone_newline);
    EXPECT_TRUE(examine(Views{}).ends_with_line);
    EXPECT_TRUE(examine(Views{"x\r", "\n"}).ends_with_line);
    EXPECT_TRUE(examine(Views{"", "."}).leading_dots);
    EXPECT_TRUE(examine(Views{"a\r\n", ".b"}).leading_dots);
    EXPECT_FALSE(examine(Views{"a.", ".b\r\n"}).leading_dots);
}

std::string stuffed(const Views& pieces, bool stuff = true) {
    ContentViews views(pieces, stuff);
    std::string all;
    while (!views.done()) {
        Views block;
        views.fill(block);
        std::size_t octets = 0;
        for (const std::string_view each : block) octets += each.size();
        EXPECT_GT(octets, 0u);
        EXPECT_LE(octets, limits::client_block);
        EXPECT_LE(block.size(), ContentViews::kViews);
        for (const std::string_view each : block) all += each;
    }
    return all;
}

TEST(Content, DotsAtLineStartsAreDoubled) {
    EXPECT_EQ(stuffed({".\r\n"}), "..\r\n");
    EXPECT_EQ(stuffed({"a\r\n", ".", ".\r\n.a.\r\n"}), "a\r\n...\r\n..a.\r\n");
    EXPECT_EQ(stuffed({"a\r", "\n", ".b"}), "a\r\n..b");
    EXPECT_EQ(stuffed({".\r\n"}, false), ".\r\n");
    EXPECT_EQ(stuffed({}), "");
    EXPECT_EQ(stuffed({"", ""}), "");
}

TEST(Content, BlocksEndAtTheLimitAndDotsBehindItAreDoubled) {
    for (const std::size_t extra : {0, 1, 2, 3}) {
        std::string text(limits::client_block - 3 + extra, 'x');
        text += "\r\n.y\r\n";
        std::string wanted = text;
        wanted.insert(wanted.find('.'), ".");
        EXPECT_EQ(stuffed({text}), wanted);
    }
}

// Random CRLF content, cut at random, comes back through the reference.
TEST(Content, EveryContentRoundTrips) {
    std::mt19937 random(4711);
    const auto below = [&](int limit) { return static_cast<int>(random() % static_cast<unsigned>(limit)); };
    const std::array<std::string, 6> words = {".", "..", "\r\n", "x", ".\r\n", "a longer word"};
    for (int round = 0; round < 20'000; ++round) {
        std::string content;
        for (int i = below(round % 100 == 0 ? 20'000 : 40); i > 0; --i) {
            content += words[static_cast<std::size_t>(below(words.size()))];
        }
        content += "\r\n";
        Views pieces;
        for (std::string_view rest = content; !rest.empty();) {
            const std::size_t size = std::min<std::size_t>(static_cast<std::size_t>(below(30)), rest.size());
            pieces.push_back(rest.substr(0, size));
            rest.remove_prefix(size);
        }
        const ContentFacts facts = examine(pieces);
        ASSERT_FALSE(facts.lone_newline);
        ASSERT_EQ(facts.octets, content.size());
        const std::string wire = stuffed(pieces);
        ASSERT_EQ(unstuff(wire), content);
        ASSERT_EQ(wire.find("\r\n.\r\n"), std::string::npos) << "the end of the data inside it";
        ASSERT_FALSE(wire.starts_with(".\r\n"));
        ASSERT_EQ(facts.leading_dots, wire != content);
        ASSERT_EQ(stuffed(pieces, false), content);
    }
}

}  // namespace
}  // namespace sluice::smtp_client
