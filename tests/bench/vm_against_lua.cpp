// The same work in vSL and in Lua 5.4, in one process, in alternating rounds. Prints JSON: the median of each side, and
// the median over the rounds of (time of Lua / time of vSL), so above 1 means that vSL is faster.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <lua.hpp>

#include "dsl/code/compiler.hpp"
#include "dsl/lib/library.hpp"
#include "dsl/vm/vm.hpp"

namespace {

using namespace sluice::dsl;

[[noreturn]] void fail(const std::string& what) {
    std::fprintf(stderr, "%s\n", what.c_str());
    std::exit(1);
}

Limits unlimited() {
    Limits limits;
    limits.operations = 0;
    limits.memory_bytes = 1u << 30;
    return limits;
}

// A script whose value is a function pointer, loaded and frozen as rules are.
class Vsl {
  public:
    explicit Vsl(const std::string& text) {
        code::CompileOptions options;
        options.natives = &lib::base_library();
        Diagnostics diagnostics;
        program_ = code::compile(std::make_shared<SourceFile>("bench", text), options, diagnostics);
        if (!program_) fail("vSL: " + diagnostics.all().front().message);
        globals_ = std::make_unique<vm::Globals>(*program_);
        vm::Vm loading(*program_, *globals_, unlimited());
        if (loading.run_unit(*program_->main) != vm::Status::done) fail("vSL: " + loading.error()->message);
        function_ = loading.result();
        globals_->freeze();
        globals_->frozen.freeze(function_);
        machine_ = std::make_unique<vm::Vm>(*program_, std::as_const(*globals_), unlimited());
    }
    const Value& call(std::span<const Value> args = {}) {
        if (machine_->call(function_, args) != vm::Status::done) fail("vSL: " + machine_->error()->message);
        return machine_->result();
    }

  private:
    std::shared_ptr<code::Program> program_;
    std::unique_ptr<vm::Globals> globals_;
    Value function_;
    std::unique_ptr<vm::Vm> machine_;
};

// A chunk that returns a function.
class Lua {
  public:
    explicit Lua(const std::string& text) : state_(luaL_newstate()) {
        luaL_openlibs(state_);
        if (luaL_loadstring(state_, text.c_str()) != LUA_OK || lua_pcall(state_, 0, 1, 0) != LUA_OK)
            fail(std::string("Lua: ") + lua_tostring(state_, -1));
        function_ = luaL_ref(state_, LUA_REGISTRYINDEX);
    }
    ~Lua() { lua_close(state_); }
    Lua(const Lua&) = delete;
    Lua& operator=(const Lua&) = delete;
    // The result stays on the stack until drop().
    lua_State* call(std::initializer_list<std::string_view> args = {}) {
        lua_rawgeti(state_, LUA_REGISTRYINDEX, function_);
        for (const auto arg : args) lua_pushlstring(state_, arg.data(), arg.size());
        if (lua_pcall(state_, static_cast<int>(args.size()), 1, 0) != LUA_OK)
            fail(std::string("Lua: ") + lua_tostring(state_, -1));
        return state_;
    }
    void drop() { lua_pop(state_, 1); }

  private:
    lua_State* state_;
    int function_;
};

double seconds(const std::function<void()>& work) {
    const auto start = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

struct Figures {
    std::string name;
    double vsl, lua, ratio;
    std::string unit;
};

Figures compare(const std::string& name, int rounds, double per, const std::string& unit,
                const std::function<void()>& vsl, const std::function<void()>& lua) {
    std::vector<double> a, b, ratios;
    for (int round = -1; round < rounds; ++round) {
        double x, y;
        if (round % 2 == 0) {
            x = seconds(vsl);
            y = seconds(lua);
        } else {
            y = seconds(lua);
            x = seconds(vsl);
        }
        if (round < 0) continue;  // warms up
        a.push_back(x / per);
        b.push_back(y / per);
        ratios.push_back(y / x);
    }
    return {name, median(a), median(b), median(ratios), unit};
}

std::string names(const char* open, const char* form, const char* close) {
    std::string text = open;
    for (int i = 0; i < 20; ++i)
        text += (i ? ", " : "") + fmt::format(fmt::runtime(form), fmt::format("blocked{}.example", i), i);
    return text + close;
}

constexpr int decisions = 200'000;

struct Sender {
    std::string domain;
    std::string helo;
};
std::vector<Sender> senders() {
    std::vector<Sender> all;
    for (int i = 0; i < 1000; ++i)
        all.push_back(
            {i % 10 == 0 ? fmt::format("blocked{}.example", i % 20) : fmt::format("sender{}.example.org", i % 50),
             fmt::format("mx{}.example.net", i % 7)});
    return all;
}

std::string vsl_policy() {
    return names("const BLOCKED = [", "\"{}\"", "];") + R"(
        const LIMITS = #{ "sender1.example.org": 5, "sender2.example.org": 10, "sender3.example.org": 1, "sender4.example.org": 7, "sender5.example.org": 2 };
        const RATES = #{ "mx1.example.net": 4, "mx2.example.net": 20, "mx3.example.net": 3 };
        |domain, helo| {
            if domain == "spam.example" { return "deny"; }
            if domain in BLOCKED { return "deny"; }
            let limit = LIMITS[domain];
            let rate = RATES[helo];
            if limit != () && rate != () && rate > limit { "quarantine" } else { "accept" }
        })";
}

std::string lua_policy(bool set) {
    return (set ? names("local blocked = {", "[\"{}\"] = true", "}\n") : names("local blocked = {", "\"{}\"", "}\n")) +
           R"(
        local limits = { ["sender1.example.org"] = 5, ["sender2.example.org"] = 10, ["sender3.example.org"] = 1, ["sender4.example.org"] = 7, ["sender5.example.org"] = 2 }
        local rates = { ["mx1.example.net"] = 4, ["mx2.example.net"] = 20, ["mx3.example.net"] = 3 }
        return function(domain, helo)
            if domain == "spam.example" then return "deny" end
            )" +
           (set ? "if blocked[domain] then return \"deny\" end"
                : "for i = 1, #blocked do if blocked[i] == domain then return \"deny\" end end") +
           R"(
            local limit = limits[domain]
            local rate = rates[helo]
            if limit and rate and rate > limit then return "quarantine" else return "accept" end
        end)";
}

