// The same program in vSL and in Lua, the vSL text and the Lua text as their users would write it. A program gives an
// integer by which the sides are compared.
#include <memory>

#include <fmt/format.h>

#include "lua_engine.hpp"
#include "measure.hpp"
#include "suites.hpp"
#include "vsl_engine.hpp"

namespace sluice::bench {

namespace {

struct Program {
    const char* name;
    const char* vsl;
    const char* lua;
    int rounds;
};

const Program all[] = {
    {"integer loop 10 M", "|| { let n = 0; for i in 0..10000000 { n += i % 7; } n }",
     "return function() local n = 0; for i = 0, 9999999 do n = n + i % 7 end return n end", 7},
    {"while loop 10 M", "|| { let n = 0; let i = 0; while i < 10000000 { if i % 3 == 0 { n += 1; } i += 1; } n }",
     "return function() local n, i = 0, 0; while i < 10000000 do if i % 3 == 0 then n = n + 1 end i = i + 1 end return "
     "n end",
     7},
    {"fib(30)", "fn fib(n) { if n < 2 { n } else { fib(n - 1) + fib(n - 2) } } || fib(30)",
     "local function fib(n) if n < 2 then return n else return fib(n - 1) + fib(n - 2) end end return function() "
     "return fib(30) end",
     7},
    {"sieve of 1 M",
     "|| { let composite = []; composite.pad(1000001, false); let count = 0; for i in 2..=1000000 { if !composite[i] { "
     "count += 1; let j = i * i; while j <= 1000000 { composite[j] = true; j += i; } } } count }",
     "return function() local composite = {}; for i = 1, 1000000 do composite[i] = false end local count = 0; for i = "
     "2, 1000000 do if not composite[i] then count = count + 1; local j = i * i; while j <= 1000000 do composite[j] = "
     "true; j = j + i end end end return count end",
     7},
    {"string building 1 M", "|| { let s = \"\"; for i in 0..1000000 { s += \"x\"; } s.bytes }",
     "return function() local t = {}; for i = 1, 1000000 do t[i] = 'x' end return #table.concat(t) end", 7},
    {"map insert and lookup 1 M",
     "|| { let m = #{}; for i in 0..1000000 { m[`k${i}`] = i; } let n = 0; for i in 0..1000000 { n += m[`k${i}`]; } n "
     "+ m.len() }",
     "return function() local m, c = {}, 0; for i = 0, 999999 do m['k' .. i] = i end local n = 0; for i = 0, 999999 do "
     "n = n + m['k' .. i] end for _ in pairs(m) do c = c + 1 end return n + c end",
     5},
    {"sort 1 M with callback",
     "|| { let a = []; let x = 42; for i in 0..1000000 { x = (x * 16807) % 2147483647; a.push(x); } "
     "a.sort(|p, q| p - q); a[0] + a[500000] * 3 + a[999999] }",
     "return function() local a, x = {}, 42; for i = 1, 1000000 do x = (x * 16807) % 2147483647; a[i] = x "
     "end table.sort(a, function(p, q) return p < q end) return a[1] + a[500001] * 3 + a[1000000] end",
     3},
};

std::string measure(const Program& program) {
    Vsl vsl(program.vsl);
    std::vector<std::unique_ptr<Lua>> engines;
    std::vector<std::int64_t> values(4);
    std::vector<Side> sides{{"vsl", [&] { values[0] = vsl.call().as_int(); }}};
    for (const auto kind : {LuaKind::lua54, LuaKind::luajit_interpreter, LuaKind::luajit}) {
        engines.push_back(std::make_unique<Lua>(kind, program.lua));
        auto& lua = *engines.back();
        auto& value = values[engines.size()];
        sides.push_back({name(kind), [&] { value = lua.call_for_integer(); }});
    }
    auto text = compare(program.name, program.rounds, 1e-3, "ms", sides);
    for (const auto value : values)
        if (value != values[0]) fail(fmt::format("{}: {} and {}", program.name, values[0], value));
    return text;
}

}  // namespace

std::vector<std::string> programs(std::string_view only) {
    std::vector<std::string> figures;
    for (const auto& program : all)
        if (std::string_view(program.name).find(only) != std::string_view::npos) figures.push_back(measure(program));
    return figures;
}

}  // namespace sluice::bench
