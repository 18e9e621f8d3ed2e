// Frames, errors, captures, modules, `this`: what the tables of dsl_lib cannot show.
#include <thread>

#include "machine.hpp"

namespace sluice::dsl {
namespace {

TEST(Machine, StackGrowsUnderRunningCode) {
    // Each frame has many registers, so the registers move several times while paths and receivers are in use.
    std::string text = "fn f(n, a) { ";
    for (int i = 0; i < 200; ++i) text += "let v" + std::to_string(i) + " = n; ";
    text += "a.push(n); if n > 0 { a = f(n - 1, a); } a[0] += v199; a.map(|x| x + 1) } f(40, [0]).len";
    EXPECT_EQ(run(text), "42");
    EXPECT_EQ(run("fn grow(n) { if n == 0 { this += 1; } else { let a = [1,2,3]; a.map(|x| x); this += 1; this.grow(n "
                  "- 1); } } let m = #{a: [5]}; m.a[0].grow(30); m"),
              "#{\"a\": [36]}");
}

TEST(Machine, ErrorsUnwindThroughTasks) {
    const auto before = heap_bytes();
    EXPECT_EQ(run("let r = []; for i in 0..3 { try { [1, 2].map(|x| [3, 4].filter(|y| if y == 4 { throw [x, y, \"a "
                  "long string on the heap\"] } else { true })) } catch (e) { r.push(e[1]); } } r"),
              "[4, 4, 4]");
    EXPECT_EQ(run("fn f(n) { if n == 0 { throw \"deep\" } [n].map(|x| f(x - 1)) } let r = (); try { f(10) } catch (e) "
                  "{ r = e; } r"),
              "\"deep\"");
    EXPECT_EQ(run("let r = (); try { [2, 1].sort(|a, b| fail()) } catch (e) { r = e; } r"), "\"host failure\"");
    EXPECT_EQ(heap_bytes(), before);
}

TEST(Machine, ErrorsSayWhere) {
    Machine machine("fn f(x) {\n  x /\n  0\n}\nf(1)");
    ASSERT_EQ(machine.run(), vm::Status::error);
    const auto& error = *machine.vm().error();
    ASSERT_TRUE(error.source);
    EXPECT_EQ(error.source->position(error.span.begin).line, 2u);
    ASSERT_EQ(error.trace.size(), 1u);
    EXPECT_EQ(error.trace[0].function, "f");
}

TEST(Machine, UsedAgainAfterEverything) {
    Machine machine("fn ok() { 7 } fn bad() { [1].map(|x| 1 / 0) } fn forever() { loop { } } fn hold() { wait() } 0",
                    [] {
                        Limits limits;
                        limits.operations = 1000;
                        return limits;
                    }());
    ASSERT_EQ(machine.run(), vm::Status::done);
    auto& vm = machine.vm();
    const auto call = [&](std::string_view name) { return machine.shown(vm.call(*machine.program().main, name, {})); };
    for (int round = 0; round < 3; ++round) {
        EXPECT_EQ(call("ok"), "7");
        EXPECT_TRUE(call("bad").starts_with("! ErrorArithmetic"));
        EXPECT_TRUE(call("forever").starts_with("! ErrorTooManyOperations"));
        EXPECT_EQ(call("hold"), "suspended");
        EXPECT_TRUE(call("nope").starts_with("! ErrorFunctionNotFound"));
    }
}

TEST(Machine, ArgumentsOfTheHost) {
    Machine machine("fn f(a, b) { a.push(b); a } 0");
    ASSERT_EQ(machine.run(), vm::Status::done);
    const Value args[] = {make_array({Value::integer(1)}), Value::string("x")};
    EXPECT_EQ(machine.shown(machine.vm().call(*machine.program().main, "f", args)), "[1, \"x\"]");
    EXPECT_EQ(args[0].as_array().items.size(), 1u) << "the host keeps its own";
    EXPECT_TRUE(machine.shown(machine.vm().call(Value::integer(1), args)).starts_with("! ErrorFunctionNotFound"));
}

// Cycles through captured variables: freed after the run, or a rule would leak for every message.
TEST(Machine, RecursiveClosuresDoNotLeak) {
    Machine machine(
        "fn f(n) { let g = |k| if k == 0 { 0 } else { g.call(k - 1) }; let o = #{}; o.self = || o; o.big = \"a string "
        "long enough for the heap\"; g.call(n) } 0");
    ASSERT_EQ(machine.run(), vm::Status::done);
    machine.globals().freeze();
    const auto& shared = static_cast<const vm::Globals&>(machine.globals());
    vm::Vm vm(machine.program(), shared, Limits{});
    const Value args[] = {Value::integer(5)};
    std::int64_t after_first = 0;
    for (int round = 0; round < 100; ++round) {
        ASSERT_EQ(vm.call(*machine.program().main, "f", args), vm::Status::done);
        if (round == 1) after_first = heap_bytes();
    }
    EXPECT_EQ(heap_bytes(), after_first);
}

TEST(Machine, ClosuresSurviveTheRunThatMadeThem) {
    Machine machine("fn counter() { let n = 0; let f = || { n += 1; if n < 0 { f.call() } n }; f } 0");
    ASSERT_EQ(machine.run(), vm::Status::done);
    const auto& shared = static_cast<const vm::Globals&>(machine.globals());
    vm::Vm vm(machine.program(), shared, Limits{});
    ASSERT_EQ(vm.call(*machine.program().main, "counter", {}), vm::Status::done);
    const Value counter = vm.result();
    for (std::int64_t n = 1; n < 5; ++n) {
        ASSERT_EQ(vm.call(counter, {}), vm::Status::done);
        EXPECT_EQ(vm.result().as_int(), n);
    }
}

TEST(Machine, FrozenClosuresRunInManyThreads) {
    Machine machine(R"(
        const TABLE = #{a: [1, 2, 3], b: "a string long enough for the heap"};
        const STEPS = range(0, 10, 2);
        let offset = 5;
        const F = |x| { let s = offset; for v in TABLE.a { s += v * x; } for k in STEPS { s += k; } let t = TABLE; t.b += "!"; s + t.b.len };
        fn g(x) { let acc = []; let add = |v| acc.push(v); for i in 0..x { add.call(i); } acc.len() + global::TABLE.a.len() }
        [F, Fn("g")])");
    ASSERT_EQ(machine.run(), vm::Status::done);
    machine.globals().freeze();
    Value functions = machine.vm().result();
    machine.globals().frozen.freeze(functions);
    const auto& shared = static_cast<const vm::Globals&>(machine.globals());
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&] {
            vm::Vm vm(machine.program(), shared, Limits{});
            for (std::int64_t round = 0; round < 300; ++round) {
                const Value args[] = {Value::integer(round)};
                ASSERT_EQ(vm.call(functions.as_array().items[0], args), vm::Status::done);
                ASSERT_EQ(vm.result().as_int(), 5 + 6 * round + 20 + 34);
                ASSERT_EQ(vm.call(functions.as_array().items[1], args), vm::Status::done);
                ASSERT_EQ(vm.result().as_int(), round + 3);
            }
        });
    for (auto& thread : threads) thread.join();
}

