// A message: the bytes received, and what header edits make of them.
#include "engine/mail/message.hpp"

#include "tests/unit/engine_mail/texts.hpp"

namespace sluice::mail {
namespace {

TEST(Untouched, GivesTheVeryStringItWasMadeOf) {
    for (const std::string_view text : {"", "A: b\r\n\r\nbody", "body", "\r\n", "A: b"}) {
        const auto bytes = shared(text);
        const Message message(bytes);
        (void)message.header().first("A");
        EXPECT_EQ(message.bytes().get(), bytes.get());
        EXPECT_EQ(message.size(), text.size());
        EXPECT_FALSE(message.edited());
    }
}

TEST(Untouched, AlsoAfterEditsThatWereRefusedOrDidNothing) {
    Message one = message("A: b\r\n\r\nbody");
    const auto bytes = one.bytes();
    EXPECT_REFUSED(one.header().append("X", "a\r\nb"), line_break);
    EXPECT_FALSE(one.header().remove("X"));
    EXPECT_NOTHING_DONE(one.header().rename("X", "Y"));
    EXPECT_EQ(one.bytes().get(), bytes.get());
}

TEST(Body, IsAView) {
    EXPECT_EQ(message("A: b\r\n\r\nbody").body(), "body");
    EXPECT_EQ(message("A: b\n\nbody").body(), "body");
    EXPECT_EQ(message("A: b\r\n\r\n\r\nbody").body(), "\r\nbody");
    EXPECT_EQ(message("A: b\r\nbody").body(), "body");
    EXPECT_EQ(message("body").body(), "body");
    EXPECT_EQ(message("A: b").body(), "");
    EXPECT_EQ(message("").body(), "");
    EXPECT_EQ(message("\r\n").body(), "");
}

TEST(Edited, IsBuiltOnce) {
    Message one = message("A: b\r\n\r\nbody");
    EXPECT_EDITED(one.header().append("X", "1"));
    EXPECT_TRUE(one.edited());
    const auto bytes = one.bytes();
    EXPECT_EQ(*bytes, "A: b\r\nX: 1\r\n\r\nbody");
    EXPECT_EQ(one.size(), bytes->size());
    EXPECT_EQ(one.bytes().get(), bytes.get());
    EXPECT_TRUE(one.header().remove("A"));
    EXPECT_EQ(*one.bytes(), "X: 1\r\n\r\nbody");
    EXPECT_EQ(one.size(), one.bytes()->size());
}

struct EditCase {
    std::string_view before;
    std::string_view after;  // with "X: 1" appended
};
class AppendTo : public testing::TestWithParam<EditCase> {};
TEST_P(AppendTo, LeavesTheBodyAlone) {
    Message one = message(GetParam().before);
    const std::string body(one.body());
    EXPECT_EDITED(one.header().append("X", "1"));
    EXPECT_EQ(*one.bytes(), GetParam().after);
    EXPECT_EQ(one.size(), GetParam().after.size());
    EXPECT_EQ(message(GetParam().after).body(), body);
    EXPECT_EQ(one.body(), body);
}
INSTANTIATE_TEST_SUITE_P(Texts, AppendTo,
                         testing::Values(EditCase{"", "X: 1\r\n"},                                  //
                                         EditCase{"\r\nbody", "X: 1\r\n\r\nbody"},                  //
                                         EditCase{"body", "X: 1\r\nbody"},                          //
                                         EditCase{" body", "X: 1\r\n\r\n body"},                    //
                                         EditCase{"\tbody", "X: 1\r\n\r\n\tbody"},                  //
                                         EditCase{"A: b\r\nno field", "A: b\r\nX: 1\r\nno field"},  //
                                         EditCase{"A: b", "A: b\r\nX: 1\r\n"},                      //
                                         EditCase{"A: b\n\nbody", "A: b\nX: 1\r\n\nbody"}));

TEST(Edited, AllFieldsRemoved) {
    Message one = message("A: b\r\n\r\n body");
    EXPECT_TRUE(one.header().remove("A"));
    EXPECT_EQ(*one.bytes(), "\r\n body");
    Message two = message("A: b\r\nbody");
    EXPECT_TRUE(two.header().remove("A"));
    EXPECT_EQ(*two.bytes(), "body");
}

TEST(Copies, ShareTheBodyAndEditAlone) {
    const Message one = message("A: b\r\n\r\nbody");
    Message two = one;
    EXPECT_EDITED(two.header().append("X", "1"));
    EXPECT_EQ(*one.bytes(), "A: b\r\n\r\nbody");
    EXPECT_EQ(one.body().data(), two.body().data());
}

}  // namespace
}  // namespace sluice::mail
