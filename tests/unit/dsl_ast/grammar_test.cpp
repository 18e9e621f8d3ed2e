// The grammar of section 3, point by point, and directives.
#include <gtest/gtest.h>

#include "parsing.hpp"

namespace sluice::dsl::ast {

namespace {

TEST(Points, P1_UnitIsOneToken) {
    EXPECT_EQ(dump("()"), "()");
    EXPECT_EQ(dump("f()"), "(call f)");
    EXPECT_EQ(dump("f( )"), "(call f)");
    EXPECT_EQ(dump("f(())"), "(call f ())");
    EXPECT_EQ(errors_of("( )"), "blank_unit 1:3-4");
    EXPECT_EQ(errors_of("(/**/)"), "blank_unit 1:6-7");
}

TEST(Points, P2_ClosedStatementsEndAtTheirBrace) {
    EXPECT_EQ(dump("if a { 1 } else { 2 } + 3"), "(if a (block 1) (block 2)) ; (+ 3)");
    EXPECT_EQ(dump("{ [5] }[0]"), "(block (array 5)) ; (array 0)");
    EXPECT_EQ(dump("switch a { } -1"), "(switch a) ; -1");
    EXPECT_EQ(dump("loop { } (a)"), "(loop (block)) ; a");
    EXPECT_EQ(dump("while a { } [b]"), "(while a (block)) ; (array b)");
    EXPECT_EQ(dump("for a in b { } !c"), "(for a b (block)) ; (! c)");
    EXPECT_EQ(dump("let x = if a { 1 } else { 2 } + 3;"), "(let x (+ (if a (block 1) (block 2)) 3))");
    EXPECT_EQ(dump("x = { [5] }[0]"), "(= x (index (block (array 5)) 0))");
    EXPECT_EQ(dump("let v = switch a { 1 => 2 }.foo()"), "(let v (method (switch a (case (1) 2)) foo))");
    EXPECT_EQ(dump("let v = loop { break 1 } + while a { } * for b in c { };"),
              "(let v (+ (loop (block (break 1))) (* (while a (block)) (for b c (block)))))");
    EXPECT_EQ(dump("let v = do { 1 } while a + 1;"), "(let v (do-while (block 1) (+ a 1)))");
    EXPECT_EQ(dump("a + if b { 1 } + 2"), "(+ (+ a (if b (block 1))) 2)");
    EXPECT_EQ(dump("if a { } if b { } { } { }"), "(if a (block)) ; (if b (block)) ; (block) ; (block)");
}

TEST(Points, P3_OpenStatementsNeedASemicolonUnlessLast) {
    EXPECT_EQ(dump("{ let x = 1 } { x = 1 } { do { } while a }"),
              "(block (let x 1)) ; (block (= x 1)) ; (block (do-while (block) a))");
    EXPECT_EQ(dump("let f = || { };"), "(let f (closure () (block)))");
    EXPECT_EQ(dump("if a { } ; ; let x ; ;"), "(if a (block)) ; (let x)");
    EXPECT_EQ(errors_of("do { } while a b"), "missing_semicolon 1:15-15");
    EXPECT_EQ(errors_of("let f = || { } f"), "missing_semicolon 1:15-15");
    EXPECT_EQ(errors_of("|| { } f"), "missing_semicolon 1:7-7");
    EXPECT_EQ(errors_of("{ let x = 1 x }"), "missing_semicolon 1:12-12");
    EXPECT_EQ(dump(";;;"), "");
    EXPECT_EQ(dump("{;;;}"), "(block)");
}

TEST(Points, P4_OnlyNamesAreCalled) {
    EXPECT_EQ(dump("a::b::c(1)"), "(call a::b::c 1)");
    EXPECT_EQ(dump("f (1)"), "(call f 1)");
    EXPECT_EQ(dump("f().call(x)"), "(method (call f) call x)");
    EXPECT_EQ(errors_of("f()(x)"), "call_of_value 1:4-5");
    EXPECT_EQ(errors_of("a[0](x)"), "call_of_value 1:5-6");
    EXPECT_EQ(errors_of("(m.f)(x)"), "call_of_value 1:6-7");
    EXPECT_EQ(errors_of("(f)(x)"), "call_of_value 1:4-5");
    EXPECT_EQ(errors_of("let x = f()(x);"), "call_of_value 1:12-13");
    EXPECT_EQ(errors_of("[f()(x)]"), "call_of_value 1:5-6");
}

TEST(Points, P5_TheBodyOfAClosureIsAStatement) {
    EXPECT_EQ(dump("|x| y = x"), "(closure (x) (= y x))");
    EXPECT_EQ(dump("|x| return x"), "(closure (x) (return x))");
    EXPECT_EQ(dump("|x| throw x"), "(closure (x) (throw x))");
    EXPECT_EQ(dump("|| let x = 1"), "(closure () (let x 1))");
    EXPECT_EQ(dump("[|| return, || throw]"), "(array (closure () (return)) (closure () (throw)))");
    EXPECT_EQ(dump("|| 5.call()"), "(closure () (method 5 call))");
    EXPECT_EQ(dump("|| { 1 }.call()"), "(method (closure () (block 1)) call)");
    EXPECT_EQ(dump("|| { 1 } + 2"), "(+ (closure () (block 1)) 2)");
    EXPECT_EQ(dump("|x| if x { 1 }.foo"), "(. (closure (x) (if x (block 1))) foo)");
    EXPECT_EQ(dump("|x| |y| x * y"), "(closure (x) (closure (y) (* x y)))");
    EXPECT_EQ(dump("f(|| 1, |a, b,| 2)"), "(call f (closure () 1) (closure (a b) 2))");
    EXPECT_EQ(dump("a || || b"), "(|| a (closure () b))");
    EXPECT_EQ(dump("|a| a || |b| b"), "(closure (a) (|| a (closure (b) b)))");
    EXPECT_EQ(dump("#{f: |x| x += 1, g: 2}"), "(map \"f\" (closure (x) (+= x 1)) \"g\" 2)");
    EXPECT_EQ(dump("|| try { } catch { }"), "(closure () (try (block) - (block)))");
}

TEST(Points, P6_BarSeparatesLabels) {
    EXPECT_EQ(dump("switch a { 1 | 2 | 3 => b }"), "(switch a (case (1 2 3) b))");
    EXPECT_EQ(dump("switch a { 1 => 2 | 3 }"), "(switch a (case (1) (| 2 3)))");
    EXPECT_EQ(dump("switch a | b { 1 if c | d => 2 }"), "(switch (| a b) (case (1) if (| c d) 2))");
    EXPECT_EQ(errors_of("switch a { (1 | 2) => 3 }"), "switch_label_not_literal 1:12-19");
}

TEST(Points, P7_Cases) {
    EXPECT_EQ(dump("switch a { 1 => { 10 } 2 => { 20 }, 3 => if b { } 4 => 5, }"),
              "(switch a (case (1) (block 10)) (case (2) (block 20)) (case (3) (if b (block))) (case (4) 5))");
    EXPECT_EQ(dump("switch a { 1 => z = 1, 2 => return 5, 3 => let x = 1, _ => throw }"),
              "(switch a (case (1) (= z 1)) (case (2) (return 5)) (case (3) (let x 1)) (case (_) (throw)))");
    EXPECT_EQ(dump("loop { switch a { 1 => break, 2 => continue, 3 => return, 4 => throw, 5 => break 1 } }"),
              "(loop (block (switch a (case (1) (break)) (case (2) (continue)) (case (3) (return)) (case (4) (throw)) "
              "(case (5) "
              "(break 1)))))");
    EXPECT_EQ(dump("switch a { 1 => || { } , 2 => 3 }"), "(switch a (case (1) (closure () (block))) (case (2) 3))");
    EXPECT_EQ(dump("switch a { 1 => do { } while b, _ => c }"),
              "(switch a (case (1) (do-while (block) b)) (case (_) c))");
    EXPECT_EQ(errors_of("switch a { 1 => || { } 2 => 3 }"), "missing_case_comma 1:23-23");
    EXPECT_EQ(dump("switch a { }"), "(switch a)");
    EXPECT_EQ(dump("switch 1 is 1 { true => 2 }"), "(switch (== 1 1) (case (true) 2))");
    EXPECT_EQ(dump("switch { a } { _ => 1 }"), "(switch (block a) (case (_) 1))");
}

TEST(Points, P7_LabelsAreLiterals) {
    EXPECT_EQ(dump("switch a { -1 | - 2 | +3 | - -4 | (5) | -1.5 => b }"), "(switch a (case (-1 -2 3 4 5 -1.5) b))");
    EXPECT_EQ(dump("switch a { [1, -2, [- 3]] | #{k: - 4} | () | 'c' | \"s\" | `t` | true => b }"),
              "(switch a (case ((array 1 -2 (array -3)) (map \"k\" -4) () 'c' \"s\" \"t\" true) b))");
    EXPECT_EQ(dump("switch a { 0..5 | -3..=- 1 | (7..8) => b }"),
              "(switch a (case ((.. 0 5) (..= -3 -1) (.. 7 8)) b))");
    EXPECT_EQ(dump("switch a { - 0x8000000000000000 => b }"), "(switch a (case (9.223372036854776e+18) b))");
    EXPECT_EQ(errors_of("switch a { b => 1, 1 + 1 => 2, 1.0..2.0 => 3, f() => 4, `${1}` => 5, !true => 6, [c] => 7 }"),
              "switch_label_not_literal 1:12-13, switch_label_not_literal 1:20-25, switch_label_not_literal 1:32-40, "
              "switch_label_not_literal 1:47-50, switch_label_not_literal 1:57-63, switch_label_not_literal 1:70-75, "
              "switch_label_not_literal 1:82-85");
}

TEST(Points, P8_KeysAndProperties) {
    EXPECT_EQ(dump("#{a: 1, \"b c\": 2, `d`: 3, type: 4, \"\\x41\": 5, \"if\": 6, rule: 7, }"),
              "(map \"a\" 1 \"b c\" 2 \"d\" 3 \"type\" 4 \"A\" 5 \"if\" 6 \"rule\" 7)");
    EXPECT_EQ(dump("#{}"), "(map)");
    EXPECT_EQ(dump("credentials.type"), "(. credentials type)");
    EXPECT_EQ(dump("m[\"default\"]"), "(index m \"default\")");
    EXPECT_EQ(dump("x.type_of() + x.call() + x.curry(1) + x.is_shared()"),
              "(+ (+ (+ (method x type_of) (method x call)) (method x curry 1)) (method x is_shared))");
    EXPECT_EQ(errors_of("m.default"), "reserved_property 1:3-10");
    EXPECT_EQ(errors_of("#{default: 1}"), "reserved_property 1:3-10");
    EXPECT_EQ(errors_of("#{`a${1}`: 1}"), "map_key_interpolated 1:5-7");
    EXPECT_EQ(errors_of("#{\"a\": 1, `b${1}`: 1}"), "map_key_interpolated 1:13-15");
}

TEST(Points, P9_ConstantConditions) {
    for (const std::string wrong : {"1", "1.5", "\"s\"", "'c'", "()", "[]", "#{}", "(1)", "`t`", "`${1}`"}) {
        EXPECT_NE(errors_of("if " + wrong + " { }").find("condition_type"), std::string::npos) << wrong;
        EXPECT_NE(errors_of("while " + wrong + " { }").find("condition_type"), std::string::npos) << wrong;
        EXPECT_NE(errors_of("do { } while " + wrong).find("condition_type"), std::string::npos) << wrong;
        EXPECT_NE(errors_of("do { } until " + wrong).find("condition_type"), std::string::npos) << wrong;
        EXPECT_NE(errors_of("switch a { 1 if " + wrong + " => 2 }").find("condition_type"), std::string::npos) << wrong;
        EXPECT_NE(errors_of("a && " + wrong).find("operand_type"), std::string::npos) << wrong;
        EXPECT_NE(errors_of(wrong + " || a").find("operand_type"), std::string::npos) << wrong;
    }
    for (const std::string wrong : {"1", "1.5", "true", "'c'", "()", "#{}"}) {
        EXPECT_NE(errors_of("for a in " + wrong + " { }").find("loop_source_type"), std::string::npos) << wrong;
    }
    for (const std::string fine : {"true", "a", "!a", "1 == 1", "f()", "(true)", "|| 1", "1..2"}) {
        EXPECT_EQ(errors_of("if " + fine + " { } while " + fine + " { }"), "") << fine;
    }
    EXPECT_EQ(errors_of("for a in \"s\" { } for a in [] { } for a in 1..2 { } for a in b { } for a in `${1}` { }"), "");
}

TEST(Points, P10_LiteralIndices) {
    for (const std::string base : {"[1]", "\"s\"", "5", "`${a}`"}) {
        for (const std::string wrong : {"\"k\"", "1.5", "'c'", "true", "()"}) {
            EXPECT_NE(errors_of(base + "[" + wrong + "]").find("index_type"), std::string::npos) << base << wrong;
        }
        EXPECT_EQ(errors_of(base + "[0]; " + base + "[a]; " + base + "[1..2]; " + base + "[-1]"), "") << base;
    }
    EXPECT_EQ(errors_of("#{}[1]"), "map_index_type 1:5-6");
    EXPECT_EQ(errors_of("#{}['a']"), "map_index_type 1:5-8");
    EXPECT_EQ(errors_of("#{}[\"a\"]; #{}[`${1}`]; #{}[x]; a[1.5]; a[()]; (a)[true]"), "");
}

TEST(Points, P11_Functions) {
    EXPECT_EQ(dump("f(1); fn f(a,) { a } private fn g() { } x"),
              "(call f 1) ; x ; (fn f (a) (block a)) ; (private-fn g () (block))");
    EXPECT_EQ(dump("fn f(a) { } fn f(a, b) { } fn f() { }"),
              "(fn f (a) (block)) ; (fn f (a b) (block)) ; (fn f () (block))");
    EXPECT_EQ(errors_of("fn f(a) { }\nfn g() { }\nfn f(b) { }"), "duplicate_function 3:4-5");
    EXPECT_EQ(errors_of("fn f(a, b, a) { }"), "duplicate_parameter 1:12-13");
    EXPECT_EQ(errors_of("|a, a| 1"), "duplicate_parameter 1:5-6");
    EXPECT_EQ(errors_of("if a { fn f() { } }"), "nested_function 1:8-12");
    EXPECT_EQ(errors_of("|| fn f() { }"), "nested_function 1:4-8");
    EXPECT_EQ(errors_of("`${ fn f() { } }`"), "nested_function 1:5-9");
    EXPECT_EQ(errors_of("fn f() { private fn g() { fn h() { } } }"),
              "nested_function 1:10-22, nested_function 1:27-31");
    EXPECT_EQ(errors_of("fn f() { export x }"), "nested_export 1:10-16");
    EXPECT_EQ(errors_of("|| export x"), "nested_export 1:4-10");
    EXPECT_EQ(dump("export let x = 1; export const y = 2; export z; export z as w"),
              "(export (let x 1)) ; (export (const y 2)) ; (export z) ; (export z as w)");
}

TEST(Points, P12_AssignmentTargets) {
    EXPECT_EQ(dump("a.b.c = 1; a[0].b += 1; a?.b = 1; a?[0] = 1; m::x = 1; m::x.y[0] = 1; (a) = 1; (a.b)[0] = 1"),
              "(= (. (. a b) c) 1) ; (+= (. (index a 0) b) 1) ; (= (?. a b) 1) ; (= (?index a 0) 1) ; (= m::x 1) ; "
              "(= (index (. m::x y) 0) 1) ; (= a 1) ; (= (index (. a b) 0) 1)");
    EXPECT_EQ(dump("fn f() { this = 1; this.x = 1; this[0] -= 1 }"),
              "(fn f () (block (= this 1) (= (. this x) 1) (-= (index this 0) 1)))");
    EXPECT_EQ(dump("a = 1; a += 1; a -= 1; a *= 1; a /= 1; a %= 1; a **= 1; a <<= 1; a >>= 1; a &= 1; a |= 1; a ^= 1"),
              "(= a 1) ; (+= a 1) ; (-= a 1) ; (*= a 1) ; (/= a 1) ; (%= a 1) ; (**= a 1) ; (<<= a 1) ; (>>= a 1) ; "
              "(&= a 1) ; "
              "(|= a 1) ; (^= a 1)");
    EXPECT_EQ(errors_of("1 = 2"), "assignment_to_literal 1:1-2");
    EXPECT_EQ(errors_of("[1, #{a: 'c'}] = 2"), "assignment_to_literal 1:1-15");
    EXPECT_EQ(errors_of("[a] = 2"), "assignment_to_expression 1:1-4");
    EXPECT_EQ(errors_of("f() = 1"), "assignment_to_call 1:1-4");
    EXPECT_EQ(errors_of("a.len() = 1"), "assignment_to_call 1:1-8");
    EXPECT_EQ(errors_of("a.f().b = 1"), "assignment_through_call 1:1-6");
    EXPECT_EQ(errors_of("\"a\"[0] = 'b'"), "assignment_to_expression 1:1-4");
    EXPECT_EQ(errors_of("(a + b) = 1"), "assignment_to_expression 1:1-8");
    EXPECT_EQ(errors_of("a = b = c"), "assignment_as_value 1:7-8");
    EXPECT_EQ(errors_of("(a = b)"), "assignment_as_value 1:4-5");
    EXPECT_EQ(errors_of("let x = y = 1"), "assignment_as_value 1:11-12");
}

TEST(Points, P13_ModulePathsEndAtADot) {
    EXPECT_EQ(dump("a::b.c"), "(. a::b c)");
    EXPECT_EQ(errors_of("a.b::c"), "qualified_property 1:4-6");
}

TEST(Grammar, Statements) {
    EXPECT_EQ(dump("import \"a\"; import \"b\" as c; import a + b as d"),
              "(import \"a\") ; (import \"b\" as c) ; (import (+ a b) as d)");
    EXPECT_EQ(dump("if a { } else if b { } else if c { } else { }"),
              "(if a (block) (if b (block) (if c (block) (block))))");
    EXPECT_EQ(dump("for (a, b) in c { continue; break a }"), "(for a b c (block (continue) (break a)))");
    EXPECT_EQ(dump("try { throw 1 } catch (e) { throw }"), "(try (block (throw 1)) e (block (throw)))");
    EXPECT_EQ(dump("let a; const b; const c = 1"), "(let a) ; (const b) ; (const c 1)");
    EXPECT_EQ(dump("return; throw; return a + 1"), "(return) ; (throw) ; (return (+ a 1))");
    EXPECT_EQ(dump("let v = do { } until do { } while a;"), "(let v (do-until (block) (do-while (block) a)))");
    EXPECT_EQ(dump("let v = do { } while do { } until a;"), "(let v (do-while (block) (do-until (block) a)))");
    EXPECT_EQ(
        dump("print(1); debug(a); type_of(b); Fn(\"f\"); call(f, 1); curry(f); is_def_fn(\"f\", 1); is_def_var(\"v\"); "
             "is_shared(x)"),
        "(call print 1) ; (call debug a) ; (call type_of b) ; (call Fn \"f\") ; (call call f 1) ; (call curry f) ; "
        "(call is_def_fn \"f\" 1) ; (call is_def_var \"v\") ; (call is_shared x)");
    EXPECT_EQ(dump("while if a { b } else { c } { }"), "(while (if a (block b) (block c)) (block))");
    EXPECT_EQ(dump("if a == #{} { }"), "(if (== a (map)) (block))");
}

TEST(Grammar, Directives) {
    EXPECT_EQ(dump("rule \"a\" || state::next()"), "(rule \"a\" (closure () (call state::next)))");
    EXPECT_EQ(dump("action `b` #{evaluate: || 1}"), "(action \"b\" (map \"evaluate\" (closure () 1)))");
    EXPECT_EQ(dump("rule \"c\" Fn(\"f\")"), "(rule \"c\" (call Fn \"f\"))");
    EXPECT_EQ(dump("delegate srv::av \"d\" || { 1 }"), "(delegate \"d\" srv::av (closure () (block 1)))");
    EXPECT_EQ(dump("delegate smtp::connect(\"x\") \"d\" || 1"),
              "(delegate \"d\" (call smtp::connect \"x\") (closure () 1))");
    EXPECT_EQ(dump("#{connect: [rule \"a\" || 1, action \"b\" || 2,], mail: []}"),
              "(map \"connect\" (array (rule \"a\" (closure () 1)) (action \"b\" (closure () 2))) \"mail\" (array))");
    EXPECT_EQ(dump("[delegate (srv) \"e\" || 1, delegate(f(1)) `g` h]"),
              "(array (delegate \"e\" srv (closure () 1)) (delegate \"g\" (call f 1) h))");
    EXPECT_EQ(errors_of("delegate (a, b) \"e\" || 1"), "unexpected_token 1:10-16");
    EXPECT_EQ(dump("let r = rule /* c */ \"a\" // d\n || 1;"), "(let r (rule \"a\" (closure () 1)))");
}

TEST(Grammar, DirectiveWordsAreNamesElsewhere) {
    EXPECT_EQ(dump("let rule = 1; rule + action.x; rule(\"a\"); delegate(1); delegate.b; delegate[0]; delegate - 1"),
              "(let rule 1) ; (+ rule (. action x)) ; (call rule \"a\") ; (call delegate 1) ; (. delegate b) ; (index "
              "delegate 0) ; "
              "(- delegate 1)");
    EXPECT_EQ(dump("#{rule: 1}.rule; delegate is 1; delegate in a; fn rule(action) { }"),
              "(. (map \"rule\" 1) rule) ; (== delegate 1) ; (in delegate a) ; (fn rule (action) (block))");
    EXPECT_EQ(dump("rules(\"a\"); ruler"), "(call rules \"a\") ; ruler");
    EXPECT_EQ(dump("rule"), "rule");
    EXPECT_EQ(dump("m::rule"), "m::rule");
}

TEST(Grammar, BlanksAreOptionalBetweenTokens) {
    EXPECT_EQ(
        dump("1in[1];1is 1;\"a\"in b;x==-1;a&&!b;a<b>c;f(-1)-1;a?.b?.c;a..b;1..=5"),
        "(in 1 (array 1)) ; (== 1 1) ; (in \"a\" b) ; (== x -1) ; (&& a (! b)) ; (> (< a b) c) ; (- (call f -1) 1) ; "
        "(?. (?. a b) c) ; (.. a b) ; (..= 1 5)");
    EXPECT_EQ(dump("if(a){}while(a){}switch(a){}for(a,b)in c{}try{}catch(e){}loop{}return(1)"),
              "(if a (block)) ; (while a (block)) ; (switch a) ; (for a b c (block)) ; (try (block) e (block)) ; (loop "
              "(block)) ; "
              "(return 1)");
    EXPECT_EQ(dump("a\n.b\n(\nc\n)\n[\nd\n]"), "(index (method a b c) d)");
    EXPECT_EQ(dump("let\tx\f=\r\n1"), "(let x 1)");
}

TEST(Grammar, SingleExpression) {
    EXPECT_TRUE(parse_text("1 + 2").ast->single_expression);
    EXPECT_TRUE(parse_text("if a { 1 }").ast->single_expression);
    EXPECT_FALSE(parse_text("1;").ast->single_expression);
    EXPECT_FALSE(parse_text("let x = 1").ast->single_expression);
    EXPECT_FALSE(parse_text("1; 2").ast->single_expression);
    EXPECT_FALSE(parse_text("fn f() { } 1").ast->single_expression);
    EXPECT_FALSE(parse_text("").ast->single_expression);
}

TEST(Checks, LoopsAndTheirBoundaries) {
    EXPECT_EQ(errors_of("loop { if a { break } else { continue } switch b { _ => break } { break } }"), "");
    EXPECT_EQ(errors_of("while a { } break"), "break_outside_loop 1:13-18");
    EXPECT_EQ(errors_of("loop { || break }"), "break_outside_loop 1:11-16");
    EXPECT_EQ(errors_of("|| { loop { break } }"), "");
    EXPECT_EQ(errors_of("while { }"), "block_as_condition 1:7-8");
    EXPECT_EQ(errors_of("while f({ break }) { }"), "break_outside_loop 1:11-16");
    EXPECT_EQ(errors_of("loop { while f({ break }) { } }"), "");
    EXPECT_EQ(errors_of("fn f() { continue }"), "break_outside_loop 1:10-18");
    EXPECT_EQ(errors_of("for a in { break } { }"), "block_as_condition 1:10-11");
    EXPECT_EQ(errors_of("rule \"a\" || { break }"), "break_outside_loop 1:15-20");
}

TEST(Checks, Names) {
    EXPECT_EQ(errors_of("for (x, x) in a { }"), "duplicate_loop_variable 1:9-10");
    EXPECT_EQ(errors_of("#{a: 1, \"a\": 2, \"\\x61\": 3}"), "duplicate_key 1:9-12, duplicate_key 1:17-23");
    EXPECT_EQ(errors_of("this"), "this_outside_function 1:1-5");
    EXPECT_EQ(errors_of("rule \"a\" || this"), "");
    for (const std::string word :
         {"print", "debug", "type_of", "Fn", "call", "curry", "is_def_fn", "is_def_var", "this", "is_shared"}) {
        EXPECT_EQ(errors_of("let " + word + " = 1").substr(0, 17), "reserved_word 1:5") << word;
        EXPECT_EQ(errors_of("fn " + word + "() { }").substr(0, 17), "reserved_word 1:4") << word;
        EXPECT_EQ(errors_of("fn f(" + word + ") { }").substr(0, 17), "reserved_word 1:6") << word;
        EXPECT_EQ(errors_of("for " + word + " in a { }").substr(0, 17), "reserved_word 1:5") << word;
        EXPECT_EQ(errors_of("import \"a\" as " + word).substr(0, 18), "reserved_word 1:15") << word;
        EXPECT_EQ(errors_of("export a as " + word).substr(0, 18), "reserved_word 1:13") << word;
        EXPECT_EQ(errors_of("try { } catch (" + word + ") { }").substr(0, 18), "reserved_word 1:16") << word;
    }
    for (const std::string use : {"eval", "eval(1)", "let eval = 1", "x.eval()", "#{a: eval}", "fn eval() { }"}) {
        EXPECT_NE(errors_of(use).find("eval_disabled"), std::string::npos) << use;
    }
}

TEST(Checks, SwitchRules) {
    EXPECT_EQ(errors_of("switch a { _ => 1, 2 => 3 }"), "switch_default_not_last 1:12-18");
    EXPECT_EQ(errors_of("switch a { _ if b => 1 }"), "switch_default_guard 1:17-18");
    EXPECT_EQ(errors_of("switch a { 0..5 => 1, 2 => 3, 2.5 => 4, \"a\" => 5, 6..7 => 8 }"),
              "switch_number_after_range 1:23-24, switch_number_after_range 1:31-34");
    EXPECT_EQ(errors_of("switch a { 1 => 2, 1 => 3, 1 if b => 4 }"), "");
}

TEST(Checks, EveryCheckReportsAllItFinds) {
    EXPECT_EQ(
        errors_of("break; this; 1 = 2; #{a: 1, a: 2}; fn f(x, x) { continue }"),
        "break_outside_loop 1:1-6, this_outside_function 1:8-12, assignment_to_literal 1:14-15, duplicate_key 1:29-30, "
        "duplicate_parameter 1:44-45, break_outside_loop 1:49-57");
}

}  // namespace

}  // namespace sluice::dsl::ast