TEST(Machine, FrozenCapturesAreNotChanged) {
    Machine machine(
        "let n = 1; let a = [1]; [|| { n += 1; n }, || a.push(2), || { let f = || n += 1; f.call() }, || a[0] = 5]");
    ASSERT_EQ(machine.run(), vm::Status::done);
    Value functions = machine.vm().result();
    machine.globals().frozen.freeze(functions);
    const auto& shared = static_cast<const vm::Globals&>(machine.globals());
    vm::Vm vm(machine.program(), shared, Limits{});
    for (const auto& fn : functions.as_array().items)
        EXPECT_TRUE(machine
                        .shown(vm.call(fn, {}) == vm::Status::error
                                   ? (machine.vm().error() = std::move(vm.error()), vm::Status::error)
                                   : vm::Status::done)
                        .starts_with("! ErrorAssignmentToConstant"));
}

TEST(Modules, AreEvaluatedOnceAndConstant) {
    const std::map<std::string, std::string> modules{
        {"m.vsl",
         "export let list = [1]; export const N = 5; private fn hidden() { 1 } fn shown() { hidden() + global::N } "
         "import \"sub\" as sub;"},
        {"sub.vsl", "export let x = 7; fn f(g) { g.call(x_of()) } fn x_of() { 3 }"},
        {"bad.vsl", "let x = 1 / 0;"},
        {"thrower.vsl", "throw \"load\";"},
    };
    EXPECT_EQ(run("import \"m\" as a; import \"m\" as b; let l = a::list; l.push(2); [l, b::list, a::shown(), "
                  "a::sub::x, a::N]",
                  {}, modules),
              "[[1, 2], [1], 6, 7, 5]");
    EXPECT_EQ(run("import \"sub\" as s; s::f(|v| v * 2)", {}, modules), "6");
    EXPECT_TRUE(run("import \"m\" as m; m::list[0] = 2", {}, modules).starts_with("! ErrorAssignmentToConstant"));
    EXPECT_TRUE(run("import \"m\" as m; m::list.push(2)", {}, modules).starts_with("! ErrorNonPure"));
    EXPECT_TRUE(run("import \"m\" as m; m::hidden()", {}, modules).starts_with("! ErrorFunctionNotFound"));
    EXPECT_EQ(run("let r = (); try { import \"bad\" as b; } catch (e) { r = [e.error, e.cause]; } r", {}, modules),
              "[\"ErrorInModule\", \"ErrorArithmetic\"]");
    EXPECT_EQ(
        run("let r = []; for i in 0..2 { try { import \"thrower\" as b; } catch (e) { r.push(e); } } r", {}, modules),
        "[\"load\", \"load\"]");
}

}  // namespace
}  // namespace sluice::dsl
