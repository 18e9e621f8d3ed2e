// SASLprep of names and passwords: the examples of RFC 4013 section 3, and the limits.
#include "engine/sasl/prepare.hpp"

#include <gtest/gtest.h>

#include "engine/base/limits.hpp"

namespace sluice::sasl {
namespace {

std::string prepared(std::string_view text, Use use = Use::store) {
    const auto result = prepare_password(text, use);
    return result ? std::string(result->view()) : "refused";
}

TEST(Prepare, ExamplesOfRfc4013) {
    EXPECT_EQ(prepared("I\xC2\xADX"), "IX");         // soft hyphen is mapped to nothing
    EXPECT_EQ(prepared("user"), "user");             // no transformation
    EXPECT_EQ(prepared("USER"), "USER");             // case preserved
    EXPECT_EQ(prepared("\xC2\xAA"), "a");            // NFKC
    EXPECT_EQ(prepared("\xE2\x85\xA8"), "IX");       // NFKC
    EXPECT_EQ(prepared("\x07"), "refused");          // prohibited
    EXPECT_EQ(prepared("\xD8\xA7\x31"), "refused");  // bidirectional check
}

TEST(Prepare, WhatIsRefused) {
    EXPECT_EQ(prepared(""), "refused");
    EXPECT_EQ(prepared("\xC2\xAD"), "refused");  // nothing is left
    EXPECT_EQ(prepared(std::string("a\0b", 3)), "refused");
    EXPECT_EQ(prepared("a\nb"), "refused");
    EXPECT_EQ(prepared("a\x7f"), "refused");
    EXPECT_EQ(prepared("\xff\xfe"), "refused");
    EXPECT_EQ(prepared("\xC3"), "refused");
    EXPECT_EQ(prepared("\xED\xA0\x80"), "refused");  // a surrogate
}

TEST(Prepare, UnassignedCodePointsInQueriesOnly) {
    EXPECT_EQ(prepared("\xC8\xA1", Use::store), "refused");  // U+0221, unassigned in Unicode 3.2
    EXPECT_EQ(prepared("\xC8\xA1", Use::query), "\xC8\xA1");
}

TEST(Prepare, BlanksAreBlanks) { EXPECT_EQ(prepared("a\xC2\xA0z"), "a z"); }

TEST(Prepare, LengthOfNames) {
    const std::string longest(limits::sasl_name, 'n');
    EXPECT_EQ(prepare_name(longest, Use::query), longest);
    EXPECT_EQ(prepare_name(longest + "n", Use::query), std::nullopt);
    // U+FDFA becomes 18 characters.
    std::string growing;
    for (int i = 0; i < 20; ++i) growing += "\xEF\xB7\xBA";
    EXPECT_EQ(prepare_name(growing, Use::query), std::nullopt);
}

}  // namespace
}  // namespace sluice::sasl
