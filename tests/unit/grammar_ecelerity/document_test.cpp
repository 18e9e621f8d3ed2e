// ecelerity.conf: what is read, as Momentum's documentation writes it, and what is told about what cannot be.
#include "grammar/ecelerity/document.hpp"

#include <gtest/gtest.h>

#include "grammar/ecelerity/limits.hpp"

namespace sluice::grammar::ecelerity {

namespace {

// The tree on one line: stanza{…}, "header", Name=value.
std::string shown(const Document& document) {
    std::string out;
    for (const auto& statement : document) {
        if (!out.empty()) out += ' ';
        out += statement.name;
        if (statement.has_header) out += "<" + statement.header + ">";
        if (statement.kind == Statement::Kind::option) out += "=" + print(statement.value);
        if (statement.kind == Statement::Kind::stanza) out += "{" + shown(statement.body) + "}";
    }
    return out;
}

std::string read(std::string_view text) {
    const auto parsed = parse(text);
    if (const auto* error = std::get_if<SyntaxError>(&parsed)) return "error: " + error->message;
    return shown(std::get<Document>(parsed));
}

struct Sample {
    const char* text;
    const char* tree;
};

class Read : public testing::TestWithParam<Sample> {};

TEST_P(Read, Gives) { EXPECT_EQ(read(GetParam().text), GetParam().tree) << GetParam().text; }

INSTANTIATE_TEST_SUITE_P(
    Samples, Read,
    testing::Values(
        Sample{"", ""}, Sample{"\xEF\xBB\xBF# a mark in front\n", ""}, Sample{"a = b", "a=b"},
        Sample{"a=b;c = \"d e\" ; e = 'f \"g\"'", "a=b c=\"d e\" e=\"f \"g\"\""}, Sample{"a\n=\nb", "a=b"},
        Sample{"a = 0666 b = 10.0.0.1 c = 2001:db8::1", "a=0666 b=10.0.0.1 c=2001:db8::1"},
        Sample{"Enable = false # <-- REMOVE THIS TO ENABLE!\nTLS = required", "Enable=false TLS=required"},
        Sample{"/* a = b\n{ */ c = d /**/", "c=d"},
        Sample{"tls_dhparams_file = /path/to/dh.pem", "tls_dhparams_file=/path/to/dh.pem"},
        Sample{"a = b/* why */ c = d", "a=b c=d"}, Sample{"a = b#why\nc = d", "a=b c=d"},
        Sample{"ESMTP_Listener { Listen \":25\" { } }", "ESMTP_Listener{Listen<:25>{}}"},
        Sample{"ESMTP_Listener = { Use_SSL = true }", "ESMTP_Listener{Use_SSL=true}"},
        Sample{"Domain bank.fi {\n TLS = required }", "Domain<bank.fi>{TLS=required}"},
        Sample{"binding \"b\" { domain \"x\" { tls = \"required\" }; };", "binding<b>{domain<x>{tls=\"required\"}}"},
        Sample{"tls_macros {}", "tls_macros{}"}, Sample{"ec_logger \"ec_logger\"\n{\n}", "ec_logger<ec_logger>{}"},
        Sample{"a = ()", "a=( )"}, Sample{"a = ( \"A\" \"B\" )", "a=( \"A\" \"B\" )"},
        Sample{"a = (\"A\",\"B\", )", "a=( \"A\" \"B\" )"}, Sample{"a = ( # one\n A B )", "a=( A B )"},
        Sample{"a = ((b) [c])", "a=( ( b ) [ c ] )"}, Sample{"a = [ b = c d = \"e\" ]", "a=[ b = c d = \"e\" ]"},
        Sample{"a = [ b = ( c d ), e = [ f = g ] h ]", "a=[ b = ( c d ) e = [ f = g ] h ]"},
        Sample{"include \"other.conf\"\nreadonly_include '/a b'\nInclude x.conf",
               "include<other.conf> readonly_include</a b> Include<x.conf>"},
        Sample{"Domain a { include \"b.conf\" c = d }", "Domain<a>{include<b.conf> c=d}"},
        Sample{"include_path = a", "include_path=a"}, Sample{"a = \"b\\\"c\\\\d\\w\"", "a=\"b\"c\\d\\w\""},
        Sample{"a = \"two\nlines\"", "a=\"two\nlines\""}, Sample{"a = \"\"", "a=\"\""},
        Sample{"a = '\\''", "a=\"'\""}));

struct Fault {
    const char* text;
    std::uint32_t at;
    const char* message;
};

class Refused : public testing::TestWithParam<Fault> {};

TEST_P(Refused, TellsWhere) {
    const auto& [text, at, message] = GetParam();
    const auto parsed = parse(text);
    const auto* error = std::get_if<SyntaxError>(&parsed);
    ASSERT_NE(error, nullptr) << text;
    EXPECT_EQ(error->at, at) << text;
    EXPECT_EQ(error->message, message) << text;
    EXPECT_FALSE(error->hint.empty());
}

INSTANTIATE_TEST_SUITE_P(
    Samples, Refused,
    testing::Values(Fault{"TLS", 3, "expected `=` or `{` after the name"},
                    Fault{"TLS required\nx = y", 13, "expected `{` to open the stanza"},
                    Fault{"TLS =\n", 6, "expected a value after `=`"},
                    Fault{"TLS = }", 6, "expected a value after `=`"},
                    Fault{"Domain x { a = b", 16, "expected an option, a stanza or `}` to close the stanza"},
                    Fault{"a = b }", 6, "expected an option or a stanza"},
                    Fault{"a = ( b", 7, "expected a value or `)` to close the list"},
                    Fault{"a = ( b = c )", 8, "expected a value or `)` to close the list"},
                    Fault{"a = [ b = ]", 10, "expected a value after `=`"},
                    Fault{"a = [ b = c", 11, "expected an entry or `]` to close the dictionary"},
                    Fault{"a = \"b", 4, "this string does not end"}, Fault{"a = 'b\"", 4, "this string does not end"},
                    Fault{"a = b /* c", 6, "this comment does not end"},
                    Fault{"include { }", 8, "expected the path of the file to include"},
                    Fault{"= b", 0, "expected an option or a stanza"}));

std::string nested(std::size_t depth) {
    std::string text;
    for (std::size_t i = 0; i < depth; ++i) text += "a { ";
    for (std::size_t i = 0; i < depth; ++i) text += "} ";
    return text;
}

TEST(Depth, AtTheLimitAndOnePast) {
    EXPECT_FALSE(read(nested(max_depth)).starts_with("error"));
    EXPECT_EQ(read(nested(max_depth + 1)), "error: stanzas and values are nested too deep");
    const std::string brackets(max_depth, '[');
    EXPECT_FALSE(read("a = " + brackets + std::string(max_depth, ']')).starts_with("error"));
    EXPECT_EQ(read("a = [" + brackets + std::string(max_depth + 1, ']')),
              "error: stanzas and values are nested too deep");
}

TEST(Places, AreThoseOfTheText) {
    const std::string text = "# one\nDomain \"x\" {\n  TLS_CA = ( \"a\" b )\n}";
    const auto parsed = parse(text);
    const auto& domain = std::get<Document>(parsed).at(0);
    const auto part = [&](TextRange range) { return text.substr(range.begin, range.end - range.begin); };
    EXPECT_EQ(part(domain.range), "Domain");
    EXPECT_EQ(part(domain.body.at(0).range), "TLS_CA");
    EXPECT_EQ(part(domain.body.at(0).value.range), "( \"a\" b )");
    EXPECT_EQ(part(domain.body.at(0).value.items.at(1).range), "b");
}

}  // namespace

}  // namespace sluice::grammar::ecelerity
