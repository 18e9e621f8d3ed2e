// RFC 8461 4.1, and its examples in 3.2.
#include "engine/sts/mx_match.hpp"

#include <gtest/gtest.h>

namespace sluice::sts {
namespace {

struct Row {
    const char* pattern;
    const char* host;
    bool matches;
};

class MxMatch : public testing::TestWithParam<Row> {};
TEST_P(MxMatch, Table) {
    EXPECT_EQ(matches(GetParam().pattern, GetParam().host), GetParam().matches)
        << GetParam().pattern << ' ' << GetParam().host;
}

INSTANTIATE_TEST_SUITE_P(
    Rows, MxMatch,
    testing::Values(Row{"mail.example.com", "mail.example.com", true},
                    Row{"mail.example.com", "MAIL.Example.COM.", true},
                    Row{"Mail.Example.Com.", "mail.example.com", true},
                    Row{"mail.example.com", "mail2.example.com", false},
                    Row{"mail.example.com", "a.mail.example.com", false}, Row{"mail.example.com", "example.com", false},
                    Row{"*.example.com", "mail.example.com", true}, Row{"*.EXAMPLE.com", "mail.example.COM.", true},
                    Row{"*.example.com", "example.com", false}, Row{"*.example.com", "foo.bar.example.com", false},
                    Row{"*.example.com", ".example.com", false}, Row{"*.example.com", "mail.example.net", false},
                    Row{"*.example.com", "mailexample.com", false}, Row{"*.com", "example.com", true},
                    Row{"xn--bcher-kva.example", "XN--BCHER-KVA.example", true},
                    Row{"*.xn--bcher-kva.example", "mx.xn--bcher-kva.example", true},
                    Row{"", "mail.example.com", false}, Row{"mail.example.com", "", false}, Row{"*.", "mail", false}));

TEST(MxMatch, OneOfThemWillDo) {
    const std::vector<std::string> patterns = {"mail.example.com", "*.example.net"};
    EXPECT_TRUE(matches_any(patterns, "mx7.example.net"));
    EXPECT_FALSE(matches_any(patterns, "mx7.example.com"));
    EXPECT_FALSE(matches_any({}, "mx7.example.com"));
}

}  // namespace
}  // namespace sluice::sts
