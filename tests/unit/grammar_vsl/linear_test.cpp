// The cost of a parse grows with the text: counted in attempts to match a rule, so that no clock is needed.
#include <gtest/gtest.h>

#include <string>

#include "grammar/vsl/grammar.hpp"

namespace sluice::grammar::vsl {

namespace {

struct State {
    Nesting nesting;
    bool directives = true;
    std::size_t attempts = 0;
};

template <class Rule>
struct Counting : p::normal<Rule> {
    template <class Input>
    static void start(const Input&, State& state) {
        ++state.attempts;
    }
    template <class Input>
    [[noreturn]] static void raise(const Input& in, State&) {
        throw std::string(in.current());
    }
};

std::string times(std::string_view text, std::size_t n) {
    std::string out;
    for (std::size_t i = 0; i < n; ++i) out += text;
    return out;
}

std::size_t attempts(const std::string& text) {
    State state;
    state.nesting.limit = state.nesting.function_limit = Nesting::hard_limit;
    p::memory_input<p::tracking_mode::lazy, p::eol::lf, const char*> in(text.data(), text.data() + text.size(), "");
    try {
        EXPECT_TRUE((p::parse<script, p::nothing, Counting>(in, state)));
    } catch (const std::string& rest) {
        ADD_FAILURE() << "error at: " << rest.substr(0, 40);
    }
    return state.attempts;
}

struct Shape {
    const char* open;
    const char* middle;
    const char* close;
};

class Nested : public testing::TestWithParam<Shape> {};

// Twice the depth is at most a little more than twice the work. Anything parsed twice per level would be four times.
TEST_P(Nested, DoublingTheDepthDoublesTheWork) {
    const auto& [open, middle, close] = GetParam();
    const auto text = [&](std::size_t n) { return times(open, n) + middle + times(close, n); };
    const std::size_t small = attempts(text(30));
    const std::size_t large = attempts(text(60));
    EXPECT_LT(large, small * 22 / 10) << open;
}

INSTANTIATE_TEST_SUITE_P(Shapes, Nested,
                         testing::Values(Shape{"(", "1", ")"}, Shape{"[", "1", "]"}, Shape{"#{a: ", "1", "}"},
                                         Shape{"f(", "1", ")"}, Shape{"a[", "1", "]"}, Shape{"|x| ", "1", ""},
                                         Shape{"|| { ", "1", " }"}, Shape{"{ ", "1", " }"}, Shape{"if a { ", "1", " }"},
                                         Shape{"`${", "1", "}`"}, Shape{"!", "1", ""}, Shape{"- ", "x", ""},
                                         Shape{"switch a { 1 => ", "1", " }"}, Shape{"rule \"a\" || ", "1", ""},
                                         Shape{"delegate s \"a\" || ", "1", ""}, Shape{"x.f(", "1", ")"},
                                         Shape{"while a { ", "1", " }"}, Shape{"try { ", "1", " } catch { }"},
                                         Shape{"do { ", "1", " } while a"}, Shape{"1 + (", "1", ") * 2"}));

class Long : public testing::TestWithParam<Shape> {};

TEST_P(Long, DoublingTheLengthDoublesTheWork) {
    const auto& [open, middle, close] = GetParam();
    const auto text = [&](std::size_t n) { return open + times(middle, n) + close; };
    const std::size_t small = attempts(text(500));
    const std::size_t large = attempts(text(1000));
    EXPECT_LT(large, small * 21 / 10) << middle;
}

INSTANTIATE_TEST_SUITE_P(Shapes, Long,
                         testing::Values(Shape{"1", " + 1", ""}, Shape{"a", ".b", ""}, Shape{"a", "[0]", ""},
                                         Shape{"a", "::b", ""}, Shape{"[", "1, ", "]"}, Shape{"f(", "1, ", ")"},
                                         Shape{"if a { }", " else if a { }", ""}, Shape{"", "let x = 1; ", ""},
                                         Shape{"`", "a ${b} ", "`"}, Shape{"switch a { ", "1 => 2, ", "}"},
                                         Shape{"switch a { 0", " | 1", " => 2 }"}, Shape{"\"", "a\\n\"\"", "\""},
                                         Shape{"/*", "/* */", "*/ 1"}, Shape{"1", " /* */", ""},
                                         Shape{"[", "rule \"a\" || { f(1); }, ", "]"}));

}  // namespace

}  // namespace sluice::grammar::vsl
