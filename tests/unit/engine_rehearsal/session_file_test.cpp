#include "engine/rehearsal/session_file.hpp"

#include <gtest/gtest.h>

namespace sluice::rehearsal {
namespace {

std::string shown(std::string_view text) {
    std::string all;
    for (const auto& action : parse_session(text)) {
        all += action.command;
        if (!action.message.empty()) all += "{" + action.message + "}";
        all += ";";
    }
    return all;
}

TEST(SessionFile, CommandsOfTheClientOnly) {
    EXPECT_EQ(shown(""), "");
    EXPECT_EQ(shown("# comment\nS: 220 hello\nC: EHLO a\n\nMAIL FROM:<>\r\n"), "EHLO a;MAIL FROM:<>;");
    EXPECT_EQ(shown("NOOP"), "NOOP;");
}

TEST(SessionFile, MessagesEndAtTheDot) {
    EXPECT_EQ(shown("data\nSubject: x\n\n# text\n..dot\n.\nQUIT\n"), "data{Subject: x\n\n# text\n.dot\n};QUIT;");
    EXPECT_EQ(shown("C: DATA\r\nS: 354 go\r\nC: a\r\nC: .\r\nC: QUIT\r\n"), "DATA{a\n};QUIT;");
    EXPECT_EQ(shown("DATA\n.\nQUIT\n"), "DATA;QUIT;");
    EXPECT_EQ(shown("DATA\nno end"), "DATA{no end\n};");
}

}  // namespace
}  // namespace sluice::rehearsal
