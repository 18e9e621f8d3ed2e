// Every operand of every instruction that the compiler makes is checked: put out of its range, the verifier refuses it.
// The table is opcodes.def itself, so a new instruction is tested as soon as a script here produces it, and one must.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "dsl/code/verifier.hpp"
#include "dsl/lib/library.hpp"
#include "dsl/tools/session.hpp"

namespace sluice::dsl {
namespace {

using code::Instruction;
using code::Opcode;

constexpr std::string_view names[] = {
#define SLUICE_OP(name, x, a, b, c) #name,
#include "dsl/code/opcodes.def"
#undef SLUICE_OP
};

// Together these have every instruction.
const char* const scripts[] = {
    R"(import "lib" as l; let p = "l" + "ib"; import p as d; let c = l::list;
       [l::LIMIT, l::twice(2), d::LIMIT, d::twice(3), c, l::nothing])",
    R"(import "lib" as l; fn g() { throw 1 } let a = [1, 2]; let i = 0; a[i] = 3; throw a)",
    R"(let i = 1; fn h(a, i) { a[i] = a; a[i] } import "lib" + i as a; a::x)",
    R"(fn f(a, b) { try { a / b } catch (e) { try { throw e } catch { throw; } } }
       fn me(k) { this += k; this } fn none() { return; } private fn glob() { global::K }
       const K = "name"; let n = 1; n.me(2); none(); glob();
       let m = #{a: 1, b: [1, 2]}; m.b[0] = 5; m.b.push(3); m.a += 1; m.me(1); m["x"] = n; let i = 0; m.b[i] = 4;
       let big = [)"
    "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32,33,34,35,36,37,38,39,40,"
    "41,42,43,44,45,46,47,48,49,50,51,52,53,54,55,56,57,58,59,60,61,62,63,64,65,66,n];"
    R"(let c = 0; let g = |x| { c += x; c = c + 1; c }; let h = || g.call(1);
       let plain = 1; plain += 2; plain += n; plain -= i;
       for (x, k) in [1, 2, 3] { if x > 1 && k < 9 { g.call(x); } else { c -= 1; } }
       for x in 1..3 { if x == n { continue; } } for (x, k) in 1..=2 { plain += k; }
       let s = `${c} ${f(1, 0)} ${"abc".sub_string(1)}`;
       switch c { 1 => m.x = 1, 2..9 => m.x = 2, _ => m.x = 3 }
       [s, m, c, K, 2 in m.b, n in [1, 2], n in ["a", "b", "c", "d", "e", "f", "g", "h", "i"], 4 !in m.b, m?.a, u::v(),
        unknown_yet(), nothing])",
    R"(let a = 5; let b = 2; let t = true; let u = ();
       [a + b, a - b, a * b, a / b, a % b, a ** b, a << b, a >> b, a & b, a | b, a ^ b, a == b, a != b, a < b, a <= b, a > b,
        a >= b, a + 1, a - 1, a * 2, a % 2, a == 1, a != 1, a < 1, a <= 1, a > 1, a >= 1, a..b, a..=b, -a, +a, !t,
        t && t, t || t, u ?? a, a.to_string().len, "x"[a], [1][0], #{k: a}.k, (|| a).call(), Fn("f"), Fn("a" + "b"), abs(a)];
       let z = a; while z > 0 { z -= 1; if z == b { break; } if z <= b { } if z < b { } if z >= 1 { } if z <= 1 { } if z < 1 { }
       if b == 7 { } if !(z == 3) { } }
       do { z += 1; } until z >= b; if z <= a && z < a { } if u?.x == 1 { } fn q() { this } z.q(); fn w(x) { x } [1].map(w);
       let l = 4611686018427387904 + a; let y; { let y = a; z = y; } a.abs(); let f = 2.5; f = "text"; f)",
    R"(const A = [1]; A[0] = 1;)",
    R"(no_name = 1; no_name)",
    "no_module::value",
    R"(#{rcpt: [rule "x" || 1, action "y" || 2]})",
    R"(let v = 1; let k = || { let w = v; || w += 1 }; v = 2; k.call().call();)",
};

struct Compiled {
    explicit Compiled(const char* script) : loader(modules()), session(lib::base_library(), Limits{}) {
        session.set_loader(&loader, "", {"lib.vsl"});
        Diagnostics diagnostics;
        loaded = session.compile("test", script, false, false, diagnostics);
        for (const auto& d : diagnostics.all())
            if (!loaded.program) ADD_FAILURE() << script << ": " << d.message;
    }
    static const std::map<std::string, std::string>& modules() {
        static const std::map<std::string, std::string> all{
            {"lib.vsl", "export const LIMIT = 25; export let list = [1, 2]; fn twice(x) { x * 2 }"}};
        return all;
    }
    MapLoader loader;
    tools::Session session;
    tools::Loaded loaded;
};

// What no operand of this kind may be. False: any value will do.
bool damage(char kind, std::uint16_t& value) {
    switch (kind) {
        case 'I':
        case 'n': return false;  // a number; windows are checked as a whole, below
        case '-': value = 1; return true;
        default: value = 0xffff; return true;
    }
}

