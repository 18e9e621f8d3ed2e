// Budgets of a run: operations, depth, memory, wall clock, sizes; each at its limit and one past.
#include <chrono>

#include "machine.hpp"

namespace sluice::dsl {
namespace {

TEST(Budget, OperationsExactly) {
    // for: one jump back for each round.
    Limits limits;
    limits.operations = 10;
    EXPECT_EQ(run("let n = 0; for i in 0..10 { n += 1; } n", limits), "10");
    EXPECT_TRUE(run("let n = 0; for i in 0..11 { n += 1; } n", limits).starts_with("! ErrorTooManyOperations"));
    EXPECT_TRUE(run("loop { }", limits).starts_with("! ErrorTooManyOperations"));
    EXPECT_TRUE(run("fn f() { 1 } [f(), f(), f(), f(), f(), f(), f(), f(), f(), f(), f()]", limits)
                    .starts_with("! ErrorTooManyOperations"));
    EXPECT_TRUE(run("[1,2,3,4,5,6,7,8,9,10,11].map(|x| x)", limits).starts_with("! ErrorTooManyOperations"));
    EXPECT_TRUE(run("try { loop { } } catch { 1 }", limits).starts_with("! ErrorTooManyOperations"));
    limits.operations = 0;
    EXPECT_EQ(run("let n = 0; while n < 2000000 { n += 1; } n", limits), "2000000");
}

TEST(Budget, CallDepth) {
    Limits limits;
    const std::string recursive = "fn f(n) { if n <= 1 { 1 } else { 1 + f(n - 1) } } ";
    EXPECT_EQ(run(recursive + "f(64)", limits), "64");
    EXPECT_TRUE(run(recursive + "f(65)", limits).starts_with("! ErrorStackOverflow"));
    limits.call_depth = 20'000;
    EXPECT_EQ(run(recursive + "f(20000)", limits), "20000") << "the C++ stack is not used";
    EXPECT_TRUE(run(recursive + "f(20001)", limits).starts_with("! ErrorStackOverflow"));
    EXPECT_TRUE(run("fn f(a) { a.map(|x| f([x])) } f([1])", limits).starts_with("! ErrorStackOverflow"));
    EXPECT_TRUE(run("fn f(a) { a.sort(|x, y| f([2, 1])); } f([2, 1])", limits).starts_with("! ErrorStackOverflow"));
    EXPECT_TRUE(run("let f = |n| f.call(n); f.call(1)", limits).starts_with("! ErrorStackOverflow"));
    EXPECT_TRUE(run("let o = #{}; o.f = || this.f(); o.f()", limits).starts_with("! ErrorStackOverflow"));
}

TEST(Budget, Memory) {
    Limits limits;
    limits.memory_bytes = 4u << 20;
    EXPECT_TRUE(run("let a = []; loop { a.push([1, 2, 3]); }", limits).starts_with("! ErrorDataTooLarge"));
    EXPECT_TRUE(run("let a = []; loop { a.push(1..2); }", limits).starts_with("! ErrorDataTooLarge"));
    EXPECT_TRUE(run("let f = []; loop { let n = 1; f.push(|| n += 1); }", limits).starts_with("! ErrorDataTooLarge"));
    // No call and no loop after the first: still seen.
    std::string straight = "let s = \"x\"; s.pad(1000000, 'x');";
    for (int n = 0; n < 30; ++n) straight += "let t" + std::to_string(n) + " = s + 1;";
    EXPECT_TRUE(run(straight, limits).starts_with("! ErrorDataTooLarge"));
    std::string copies = "let a = []; a.pad(60000, 1);";
    for (int n = 0; n < 30; ++n) copies += "let b" + std::to_string(n) + " = a; b" + std::to_string(n) + "[0] = 2;";
    EXPECT_TRUE(run(copies, limits).starts_with("! ErrorDataTooLarge"));
}

TEST(Budget, WallClock) {
    Limits limits;
    limits.operations = 0;
    limits.wall_ms = 50;
    const auto start = std::chrono::steady_clock::now();
    EXPECT_TRUE(run("loop { }", limits).starts_with("! ErrorTerminated"));
    EXPECT_TRUE(run("let s = \"x\"; s.pad(100000, 'x'); loop { s[99999]; }", limits).starts_with("! ErrorTerminated"));
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
}

TEST(Budget, SizesOfEverythingThatGrows) {
    Limits limits;
    limits.string_bytes = 5000;
    limits.array_items = 5000;
    limits.map_items = 5000;
    const auto at = [&](const std::string& before, const std::string& grow) {
        // `@` is the size.
        const auto with = [&](std::string text, const std::string& size) {
            for (auto p = text.find('@'); p != std::string::npos; p = text.find('@')) text.replace(p, 1, size);
            return text;
        };
        EXPECT_EQ(run(with(before + grow + "; 1", "5000"), limits), "1") << grow;
        EXPECT_TRUE(run(with(before + grow + "; 1", "5001"), limits).starts_with("! ErrorDataTooLarge")) << grow;
    };
    at("let s = \"\"; ", "s.pad(@, 'x')");
    at("let s = \"\"; s.pad(@ - 1, 'x'); ", "s += 'y'");
    at("let s = \"\"; s.pad(@ - 1, 'x'); ", "s.append(\"y\")");
    at("let s = \"\"; s.pad(@ - 1, 'x'); ", "let t = s + 1");
    at("let s = \"\"; s.pad(@ - 1, 'x'); ", "let t = `${s}1`");
    at("let s = \"\"; s.pad(@ - 1, 'x'); s[0] = 'q'; ", "s.replace(\"q\", \"qq\")");
    at("let a = []; ", "a.pad(@, 0)");
    at("let a = []; a.pad(@ - 1, 0); ", "a.push(1)");
    at("let a = []; a.pad(@ - 1, 0); ", "a.insert(0, 1)");
    at("let a = []; a.pad(@ - 1, 0); ", "a += 1");
    at("let a = []; a.pad(@ - 1, 0); ", "a += [1]");
    at("let a = []; a.pad(@ - 1, 0); ", "a.append([1])");
    at("let a = []; a.pad(@ - 1, 0); ", "let b = a + [1]");
    at("let a = []; a.pad(@ - 1, 0); ", "a.splice(0, 0, [1])");
    at("", "let b = blob(@)");
    at("let b = blob(); ", "b.pad(@, 0)");
    at("let b = blob(@ - 1); ", "b.push(1)");
    at("let b = blob(@ - 1); ", "b.insert(0, 1)");
    at("let b = blob(@ - 1); ", "b += \"x\"");
    at("let b = blob(@ - 1); ", "b.splice(0, 0, blob(1))");
    at("let m = #{}; for i in 0..@ - 1 { m[`${i}`] = i; } ", "m.x = 1");
    at("let m = #{}; for i in 0..@ - 1 { m[`${i}`] = i; } ", "m.set(\"x\", 1)");
    at("let m = #{}; for i in 0..@ - 1 { m[`${i}`] = i; } ", "m += #{x: 1}");
    at("let m = #{}; for i in 0..@ - 1 { m[`${i}`] = i; } ", "m.fill_with(#{x: 1})");
    at("let m = #{}; for i in 0..@ - 1 { m[`${i}`] = i; } ", "let n = m + #{x: 1}");
}

TEST(Budget, SizesOfWhatTheLibraryMakes) {
    Limits limits;
    limits.array_items = 5000;
    for (const auto* text :
         {"let s = \"\"; s.pad(6000, 'x'); s.to_chars()", "let s = \"\"; s.pad(6000, 'x'); s.split(\"\")",
          "let s = \"\"; s.pad(6000, \"x \"); s.pad(12002, \"x \"); s.split()",
          "let s = \"\"; s.pad(6000, ','); s.split(',')", "let s = \"\"; s.pad(6000, ','); s.split_rev(',')",
          "let s = \"\"; s.pad(6000, 'x'); s.to_blob()",
          "let s = \"[0\"; s.pad(12000, \",0\"); s += \"]\"; parse_json(s)"})
        EXPECT_TRUE(run(text, limits).starts_with("! ErrorDataTooLarge"))
            << text << ": " << run(text, limits).substr(0, 80);
}

TEST(Budget, SmallLimitsCountWhatIsNested) {
    Limits limits;
    limits.array_items = 10;
    limits.map_items = 10;
    for (const auto* text :
         {"let x = [1, 2, 3]; [x, x, x, x]", "let x = [42]; loop { x[0] = x; }",
          "let x = [1, 2, 3]; #{u: x, v: x, w: x, z: x}", "let x = #{a: 1, b: 2, c: 3}; [x, x, x, x]",
          "let x = #{a: 1}; loop { x.a = x; }", "let x = [1]; let y = [2, 3, 4, 5, 6]; x.push(y); x.push(y)",
          "let x = []; loop { x.push(x); }"})
        EXPECT_TRUE(run(text, limits).starts_with("! ErrorDataTooLarge")) << text;
    EXPECT_EQ(run("let x = [1, 2, 3]; [x, x]", limits), "[[1, 2, 3], [1, 2, 3]]");
}

TEST(Budget, UnlimitedSizesStillHaveARepresentation) {
    Limits limits;
    limits.string_bytes = limits.array_items = limits.map_items = 0;
    for (const auto* text : {"let s = \"x\"; s.pad(9223372036854775807, 'x')",
                             "let a = []; a.pad(9223372036854775807, 1)", "blob(9223372036854775807)"})
        EXPECT_TRUE(run(text, limits).starts_with("! ErrorDataTooLarge")) << text;
}

}  // namespace
}  // namespace sluice::dsl