Figures policy(bool set) {
    Vsl vsl(vsl_policy());
    Lua lua(lua_policy(set));
    const auto data = senders();
    std::size_t ours = 0, theirs = 0;
    auto figures = compare(
        set ? "policy, Lua with a set" : "policy, Lua with a list", 11, decisions * 1e-9, "ns/decision",
        [&] {
            ours = 0;
            for (int i = 0; i < decisions; ++i) {
                const auto& sender = data[static_cast<std::size_t>(i) % data.size()];
                const Value args[] = {Value::string(sender.domain), Value::string(sender.helo)};
                ours += vsl.call(args).as_string().size();
            }
        },
        [&] {
            theirs = 0;
            for (int i = 0; i < decisions; ++i) {
                const auto& sender = data[static_cast<std::size_t>(i) % data.size()];
                std::size_t size = 0;
                (void)lua_tolstring(lua.call({sender.domain, sender.helo}), -1, &size);
                theirs += size;
                lua.drop();
            }
        });
    if (ours != theirs) fail("the policies do not agree");
    return figures;
}

Figures whole(const std::string& name, const std::string& vsl_text, const std::string& lua_text, int rounds) {
    Vsl vsl(vsl_text);
    Lua lua(lua_text);
    std::int64_t ours = 0, theirs = 0;
    auto figures = compare(
        name, rounds, 1e-3, "ms", [&] { ours = vsl.call().as_int(); },
        [&] {
            theirs = lua_tointeger(lua.call(), -1);
            lua.drop();
        });
    if (ours != theirs) fail(fmt::format("{}: {} and {}", name, ours, theirs));
    return figures;
}

}  // namespace

int main() {
    const std::vector<Figures> all{
        policy(false),
        policy(true),
        whole("integer loop, 10 M", "|| { let n = 0; for i in 0..10000000 { n += i % 7; } n }",
              "return function() local n = 0; for i = 0, 9999999 do n = n + i % 7 end return n end", 7),
        whole("while loop, 10 M",
              "|| { let n = 0; let i = 0; while i < 10000000 { if i % 3 == 0 { n += 1; } i += 1; } n }",
              "return function() local n, i = 0, 0; while i < 10000000 do if i % 3 == 0 then n = n + 1 end i = i + 1 "
              "end return n end",
              7),
        whole("calls, fib(30)", "fn fib(n) { if n < 2 { n } else { fib(n - 1) + fib(n - 2) } } || fib(30)",
              "local function fib(n) if n < 2 then return n else return fib(n - 1) + fib(n - 2) end end return "
              "function() return fib(30) end",
              7),
        whole("string building, 1 M", "|| { let s = \"\"; for i in 0..1000000 { s += \"x\"; } s.len }",
              "return function() local t = {}; for i = 1, 1000000 do t[i] = 'x' end return #table.concat(t) end", 7),
        whole("arrays and maps, 1 M",
              "|| { let a = []; for i in 0..1000000 { a.push(i); } let m = #{}; let n = 0; for x in a { if x % 1000 == "
              "0 { m[`k${x}`] = x; } n += x; } n + m.len() }",
              "return function() local a = {}; for i = 0, 999999 do a[#a + 1] = i end local m, c, n = {}, 0, 0; for _, "
              "x in ipairs(a) do if x % 1000 == 0 then m['k' .. x] = x; c = c + 1 end n = n + x end return n + c end",
              7),
    };
    std::string text = "[";
    for (const auto& f : all)
        text += fmt::format(
            "{}\n  {{\"name\": \"{}\", \"unit\": \"{}\", \"vsl\": {:.4g}, \"lua\": {:.4g}, \"lua_over_vsl\": {:.3f}}}",
            &f == all.data() ? "" : ",", f.name, f.unit, f.vsl, f.lua, f.ratio);
    std::puts((text + "\n]").c_str());
    return 0;
}
