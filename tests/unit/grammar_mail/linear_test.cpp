// The cost of a parse grows with the text, whatever a sender writes: counted in attempts to match a rule.
#include <gtest/gtest.h>

#include <string>
#include <tao/pegtl/contrib/analyze.hpp>

#include "grammar/mail/address_list_rules.hpp"
#include "grammar/mail/parameters_rules.hpp"

namespace sluice::grammar::mail::field {
namespace {

TEST(Grammar, MakesProgressOnEveryPath) {
    EXPECT_EQ(pegtl::analyze<address_list>(), 0u);
    EXPECT_EQ(pegtl::analyze<content_type>(), 0u);
    EXPECT_EQ(pegtl::analyze<content_disposition>(), 0u);
}

struct Cost {
    std::size_t attempts = 0;
};

template <typename Rule>
struct Counting : pegtl::normal<Rule> {
    template <typename Input>
    static void start(const Input&, Cost& cost) {
        ++cost.attempts;
    }
};
// A comment is one attempt that walks over many octets.
template <>
struct Counting<ccontent> : pegtl::normal<ccontent> {
    template <typename Input>
    static void start(const Input& in, Cost& cost) {
        pegtl::memory_input<> rest(in.current(), in.size(), "");
        (void)ccontent::match(rest);
        cost.attempts += rest.byte();
    }
};

template <typename Rule>
std::size_t attempts(const std::string& text) {
    Cost cost;
    pegtl::memory_input<> in(text, "");
    (void)pegtl::parse<Rule, pegtl::nothing, Counting>(in, cost);
    return cost.attempts;
}

std::string times(std::string_view text, std::size_t n) {
    std::string out;
    for (std::size_t i = 0; i < n; ++i) out += text;
    return out;
}

// A prefix, what is repeated, and a suffix that may spoil all of it.
struct Shape {
    const char* open;
    const char* middle;
    const char* close;
};

constexpr Shape shapes[] = {
    {"", "a@b,", ""},       {"", "(", ""},       {"", "\"", ""},        {"", "\"\\", ""},
    {"", "a ", "<"},        {"", "<@a,", ""},    {"", "<@a:", ""},      {"", "a@[,", ""},
    {"", "g:", ""},         {"", "g:;", ""},     {"", "x<", ""},        {"", ",", ""},
    {"", "(a)", "@"},       {"", "a.", ""},      {"", "a(b).", "@"},    {"", "\"a\" ", ""},
    {"", "a@b (", ")"},     {"<", "(a)", "a@b"}, {"", "a (;", ""},      {"t/s;", "a=b;", ""},
    {"t/s;", "a=b (;", ""}, {"t/s;", ";", ""},   {"t/s;", "a=(", ")x"}, {"t/s;", "a=\"", ""},
    {"t/s", "(", ""},       {"t/s;", "a", ""},   {"t/s;", "a (b)", ""}, {"t/s;", "\"", ""},
    {"t/s;", "a= ", "("},   {"t/s;", "=", ""},   {"", "(x)", "/"},      {"t/s;a=b ", "(;)", "x"},
};

class Hostile : public testing::TestWithParam<Shape> {};

// Twice the length is a little more than twice the work. A second start for each of n places would be four times.
TEST_P(Hostile, DoublingTheLengthDoublesTheWork) {
    const auto text = [](std::size_t n) { return GetParam().open + times(GetParam().middle, n) + GetParam().close; };
    EXPECT_LE(attempts<address_list>(text(2000)), attempts<address_list>(text(1000)) * 22 / 10);
    EXPECT_LE(attempts<content_type>(text(2000)), attempts<content_type>(text(1000)) * 22 / 10);
}
INSTANTIATE_TEST_SUITE_P(Shapes, Hostile, testing::ValuesIn(shapes));

// "a=b (;" repeated and then closed: each comment holds the next, and what follows the outermost spoils the parameter.
TEST(NestedComments, AreWalkedOnce) {
    const auto text = [](std::size_t n) { return "t/s;" + times("a=b (;", n) + times(")", n) + "x"; };
    EXPECT_LE(attempts<content_type>(text(2000)), attempts<content_type>(text(1000)) * 22 / 10);
    EXPECT_LE(attempts<address_list>(text(2000)), attempts<address_list>(text(1000)) * 22 / 10);
}

}  // namespace
}  // namespace sluice::grammar::mail::field
