// The verifier refuses each kind of damage; what random damage it lets through runs without harm.
#include <gtest/gtest.h>

#include <functional>
#include <random>

#include "dsl/code/verifier.hpp"
#include "dsl/lib/library.hpp"
#include "dsl/tools/session.hpp"
#include "dsl/value/operations.hpp"

namespace sluice::dsl {
namespace {

using code::Opcode;

const char* const script = R"(
    fn f(a, b) { try { a / b } catch (e) { e.error } }
    const K = "name";
    let one = 1;
    let m = #{a: one, b: [one, 2]};
    m.b[0] = 5; m.b.push(3); m.a += 1;
    let c = 0;
    let plain = 1; plain += 2;
    let g = |x| { c += x; c };
    for (x, i) in [1, 2, 3] { if x > 1 && i < 9 { g.call(x); } else { c -= 1; } }
    let s = `${c} ${f(1, 0)} ${"abc".sub_string(1)}`;
    switch c { 1 => m.x = 1, 2..9 => m.x = 2, _ => m.x = 3 }
    while one > 0 { one -= 1; }
    [s, m, c, K, 2 in m.b, m?.a, unknown_yet()]
)";

struct Compiled {
    Compiled() : session(lib::base_library(), limits()) {
        Diagnostics diagnostics;
        loaded = session.compile("test", script, false, false, diagnostics);
    }
    static Limits limits() {
        Limits limits;
        limits.operations = 5000;
        limits.memory_bytes = 16u << 20;
        limits.wall_ms = 1000;
        return limits;
    }
    code::Unit& unit() { return *loaded.program->units.front(); }
    Function& top() { return *unit().functions[0]; }
    Function& named(std::string_view name) {
        for (auto& function : unit().functions)
            if (function->name == name) return *function;
        return top();
    }
    Function& closure() {
        for (auto& function : unit().functions)
            if (function->anonymous) return *function;
        return top();
    }
    code::Instruction& find(Opcode op) {
        for (auto& in : top().code)
            if (in.op == op) return in;
        ADD_FAILURE() << "the script has no " << code::info(op).name;
        return top().code.front();
    }
    std::string verified() { return code::verify(unit()); }
    std::uint16_t number_constant() {
        for (std::size_t i = 0; i < top().constants.size(); ++i)
            if (!top().constants[i].is_string()) return static_cast<std::uint16_t>(i);
        return 0;
    }
    tools::Session session;
    tools::Loaded loaded;
};

TEST(Verifier, AcceptsWhatTheCompilerMakes) {
    Compiled compiled;
    ASSERT_TRUE(compiled.loaded.program);
    EXPECT_EQ(compiled.verified(), "");
}

TEST(Verifier, RefusesEachKindOfDamage) {
    const struct {
        const char* what;
        std::function<void(Compiled&)> damage;
    } rows[] = {
        {"register", [](Compiled& c) { c.find(Opcode::take).a = c.top().registers; }},
        {"source register", [](Compiled& c) { c.find(Opcode::take).b = 0xffff; }},
        {"constant", [](Compiled& c) { c.find(Opcode::compound_const).b = 0xffff; }},
        {"opcode", [](Compiled& c) { c.top().code[0].op = static_cast<Opcode>(250); }},
        {"function", [](Compiled& c) { c.find(Opcode::closure).b = 99; }},
        {"closure of a named function", [](Compiled& c) { c.find(Opcode::closure).b = c.named("f").index; }},
        {"call of the top level", [](Compiled& c) { c.find(Opcode::call).c = 0; }},
        {"call of a closure",
         [](Compiled& c) {
             c.find(Opcode::call).c = c.closure().index;
             c.find(Opcode::call).x = 1;
         }},
        {"argument count", [](Compiled& c) { c.find(Opcode::call).x = 1; }},
        {"window of a call",
         [](Compiled& c) { c.find(Opcode::call).b = static_cast<std::uint16_t>(c.top().registers - 1); }},
        {"window of an array", [](Compiled& c) { c.find(Opcode::new_array).c = 0xffff; }},
        {"window of a template", [](Compiled& c) { c.find(Opcode::concat).c = 0xffff; }},
        {"state of a loop",
         [](Compiled& c) { c.find(Opcode::for_next).a = static_cast<std::uint16_t>(c.top().registers - 3); }},
        {"native function", [](Compiled& c) { c.find(Opcode::call_method).c = 0xffff; }},
        {"method site", [](Compiled& c) { c.top().methods[0].function = 77; }},
        {"method taking other arguments",
         [](Compiled& c) {
             c.top().methods[0].function = c.named("f").index;
             c.top().methods[0].count = 1;
         }},
        {"method name", [](Compiled& c) { c.top().methods[0].name = Value::integer(1); }},
        {"native method count",
         [](Compiled& c) {
             for (auto& site : c.top().methods)
                 if (site.native) ++site.count;
         }},
        {"path of a method",
         [](Compiled& c) {
             for (auto& site : c.top().methods)
                 if (site.path != code::none) site.path = 999;
         }},
        {"write_back", [](Compiled& c) { c.find(Opcode::write_back).op = Opcode::load_unit; }},
        {"path root",
         [](Compiled& c) {
             for (auto& path : c.top().paths) path.index = 0xfffe;
         }},
        {"path key",
         [](Compiled& c) {
             for (auto& path : c.top().paths)
                 for (auto& step : path.steps) step.key = 0xffff;
         }},
        {"property that is no name",
         [](Compiled& c) {
             for (auto& path : c.top().paths)
                 for (auto& step : path.steps)
                     if (step.property) step.key = c.number_constant();
         }},
        {"jump past the end", [](Compiled& c) { c.find(Opcode::jump).set_bc(100000); }},
        {"jump before the start", [](Compiled& c) { c.find(Opcode::jump_back).set_bc(-100000); }},
        {"backward jump uncounted", [](Compiled& c) { c.find(Opcode::jump).set_bc(-1); }},
        {"test without jump",
         [](Compiled& c) {
             auto* in = &c.find(Opcode::test_gt_const);
             in[1].op = Opcode::load_unit;
         }},
        {"match without label",
         [](Compiled& c) {
             auto* in = &c.find(Opcode::jump_unless_match);
             in[1].op = Opcode::load_unit;
         }},
        {"range label", [](Compiled& c) { c.find(Opcode::label).x = 1; }},
        {"name of an unknown function", [](Compiled& c) { c.find(Opcode::raise_function).b = c.number_constant(); }},
        {"key of a literal", [](Compiled& c) { c.find(Opcode::set_field).c = c.number_constant(); }},
        {"map in itself", [](Compiled& c) { c.find(Opcode::set_field).b = c.find(Opcode::set_field).a; }},
        {"operator", [](Compiled& c) { c.find(Opcode::compound_const).x = 200; }},
        {"slot", [](Compiled& c) { c.find(Opcode::set_global).c = 50; }},
        {"slot set by a function", [](Compiled& c) { c.named("f").code[0] = c.find(Opcode::set_global); }},
        {"capture",
         [](Compiled& c) {
             for (auto& in : c.closure().code)
                 if (in.op == Opcode::get_capture) in.b = 9;
         }},
        {"capture source", [](Compiled& c) { c.closure().captures[0].index = 0xfff0; }},
        {"handler", [](Compiled& c) { c.named("f").handlers[0].target = 9999; }},
        {"handler before its code", [](Compiled& c) { c.named("f").handlers[0].target = 0; }},
        {"handler register", [](Compiled& c) { c.named("f").handlers[0].error_register = 999; }},
        {"end", [](Compiled& c) { c.top().code.back().op = Opcode::load_unit; }},
        {"no code", [](Compiled& c) { c.top().code.clear(); }},
        {"positions", [](Compiled& c) { c.top().offsets.pop_back(); }},
        {"registers", [](Compiled& c) { c.named("f").registers = 2; }},
        {"no functions", [](Compiled& c) { c.unit().functions.clear(); }},
    };
    for (const auto& row : rows) {
        Compiled compiled;
        row.damage(compiled);
        EXPECT_NE(compiled.verified(), "") << row.what;
    }
}

// What only a run can tell.
TEST(Verifier, TheMachineAsksTheRest) {
    const struct {
        Opcode op;
        std::uint16_t a, b;
    } rows[] = {{Opcode::get_cell, 1, 0},
                {Opcode::set_cell, 1, 0},
                {Opcode::catch_, 1, 0},
                {Opcode::rethrow, 1, 0},
                {Opcode::push, 1, 0}};
    for (const auto& row : rows) {
        Compiled compiled;
        compiled.top().code[0] = {row.op, 0, row.a, row.b, 0};
        ASSERT_EQ(compiled.verified(), "");
        Value result;
        const auto error = compiled.session.run(compiled.loaded, result);
        ASSERT_TRUE(error);
        EXPECT_EQ(error->kind, ErrorKind::terminated);
    }
}

TEST(Verifier, InheritedVariablesThatDoNotExist) {
    Compiled compiled;
    compiled.top().capture_names.emplace_back("nobody");
    ASSERT_EQ(compiled.verified(), "");
    Value result;
    const auto error = compiled.session.run(compiled.loaded, result);
    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind, ErrorKind::terminated);
    vm::Vm machine(*compiled.loaded.program, *compiled.loaded.globals, Limits{});
    EXPECT_EQ(machine.run_unit(compiled.unit()), vm::Status::error);
}

