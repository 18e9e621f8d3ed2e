#include "dsl/source/source_file.hpp"

#include <gtest/gtest.h>

#include "dsl/source/utf8.hpp"

namespace sluice::dsl {

namespace {

std::string at(const SourceFile& file, std::uint32_t offset) {
    const Position p = file.position(offset);
    return std::to_string(p.line) + ":" + std::to_string(p.column);
}

TEST(SourceFile, LinesAndColumns) {
    const SourceFile file("a.vsl", "one\ntwo\r\n\nlast");
    EXPECT_EQ(at(file, 0), "1:1");
    EXPECT_EQ(at(file, 3), "1:4");  // the line break belongs to its line
    EXPECT_EQ(at(file, 4), "2:1");
    EXPECT_EQ(at(file, 9), "3:1");
    EXPECT_EQ(at(file, 10), "4:1");
    EXPECT_EQ(at(file, 14), "4:5");
    EXPECT_EQ(at(file, 999), "4:5");  // past the end: the end
    EXPECT_EQ(file.line(1), "one");
    EXPECT_EQ(file.line(2), "two");
    EXPECT_EQ(file.line(3), "");
    EXPECT_EQ(file.line(4), "last");
    EXPECT_EQ(file.line(0), "");
    EXPECT_EQ(file.line(5), "");
}

TEST(SourceFile, EmptyText) {
    const SourceFile file("a.vsl", "");
    EXPECT_EQ(at(file, 0), "1:1");
    EXPECT_EQ(file.line(1), "");
}

TEST(SourceFile, ColumnsCountScalars) {
    const SourceFile file("a.vsl", "\"h\xC3\xA9\xF0\x9F\x93\xA7\" x");
    EXPECT_EQ(at(file, 4), "1:4");  // after é
    EXPECT_EQ(at(file, 8), "1:5");  // after the envelope
    EXPECT_EQ(at(file, 10), "1:7");
}

TEST(SourceFile, TextOfSpan) {
    const SourceFile file("a.vsl", "hello");
    EXPECT_EQ(file.text({1, 3}), "el");
    EXPECT_EQ(file.text({4, 99}), "o");
    EXPECT_EQ(file.text({99, 3}), "");
}

TEST(Utf8, FindsTheFirstInvalidByte) {
    EXPECT_EQ(find_invalid_utf8("plain \xC3\xA9 \xE2\x82\xAC \xF0\x9F\x93\xA7"), std::nullopt);
    EXPECT_EQ(find_invalid_utf8("ab\x80"), 2U);    // continuation alone
    EXPECT_EQ(find_invalid_utf8("a\xC3"), 1U);     // cut short
    EXPECT_EQ(find_invalid_utf8("\xC0\xAF"), 0U);  // overlong
    EXPECT_EQ(find_invalid_utf8("\xE0\x80\xAF"), 0U);
    EXPECT_EQ(find_invalid_utf8("x\xED\xA0\x80"), 1U);     // surrogate
    EXPECT_EQ(find_invalid_utf8("\xF4\x90\x80\x80"), 0U);  // above U+10FFFF
    EXPECT_EQ(find_invalid_utf8("\xFF"), 0U);
}

TEST(Utf8, CountsAndAppends) {
    EXPECT_EQ(count_scalars("a\xC3\xA9\xF0\x9F\x93\xA7"), 3U);
    EXPECT_EQ(count_scalars("\xFF\xC3"), 2U);
    for (const char32_t c : {U'a', U'\u00e9', U'\u20ac', U'\U0001F4E7', U'\U0010FFFF'}) {
        std::string text;
        append_utf8(text, c);
        EXPECT_EQ(utf8_sequence_length(text), text.size());
        EXPECT_EQ(first_scalar(text), c);
    }
    EXPECT_FALSE(is_scalar(0xD800));
    EXPECT_FALSE(is_scalar(0x110000));
}

}  // namespace

}  // namespace sluice::dsl
