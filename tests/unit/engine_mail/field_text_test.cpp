// What a rule may put into a header field, and how it is folded.
#include "engine/mail/field_text.hpp"

#include "engine/base/limits.hpp"
#include "tests/unit/engine_mail/texts.hpp"

namespace sluice::mail {
namespace {

using namespace std::string_view_literals;

std::string text(std::string_view name, std::string_view value) {
    const auto result = field_text(name, value);
    return result ? *result : "refused: " + result.error().text;
}

TEST(FieldName, Table) {
    EXPECT_EQ(text("X-Any_Name.1!~", "v"), "X-Any_Name.1!~: v\r\n");
    EXPECT_REFUSED(field_text("", "v"), name_empty);
    for (const std::string_view name :
         {" X"sv, "X "sv, "X:"sv, "X\r\nY"sv, "X\n"sv, "X\0"sv, "X\t"sv, "\xC3\xA9"sv, "\x7F"sv}) {
        EXPECT_REFUSED(field_text(name, "v"), name_character);
    }
    EXPECT_EQ(text(times("n", limits::field_name), "v"), times("n", limits::field_name) + ": v\r\n");
    EXPECT_REFUSED(field_text(times("n", limits::field_name + 1), "v"), name_too_long);
}

TEST(FieldValue, NoLineBreakBecomesAField) {
    for (const std::string_view value :
         {"a\r\nX: b", "a\nX: b", "a\rX: b", "a\r\n", "a\n", "a\r", "\r\n", "a\r\n\r\n b", "a\r\r\n b", "a\n b",
          "a\r b", "a\r\n \r\n b", "a\r\n ", "a\r\n\t \t", "\r\n ", "a\r\n\vb"}) {
        EXPECT_REFUSED(field_text("X", value), line_break);
    }
    EXPECT_REFUSED(field_text("X", "a\0b"sv), nul);
    EXPECT_EQ(
        text("Subject", "a\r\nBcc: b"),
        "refused: the value of 'Subject' holds a line break that is no fold (CRLF, then a blank, then text): what is "
        "behind it would become a header field of its own");
}

TEST(FieldValue, FoldsAndOddOctetsStay) {
    EXPECT_EQ(text("X", ""), "X: \r\n");
    EXPECT_EQ(text("X", " a "), "X:  a \r\n");
    EXPECT_EQ(text("X", "a\r\n b\r\n\tc"), "X: a\r\n b\r\n\tc\r\n");
    EXPECT_EQ(text("X", "\r\n b"), "X: \r\n b\r\n");
    EXPECT_EQ(text("X", "\xC3\xA9 \x80\x01"), "X: \xC3\xA9 \x80\x01\r\n");
}

TEST(Folding, OnlyBeyondThePreferredLength) {
    const std::string value = times("x", 70) + " abcd";
    ASSERT_EQ(("X: " + value).size(), limits::field_line_preferred);
    EXPECT_EQ(text("X", value), "X: " + value + "\r\n");
    EXPECT_EQ(text("X", value + "e"), "X: " + times("x", 70) + "\r\n abcde\r\n");
}

TEST(Folding, InFrontOfBlanksThatAreThere) {
    const std::string word(40, 'w');
    EXPECT_EQ(text("X", word + " " + word + "\t " + word), "X: " + word + "\r\n " + word + "\r\n\t " + word + "\r\n");
    EXPECT_EQ(text("X", word + word), "X: " + word + word + "\r\n");
    EXPECT_EQ(text("X", "a " + word + word), "X: a\r\n " + word + word + "\r\n");
    EXPECT_EQ(text("X", word + word + " a"), "X: " + word + word + "\r\n a\r\n");
    EXPECT_EQ(text("X", word + word + times(" ", 5)), "X: " + word + word + "     \r\n");
    EXPECT_EQ(text("X", times(" ", 100) + "a"), "X: " + times(" ", 100) + "a\r\n");
}

TEST(Folding, ValuesThatAreFoldedKeepTheirLines) {
    const std::string words = times("word ", 30) + "end";
    EXPECT_EQ(text("X", words + "\r\n " + words), "X: " + words + "\r\n " + words + "\r\n");
    const std::string many = times("word ", 300) + "end";
    const std::string folded = text("X", "a\r\n " + many);
    EXPECT_EQ(folded.substr(0, 10), "X: a\r\n wor");
    EXPECT_EQ(folded.find("\r\n", 7), 6 + 995u);  // the last blank that leaves at most 998 octets
}

TEST(Folding, HardLimitAndOnePast) {
    const std::size_t room = limits::field_line - std::string_view("X: ").size();
    const std::string longest = "X: " + times("x", room) + "\r\n";
    EXPECT_EQ(text("X", times("x", room)), longest);
    EXPECT_REFUSED(field_text("X", times("x", room + 1)), line_too_long);
    EXPECT_EQ(text("X", "a " + times("x", limits::field_line - 1)),
              "X: a\r\n " + times("x", limits::field_line - 1) + "\r\n");
    EXPECT_REFUSED(field_text("X", "a " + times("x", limits::field_line)), line_too_long);
    EXPECT_REFUSED(field_text("X", times("x", room + 1) + " a"), line_too_long);
    EXPECT_REFUSED(field_text("X", "a" + times(" ", limits::field_line)), line_too_long);
}

TEST(Shown, IsShortAndPrintable) {
    EXPECT_EQ(shown("a\r\nb"), "'a??b'");
    EXPECT_LT(shown(times("x", 1000)).size(), 100u);
}

}  // namespace
}  // namespace sluice::mail
