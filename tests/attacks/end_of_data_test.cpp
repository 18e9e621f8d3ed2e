// SMTP smuggling (CVE-2023-51764, -51765, -51766): of all sequences of 3 to 6 bytes made of CR, LF and dot, none but
// those that contain CRLF.CRLF ends a message, under both policies, however the bytes are cut into segments.
#include <gtest/gtest.h>

#include "engine/smtp/data_reader.hpp"
#include "tests/unit/engine_smtp/dialog.hpp"

namespace sluice::smtp {
namespace {

using namespace std::string_view_literals;

std::vector<std::string> all_endings() {
    std::vector<std::string> all;
    std::vector<std::string> longest{""};
    for (int length = 1; length <= 6; ++length) {
        std::vector<std::string> next;
        for (const std::string& shorter : longest) {
            for (const char c : {'\r', '\n', '.'}) next.push_back(shorter + c);
        }
        longest = std::move(next);
        if (length >= 3) all.insert(all.end(), longest.begin(), longest.end());
    }
    return all;
}

// Where the data ends by the letter of RFC 5321; `text` follows the CRLF of the DATA command.
std::size_t true_end(const std::string& text) {
    if (text.starts_with(".\r\n")) return 3;
    const std::size_t at = text.find("\r\n.\r\n");
    return at == std::string::npos ? at : at + 5;
}

void check(const std::string& bytes, BareNewline policy, const std::vector<std::string_view>& pieces) {
    DataReader reader({.bare_newline = policy});
    std::size_t taken = 0;
    for (const std::string_view piece : pieces) {
        if (!reader.done()) taken += reader.feed(piece);
    }
    const std::size_t end = true_end(bytes);
    ASSERT_EQ(reader.done(), end != std::string::npos) << testing::PrintToString(bytes);
    ASSERT_EQ(taken, std::min(end, bytes.size())) << testing::PrintToString(bytes);
    if (!reader.done() || reader.error() != DataError::none) return;
    const std::string message = reader.take_message();
    for (std::size_t i = 0; i < message.size(); ++i) {
        if (message[i] == '\n') {
            ASSERT_TRUE(i > 0 && message[i - 1] == '\r') << testing::PrintToString(bytes);
        }
        if (message[i] == '\r') {
            ASSERT_TRUE(i + 1 < message.size() && message[i + 1] == '\n') << testing::PrintToString(bytes);
        }
    }
}

class EndOfData : public testing::TestWithParam<BareNewline> {};

TEST_P(EndOfData, OnlyCrlfDotCrlfHoweverItIsSplit) {
    const std::vector<std::string> endings = all_endings();
    EXPECT_EQ(endings.size(), 27u + 81u + 243u + 729u);
    for (const std::string& ending : endings) {
        for (const char* const before : {"", "x", "x\r\n"}) {
            const std::string bytes = before + ending + "MAIL FROM:<evil@x>";
            check(bytes, GetParam(), {bytes});
            for (std::size_t i = 1; i < bytes.size() && i < ending.size() + 5; ++i) {
                const std::string_view view = bytes;
                check(bytes, GetParam(), {view.substr(0, i), view.substr(i)});
            }
            std::vector<std::string_view> single;
            for (std::size_t i = 0; i < bytes.size(); ++i) single.push_back(std::string_view(bytes).substr(i, 1));
            check(bytes, GetParam(), single);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(BothPolicies, EndOfData, testing::Values(BareNewline::reject, BareNewline::normalize));

// The same through a session: what follows a false end must not be answered as a command.
class Smuggling : public test::Fixture, public testing::WithParamInterface<BareNewline> {};

TEST_P(Smuggling, NoSecondMessage) {
    settings.bare_newline = GetParam();
    for (const std::string_view false_end :
         {"\n.\n"sv, "\n.\r\n"sv, "\r\n.\n"sv, "\r.\r"sv, "\r.\r\n"sv, "\r\n.\r"sv, "\r\n\0.\r\n"sv, "\r\n.\0\r\n"sv,
          "\r\n.\r\r\n"sv, "\r\r\n.\r\r\n"sv, "\n\n.\r\n"sv, "\r\n.\n\r"sv}) {
        const auto client = connect();
        test::talk(*client, test::to_data);
        client->send("text" + std::string(false_end) +
                     "MAIL FROM:<evil@x.test>\r\nRCPT TO:<b@example.com>\r\nDATA\r\n");
        client->send("evil\r\n.\r\nQUIT\r\n");
        // One reply for the data, one for QUIT.
        const std::string answers = client->rest();
        EXPECT_EQ(std::count(answers.begin(), answers.end(), '\n'), 2) << testing::PrintToString(false_end) << "\n"
                                                                       << answers;
        EXPECT_NE(answers.find("221 "), std::string::npos);
    }
}

INSTANTIATE_TEST_SUITE_P(BothPolicies, Smuggling, testing::Values(BareNewline::reject, BareNewline::normalize));

}  // namespace
}  // namespace sluice::smtp
