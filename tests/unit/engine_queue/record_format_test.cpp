#include "engine/queue/record_format.hpp"

#include <gtest/gtest.h>

namespace sluice::queue {
namespace {

template <std::size_t size>
std::string_view view(const std::array<char, size>& text) {
    return {text.data(), text.size()};
}

TEST(RecordFormat, ChecksumIsCrc32c) {
    EXPECT_EQ(checksum("123456789"), 0xe3069283u);
    EXPECT_EQ(checksum("56789", checksum("1234")), 0xe3069283u);
    EXPECT_EQ(checksum(""), 0u);
}

TEST(RecordFormat, Heads) {
    EXPECT_EQ(view(print(SegmentHead{0x123456789abcdef0, 77})), "sluice-spool 2 123456789abcdef0 0000004d c81b0be6\n");
    RecordHead head{.type = RecordType::message,
                    .key = 0x123456789abcdef0,
                    .durable = 50,
                    .envelope_bytes = 3,
                    .body_bytes = 4096,
                    .body_checksum = 0xe3069283};
    const auto text = print(head, "{}\n");
    EXPECT_TRUE(view(text).starts_with("@sluice M 123456789abcdef0 00000032 00000003 00001000 e3069283 "))
        << view(text);
    EXPECT_EQ(head.bytes(), kRecordHeadBytes + 3 + 4096 + 1);
    const auto parsed = parse_record_head(view(text));
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->key, head.key);
    EXPECT_EQ(parsed->durable, 50u);
    EXPECT_EQ(parsed->envelope_bytes, 3u);
    EXPECT_EQ(parsed->body_bytes, 4096u);
    EXPECT_EQ(parsed->body_checksum, 0xe3069283);
    EXPECT_TRUE(envelope_intact(*parsed, view(text), "{}\n"));
    EXPECT_FALSE(envelope_intact(*parsed, view(text), "{]\n"));
}

// Each octet counts, and none behind the head is looked at.
TEST(RecordFormat, MalformedHeads) {
    RecordHead head{.type = RecordType::done};
    const auto text = print(head, "");
    const std::string good(view(text));
    EXPECT_TRUE(parse_record_head(good));
    EXPECT_TRUE(parse_record_head(good + "x"));
    for (std::size_t i = 0; i < good.size(); ++i) {
        std::string bad = good;
        bad[i] = bad[i] == '0' ? 'x' : 'X';
        EXPECT_FALSE(parse_record_head(bad)) << i;
        EXPECT_FALSE(parse_record_head(good.substr(0, i))) << i;
    }
    const std::string segment(view(print(SegmentHead{1, kUnknownEnd})));
    EXPECT_EQ(parse_segment_head(segment)->end_before, kUnknownEnd);
    for (std::size_t i = 0; i < segment.size(); ++i) {
        std::string bad = segment;
        bad[i] = bad[i] == '0' ? '1' : '0';
        EXPECT_FALSE(parse_segment_head(bad)) << i;
        EXPECT_FALSE(parse_segment_head(segment.substr(0, i))) << i;
    }
}

}  // namespace
}  // namespace sluice::queue
