// The grammar as a whole: no rule loops without progress, and the cost of a parse grows with the text, counted in
// attempts to match a rule, so that no clock is needed.
#include <gtest/gtest.h>

#include <string>
#include <tao/pegtl/contrib/analyze.hpp>

#include "grammar/ecelerity/rules.hpp"

namespace sluice::grammar::ecelerity {

namespace {

TEST(Analyze, NoRuleLoopsWithoutProgress) { EXPECT_EQ(p::analyze<file>(), 0U); }

struct State {
    vsl::Nesting nesting;
    std::size_t attempts = 0;
};

template <class Rule>
struct Counting : p::normal<Rule> {
    template <class Input>
    static void start(const Input& /*in*/, State& state) {
        ++state.attempts;
    }
    template <class Input>
    [[noreturn]] static void raise(const Input& in, State& /*state*/) {
        throw std::string(in.current());
    }
};

std::size_t attempts(const std::string& text) {
    State state;
    p::memory_input<p::tracking_mode::lazy, p::eol::lf_crlf, const char*> in(text.data(), text.data() + text.size(),
                                                                             "");
    try {
        EXPECT_TRUE((p::parse<file, p::nothing, Counting>(in, state)));
    } catch (const std::string& rest) {
        ADD_FAILURE() << "error at: " << rest.substr(0, 40);
    }
    return state.attempts;
}

std::string times(std::string_view text, std::size_t n) {
    std::string out;
    for (std::size_t i = 0; i < n; ++i) out += text;
    return out;
}

struct Shape {
    const char* open;
    const char* middle;
    const char* close;
};

class Nested : public testing::TestWithParam<Shape> {};

TEST_P(Nested, DoublingTheDepthDoublesTheWork) {
    const auto& [open, middle, close] = GetParam();
    const auto text = [&](std::size_t n) { return "x { a = " + times(open, n) + middle + times(close, n) + "}"; };
    EXPECT_LT(attempts(text(60)), attempts(text(30)) * 22 / 10) << open;
}

INSTANTIATE_TEST_SUITE_P(Shapes, Nested,
                         testing::Values(Shape{"( ", "b", ")"}, Shape{"[ ", "b", "]"}, Shape{"[ c = ", "b", "]"}));

class Long : public testing::TestWithParam<Shape> {};

TEST_P(Long, DoublingTheLengthDoublesTheWork) {
    const auto& [open, middle, close] = GetParam();
    const auto text = [&](std::size_t n) { return open + times(middle, n) + close; };
    EXPECT_LT(attempts(text(1000)), attempts(text(500)) * 21 / 10) << middle;
}

INSTANTIATE_TEST_SUITE_P(Shapes, Long,
                         testing::Values(Shape{"", "a = b\n", ""}, Shape{"", "a b { }", ""}, Shape{"a = (", "b ", ")"},
                                         Shape{"a = [", "b = c, ", "]"}, Shape{"", "# c\n", ""},
                                         Shape{"", "/* * */", ""}, Shape{"a = \"", "\\\\b", "\""},
                                         Shape{"a = ", "b/", " "}, Shape{"", "include x;", ""}));

}  // namespace

}  // namespace sluice::grammar::ecelerity