// Harmless: no crash and no endless run. Damaged code may lose memory by putting a value into itself.
TEST(Verifier, RandomDamageIsRefusedOrHarmless) {
    int accepted = 0;
    for (unsigned seed = 0; seed < 6000; ++seed) {
        std::mt19937 random(seed);
        Compiled compiled;
        const auto count = 1 + random() % 3;
        for (unsigned n = 0; n < count; ++n) {
            auto& function = *compiled.unit().functions[random() % compiled.unit().functions.size()];
            auto& in = function.code[random() % function.code.size()];
            const auto value = static_cast<std::uint16_t>(random() % 40);
            switch (random() % 6) {
                case 0: in.op = static_cast<Opcode>(random() % 110); break;
                case 1: in.a = value; break;
                case 2: in.b = value; break;
                case 3: in.c = value; break;
                case 4: in.x = static_cast<std::uint8_t>(value); break;
                case 5: std::swap(in, function.code[random() % function.code.size()]); break;
            }
        }
        if (!compiled.verified().empty()) continue;
        ++accepted;
        Value result;
        std::string text;
        const auto error = compiled.session.run(compiled.loaded, result);
        (void)append_debug(error ? to_value(*error) : result, text, Compiled::limits());
    }
    EXPECT_GT(accepted, 500);
}

