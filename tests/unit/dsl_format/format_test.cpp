#include "dsl/format/format.hpp"

#include <gtest/gtest.h>

#include "dsl/diag/render.hpp"

namespace sluice::dsl {
namespace {

std::string formatted(const std::string& text) {
    Diagnostics diagnostics;
    const auto result = format::format(std::make_shared<SourceFile>("script", text), {}, diagnostics);
    EXPECT_TRUE(result) << render(diagnostics.all());
    return result.value_or("");
}

struct Sample {
    const char* name;
    const char* before;
    const char* after;
};

const Sample samples[] = {
    {"empty file", "", ""},
    {"only comments", "\n\n//! About this file.\n\n\n// more  \n", "//! About this file.\n\n// more\n"},
    {"hash-bang", "#!/usr/bin/sluice\nlet x=1;", "#!/usr/bin/sluice\nlet x = 1;\n"},
    {"empty lines", "\n\nlet a = 1;\n\n\n\nlet b = 2;\nlet c = 3;\n\n", "let a = 1;\n\nlet b = 2;\nlet c = 3;\n"},
    {"comments above and beside", "// above\nlet a = 1;// beside\n// below\n",
     "// above\nlet a = 1; // beside\n// below\n"},
    {"comments in a list", "let a = [ // first\n1, // one\n// two\n2 // the end\n// behind\n];",
     "let a = [ // first\n    1, // one\n    // two\n    2, // the end\n    // behind\n];\n"},
    {"comments before a comma", "let a = [1 // one\n, 2];", "let a = [\n    1, // one\n    2,\n];\n"},
    {"comments in a map", "#{\n// why\na: 1,\n\n// the other\nb: 2 /* two */,\n}",
     "#{\n    // why\n    a: 1,\n\n    // the other\n    b: 2 /* two */,\n}\n"},
    {"comments among arguments", "f(/* a */ 1, 2 /* b */);", "f(/* a */ 1, 2 /* b */);\n"},
    {"a comment in an expression", "let a = 1 // one\n+ 2;", "let a = 1 // one\n    + 2;\n"},
    {"a block of comments", "fn f() {\n// nothing yet\n}", "fn f() {\n    // nothing yet\n}\n"},
    {"a starred comment", "fn f() {\n/**\n      * a\n*/\n1 }", "fn f() {\n    /**\n     * a\n     */\n    1\n}\n"},
    {"a drawn comment stays", "/* +--+\n   |  |\n*/\nf();", "/* +--+\n   |  |\n*/\nf();\n"},
    {"a comment before else", "if a { b() }\n// or else\nelse { c() }",
     "if a {\n    b()\n}\n// or else\nelse {\n    c()\n}\n"},
    {"comments among cases", "switch a {\n// one\n1 => 2, // beside\n_ => 3\n}",
     "switch a {\n    // one\n    1 => 2, // beside\n    _ => 3,\n}\n"},
    {"lists on one line", "let a = [1,2,3,]; let b = #{a:1,\"b c\":[ ]}; f( a,b );",
     "let a = [1, 2, 3];\nlet b = #{ a: 1, \"b c\": [] };\nf(a, b);\n"},
    {"a list that was tall stays tall", "let a = [\n\"example.com\"];", "let a = [\n    \"example.com\",\n];\n"},
    {"directives stand each on a line",
     "#{mail:[rule \"a\" ||state::next(),action \"b\" || { log(\"info\", \"x\"); }]}",
     "#{\n    mail: [\n        rule \"a\" || state::next(),\n        action \"b\" || { log(\"info\", \"x\"); },\n    "
     "],\n}\n"},
    {"delegates", "[delegate  svc \"x\"||1, delegate(svc) \"y\" || 2, delegate (svc)]",
     "[\n    delegate svc \"x\" || 1,\n    delegate (svc) \"y\" || 2,\n    delegate(svc),\n]\n"},
    {"a block as the last argument", "list.filter(|x| {\nx > 1 });", "list.filter(|x| {\n    x > 1\n});\n"},
    {"caller scope", "f ! ( 1 );", "f!(1);\n"},
    {"signs", "let a = - 1 + -1 - - 1 * !b - +c;", "let a = - 1 + -1 - - 1 * !b - +c;\n"},
    {"ranges", "0 .. 10; 0..=n+1; 1. .. 2;", "0..10;\n0 ..= n + 1;\n1. .. 2;\n"},
    {"parentheses stay", "let a = ( (1+2) )*(x).y;", "let a = ((1 + 2)) * (x).y;\n"},
    {"operators keep their spelling", "a is b && c not d && e!in f", "a is b && c not d && e !in f\n"},
    {"back-tick strings keep their text", "let a = `x ${ f( 1 )+`${b}` }\n  y`;",
     "let a = `x ${ f( 1 )+`${b}` }\n  y`;\n"},
    {"semicolons", ";;let a = 1;; if a {b();}; { c };", "let a = 1;\nif a { b(); }\n{ c };\n"},
    {"the last semicolon is the writer's", "fn f() { 1 } fn g() { 1; }", "fn f() { 1 }\nfn g() { 1; }\n"},
    {"modules", "import \"lib\"as l;export let x=l::y; export x as z;",
     "import \"lib\" as l;\nexport let x = l::y;\nexport x as z;\n"},
    {"control flow", "for(a,b)in c{d()} while x<1{x+=1} do{y()}until z; loop{break 1} try{throw 1}catch(e){f(e)}",
     "for (a, b) in c { d() }\nwhile x < 1 { x += 1 }\ndo { y() } until z;\nloop { break 1 }\n"
     "try { throw 1 } catch (e) { f(e) }\n"},
    {"line ends of DOS stay", "let a = 1;\r\nlet b = [\r\n1];\r\n", "let a = 1;\r\nlet b = [\r\n    1,\r\n];\r\n"},
    {"a long condition",
     "if ctx::client_ip() == \"192.0.2.1\" && ctx::helo() == \"a.example.com\" && ctx::server_port() == 25 + 1000 { "
     "a() }",
     "if ctx::client_ip() == \"192.0.2.1\"\n        && ctx::helo() == \"a.example.com\"\n"
     "        && ctx::server_port() == 25 + 1000 {\n    a()\n}\n"},
    {"a long chain of calls",
     "let a = addresses.filter(|a| a.domain == \"example.com\").map(|a| a.local_part).reduce(|a, b| a + b, \"\");",
     "let a = addresses\n    .filter(|a| a.domain == \"example.com\")\n    .map(|a| a.local_part)\n"
     "    .reduce(|a, b| a + b, \"\");\n"},
    {"a long list of arguments",
     "state::deny(\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\", \"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\", 1 + 2);",
     "state::deny(\n    \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\",\n"
     "    \"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\",\n    1 + 2,\n);\n"},
};

TEST(Format, Samples) {
    for (const auto& sample : samples) {
        EXPECT_EQ(formatted(sample.before), sample.after) << sample.name;
        EXPECT_EQ(formatted(sample.after), sample.after) << sample.name << ", once more";
    }
}

TEST(Format, SyntaxErrorsAreToldAndNothingIsMade) {
    Diagnostics diagnostics;
    const auto source = std::make_shared<SourceFile>("script", "let a = [1, 2;\n");
    EXPECT_FALSE(format::format(source, {}, diagnostics));
    ASSERT_FALSE(diagnostics.all().empty());
    EXPECT_EQ(diagnostics.all().front().source, source);
}

// What such a string says depends on the column it begins in.
TEST(Format, ContinuedStringsSayTheSame) {
    EXPECT_EQ(formatted("  let s = \"a\\\n             b\\\n   c\";"),
              "let s = \"a\\\n           b\\\n         c\";\n");
}

TEST(Format, ChainsOfAnyLength) {
    std::string sum = "1", calls = "a", branches = "if a { b } ";
    for (int i = 0; i < 100'000; ++i) sum += "+1";
    for (int i = 0; i < 20'000; ++i) calls += ".b()[0].c";
    for (int i = 0; i < 10'000; ++i) branches += "else if a { b } ";
    EXPECT_EQ(formatted(sum).substr(0, 12), "1\n    + 1\n  ");
    EXPECT_EQ(formatted(calls).substr(0, 13), "a\n    .b()[0]");
    EXPECT_EQ(formatted(branches).substr(0, 27), "if a {\n    b\n} else if a {\n");
}

}  // namespace
}  // namespace sluice::dsl
