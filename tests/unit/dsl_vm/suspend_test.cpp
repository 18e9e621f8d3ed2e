// Suspension at host calls: in plain code, in callbacks of library functions, in modules; errors instead of answers;
// runs that are dropped while they wait.
#include "machine.hpp"

namespace sluice::dsl {
namespace {

TEST(Suspend, PlainCalls) {
    EXPECT_EQ(Machine("wait()").answered(), "1");
    EXPECT_EQ(Machine("let a = wait(); let b = wait(a); [a, b, wait(1, 2)]").answered(), "[1, 2, 3]");
    EXPECT_EQ(Machine("wait() + wait() * wait()").answered(), "7");
    EXPECT_EQ(Machine("fn f(x) { wait(x) + x } f(10) + f(20)").answered(), "33");
    EXPECT_EQ(Machine("let s = 0; for i in 0..5 { s += wait(i); } s").answered(), "15");
    EXPECT_EQ(Machine("5.wait()").answered(), "1");
    EXPECT_EQ(Machine("`${wait()}-${wait()}`").answered(), "\"1-2\"");
    EXPECT_EQ(Machine("if wait() == 1 { \"yes\" } else { \"no\" }").answered(), "\"yes\"");
    EXPECT_EQ(Machine("let f = Fn(\"wait\"); f.call() + f.curry(1).call(2)").answered(), "3");
}

TEST(Suspend, InCallbacks) {
    EXPECT_EQ(Machine("[10, 20, 30].some(|x| wait(x) == 2)").answered(), "true");
    EXPECT_EQ(Machine("[10, 20, 30].filter(|x| wait(x) != 2)").answered(), "[10, 30]");
    EXPECT_EQ(Machine("[10, 20, 30].map(|x| wait(x) + x)").answered(), "[11, 22, 33]");
    EXPECT_EQ(Machine("[1, 2].map(|x| [1, 2].map(|y| wait()))").answered(), "[[1, 2], [3, 4]]");
    EXPECT_EQ(Machine("[1, 2].map(Fn(\"wait\"))").answered(), "[1, 2]");
    EXPECT_EQ(Machine("let a = [3, 2, 1]; a.sort(|x, y| { wait(); x - y }); a").answered(), "[1, 2, 3]");
    EXPECT_EQ(Machine("let a = [1, 2, 3]; let d = a.drain(|x| wait() == 2); [a, d]").answered(), "[[1, 3], [2]]");
    EXPECT_EQ(Machine("let a = [1, 2]; a.for_each(|| this += wait()); a").answered(), "[2, 4]");
    EXPECT_EQ(Machine("[1, 2, 3].reduce(|s, x| s + x * wait(), 0)").answered(), "14");
    EXPECT_EQ(Machine("#{a: 1, b: 2}.filter(|k, v| wait() == 2)").answered(), "#{\"b\": 2}");
}

TEST(Suspend, ReceiversStayWhereTheyBelong) {
    EXPECT_EQ(Machine("let a = [1]; a.change_and_wait(); a").answered(), "[1, 99]");
    EXPECT_EQ(Machine("let m = #{l: [1]}; m.l.change_and_wait(); m").answered(), "#{\"l\": [1, 99]}");
    EXPECT_EQ(Machine("let a = [1]; let f = || a.change_and_wait(); f.call(); a").answered(), "[1, 99]");
    EXPECT_EQ(Machine("let o = #{n: 1, add: || { this.n += wait(); this.n }}; [o.add(), o.add(), o.n]").answered(),
              "[2, 4, 4]");
}

TEST(Suspend, ErrorsInsteadOfAnswers) {
    const auto failing = [](const std::string& text) {
        Machine machine(text);
        auto status = machine.run();
        while (status == vm::Status::suspended)
            status = machine.vm().resume_with_error(make_thrown(Value::string("dns")));
        return machine.shown(status);
    };
    EXPECT_EQ(failing("wait()"), "! ErrorRuntime: dns");
    EXPECT_EQ(failing("let r = (); try { wait() } catch (e) { r = e; } r"), "\"dns\"");
    EXPECT_EQ(failing("let r = (); try { [1, 2].map(|x| wait()) } catch (e) { r = e; } r"), "\"dns\"");
    EXPECT_EQ(failing("[1, 2].map(|x| { let r = 0; try { wait() } catch (e) { r = e; } r })"), "[\"dns\", \"dns\"]");
    EXPECT_EQ(failing("let a = [1]; try { a.retain(|x| wait()) } catch { } a"), "[1]");
}

TEST(Suspend, Abandoned) {
    const auto before = heap_bytes();
    for (const auto* text : {"wait()", "[1, 2].map(|x| [x, \"a long string on the heap\"].filter(|y| wait()))",
                             "let f = |n| if n == 0 { wait() } else { f.call(n - 1) }; f.call(10)"}) {
        Machine machine(text);
        ASSERT_EQ(machine.run(), vm::Status::suspended);
        machine.vm().abandon();
        ASSERT_EQ(machine.run(), vm::Status::suspended) << "may be used again";
        ASSERT_EQ(machine.run(), vm::Status::suspended) << "beginning anew drops what waits";
    }
    EXPECT_EQ(heap_bytes(), before);
}

TEST(Suspend, ManyMachinesOfOneThread) {
    // What the others allocate while one waits is not counted against it.
    Limits limits;
    limits.memory_bytes = 1u << 20;
    const std::string hold = "let a = []; a.pad(30000, 7); let r = wait(); let b = []; b.pad(20000, 7); [a.len, b.len]";
    std::vector<std::unique_ptr<Machine>> machines;
    for (int n = 0; n < 20; ++n) {
        machines.push_back(std::make_unique<Machine>(hold, limits));
        ASSERT_EQ(machines.back()->run(), vm::Status::suspended);
    }
    for (auto& machine : machines) EXPECT_EQ(machine->shown(machine->vm().resume(Value())), "[30000, 20000]");
    // Nor does it get back what others free.
    Machine greedy("let a = []; a.pad(50000, 7); let r = wait(); let b = []; b.pad(50000, 7); b.push(1);", limits);
    auto holder = std::make_unique<Machine>("let a = []; a.pad(60000, 7); wait()", limits);
    ASSERT_EQ(holder->run(), vm::Status::suspended);
    ASSERT_EQ(greedy.run(), vm::Status::suspended);
    holder.reset();
    EXPECT_TRUE(greedy.shown(greedy.vm().resume(Value())).starts_with("! ErrorDataTooLarge"));
}

TEST(Suspend, CallOfAWaitingNativeFromTheHost) {
    Machine machine("Fn(\"wait\")");
    ASSERT_EQ(machine.run(), vm::Status::done);
    const Value fn = machine.vm().result();
    ASSERT_EQ(machine.vm().call(fn, {}), vm::Status::suspended);
    ASSERT_EQ(machine.vm().resume(Value::integer(5)), vm::Status::done);
    EXPECT_EQ(machine.vm().result().as_int(), 5);
    ASSERT_EQ(machine.vm().call(fn, {}), vm::Status::suspended);
    ASSERT_EQ(machine.vm().resume_with_error(make_thrown(Value::integer(1))), vm::Status::error);
}

}  // namespace
}  // namespace sluice::dsl
