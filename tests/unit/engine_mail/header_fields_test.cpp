// Reading and editing header fields: vsl-rules.md 9.8 without its bugs.
#include "engine/mail/header_fields.hpp"

#include <gmock/gmock.h>

#include "engine/base/limits.hpp"
#include "tests/unit/engine_mail/texts.hpp"

namespace sluice::mail {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string written(const HeaderFields& header) {
    std::string out;
    header.write_to(out);
    EXPECT_EQ(out.size(), header.size());
    return out;
}

constexpr std::string_view sample =
    "Received: one\r\n"
    "Subject:  Hello,\r\n\tworld \r\n"
    "X-Twice:a\r\n"
    "received:two\r\n\r\nSubject: not a field\r\n";

TEST(Reading, FieldsOfAMessage) {
    const HeaderFields header(shared(sample));
    EXPECT_EQ(header.count("Received"), 2u);
    EXPECT_EQ(header.count("RECEIVED"), 2u);
    EXPECT_EQ(header.count("Subject"), 1u);
    EXPECT_EQ(header.count("Receive"), 0u);
    EXPECT_EQ(header.count(""), 0u);
    EXPECT_EQ(header.first("subject"), "Hello,\r\n\tworld ");
    EXPECT_EQ(header.first("x-twice"), "a");
    EXPECT_EQ(header.first("nothing"), std::nullopt);
    EXPECT_THAT(header.values("received"), ElementsAre(" one\r\n", "two\r\n"));
    EXPECT_THAT(header.values("Subject"), ElementsAre("  Hello,\r\n\tworld \r\n"));
    EXPECT_THAT(header.values("nothing"), IsEmpty());
    EXPECT_THAT(header.untouched("RECEIVED"), ElementsAre("Received: one\r\n", "received:two\r\n"));
    EXPECT_THAT(header.lines(), ElementsAre("Received: one\r\n", "Subject:  Hello,\r\n", "\tworld \r\n",
                                            "X-Twice:a\r\n", "received:two\r\n"));
    EXPECT_TRUE(header.has_empty_line());
    EXPECT_FALSE(header.edited());
    EXPECT_EQ(written(header), sample.substr(0, header.raw_end()));
}

struct BlockCase {
    std::string_view text;
    std::size_t fields;
    std::string_view header;
    bool empty_line;
};
class Block : public testing::TestWithParam<BlockCase> {};
TEST_P(Block, EndsWhereItEnds) {
    const HeaderFields header(shared(GetParam().text));
    EXPECT_EQ(GetParam().text.substr(0, header.raw_end()), GetParam().header);
    EXPECT_EQ(header.has_empty_line(), GetParam().empty_line);
    EXPECT_EQ(header.size(), GetParam().header.size());
    std::size_t fields = 0;
    for (const std::string_view line : header.lines()) fields += line.front() != ' ' && line.front() != '\t';
    EXPECT_EQ(fields, GetParam().fields);
}
using namespace std::string_view_literals;
INSTANTIATE_TEST_SUITE_P(
    Texts, Block,
    testing::Values(BlockCase{"", 0, "", false},                                                //
                    BlockCase{"\r\n", 0, "", true},                                             //
                    BlockCase{"\r\nA: b\r\n", 0, "", true},                                     //
                    BlockCase{"A: b", 1, "A: b", false},                                        //
                    BlockCase{"A: b\r\n", 1, "A: b\r\n", false},                                //
                    BlockCase{"A: b\r\n\r\n", 1, "A: b\r\n", true},                             //
                    BlockCase{"A: b\r", 1, "A: b\r", false},                                    //
                    BlockCase{"A:\r\n b\r\n\tc\r\n\r\n", 1, "A:\r\n b\r\n\tc\r\n", true},       //
                    BlockCase{"A: b\r\n \r\nB: c\r\n\r\nx", 2, "A: b\r\n \r\nB: c\r\n", true},  // blank line in a fold
                    BlockCase{"A: b\r\nno field\r\nB: c\r\n\r\n", 1, "A: b\r\n", false},        //
                    BlockCase{" A: b\r\n\r\n", 0, "", false},                                   // a fold of nothing
                    BlockCase{": b\r\n\r\n", 0, "", false},                                     //
                    BlockCase{"A : b\r\n\r\n", 1, "A : b\r\n", true},                           // RFC 5322 4.5
                    BlockCase{"A B: b\r\n\r\n", 0, "", false},                                  //
                    BlockCase{"\xC3\xA9: b\r\n\r\n", 0, "", false},                             //
                    BlockCase{"A: \xC3\xA9\0\x80\r\n\r\n"sv, 1, "A: \xC3\xA9\0\x80\r\n"sv, true},  //
                    BlockCase{"A: b\rB: c\r\n\r\n", 1, "A: b\rB: c\r\n", true},  // a bare CR ends no line
                    BlockCase{"A: b\nB: c\n\nbody", 2, "A: b\nB: c\n", true},
                    BlockCase{"From x@y Sun Nov 22\r\nA: b\r\n\r\n", 0, "", false}));

TEST(Reading, NameWithBlankBehind) {
    const HeaderFields header(shared("Subject \t: x\r\n\r\n"));
    EXPECT_EQ(header.first("Subject"), "x");
    EXPECT_THAT(header.values("Subject"), ElementsAre(" x\r\n"));
    EXPECT_THAT(header.untouched("Subject"), ElementsAre("Subject \t: x\r\n"));
}

TEST(Reading, ValuesOfBlanksAndFolds) {
    EXPECT_EQ(HeaderFields(shared("A:\r\n  b\r\n\r\n")).first("A"), "b");
    EXPECT_EQ(HeaderFields(shared("A:\r\n\r\n")).first("A"), "");
    EXPECT_EQ(HeaderFields(shared("A: \t \r\n\r\n")).first("A"), "");
    EXPECT_EQ(HeaderFields(shared("A:b \r\n")).first("A"), "b ");
    EXPECT_EQ(HeaderFields(shared("A:b\r")).first("A"), "b\r");
    EXPECT_EQ(HeaderFields(shared("A:b\n")).first("A"), "b");
}

TEST(Reading, CopiesNoOctet) {
    const auto bytes = shared(sample);
    const HeaderFields header(bytes);
    const std::string_view value = *header.first("Subject");
    EXPECT_GE(value.data(), bytes->data());
    EXPECT_LT(value.data(), bytes->data() + bytes->size());
}

TEST(Append, BehindTheLastField) {
    HeaderFields header(shared("A: b\r\n\r\nbody"));
    EXPECT_EDITED(header.append("X", "1"));
    EXPECT_EDITED(header.append("X", "2"));
    EXPECT_EQ(written(header), "A: b\r\nX: 1\r\nX: 2\r\n");
    EXPECT_TRUE(header.edited());
}

TEST(Append, BehindAFieldWithoutLineEnd) {
    HeaderFields header(shared("A: b"));
    EXPECT_EDITED(header.append("X", "1"));
    EXPECT_EQ(written(header), "A: b\r\nX: 1\r\n");
}

TEST(Prepend, InFrontOfTheFirstField) {
    HeaderFields header(shared("A: b\r\n\r\nbody"));
    EXPECT_EDITED(header.prepend("X", "1"));
    EXPECT_EDITED(header.prepend("X", "2"));
    EXPECT_EQ(written(header), "X: 2\r\nX: 1\r\nA: b\r\n");
}

TEST(Set, ReplacesTheFirstFieldWhole) {
    HeaderFields header(shared("A: 1\r\nx:old\r\n fold\r\nX: second\r\n\r\n"));
    EXPECT_EDITED(header.set("X", "new"));
    EXPECT_EQ(written(header), "A: 1\r\nX: new\r\nX: second\r\n");
}

TEST(Set, AppendsIfThereIsNone) {
    HeaderFields header(shared("A: 1\r\n\r\n"));
    EXPECT_EDITED(header.set("X", "new"));
    EXPECT_EQ(written(header), "A: 1\r\nX: new\r\n");
}

TEST(Rename, FirstMatchAndItsValueStays) {
    HeaderFields header(shared("A:1\r\nx:  old\r\n fold\r\nX : second\r\n\r\n"));
    EXPECT_EDITED(header.rename("X", "Y-Long"));
    EXPECT_EQ(written(header), "A:1\r\nY-Long:  old\r\n fold\r\nX : second\r\n");
    EXPECT_EQ(header.first("y-long"), "old\r\n fold");
    EXPECT_EDITED(header.rename("X", "Z"));
    EXPECT_EQ(written(header), "A:1\r\nY-Long:  old\r\n fold\r\nZ : second\r\n");
    EXPECT_EQ(header.first("Z"), "second");
    EXPECT_NOTHING_DONE(header.rename("X", "Z"));
    EXPECT_REFUSED(header.rename("A", "B: evil\r\nC"), name_character);
    EXPECT_REFUSED(header.rename("nothing", ""), name_empty);
}

TEST(Remove, FirstMatchWithItsFolds) {
    HeaderFields header(shared("x:1\r\n fold\r\nX: 2\r\nA: b\r\n\r\n"));
    EXPECT_TRUE(header.remove("X"));
    EXPECT_EQ(written(header), "X: 2\r\nA: b\r\n");
    EXPECT_TRUE(header.remove("X"));
    EXPECT_FALSE(header.remove("X"));
    EXPECT_FALSE(header.remove(""));
    EXPECT_EQ(written(header), "A: b\r\n");
}

TEST(SetAside, StartsEmptyAndReachesAMessage) {
    HeaderFields aside;
    EXPECT_EQ(aside.count("X"), 0u);
    EXPECT_THAT(aside.lines(), IsEmpty());
    EXPECT_FALSE(aside.remove("X"));
    EXPECT_EDITED(aside.append("X", "1"));
    EXPECT_EDITED(aside.append("Y", "2"));
    EXPECT_EDITED(aside.prepend("W", "0"));
    EXPECT_EDITED(aside.set("X", "one"));
    HeaderFields header(shared("A: b\r\n\r\n"));
    EXPECT_EDITED(header.prepend_all(aside));
    EXPECT_EQ(written(header), "W: 0\r\nX: one\r\nY: 2\r\nA: b\r\n");
    EXPECT_NOTHING_DONE(header.prepend_all(HeaderFields()));
}

TEST(SetAside, FieldsOutliveTheMessageTheyCameFrom) {
    HeaderFields header(shared("A: b"));
    {
        const HeaderFields other(shared("X: 1"));
        EXPECT_EDITED(header.prepend_all(other));
    }
    EXPECT_EQ(written(header), "X: 1\r\nA: b");
    EXPECT_EDITED(header.prepend_all(header));
    EXPECT_EQ(written(header), "X: 1\r\nA: b\r\nX: 1\r\nA: b");
}

TEST(Copies, AreIndependent) {
    HeaderFields one(shared("A: b\r\n\r\n"));
    EXPECT_EDITED(one.append("X", "1"));
    HeaderFields two = one;
    EXPECT_EDITED(two.set("X", "2"));
    EXPECT_TRUE(two.remove("A"));
    EXPECT_EQ(written(one), "A: b\r\nX: 1\r\n");
    EXPECT_EQ(written(two), "X: 2\r\n");
}

TEST(Limits, HeaderSizeAtTheLimitAndOnePast) {
    const std::string field = "A: " + times(times("x", 900) + "\r\n ", 1) + "x\r\n";
    std::string block;
    while (block.size() + field.size() < limits::message_header) block += field;
    HeaderFields header(shared(block + "\r\n"));
    const std::size_t room = limits::message_header - block.size();
    ASSERT_GT(room, 10u);
    const std::string fitting = times("y", room - std::string_view("X: \r\n").size());
    EXPECT_REFUSED(header.append("X", fitting + "y"), header_too_large);
    EXPECT_REFUSED(header.prepend("X", fitting + "y"), header_too_large);
    EXPECT_FALSE(header.edited());
    EXPECT_EDITED(header.append("X", fitting));
    EXPECT_EQ(header.size(), limits::message_header);
    EXPECT_REFUSED(header.append("Y", ""), header_too_large);
    EXPECT_REFUSED(header.set("X", fitting + "y"), header_too_large);
    EXPECT_REFUSED(header.rename("X", "XX"), header_too_large);
    EXPECT_EDITED(header.set("X", fitting));
    EXPECT_EDITED(header.rename("X", "Z"));
    EXPECT_TRUE(header.remove("A"));
    EXPECT_EDITED(header.append("Y", ""));
    EXPECT_REFUSED(HeaderFields().append("X", times("y", limits::message_header + 1)), header_too_large);
}

TEST(Limits, ReceivedHeaderOverTheLimitCanShrink) {
    HeaderFields header(shared("A: " + times("x", limits::message_header) + "\r\nB: c\r\n\r\n"));
    EXPECT_REFUSED(header.append("X", ""), header_too_large);
    EXPECT_EDITED(header.set("B", ""));
    EXPECT_TRUE(header.remove("A"));
    EXPECT_EDITED(header.append("X", ""));
}

}  // namespace
}  // namespace sluice::mail
