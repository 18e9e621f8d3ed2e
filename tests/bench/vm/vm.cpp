// The machine against Lua 5.4, in one process: each pair of programs runs alternately, the medians are compared.
// Prints one JSON object.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include <lua.hpp>

#include "dsl/lib/library.hpp"
#include "dsl/tools/session.hpp"

namespace {

using namespace sluice::dsl;
using Clock = std::chrono::steady_clock;

constexpr int rounds = 7;

const char* const vsl_source = R"(
const BLOCKED = ["a1.test", "a2.test", "a3.test", "a4.test", "a5.test", "a6.test", "a7.test", "a8.test", "a9.test", "a10.test",
                 "b1.test", "b2.test", "b3.test", "b4.test", "b5.test", "b6.test", "b7.test", "b8.test", "b9.test", "b10.test"];
fn policy(domain, headers) {
    if domain == "example.com" { return 1; }
    if domain in global::BLOCKED { return 2; }
    if headers["x-spam"] == "yes" || headers["list-id"] != () { return 3; }
    0
}
fn loop_sum(n) { let s = 0; let i = 0; while i < n { s += i % 7; i += 1; } s }
fn fib(n) { if n < 2 { n } else { fib(n - 1) + fib(n - 2) } }
fn strings(n) { let s = ""; for i in 0..n { s += "x"; } s.len() }
)";

const char* const lua_source = R"(
local BLOCKED = {}
for i = 1, 10 do BLOCKED["a" .. i .. ".test"] = true; BLOCKED["b" .. i .. ".test"] = true end
function policy(domain, headers)
    if domain == "example.com" then return 1 end
    if BLOCKED[domain] then return 2 end
    if headers["x-spam"] == "yes" or headers["list-id"] ~= nil then return 3 end
    return 0
end
function loop_sum(n) local s = 0; local i = 0; while i < n do s = s + i % 7; i = i + 1 end return s end
function fib(n) if n < 2 then return n else return fib(n - 1) + fib(n - 2) end end
function strings(n) local t = {}; for i = 1, n do t[#t + 1] = "x" end return #table.concat(t) end
)";

[[noreturn]] void fail(const std::string& why) {
    std::fprintf(stderr, "%s\n", why.c_str());
    std::exit(1);
}

double seconds(const std::function<void()>& run) {
    const auto start = Clock::now();
    run();
    return std::chrono::duration<double>(Clock::now() - start).count();
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

struct Vsl {
    tools::Session session{lib::base_library(), Limits{}};
    tools::Loaded loaded;
    std::unique_ptr<vm::Vm> machine;

    Vsl() {
        Diagnostics diagnostics;
        loaded = session.compile("bench", vsl_source, false, false, diagnostics);
        if (!loaded.program) fail("the vSL program does not compile");
        Limits limits;
        limits.operations = 0;
        machine = std::make_unique<vm::Vm>(*loaded.program, *loaded.globals, limits);
        if (machine->run_unit(*loaded.program->main) != vm::Status::done) fail("the vSL program fails");
        loaded.globals->freeze();
    }
    std::int64_t call(std::string_view name, std::span<const Value> args) {
        if (machine->call(*loaded.program->main, name, args) != vm::Status::done) fail("vSL: " + machine->error()->message);
        return machine->result().as_int();
    }
    std::int64_t number(std::string_view name, std::int64_t n) {
        const Value args[] = {Value::integer(n)};
        return call(name, args);
    }
    std::int64_t policy(const std::string& domain) {
        Value headers = make_map();
        headers.as_map().set("x-spam", Value::string("no"));
        headers.as_map().set("subject", Value::string("hello"));
        const Value args[] = {Value::string(domain), std::move(headers)};
        return call("policy", args);
    }
};

struct Lua {
    lua_State* state = luaL_newstate();
    Lua() {
        luaL_openlibs(state);
        if (luaL_dostring(state, lua_source)) fail(lua_tostring(state, -1));
    }
    ~Lua() { lua_close(state); }
    std::int64_t finish(int args) {
        if (lua_pcall(state, args, 1, 0) != LUA_OK) fail(lua_tostring(state, -1));
        const auto result = lua_tointeger(state, -1);
        lua_pop(state, 1);
        return result;
    }
    std::int64_t number(const char* name, std::int64_t n) {
        lua_getglobal(state, name);
        lua_pushinteger(state, n);
        return finish(1);
    }
    std::int64_t policy(const std::string& domain) {
        lua_getglobal(state, "policy");
        lua_pushlstring(state, domain.data(), domain.size());
        lua_createtable(state, 0, 2);
        lua_pushstring(state, "no");
        lua_setfield(state, -2, "x-spam");
        lua_pushstring(state, "hello");
        lua_setfield(state, -2, "subject");
        return finish(2);
    }
};

bool first = true;

void compare(const char* name, double per, const char* unit, const std::function<std::int64_t()>& vsl, const std::function<std::int64_t()>& lua) {
    if (vsl() != lua()) fail(std::string(name) + ": the two programs disagree");
    std::vector<double> ours;
    std::vector<double> theirs;
    std::vector<double> ratios;
    for (int i = 0; i < rounds; ++i) {
        ours.push_back(seconds([&] { (void)vsl(); }));
        theirs.push_back(seconds([&] { (void)lua(); }));
        ratios.push_back(theirs.back() / ours.back());
    }
    std::printf("%s\n  \"%s\": {\"unit\": \"%s\", \"sluice\": %.4g, \"lua54\": %.4g, \"times_lua\": %.2f}", first ? "{" : ",", name, unit, median(ours) * per, median(theirs) * per, median(ratios));
    first = false;
}

}  // namespace

int main() {
    Vsl vsl;
    Lua lua;
    const std::vector<std::string> domains = {"example.com", "b7.test", "somewhere.example", "a1.test", "mail.example.org"};
    constexpr int calls = 200'000;
    const auto decide = [&](auto& engine) {
        std::int64_t sum = 0;
        for (int i = 0; i < calls; ++i) sum += engine.policy(domains[static_cast<std::size_t>(i) % domains.size()]);
        return sum;
    };
    compare("policy decision", 1e9 / calls, "ns", [&] { return decide(vsl); }, [&] { return decide(lua); });
    compare("integer loop 10 M", 1e3, "ms", [&] { return vsl.number("loop_sum", 10'000'000); }, [&] { return lua.number("loop_sum", 10'000'000); });
    compare("fib(30)", 1e3, "ms", [&] { return vsl.number("fib", 30); }, [&] { return lua.number("fib", 30); });
    compare("string building 1 M", 1e3, "ms", [&] { return vsl.number("strings", 1'000'000); }, [&] { return lua.number("strings", 1'000'000); });
    std::printf("\n}\n");
}
