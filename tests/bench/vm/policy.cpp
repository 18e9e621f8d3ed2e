// A policy decision called from the host with fresh message data: compare the sender's domain, look for it among 20
// constant strings, look up two headers, return a word. The same in C++, as a programmer would write it for this one
// policy.
#include <array>
#include <unordered_set>
#include <vector>

#include <fmt/format.h>

#include "dsl/host/stage_run.hpp"
#include "dsl/lib/library.hpp"
#include "lua_engine.hpp"
#include "measure.hpp"
#include "suites.hpp"
#include "vsl_engine.hpp"

namespace sluice::bench {

namespace {

using namespace dsl;

struct Header {
    std::string name;
    std::string value;
};
struct Message {
    std::string sender_domain;
    std::array<Header, 6> headers;
    [[nodiscard]] const std::string* header(std::string_view name) const {
        for (const auto& header : headers)
            if (header.name == name) return &header.value;
        return nullptr;
    }
};

const Message* current = nullptr;  // the message being decided, for the functions of all engines

std::vector<Message> messages() {
    std::vector<Message> all;
    for (int i = 0; i < 1000; ++i) {
        all.push_back(
            {i % 10 == 0 ? fmt::format("blocked{}.example", i % 20) : fmt::format("sender{}.example.org", i % 50),
             {{{"Received", "from mx.example.net by mx.example.com"},
               {"From", "a@example.org"},
               {"Subject", fmt::format("message {}", i)},
               {"X-Spam-Flag", i % 7 == 0 ? "YES" : "NO"},
               {"List-Id", i % 5 == 0 ? "<dev.lists.example.org>" : "<announce.example.org>"},
               {"Message-Id", fmt::format("<{}@example.org>", i)}}}});
    }
    return all;
}

std::string blocked(const char* open, const char* form, const char* close) {
    std::string text = open;
    for (int i = 0; i < 20; ++i)
        text += (i ? ", " : "") + fmt::format(fmt::runtime(form), fmt::format("blocked{}.example", i));
    return text + close;
}

std::string vsl_policy() {
    return blocked("const BLOCKED = [", "\"{}\"", "];") + R"(
        || {
            let domain = sender_domain();
            if domain == "spam.example" { return "deny"; }
            if domain in BLOCKED { return "deny"; }
            if header("X-Spam-Flag") == "YES" { return "quarantine"; }
            if header("List-Id") == "<dev.lists.example.org>" { "list" } else { "accept" }
        })";
}

std::string lua_policy() {
    return blocked("local blocked = {", "[\"{}\"] = true", "}\n") + R"(
        local sender_domain, header = sender_domain, header
        return function()
            local domain = sender_domain()
            if domain == "spam.example" then return "deny" end
            if blocked[domain] then return "deny" end
            if header("X-Spam-Flag") == "YES" then return "quarantine" end
            if header("List-Id") == "<dev.lists.example.org>" then return "list" else return "accept" end
        end)";
}

// The other way to hand over a message: a table made for it.
std::string lua_policy_on_table() {
    return blocked("local blocked = {", "[\"{}\"] = true", "}\n") + R"(
        local message = message
        return function()
            local m = message()
            local domain, headers = m.sender_domain, m.headers
            if domain == "spam.example" then return "deny" end
            if blocked[domain] then return "deny" end
            if headers["X-Spam-Flag"] == "YES" then return "quarantine" end
            if headers["List-Id"] == "<dev.lists.example.org>" then return "list" else return "accept" end
        end)";
}

std::string_view cpp_policy(const Message& message) {
    static const auto list = [] {
        std::unordered_set<std::string> names;
        for (int i = 0; i < 20; ++i) names.insert(fmt::format("blocked{}.example", i));
        return names;
    }();
    if (message.sender_domain == "spam.example") return "deny";
    if (list.contains(message.sender_domain)) return "deny";
    const auto* flag = message.header("X-Spam-Flag");
    if (flag && *flag == "YES") return "quarantine";
    const auto* id = message.header("List-Id");
    return id && *id == "<dev.lists.example.org>" ? "list" : "accept";
}

const NativeTable& policy_library() {
    static const NativeTable table = [] {
        NativeTable t;
        lib::add_base(t);
        t.add("sender_domain", {}, [](NativeCall& call) { return call.ok(Value::string(current->sender_domain)); });
        t.add("header", {accepts::string}, [](NativeCall& call) {
            const auto* value = current->header(call.args[0].as_string());
            return value ? call.ok(Value::string(*value)) : call.ok();
        });
        return t;
    }();
    return table;
}

int lua_sender_domain(lua_State* state) {
    Lua::push(state, current->sender_domain);
    return 1;
}
int lua_header(lua_State* state) {
    const auto* value = current->header(Lua::argument(state, 1));
    if (value)
        Lua::push(state, *value);
    else
        Lua::push_nil(state);
    return 1;
}

