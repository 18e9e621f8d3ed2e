#include "engine/smtp/reply.hpp"

#include <gtest/gtest.h>

#include "engine/base/limits.hpp"
#include "engine/smtp/replies.hpp"

namespace sluice::smtp {
namespace {

TEST(Reply, ParsesWithAndWithoutEnhancedCode) {
    const auto reply = Reply::parse("451 4.7.1 try later");
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->code, 451);
    EXPECT_EQ(reply->enhanced->to_string(), "4.7.1");
    EXPECT_EQ(reply->lines, std::vector<std::string>{"try later"});
    EXPECT_FALSE(Reply::parse("250 Ok")->enhanced);
    EXPECT_EQ(Reply::parse("250 1.2.3 x")->lines.front(), "1.2.3 x");  // class 1 is no enhanced code
    EXPECT_EQ(Reply::parse("250-Ok\r\n")->lines.front(), "Ok");
    EXPECT_EQ(Reply::parse("250")->lines.front(), "");
    EXPECT_EQ(Reply::parse("550 5.7.11")->enhanced->detail, 11);
}

TEST(Reply, ParsesSeveralLinesWithEqualCodes) {
    const auto reply = Reply::parse("250-2.0.0 one\r\n250 2.0.0 two\r\n");
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->lines, (std::vector<std::string>{"one", "two"}));
    EXPECT_FALSE(Reply::parse("250-one\r\n251 two"));
    EXPECT_FALSE(Reply::parse("250-2.0.0 one\r\n250 two"));
}

TEST(Reply, RefusesWhatIsNoReply) {
    for (const std::string_view bad : {"", "25", "25x Ok", "250Ok", "099 x", "600 x", "250\tOk", "250 a\rb", "\r\n"}) {
        EXPECT_FALSE(Reply::parse(bad)) << bad;
    }
}

TEST(Reply, PrintsDashesFullCodesAndCrlf) {
    EXPECT_EQ(Reply::parse("550 5.1.1 no\r\n550 5.1.1 such user")->print(), "550-5.1.1 no\r\n550 5.1.1 such user\r\n");
    EXPECT_EQ((Reply{.code = 250}).print(), "250 \r\n");
}

TEST(Reply, NoTextCanInjectALine) { EXPECT_EQ((Reply{550, {}, {"a\r\n250 ok"}}).print(), "550 a??250 ok\r\n"); }

TEST(Reply, LongLinesAreFoldedAtTheLimit) {
    const std::size_t room = limits::reply_line - std::string_view("550 \r\n").size();
    EXPECT_EQ((Reply{550, {}, {std::string(room, 'x')}}).print(), "550 " + std::string(room, 'x') + "\r\n");
    EXPECT_EQ((Reply{550, {}, {std::string(room + 1, 'x')}}).print(),
              "550-" + std::string(room, 'x') + "\r\n550 x\r\n");
    EXPECT_EQ((Reply{550, {}, {std::string(room - 1, 'x') + " y"}}).print(),
              "550-" + std::string(room - 1, 'x') + "\r\n550 y\r\n");
}

// Found by the fuzzer: a folded line began with what reads as an enhanced status code that the first one does not have.
TEST(Reply, FoldingMakesNoEnhancedCode) {
    const std::size_t room = limits::reply_line - std::string_view("550 \r\n").size();
    const auto again = [](const std::string& text) {
        const auto read = Reply::parse(Reply{550, {}, {text}}.print());
        std::string joined;
        if (read)
            for (const auto& line : read->lines) joined += line;
        return read && !read->enhanced ? joined : "not readable";
    };
    const std::string at_blank = std::string(room - 1, 'x') + " 5.7.1 no";
    EXPECT_EQ(again(at_blank), at_blank);
    const std::string hard = std::string(room, 'x') + "5.7.1 no";
    EXPECT_EQ(again(hard), hard);
    const std::string behind_umlaut = std::string(room - 2, 'x') + "\u00e4" + "5.7.1 no";
    EXPECT_EQ(again(behind_umlaut), behind_umlaut);
}

TEST(Reply, ExtendTakesTheCodeOfTheSecond) {
    const Reply both = extend(*Reply::parse("500 5.5.1 unknown"), *Reply::parse("451 4.7.0 too many"));
    EXPECT_EQ(both.print(), "451-4.7.0 unknown\r\n451 4.7.0 too many\r\n");
}

TEST(ReplyTable, EveryIdOfVslRulesAndTlsIsThere) {
    for (const std::string_view id : {"Greetings",
                                      "Help",
                                      "Closing",
                                      "Helo",
                                      "EhloPain",
                                      "EhloSecured",
                                      "DataStart",
                                      "Ok",
                                      "Denied",
                                      "Failure",
                                      "UnrecognizedCommand",
                                      "SyntaxErrorParams",
                                      "ParameterUnimplemented",
                                      "Unimplemented",
                                      "BadSequence",
                                      "MessageSizeExceeded",
                                      "TlsGoAhead",
                                      "TlsNotAvailable",
                                      "AlreadyUnderTLS",
                                      "AuthSucceeded",
                                      "AuthMechNotSupported",
                                      "AuthClientMustNotStart",
                                      "AuthMechanismMustBeEncrypted",
                                      "AuthInvalidCredentials",
                                      "AuthClientCanceled",
                                      "AuthErrorDecode64",
                                      "AuthTempError",
                                      "ConnectionMaxReached",
                                      "TooManyError",
                                      "Timeout",
                                      "TooManyRecipients",
                                      "TlsBadArguments",
                                      "TlsNotOffered",
                                      "TlsInTransaction",
                                      "TlsInjection",
                                      "TlsTooMany",
                                      "TlsRequired",
                                      "TlsRefusedByRule",
                                      "ReceivePolicyTls",
                                      "ReceivePolicyCert"}) {
        const auto found = reply_id(id);
        ASSERT_TRUE(found) << id;
        EXPECT_EQ(reply_name(*found), id);
    }
    EXPECT_FALSE(reply_id("ok"));
    EXPECT_FALSE(reply_id("None"));
}

TEST(ReplyTable, EnhancedClassFitsTheCode) {
    const ReplyTable table;
    for (std::size_t i = 0; i < reply_count; ++i) {
        const Reply reply = table.get(static_cast<ReplyId>(i), {});
        if (reply.enhanced) {
            EXPECT_EQ(reply.enhanced->klass, reply.code / 100) << reply.print();
        }
    }
}

TEST(ReplyTable, PlaceholdersAndOverrides) {
    ReplyTable table;
    EXPECT_EQ(table.get(ReplyId::Greetings, {.name = "mx.test"}).print(), "220 mx.test Service ready\r\n");
    table.override_with(ReplyId::Ok, *Reply::parse("250 fine {name}"));
    EXPECT_EQ(table.get(ReplyId::MailOk, {.name = "n"}).print(), "250 fine n\r\n");  // child follows its parent
    table.override_with(ReplyId::MailOk, *Reply::parse("250 sender fine"));
    table.override_with(ReplyId::Ok, *Reply::parse("250 again"));
    EXPECT_EQ(table.get(ReplyId::MailOk, {}).print(), "250 sender fine\r\n");
    EXPECT_EQ(table.get(ReplyId::RcptOk, {}).print(), "250 again\r\n");
}

}  // namespace
}  // namespace sluice::smtp
