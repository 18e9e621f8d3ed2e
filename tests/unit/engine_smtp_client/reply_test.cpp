// The reply parser at and beyond its limits, and what replies mean.
#include "engine/smtp_client/reply.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "engine/base/limits.hpp"

namespace sluice::smtp_client {
namespace {

struct Parsed {
    std::vector<Reply> replies;
    bool malformed = false;
    bool empty = false;
};

Parsed parse(std::string_view bytes, std::size_t step = 1000) {
    ReplyReader reader;
    Parsed parsed;
    while (!bytes.empty() && !parsed.malformed) {
        const std::span<char> space = reader.space();
        const std::size_t count = std::min({bytes.size(), step, space.size()});
        std::copy_n(bytes.begin(), count, space.begin());
        reader.filled(count);
        bytes.remove_prefix(count);
        Reply reply;
        for (auto got = reader.next(reply); got != ReplyReader::Input::need_more; got = reader.next(reply)) {
            parsed.malformed = got == ReplyReader::Input::malformed;
            if (parsed.malformed) break;
            parsed.replies.push_back(std::move(reply));
            reply = {};
        }
    }
    parsed.empty = reader.empty();
    return parsed;
}

TEST(ReplyReader, TakesLinesApartHoweverTheyAreCut) {
    const std::string text = "250-one\r\n250 two\r\n354\r\n550-5.1.1 no\n550 5.1.1 such user\n";
    for (const std::size_t step : {1, 2, 3, 7, 1000}) {
        const Parsed parsed = parse(text, step);
        ASSERT_EQ(parsed.replies.size(), 3u);
        EXPECT_EQ(parsed.replies[0].code, 250);
        EXPECT_EQ(parsed.replies[0].text, "250-one\n250 two");
        EXPECT_EQ(parsed.replies[1].code, 354);
        EXPECT_EQ(parsed.replies[2].text, "550-5.1.1 no\n550 5.1.1 such user");
        EXPECT_TRUE(parsed.empty);
    }
    EXPECT_FALSE(parse("250-one\r\n").empty);
    EXPECT_FALSE(parse("250 one\r\n2").empty);
}

TEST(ReplyReader, TheLastLineHasTheCodeThatCounts) { EXPECT_EQ(parse("250-a\r\n550 b\r\n").replies.at(0).code, 550); }

TEST(ReplyReader, WhatIsNoReplyIsMalformed) {
    for (const char* text : {"hello\r\n", "\r\n", "25\r\n", "2500 x\r\n", "150 x\r\n", "650 x\r\n", "2x0 y\r\n",
                             "250\tx\r\n", " 250 x\r\n", "HTTP/1.1 400\r\n", "250-x\r\n\r\n"}) {
        EXPECT_TRUE(parse(text).malformed) << text;
    }
}

TEST(ReplyReader, LimitsHoldAtTheLimitAndOnePast) {
    const auto line = [](std::size_t octets) { return "250 " + std::string(octets - 6, 'x') + "\r\n"; };
    EXPECT_EQ(parse(line(limits::client_reply_line)).replies.size(), 1u);
    EXPECT_TRUE(parse(line(limits::client_reply_line + 1)).malformed);

    std::string lines;
    for (std::size_t i = 1; i < limits::client_reply_lines; ++i) lines += "250-x\r\n";
    EXPECT_EQ(parse(lines + "250 x\r\n").replies.size(), 1u);
    EXPECT_TRUE(parse(lines + "250-x\r\n250 x\r\n").malformed);

    std::string octets;  // of text: lines of 1024, the LF between them counted
    for (std::size_t i = 1; i < limits::client_reply / 1024; ++i) octets += "250-" + std::string(1019, 'x') + "\r\n";
    EXPECT_EQ(parse(octets + "250 " + std::string(1020, 'x') + "\r\n").replies.size(), 1u);
    EXPECT_TRUE(parse(octets + "250 " + std::string(1021, 'x') + "\r\n").malformed);
}

TEST(Reply, EnhancedCodeMustFitTheReply) {
    const auto enhanced = [](int code, const char* text) { return std::string(Reply{code, text}.enhanced()); };
    EXPECT_EQ(enhanced(550, "550 5.1.1 no"), "5.1.1");
    EXPECT_EQ(enhanced(550, "550-5.1.10\n550 x"), "5.1.10");
    EXPECT_EQ(enhanced(250, "250 2.123.456"), "2.123.456");
    for (const char* text : {"550 4.1.1 x", "550 5.1 x", "550 5.1.1x", "550 5.1.1234 x", "550 55.1.1 x", "550", "550 ",
                             "550 5..1 x", "550 no 5.1.1"}) {
        EXPECT_EQ(enhanced(550, text), "") << text;
    }
}

TEST(Reply, MeansForARecipient) {
    const auto meaning = [](int code, const std::string& rest, Command command) {
        const RecipientResult result = result_of({code, std::to_string(code) + " " + rest}, command);
        return std::to_string(static_cast<int>(result.kind)) + " " + result.status;
    };
    EXPECT_EQ(meaning(250, "ok", Command::final_dot), "0 2.0.0");
    EXPECT_EQ(meaning(451, "later", Command::mail), "1 4.0.0");
    EXPECT_EQ(meaning(421, "4.3.2 bye", Command::rcpt), "1 4.3.2");
    EXPECT_EQ(meaning(555, "parameter?", Command::mail), "2 5.0.0");
    EXPECT_EQ(meaning(501, "5.5.4 parameter?", Command::mail), "2 5.5.4");
    // RFC 5321 4.5.3.1.10
    EXPECT_EQ(meaning(452, "4.5.3 too many", Command::rcpt), "1 4.5.3");
    EXPECT_EQ(meaning(552, "too many", Command::rcpt), "1 4.5.3");
    EXPECT_EQ(meaning(552, "5.5.3 too many", Command::rcpt), "1 4.5.3");
    EXPECT_EQ(meaning(552, "5.2.2 mailbox full", Command::rcpt), "2 5.2.2");
    EXPECT_EQ(meaning(552, "too big", Command::mail), "2 5.0.0");
    EXPECT_EQ(meaning(552, "too big", Command::final_dot), "2 5.0.0");
}

}  // namespace
}  // namespace sluice::smtp_client