int lua_message(lua_State* state) {
    Lua::push_table(state, 2);
    Lua::push(state, current->sender_domain);
    Lua::set_field(state, "sender_domain");
    Lua::push_table(state, static_cast<int>(current->headers.size()));
    for (const auto& header : current->headers) {
        Lua::push(state, header.value);
        Lua::set_field(state, header.name.c_str());
    }
    Lua::set_field(state, "headers");
    return 1;
}

constexpr int decisions = 200'000;

std::string one_policy() {
    const auto all = messages();
    const auto decide = [&](std::size_t& total, const auto& one) {
        total = 0;
        for (int i = 0; i < decisions; ++i) {
            current = &all[static_cast<std::size_t>(i) % all.size()];
            total += one(*current);
        }
    };
    Vsl vsl(vsl_policy(), &policy_library());
    std::vector<Side> sides;
    std::array<std::size_t, 7> totals{};
    sides.push_back({"vsl", [&] { decide(totals[0], [&](const Message&) { return vsl.call().as_string().size(); }); }});
    sides.push_back({"cpp", [&] { decide(totals[1], [](const Message& m) { return cpp_policy(m).size(); }); }});
    std::vector<std::unique_ptr<Lua>> engines;
    for (const auto kind : {LuaKind::lua54, LuaKind::luajit_interpreter, LuaKind::luajit}) {
        engines.push_back(std::make_unique<Lua>(
            kind, lua_policy(),
            std::initializer_list<Lua::HostFunction>{{"sender_domain", lua_sender_domain}, {"header", lua_header}}));
        auto& lua = *engines.back();
        auto& total = totals[engines.size() + 1];
        sides.push_back({name(kind), [&] { decide(total, [&](const Message&) { return lua.call_for_length(); }); }});
    }
    for (const auto kind : {LuaKind::lua54, LuaKind::luajit}) {
        engines.push_back(std::make_unique<Lua>(kind, lua_policy_on_table(),
                                                std::initializer_list<Lua::HostFunction>{{"message", lua_message}}));
        auto& lua = *engines.back();
        auto& total = totals[engines.size() + 1];
        sides.push_back({std::string(name(kind)) + "_table",
                         [&] { decide(total, [&](const Message&) { return lua.call_for_length(); }); }});
    }
    auto text = compare("policy decision", 15, decisions * 1e-9, "ns/decision", sides);
    for (const auto total : totals)
        if (total != totals[0]) fail("the policies do not agree");
    return text;
}

// What a server offers to rules, answered from one message. As in the server (engine/filter/stage_host.hpp) there is
// one for each stage run, and a fact becomes a value when it is first asked for.
class MessageHost final : public Host {
  public:
    MessageHost() : Host(Stage::preq) {}
    Outcome call(HostFunction function, NativeCall& call) override {
        auto& known = known_[static_cast<std::size_t>(function)];
        if (known.is_unit()) known = make(function);
        return call.ok(known);
    }

  private:
    static Value make(HostFunction function) {
        switch (function) {
            case HostFunction::ctx_helo: return Value::string(current->sender_domain);
            case HostFunction::ctx_client_ip: return Value::string(*current->header("X-Spam-Flag"));
            case HostFunction::ctx_server_name: return Value::string(*current->header("List-Id"));
            default: fail("not part of the benchmark");
        }
    }
    std::array<Value, static_cast<std::size_t>(HostFunction::ctx_handle)> known_;
};

std::string many_rules(int count) {
    std::string text = blocked("const BLOCKED = [", "\"{}\"", "];") + "\n#{ preq: [\n";
    for (int i = 0; i < count; ++i)
        text += fmt::format(R"(rule "rule {0}" || {{
            let domain = ctx::helo();
            if domain == "spam{0}.example" || domain in BLOCKED {{ return state::deny(); }}
            if ctx::client_ip() == "MAYBE {0}" {{ return state::deny(); }}
            if ctx::server_name() == "<list{0}.example.org>" {{ state::accept() }} else {{ state::next() }}
        }},
)",
                            i);
    text += "] }";
    Diagnostics diagnostics;
    const auto script = RuleScript::load(std::make_shared<SourceFile>("rules", text), {}, diagnostics);
    if (!script) fail("rules: " + diagnostics.all().front().message);
    auto all = messages();
    std::erase_if(all, [](const Message& m) { return m.sender_domain.starts_with("blocked"); });
    Limits limits;
    const int runs = 2'000'000 / count;
    return compare(fmt::format("{} rules in one stage, all next", count), 9, runs * 1e-9 * count, "ns/rule",
                   {{"vsl", [&] {
                         for (int i = 0; i < runs; ++i) {
                             current = &all[static_cast<std::size_t>(i) % all.size()];
                             MessageHost host;
                             StageRun run(script, Stage::preq, host, limits);
                             if (run.run() != StageRun::State::done || !run.outcome().failure.empty())
                                 fail("rules: " + run.outcome().failure);
                         }
                     }}});
}

}  // namespace

std::vector<std::string> policies(std::string_view only) {
    if (only == "one") return {one_policy()};
    if (only == "many") return {many_rules(1000)};
    return {one_policy(), many_rules(10), many_rules(1000)};
}

}  // namespace sluice::bench
