// Tokens: what matches, and how far.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "grammar/vsl/grammar.hpp"
#include "grammar/vsl/symbols.hpp"

namespace sluice::grammar::vsl {

namespace {

struct Failed {};

template <class Rule>
struct Control : p::normal<Rule> {
    template <class Input, class... States>
    [[noreturn]] static void raise(const Input&, States&&...) {
        throw Failed{};
    }
};

// What the rule takes off the text, "-" if it does not match, "!" if it raises an error.
template <class Rule>
std::string taken(std::string_view text) {
    p::memory_input<p::tracking_mode::lazy, p::eol::lf, const char*> in(text.data(), text.data() + text.size(), "");
    try {
        if (!p::parse<Rule, p::nothing, Control>(in)) return "-";
    } catch (const Failed&) {
        return "!";
    }
    return std::string(text.substr(0, static_cast<std::size_t>(in.current() - text.data())));
}

TEST(Lexis, Numbers) {
    EXPECT_EQ(taken<number>("1_000;"), "1_000");
    EXPECT_EQ(taken<number>("-5.abs()"), "-5");
    EXPECT_EQ(taken<number>("- 5"), "-");
    EXPECT_EQ(taken<number>("1.5.5"), "1.5");
    EXPECT_EQ(taken<number>("1.;"), "1.");
    EXPECT_EQ(taken<number>("1."), "1.");
    EXPECT_EQ(taken<number>("1.)"), "1.");
    EXPECT_EQ(taken<number>("1..2"), "1");
    EXPECT_EQ(taken<number>("1.abs"), "1");
    EXPECT_EQ(taken<number>("1._5"), "1");
    EXPECT_EQ(taken<number>("1e5"), "1e5");
    EXPECT_EQ(taken<number>("1E+5"), "1E+5");
    EXPECT_EQ(taken<number>("1.5e-3x"), "1.5e-3");
    EXPECT_EQ(taken<number>("1e"), "1");
    EXPECT_EQ(taken<number>("1e+"), "1");
    EXPECT_EQ(taken<number>(".5"), "-");
    EXPECT_EQ(taken<number>("0xFFg"), "0xFF");
    EXPECT_EQ(taken<number>("0XfF_0"), "0XfF_0");
    EXPECT_EQ(taken<number>("0b102"), "!");
    EXPECT_EQ(taken<number>("0b12"), "!");
    EXPECT_EQ(taken<number>("0o78"), "!");
    EXPECT_EQ(taken<number>("0o7a"), "!");
    EXPECT_EQ(taken<number>("0x"), "!");
    EXPECT_EQ(taken<number>("0x_"), "!");
    EXPECT_EQ(taken<number>("007"), "007");
}

TEST(Lexis, Names) {
    for (const auto good : {"x", "_x", "__a1", "x_1", "type", "global", "self", "and", "enum", "rule", "action",
                            "delegate", "notx", "isx", "lets", "Eval"}) {
        EXPECT_EQ(taken<name>(good), good);
    }
    for (const auto bad : {"_", "__", "_1", "__1a", "1x", "let", "is", "not", "this", "eval", "print", "call", "new",
                           "default", "exit", "$x", "é", ""}) {
        EXPECT_EQ(taken<name>(bad), "-") << bad;
    }
}

TEST(Lexis, Blanks) {
    EXPECT_EQ(taken<ws>(" \t\r\n\f x"), " \t\r\n\f ");
    EXPECT_EQ(taken<ws>("// to the end\nx"), "// to the end\n");
    EXPECT_EQ(taken<ws>("/* a /* b */ c */x"), "/* a /* b */ c */");
    EXPECT_EQ(taken<ws>("/*/*/**/*/*/x"), "/*/*/**/*/*/");
    EXPECT_EQ(taken<ws>("/* open /* */"), "");
    EXPECT_EQ(taken<ws>("/// doc\n//// more\n/** doc *//*** more */x"), "/// doc\n//// more\n/** doc *//*** more */");
    EXPECT_EQ(taken<ws>("\v"), "");  // vertical tab and Unicode blanks are none
    EXPECT_EQ(taken<ws>("\xC2\xA0"), "");
}

TEST(Lexis, StringsAndCharacters) {
    EXPECT_EQ(taken<string>(R"("a""b" c)"), R"("a""b")");
    EXPECT_EQ(taken<string>("\"a\\\nb\""), "\"a\\\nb\"");
    EXPECT_EQ(taken<string>("\"a\\\r\nb\""), "\"a\\\r\nb\"");
    EXPECT_EQ(taken<string>("\"a\nb\""), "!");
    EXPECT_EQ(taken<string>("\"a\r\nb\""), "!");
    EXPECT_EQ(taken<string>(R"("\'")"), "!");
    EXPECT_EQ(taken<string>(R"("\u12")"), "!");
    EXPECT_EQ(taken<character>("''''"), "''''");
    EXPECT_EQ(taken<character>("'\xC3\xA9'"), "'\xC3\xA9'");
    EXPECT_EQ(taken<character>(R"('\'')"), R"('\'')");
    EXPECT_EQ(taken<character>("''"), "!");
    EXPECT_EQ(taken<character>("'ab'"), "!");
    EXPECT_EQ(taken<character>("'\n'"), "!");
}

// Longest match: where the longest symbol is reserved, none of its beginnings is an operator.
TEST(Lexis, ReservedSymbolsAreNeverOperators) {
    for (const auto& symbol : symbols) {
        if (symbol.symbol_class != SymbolClass::reserved && symbol.symbol_class != SymbolClass::foreign) continue;
        const std::string text = std::string(symbol.text) + " x";
        EXPECT_EQ(taken<binary_operator>(text), "-") << text;
        EXPECT_EQ(taken<assign_operator>(text), "-") << text;
        EXPECT_EQ(taken<prefix_operator>(text), "-") << text;
        EXPECT_EQ(taken<colon>(text), "-") << text;
        EXPECT_EQ(taken<double_colon>(text), "-") << text;
        EXPECT_EQ(taken<bar>(text), "-") << text;
    }
}

TEST(Lexis, OperatorsMatchAsAWhole) {
    for (const auto& symbol : symbols) {
        const std::string text = std::string(symbol.text) + " x";
        const bool binary = symbol.symbol_class == SymbolClass::binary ||
                            (symbol.symbol_class == SymbolClass::prefix && symbol.text != "!");
        EXPECT_EQ(taken<binary_operator>(text), binary ? std::string(symbol.text) : "-") << text;
        const bool assignment = symbol.symbol_class == SymbolClass::assignment;
        EXPECT_EQ(taken<assign_operator>(text), assignment ? std::string(symbol.text) : "-") << text;
    }
    EXPECT_EQ(taken<binary_operator>("is x"), "is");
    EXPECT_EQ(taken<binary_operator>("not x"), "not");
    EXPECT_EQ(taken<binary_operator>("in x"), "in");
    EXPECT_EQ(taken<binary_operator>("inside"), "-");
    EXPECT_EQ(taken<binary_operator>("!inside"), "-");
    EXPECT_EQ(taken<prefix_operator>("!inside"), "!");
    EXPECT_EQ(taken<prefix_operator>("!in x"), "-");
    EXPECT_EQ(taken<prefix_operator>("-5"), "-");
    EXPECT_EQ(taken<label_operator>("| 2"), "-");
    EXPECT_EQ(taken<label_operator>("|| 2"), "||");
    EXPECT_EQ(taken<label_operator>(".. 2"), "..");
}

TEST(Lexis, SymbolAt) {
    EXPECT_EQ(symbol_at("===x")->text, "===");
    EXPECT_EQ(symbol_at("!inside")->text, "!");
    EXPECT_EQ(symbol_at("!in x")->text, "!in");
    EXPECT_EQ(symbol_at("::<")->text, "::<");
    EXPECT_EQ(symbol_at("abc"), nullptr);
}

TEST(Lexis, Words) {
    EXPECT_EQ(classify("let"), WordClass::keyword);
    EXPECT_EQ(classify("is_def_var"), WordClass::callable);
    EXPECT_EQ(classify("protected"), WordClass::reserved);
    EXPECT_EQ(classify("Let"), WordClass::name);
    EXPECT_EQ(words.size(), 24U + 5U + 4U + 2U + 1U + 1U + 26U);
}

}  // namespace

}  // namespace sluice::grammar::vsl