std::string refused(const std::string& text) {
    tools::Session session(lib::base_library(), Limits{});
    Diagnostics diagnostics;
    if (session.compile("test", text, false, false, diagnostics).program) return "";
    return std::string(info(diagnostics.all().front().code).code);
}

std::string repeated(int count, const std::function<std::string(int)>& part) {
    std::string text;
    for (int i = 0; i < count; ++i) text += part(i);
    return text;
}

TEST(Compiler, RefusesWhatItsOperandsCannotCount) {
    const auto list = [](int count) {
        return repeated(count, [](int i) { return (i ? ", a" : "a") + std::to_string(i); });
    };
    EXPECT_EQ(refused("fn f(" + list(250) + ") { }"), "");
    EXPECT_EQ(refused("fn f(" + list(251) + ") { }"), "E0160");
    EXPECT_EQ(refused("let f = |" + list(251) + "| 1;"), "E0160");
    EXPECT_EQ(refused("let f = || 1; f.call(" + repeated(251, [](int) { return "1,"; }) + ")"), "E0160");
    EXPECT_EQ(refused("f(" + repeated(251, [](int) { return "1,"; }) + ")"), "E0160");
    EXPECT_EQ(refused("call(" + repeated(251, [](int) { return "1,"; }) + ")"), "E0160");
    EXPECT_EQ(refused(repeated(61'000, [](int i) { return "let a" + std::to_string(i) + "=1;"; })), "E0156");
    EXPECT_EQ(refused(repeated(66'000, [](int i) { return "\"s" + std::to_string(i) + "\";"; })), "E0157");
    EXPECT_EQ(refused("let s = 1;" + repeated(66'000, [](int) { return "s.f();"; })), "E0159");
    EXPECT_EQ(refused(repeated(66'000, [](int i) { return "fn f" + std::to_string(i) + "(){}"; })), "E0159");
}

TEST(Compiler, LongFlatScriptsCompile) {
    EXPECT_EQ(refused("let x = 0" + repeated(20'000, [](int) { return " + 1"; }) + ";"), "");
    EXPECT_EQ(refused("let a = [" + repeated(50'000, [](int) { return "1,"; }) + "];"), "");
    EXPECT_EQ(refused("let m = #{" + repeated(20'000, [](int i) { return "k" + std::to_string(i) + ": 1,"; }) + "};"),
              "");
    EXPECT_EQ(refused(repeated(20'000, [](int) { return "if true { } else "; }) + "{ }"), "");
    EXPECT_EQ(refused("switch 1 {" + repeated(20'000, [](int i) { return std::to_string(i) + " => 1,"; }) + "}"), "");
    EXPECT_EQ(refused("true" + repeated(20'000, [](int) { return " && true"; })), "");
    EXPECT_EQ(refused("let a = 1; a" + repeated(20'000, [](int) { return ".x"; })), "");
}

}  // namespace
}  // namespace sluice::dsl
