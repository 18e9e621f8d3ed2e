// Marks of a program: which there are, how often each is reached, and that nothing else changes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <sstream>

#include <fmt/format.h>

#include "dsl/code/compiler.hpp"
#include "dsl/diag/render.hpp"
#include "dsl/host/host.hpp"
#include "dsl/lib/library.hpp"
#include "dsl/tools/disasm.hpp"
#include "dsl/value/operations.hpp"
#include "dsl/vm/vm.hpp"

namespace sluice::dsl {
namespace {

std::string_view word(code::Mark::Kind kind) {
    static constexpr std::string_view words[] = {"function", "then",    "else", "no else",
                                                 "case",     "no case", "loop", "catch"};
    return words[static_cast<std::size_t>(kind)];
}

class Counter final : public Host {
  public:
    explicit Counter(std::size_t marks) : Host(Stage::load), counts(marks) {}
    [[nodiscard]] Outcome call(HostFunction, NativeCall& call) override { return call.fail("not asked for"); }
    void reached(std::uint32_t mark) noexcept override { ++counts.at(mark); }
    std::vector<std::uint64_t> counts;
};

struct Script {
    explicit Script(const std::string& text, bool marks = true, std::map<std::string, std::string> modules = {})
        : loader(std::move(modules)) {
        code::CompileOptions options;
        options.natives = &lib::base_library();
        options.loader = &loader;
        if (marks) options.marks = &mark_function();
        Diagnostics diagnostics;
        program = code::compile(std::make_shared<SourceFile>("script", text), options, diagnostics);
        if (!program) {
            ADD_FAILURE() << render(diagnostics.all());
            return;
        }
        globals = std::make_unique<vm::Globals>(*program);
        Counter counter(program->marks.size());
        vm::Vm machine(*program, *globals, Limits{});
        machine.set_host(&counter);
        if (machine.run_unit(*program->main) == vm::Status::done)
            EXPECT_EQ(append_debug(machine.result(), value, Limits{}), nullptr);
        else
            value = "! " + machine.error()->message;
        counts = counter.counts;
    }
    // "then `x > 1` 3": without the top levels themselves, in the order of the file.
    [[nodiscard]] std::vector<std::string> shown() const {
        std::map<std::tuple<std::string, std::uint32_t, code::Mark::Kind, std::uint32_t>, std::string> ordered;
        for (std::uint32_t i = 0; i < counts.size(); ++i) {
            const auto& mark = program->marks[i];
            if (mark.kind == code::Mark::Kind::function && mark.span.end == 0) continue;
            ordered[{mark.source->name(), mark.span.begin, mark.kind, i}] = fmt::format(
                "{} `{}` {}", word(mark.kind), mark.name.empty() ? mark.source->text(mark.span) : mark.name, counts[i]);
        }
        std::vector<std::string> lines;
        for (auto& [key, line] : ordered) lines.push_back(line);
        return lines;
    }
    MapLoader loader;
    std::shared_ptr<code::Program> program;
    std::unique_ptr<vm::Globals> globals;
    std::vector<std::uint64_t> counts;
    std::string value;
};

using Lines = std::vector<std::string>;

struct Row {
    std::string script;
    std::string value;
    Lines marks;
};

void check(const std::vector<Row>& rows) {
    for (const auto& row : rows) {
        const Script marked(row.script);
        EXPECT_EQ(marked.value, row.value) << row.script;
        EXPECT_EQ(marked.shown(), row.marks) << row.script;
        const Script plain(row.script, false);
        EXPECT_EQ(plain.value, row.value) << row.script << " (without marks)";
    }
}

TEST(Marks, If) {
    check({
        {"let a = 1; if a == 1 { a = 2; } a", "2", {"then `a == 1` 1", "no else `a == 1` 0"}},
        {"let a = 1; if a == 2 { a = 2; } a", "1", {"then `a == 2` 0", "no else `a == 2` 1"}},
        {"let a = 1; if a == 1 { 5 } else { 6 }", "5", {"then `a == 1` 1", "else `a == 1` 0"}},
        {"let a = 1; if a == 2 { 5 } else { 6 }", "6", {"then `a == 2` 0", "else `a == 2` 1"}},
        {"let a = 1; if a == 2 { 5 }", "()", {"then `a == 2` 0", "no else `a == 2` 1"}},
        {"let a = 1; if a == 2 { 5 } else { }", "()", {"then `a == 2` 0", "else `a == 2` 1"}},
        {"let a = 3; if a == 1 { 5 } else if a == 2 { 6 } else if a == 3 { 7 } else { 8 }",
         "7",
         {"then `a == 1` 0", "then `a == 2` 0", "then `a == 3` 1", "else `a == 3` 0"}},
        {"let a = 3; if a == 1 { 5 } else if a == 2 { 6 }",
         "()",
         {"then `a == 1` 0", "then `a == 2` 0", "no else `a == 2` 1"}},
        {"let a = 1; if a == 1 { if a > 5 { 7 } else { 8 } } else { if a > 6 { 9 } }",
         "8",
         {"then `a == 1` 1", "else `a == 1` 0", "then `a > 5` 0", "else `a > 5` 1", "then `a > 6` 0",
          "no else `a > 6` 0"}},
        // What is known while compiling has its marks too.
        {"if true { 1 } else { 2 }", "1", {"then `true` 1", "else `true` 0"}},
        {"const A = 1 < 0; if A { 1 }", "()", {"then `A` 0", "no else `A` 1"}},
    });
}

TEST(Marks, IfAsValueKeepsWhatIsAroundIt) {
    check({
        {"let a = 2; 10 * a + (if a == 2 { a * 3 } else { 0 }) + a", "28", {"then `a == 2` 1", "else `a == 2` 0"}},
        {"let a = 2; [a, if a == 1 { 5 }, a + 1, if a == 2 { a } else { 0 }]",
         "[2, (), 3, 2]",
         {"then `a == 1` 0", "no else `a == 1` 1", "then `a == 2` 1", "else `a == 2` 0"}},
        {"fn f(a, b, c) { a * 100 + b * 10 + c } let x = 1; f(x, if x == 1 { 2 } else { 0 }, x + 2)",
         "123",
         {"function `f` 1", "then `x == 1` 1", "else `x == 1` 0"}},
        {"let m = #{ a: 1, b: if 1 in [1] { \"x\" } else { \"y\" }, c: 3 }; `${m.a}${m.b}${if m.c == 3 { 4 }}${m.c}`",
         "\"1x43\"",
         {"then `1 in [1]` 1", "else `1 in [1]` 0", "then `m.c == 3` 1", "no else `m.c == 3` 0"}},
        {"let a = [1, 2, 3]; a[if a.len() == 3 { 1 } else { 0 }] = if a[0] == 1 { 9 } else { 8 }; a",
         "[1, 9, 3]",
         {"then `a.len() == 3` 1", "else `a.len() == 3` 0", "then `a[0] == 1` 1", "else `a[0] == 1` 0"}},
    });
}

TEST(Marks, ConditionsOfSeveralParts) {
    check({
        {"let n = 0; for x in 0..6 { if x > 1 && x < 4 || x == 5 { n += 1; } } n",
         "3",
         {"loop `for x in 0..6 { if x > 1 && x < 4 || x == 5 { n += 1; } }` 6", "then `x > 1 && x < 4 || x == 5` 3",
          "no else `x > 1 && x < 4 || x == 5` 3"}},
        {"let a = 1; if !(a == 1 && a != 3) { 5 } else { 6 }",
         "6",
         {"then `!(a == 1 && a != 3)` 0", "else `!(a == 1 && a != 3)` 1"}},
    });
}

TEST(Marks, Switch) {
    const std::string text = "switch x { 1 => 10, 2 | 3 if x == 3 => { let y = x * 10; y } 5..8 => 50, \"a\" => 7 }";
    const auto arms = [](int one, int three, int range, int a, int none) -> Lines {
        return {fmt::format("no case `x` {}", none), fmt::format("case `1 => 10` {}", one),
                fmt::format("case `2 | 3 if x == 3 => {{ let y = x * 10; y }}` {}", three),
                fmt::format("case `5..8 => 50` {}", range), fmt::format("case `\"a\" => 7` {}", a)};
    };
    check({
        {"let x = 1; " + text, "10", arms(1, 0, 0, 0, 0)},
        {"let x = 2; " + text, "()", arms(0, 0, 0, 0, 1)},
        {"let x = 3; " + text, "30", arms(0, 1, 0, 0, 0)},
        {"let x = 7; " + text, "50", arms(0, 0, 1, 0, 0)},
        {"let x = \"a\"; " + text, "7", arms(0, 0, 0, 1, 0)},
        {"let x = true; " + text, "()", arms(0, 0, 0, 0, 1)},
        {"let x = 9; let y = switch x { 1 => 2, _ => switch x { 9 => 3, _ => 4 } }; [x, y]",
         "[9, 3]",
         {"case `1 => 2` 0", "case `_ => switch x { 9 => 3, _ => 4 }` 1", "case `9 => 3` 1", "case `_ => 4` 0"}},
    });
}

TEST(Marks, Loops) {
    check({
        {"let n = 3; while n > 0 { n -= 1; } n", "0", {"loop `while n > 0 { n -= 1; }` 3"}},
        {"let n = 0; while n > 0 { n -= 1; } n", "0", {"loop `while n > 0 { n -= 1; }` 0"}},
        {"let n = 0; loop { n += 1; if n == 4 { break n * 2; } }",
         "8",
         {"loop `loop { n += 1; if n == 4 { break n * 2; } }` 4", "then `n == 4` 1", "no else `n == 4` 3"}},
        {"let n = 0; do { n += 1; } until n == 5; n", "5", {"loop `do { n += 1; } until n == 5` 5"}},
        {"let n = 0; do { n += 1; if n == 2 { continue; } } while n < 5; n",
         "5",
         {"loop `do { n += 1; if n == 2 { continue; } } while n < 5` 5", "then `n == 2` 1", "no else `n == 2` 4"}},
        {"let s = 0; for (x, i) in [5, 6, 7] { s += x * i; } s",
         "20",
         {"loop `for (x, i) in [5, 6, 7] { s += x * i; }` 3"}},
        {"let s = 0; for x in [] { s += x; } s", "0", {"loop `for x in [] { s += x; }` 0"}},
        // Loop variables in cells, and closures made of them.
        {"let s = []; for (x, i) in [5, 6] { s.push(|| x * 10 + i); } s.map(|f| f.call())",
         "[61, 61]",
         {"loop `for (x, i) in [5, 6] { s.push(|| x * 10 + i); }` 2", "function `|| x * 10 + i` 2",
          "function `|f| f.call()` 2"}},
    });
}

TEST(Marks, Catch) {
    check({
        {"let a = 1; try { a = 2; } catch { a = 3; } a", "2", {"catch `{ a = 3; }` 0"}},
        {"let a = 1; try { throw 5; } catch (e) { a = e; } a", "5", {"catch `{ a = e; }` 1"}},
        {"let a = 0; try { try { throw 1; } catch (e) { a += e; throw 2; } } catch (e) { a += e * 10; } a",
         "21",
         {"catch `{ a += e; throw 2; }` 1", "catch `{ a += e * 10; }` 1"}},
        {"let a = 0; try { } catch { a = 1; } a", "0", {"catch `{ a = 1; }` 0"}},
    });
}

TEST(Marks, FunctionsAndEarlyReturns) {
    check({
        {"fn f(x) { if x > 1 { return 5; } 6 } fn g() { 7 } [f(1), f(2), f(3)]",
         "[6, 5, 5]",
         {"function `f` 3", "then `x > 1` 2", "no else `x > 1` 1", "function `g` 0"}},
        {"fn fib(n) { if n < 2 { n } else { fib(n - 1) + fib(n - 2) } } fib(5)",
         "5",
         {"function `fib` 15", "then `n < 2` 8", "else `n < 2` 7"}},
        {"fn twice() { this *= 2; if this > 5 { return this; } 0 } let n = 3; [n.twice(), n]",
         "[6, 6]",
         {"function `twice` 1", "then `this > 5` 1", "no else `this > 5` 0"}},
        {"let k = 10; let f = |x| { k += x; if k > 15 { k } }; [f.call(1), f.call(9), k]",
         "[(), 20, 20]",
         {"function `|x| { k += x; if k > 15 { k } }` 2", "then `k > 15` 1", "no else `k > 15` 1"}},
        {"[1, 2, 3, 4].filter(|x| if x % 2 == 0 { true } else { false })",
         "[2, 4]",
         {"function `|x| if x % 2 == 0 { true } else { false }` 4", "then `x % 2 == 0` 2", "else `x % 2 == 0` 2"}},
        // A body that stands in the place of its call, with variables of the caller.
        {"fn f(x) { if x == y { return 1; } 2 } let y = 3; let r = [f!(3), f!(4)]; [y, r]",
         "[3, [1, 2]]",
         {"function `f` 1", "function `f` 1", "function `f` 0", "then `x == y` 1", "then `x == y` 0", "then `x == y` 0",
          "no else `x == y` 0", "no else `x == y` 1", "no else `x == y` 0"}},
    });
}

TEST(Marks, ModulesAreNumberedWithTheirScript) {
    const std::map<std::string, std::string> modules = {
        {"m.vsl", "import \"n\" as n; fn f(x) { if x { n::g(x) } else { 0 } }"},
        {"n.vsl", "fn g(x) { 7 } fn h() { 8 }"},
    };
    const Script run("import \"m\" as m; if m::f(true) == 7 { m::f(false) }", true, modules);
    EXPECT_EQ(run.value, "0");
    EXPECT_EQ(run.shown(), (Lines{"function `f` 2", "then `x` 1", "else `x` 1", "function `g` 1", "function `h` 0",
                                  "then `m::f(true) == 7` 1", "no else `m::f(true) == 7` 0"}));
    EXPECT_EQ(run.program->marks.front().source->name(), "n.vsl");
    EXPECT_EQ(run.program->marks.back().source->name(), "script");
}

// More marks than an instruction's operand of sixteen bits could number.
TEST(Marks, Numbers) {
    std::string text = "let n = 0; ";
    for (int i = 0; i < 70'000; ++i) text += "if n==0{n=1}";
    const Script run(text + "if n == 1 { n = 2; } n");
    EXPECT_EQ(run.value, "2");
    ASSERT_EQ(run.counts.size(), 140'003u);
    EXPECT_EQ(run.counts[1], 1u);
    EXPECT_EQ(run.counts[2], 0u);
    EXPECT_EQ(run.counts[140'000], 1u);
    EXPECT_EQ(run.counts[140'001], 1u);
    EXPECT_EQ(run.counts[140'002], 0u);
}

TEST(Marks, NoScriptCanCallThem) {
    EXPECT_EQ(rule_library().find(mark_function().name, 1), nullptr);
    EXPECT_EQ(configuration_library().find(mark_function().name, 1), nullptr);
    EXPECT_EQ(Script("Fn(\"(mark)\").call(0)").value.substr(0, 1), "!");
}

// Each mark is an operation of the budget, and the only difference.
TEST(Marks, CostOneOperationEach) {
    const auto budget = [](const std::string& text, bool marks) {
        for (std::uint64_t operations = 1;; ++operations) {
            code::CompileOptions options;
            options.natives = &lib::base_library();
            if (marks) options.marks = &mark_function();
            Diagnostics diagnostics;
            const auto program = code::compile(std::make_shared<SourceFile>("script", text), options, diagnostics);
            vm::Globals globals(*program);
            Limits limits;
            limits.operations = operations;
            vm::Vm machine(*program, globals, limits);
            if (machine.run_unit(*program->main) == vm::Status::done) return operations;
        }
    };
    const std::string text = "fn f(n) { let s = 0; while n > 0 { if n == 2 { s += n; } n -= 1; } s } f(3)";
    const auto reached = 1u + 1u + 3u + 3u;  // top level, f, loop body, arms
    EXPECT_EQ(budget(text, true), budget(text, false) + reached);
}

// What a script is compiled to without marks: this was written down before there were any.
TEST(Marks, WithoutThemTheCodeIsAsItWas) {
    const std::string text = R"(fn f(x) {
    if x == 1 { return 2; }
    for i in [x] { x += i; }
    try { x = 3; } catch { x = 4; }
    switch x { 3 => 5 }
}
#{})";
    const std::string_view listing = R"(f (script:1), 1 parameter(s), 8 register(s)
     2 |     if x == 1 { return 2; }
       0  test_eq_const     r1, 1, #1
       1  jump              -> 4
       2  load_int          r3, 2
       3  return_           r3
     3 |     for i in [x] { x += i; }
       4  move              r7, r1
       5  new_array         r3, r7, 1
       6  for_prepare       r3
       7  jump              -> 9
       8  compound          r1, r6, +=
       9  for_next          r3, -> 8
      10  clear             r3, 4
     4 |     try { x = 3; } catch { x = 4; }
      11  load_int          r1, 3
      12  jump              -> 15
      13  load_int          r1, 4
      14  clear             r3, 1
     5 |     switch x { 3 => 5 }
      15  move              r3, r1
      16  switch_on         r3, 3 -> 19, else -> 20
      17  jump_unless_match r3, -> 20
      18  label             3, #0
      19  jump              -> 22
      20  load_unit         r2
      21  return_           r2
      22  load_int          r2, 5
      23  return_           r2
     6 | }
      24  return_           r2
    catch [11, 12) -> 13 error in r3
)";
    const Script plain(text, false);
    std::ostringstream out;
    tools::disassemble(*plain.program, out);
    EXPECT_THAT(out.str(), testing::HasSubstr(std::string(listing)));
    EXPECT_TRUE(plain.program->marks.empty());
    EXPECT_TRUE(plain.program->main->natives.empty());

    std::ostringstream marked;
    tools::disassemble(*Script(text).program, marked);
    EXPECT_THAT(marked.str(), testing::HasSubstr("(mark)"));
}

}  // namespace
}  // namespace sluice::dsl