bool damage_flag(char kind, std::uint8_t& x) {
    switch (kind) {
        case '-': x = 1; return true;
        case 'x': x = 2; return true;
        case 'o': x = 200; return true;
        case 'd': x = 9; return true;
        case 'n': x = 255; return true;  // arguments: more than the callee takes, or than there are registers
        default: return false;
    }
}

void refuse_every_operand(code::Unit& unit, Instruction& in) {
    const auto good = in;
    const auto kinds = code::info(in.op);
    const auto refused = [&](const char* operand) {
        EXPECT_NE(code::verify(unit), "") << kinds.name << ", operand " << operand;
        in = good;
    };
    const bool jump = kinds.b == 'J';
    const bool wide = jump || kinds.b == 'I';
    if (damage_flag(kinds.x, in.x)) refused("x");
    if (damage(kinds.a, in.a)) refused("a");
    if (!wide && damage(kinds.b, in.b)) refused("b");
    if (!wide && damage(kinds.c, in.c)) refused("c");
    if (jump) {
        in.set_bc(1 << 20);
        refused("forward jump");
        in.set_bc(-(1 << 20));
        refused("backward jump");
    }
    if (kinds.c == 'n') {
        in.c = 0xffff;
        refused("window");
    }
    if (kinds.b == 'n') {
        in.b = 0xffff;
        refused("window");
    }
}

TEST(VerifierOperands, EachIsRefusedOutOfItsRange) {
    std::set<Opcode> seen;
    for (const auto* script : scripts) {
        Compiled compiled(script);
        if (!compiled.loaded.program) continue;
        for (const auto& unit : compiled.loaded.program->units) {
            ASSERT_EQ(code::verify(*unit), "") << script;
            for (const auto& function : unit->functions)
                for (auto& in : function->code)
                    if (seen.insert(in.op).second) refuse_every_operand(*unit, in);
        }
    }
    for (std::size_t op = 0; op < std::size(names); ++op)
        EXPECT_TRUE(seen.contains(static_cast<Opcode>(op))) << "no script here produces " << names[op];
}

// What the tables of a function or a file may not hold.
TEST(VerifierTables, EachIsRefusedWhenItDoesNotFit) {
    const struct {
        const char* what;
        void (*damage)(code::Unit&, Function& top, Function& closure);
    } rows[] = {
        {"captures without names", [](code::Unit&, Function&, Function& c) { c.capture_names.pop_back(); }},
        {"names without captures", [](code::Unit&, Function&, Function& c) { c.capture_names.emplace_back("x"); }},
        {"mutability", [](code::Unit&, Function&, Function& c) { c.capture_mutable.clear(); }},
        {"captures of no closure",
         [](code::Unit&, Function& t, Function&) {
             t.captures.push_back({code::CaptureSource::From::register_, 1});
         }},
        {"kind of capture",
         [](code::Unit&, Function&, Function& c) { c.captures[0].from = static_cast<code::CaptureSource::From>(7); }},
        {"closure at the top", [](code::Unit&, Function& t, Function&) { t.anonymous = true; }},
        {"parameters at the top", [](code::Unit&, Function& t, Function&) { t.params = 1; }},
        {"a cell as constant",
         [](code::Unit&, Function& t, Function&) { t.constants.push_back(make_object<CellObject>(Value())); }},
        {"path root", [](code::Unit&, Function& t, Function&) { t.paths[0].root = static_cast<code::Path::Root>(9); }},
        {"kind of method",
         [](code::Unit&, Function& t, Function&) { t.methods[0].special = static_cast<code::MethodSite::Special>(9); }},
        {"property by a function of two",
         [](code::Unit&, Function& t, Function&) {
             t.properties.push_back({Value::string("len"), lib::base_library().find("push", 2)});
         }},
        {"functions out of order",
         [](code::Unit& u, Function&, Function&) { std::swap(u.functions[0], u.functions[1]); }},
        {"no function", [](code::Unit& u, Function&, Function&) { u.functions.push_back(nullptr); }},
        {"no native", [](code::Unit& u, Function&, Function&) { u.natives.push_back(nullptr); }},
        {"no import", [](code::Unit& u, Function&, Function&) { u.imports.push_back(nullptr); }},
        {"module function",
         [](code::Unit& u, Function&, Function&) {
             u.qualified.push_back({&u, 999});
         }},
        {"function of no module",
         [](code::Unit& u, Function&, Function&) {
             u.qualified.push_back({nullptr, 1});
         }},
        {"export", [](code::Unit& u, Function&, Function&) { u.exports["x"] = 99; }},
        {"global", [](code::Unit& u, Function&, Function&) { u.globals["x"] = 99; }},
    };
    for (const auto& row : rows) {
        Compiled compiled("let m = #{b: [1]}; m.b.push(1); let c = 1; let f = || c += 1; m.b[0] = 2; f.call()");
        auto& unit = *compiled.loaded.program->units.back();  // modules come first
        ASSERT_EQ(code::verify(unit), "");
        row.damage(unit, *unit.functions[0], *unit.functions.back());
        EXPECT_NE(code::verify(unit), "") << row.what;
    }
}

}  // namespace
}  // namespace sluice::dsl
