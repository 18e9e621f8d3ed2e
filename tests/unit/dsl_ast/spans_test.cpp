// Spans: each node's text, cut out of the source.
#include <gtest/gtest.h>

#include "dsl/ast/walk.hpp"
#include "parsing.hpp"

namespace sluice::dsl::ast {

namespace {

// Texts of all nodes of one kind, in the order of a walk from the root, joined by " | ".
std::string spans(std::string_view text, Kind kind) {
    const Parsed parsed = parse_text(text);
    if (parsed.ast == nullptr) return places(parsed);
    std::string out;
    std::vector<const Node*> waiting(parsed.ast->statements.rbegin(), parsed.ast->statements.rend());
    for (const Function* f : parsed.ast->functions) waiting.insert(waiting.begin(), f);
    while (!waiting.empty()) {
        const Node* n = waiting.back();
        waiting.pop_back();
        if (n->kind == kind) out += (out.empty() ? "" : " | ") + std::string(parsed.ast->source()->text(n->span));
        std::vector<const Node*> children;
        for_each_child(*n, [&](const Node& child) { children.push_back(&child); });
        waiting.insert(waiting.end(), children.rbegin(), children.rend());
    }
    return out;
}

TEST(Spans, Operators) {
    EXPECT_EQ(spans("  a + b * c  ;", Kind::binary), "a + b * c | b * c");
    EXPECT_EQ(spans("(a + b) /* x */ * c", Kind::binary), "(a + b) /* x */ * c | (a + b)");
    EXPECT_EQ(spans("- a + ! ! b", Kind::unary), "- a | ! ! b | ! b");
    const Parsed parsed = parse_text("aa  <<= b");
    EXPECT_EQ(parsed.ast->source()->text(as<Assign>(*parsed.ast->statements[0]).op_span), "<<=");
    const Parsed in = parse_text("a !in b");
    EXPECT_EQ(in.ast->source()->text(as<Binary>(*in.ast->statements[0]).op_span), "!in");
}

TEST(Spans, Suffixes) {
    EXPECT_EQ(spans("a.b . c ( 1 ) [ 2 ] ", Kind::method), "a.b . c ( 1 )");
    EXPECT_EQ(spans("a.b . c ( 1 ) [ 2 ] ", Kind::index), "a.b . c ( 1 ) [ 2 ]");
    EXPECT_EQ(spans("a.b . c ( 1 )", Kind::property), "a.b");
    EXPECT_EQ(spans("m::f ( a , b ) ;", Kind::call), "m::f ( a , b )");
    EXPECT_EQ(spans("x + m :: a :: b ;", Kind::path), "m :: a :: b");
    const Parsed parsed = parse_text("a . bc ( )");
    EXPECT_EQ(parsed.ast->source()->text(as<Method>(*parsed.ast->statements[0]).name_span), "bc");
}

TEST(Spans, Literals) {
    EXPECT_EQ(spans(" `a ${ b } c` ;", Kind::template_), "`a ${ b } c`");
    EXPECT_EQ(spans(" `a ${ b } c` ;", Kind::string), "a  |  c");
    EXPECT_EQ(spans(" `a ${ b } c` ;", Kind::block), "${ b }");
    EXPECT_EQ(spans("[ 1 , 2 ] ;", Kind::array), "[ 1 , 2 ]");
    EXPECT_EQ(spans("#{ a : 1 } ;", Kind::map), "#{ a : 1 }");
    EXPECT_EQ(spans("f( -5 , 1. , () , true , 'c' )", Kind::integer), "-5");
    EXPECT_EQ(spans("f( -5 , 1. , () , true , 'c' )", Kind::floating), "1.");
    EXPECT_EQ(spans("f( -5 , 1. , () , true , 'c' )", Kind::unit), "()");
    EXPECT_EQ(spans("f( -5 , 1. , () , true , 'c' )", Kind::boolean), "true");
    EXPECT_EQ(spans("f( -5 , 1. , () , true , 'c' )", Kind::character), "'c'");
    EXPECT_EQ(spans("f( \"a\" , `b` )", Kind::string), "\"a\" | `b`");
    EXPECT_EQ(spans("( a ) + b", Kind::name), "( a ) | b");  // parentheses belong to the value inside
}

TEST(Spans, Closures) {
    EXPECT_EQ(spans("f( | a , b | a + b , 1 )", Kind::closure), "| a , b | a + b");
    EXPECT_EQ(spans("f( || { 1 } , 1 )", Kind::closure), "|| { 1 }");
    EXPECT_EQ(spans("[ rule \"a\" || b , 1 ]", Kind::directive), "rule \"a\" || b");
}

TEST(Spans, Statements) {
    EXPECT_EQ(spans("let a = 1 ; let b ;", Kind::let), "let a = 1 | let b");
    EXPECT_EQ(spans("if a { } else if b { } else { } c", Kind::if_),
              "if a { } else if b { } else { } | if b { } else { }");
    EXPECT_EQ(spans("while a { } ;", Kind::while_), "while a { }");
    EXPECT_EQ(spans("do { } while a ;", Kind::do_), "do { } while a");
    EXPECT_EQ(spans("for a in b { } ;", Kind::for_), "for a in b { }");
    EXPECT_EQ(spans("loop { break a ; continue ; } ;", Kind::break_), "break a");
    EXPECT_EQ(spans("loop { break a ; continue ; } ;", Kind::continue_), "continue");
    EXPECT_EQ(spans("try { } catch ( e ) { } ;", Kind::try_), "try { } catch ( e ) { }");
    EXPECT_EQ(spans("switch a { 1 => 2 , } ;", Kind::switch_), "switch a { 1 => 2 , }");
    EXPECT_EQ(spans("a . b = c ;", Kind::assign), "a . b = c");
    EXPECT_EQ(spans("return ; return a ;", Kind::return_), "return | return a");
    EXPECT_EQ(spans("throw ; throw a ;", Kind::throw_), "throw | throw a");
    EXPECT_EQ(spans("import \"a\" as b ;", Kind::import), "import \"a\" as b");
    EXPECT_EQ(spans("export let a = 1 ; export a as b ;", Kind::export_), "export let a = 1 | export a as b");
    EXPECT_EQ(spans(" private fn f ( a ) { 1 } ", Kind::function), "private fn f ( a ) { 1 }");
    EXPECT_EQ(spans("{ { } } ;", Kind::block), "{ { } } | { }");
}

TEST(Spans, CasesAndDeclarations) {
    const Parsed parsed = parse_text("switch a { 1 | 2 if b => { } , _ => c , }");
    const auto cases = as<Switch>(*parsed.ast->statements[0]).cases;
    EXPECT_EQ(parsed.ast->source()->text(cases[0].span), "1 | 2 if b => { }");
    EXPECT_EQ(parsed.ast->source()->text(cases[1].span), "_ => c");
    const Parsed loop = parse_text("for ( item , at ) in a { }");
    const auto& f = as<For>(*loop.ast->statements[0]);
    EXPECT_EQ(loop.ast->source()->text(f.item->span), "item");
    EXPECT_EQ(loop.ast->source()->text(f.counter->span), "at");
    const Parsed map = parse_text("#{ a : 1 , \"b\" : 2 }");
    EXPECT_EQ(map.ast->source()->text(as<Map>(*map.ast->statements[0]).entries[1].key_span), "\"b\"");
    const Parsed rule = parse_text("delegate s `x` || 1");
    EXPECT_EQ(rule.ast->source()->text(as<Directive>(*rule.ast->statements[0]).name_span), "`x`");
}

}  // namespace

}  // namespace sluice::dsl::ast
