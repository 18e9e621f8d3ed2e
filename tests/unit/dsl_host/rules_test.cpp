// Rule scripts: errors of loading, the check of stages, and one run of one stage (vsl-rules.md 1.4, 3, 6).
#include <gtest/gtest.h>

#include <map>
#include <thread>

#include "dsl/host/rule_script.hpp"
#include "dsl/host/stage_run.hpp"
#include "dsl/value/operations.hpp"

namespace sluice::dsl {
namespace {

struct Loading {
    explicit Loading(const std::string& text, std::map<std::string, std::string> modules = {})
        : sources(std::move(modules)), loader(sources) {
        RuleScriptOptions options;
        options.loader = &loader;
        script = RuleScript::load(std::make_shared<SourceFile>("filter.vsl", text), options, diagnostics);
    }
    [[nodiscard]] std::string codes() const {
        std::string text;
        for (const auto& d : diagnostics.all()) text += (text.empty() ? "" : " ") + std::string(info(d.code).code);
        return text;
    }
    std::map<std::string, std::string> sources;
    MapLoader loader;
    Diagnostics diagnostics;
    std::shared_ptr<const RuleScript> script;
};

TEST(RuleScript, LoadsTheEmptyScript) { EXPECT_TRUE(Loading("#{}").script); }

TEST(RuleScript, Errors) {
    const struct {
        const char* script;
        const char* codes;
    } rows[] = {
        {"let x = 1;", "E0201"},
        {"#{ conect: [] }", "E0202"},
        {"#{ connect: 5 }", "E0203"},
        {"#{ connect: [5] }", "E0204"},
        {"#{ connect: [#{}] }", "E0204"},
        {"#{ connect: [#{type: \"rule\"}] }", "E0204"},
        {"#{ connect: [#{type: \"rule\", name: \"x\"}] }", "E0204"},
        {"#{ connect: [#{type: \"rule\", name: \"x\", evaluate: 5}] }", "E0204"},
        {"#{ connect: [#{type: \"other\", name: \"x\", evaluate: || 1}] }", "E0204"},
        {"#{ connect: [rule \"a\" || state::next(), rule \"a\" || state::next()] }", "E0205"},
        {"#{ connect: [rule \"a\" |x| state::next()] }", "E0206"},
        {"#{ connect: [rule \"a\" || state::next()], mail: [rule \"a\" || state::next()] }", "E0205"},
        {"#{ connect: [rule \"a\" || ctx::mail_from() == \"x\"] }", "E0208"},
        {"fn f() { ctx::rcpt() } #{ mail: [rule \"a\" || { f(); state::next() }] }", "E0208"},
        {"#{ mail: [rule \"a\" || { [1].map(|x| ctx::rcpt()); state::next() }] }", "E0208"},
        {"let n = 0; #{ connect: [rule \"a\" || { n += 1; state::next() }] }", "E0207"},
        {"let a = []; #{ connect: [rule \"a\" || { a.push(1); state::next() }] }", "E0207"},
        {"let n = 0; n = 2; #{ connect: [rule \"a\" || if n == 2 { state::next() } else { state::accept() }] }",
         "E0207"},
        {"1 / 0; #{}", "E0200"},
        {"ctx::client_ip(); #{}", "E0200"},
        {"import \"absent\" as a; #{}", "E0152"},
        {"#{ connect: [rule \"a\" || { }] }", "E0210"},
    };
    for (const auto& row : rows) {
        Loading loading(row.script);
        EXPECT_FALSE(loading.script) << row.script;
        EXPECT_EQ(loading.codes(), row.codes) << row.script;
    }
    EXPECT_FALSE(Loading("#{ connect: [rule \"a\" || nope()] }").script) << "unknown names are errors in rules";
    EXPECT_FALSE(Loading("#{ connect: [rule \"a\" || nope] }").script);
    EXPECT_FALSE(Loading("#{ connect: [rule \"a\" || 1 + ] }").script);
}

TEST(RuleScript, ConstantsMayBeCaptured) {
    EXPECT_TRUE(Loading("const LIST = [\"a\"]; let n = 5; #{ connect: [rule \"a\" || if \"a\" in LIST && n == 5 { "
                        "state::accept() } else { state::next() }] }")
                    .script);
    EXPECT_TRUE(
        Loading(
            "import \"m\" as m; #{ connect: [rule \"a\" || if m::N == 1 { state::accept() } else { state::next() }] }",
            {{"m.vsl", "export const N = 1;"}})
            .script);
}

class FakeHost : public Host {
  public:
    using Host::Host;
    int calls = 0;
    std::string last;
    [[nodiscard]] Outcome call(HostFunction function, NativeCall& call) override {
        ++calls;
        last = info(function).name;
        if (function == HostFunction::ctx_client_ip) return Outcome::pending;
        return call.ok(Value::string("host"));
    }
};

std::string decided(const StageRun& run) {
    const auto& outcome = run.outcome();
    if (!outcome.failure.empty()) return "failed in " + std::string(outcome.directive) + ": " + outcome.failure;
    return outcome.status.as_host().text() + (outcome.directive.empty() ? "" : " by " + std::string(outcome.directive));
}

std::string run_stage(const std::string& directives, Stage stage = Stage::connect, const Limits& limits = {}) {
    Loading loading("#{ " + std::string(to_string(stage)) + ": [" + directives + "] }");
    if (!loading.script) return "not loaded: " + loading.codes();
    FakeHost host(stage);
    StageRun run(loading.script, stage, host, limits);
    auto state = run.run();
    while (state == StageRun::State::suspended) state = run.resume(Value::string("192.0.2.1"));
    return decided(run);
}

TEST(StageRun, FirstVerdictDecides) {
    EXPECT_NE(run_stage("").find("next"), std::string::npos);
    EXPECT_TRUE(run_stage("rule \"a\" || state::next(), rule \"b\" || state::accept(), rule \"c\" || state::deny()")
                    .ends_with(" by b"));
    EXPECT_TRUE(run_stage("action \"a\" || 5, rule \"b\" || state::accept()").ends_with(" by b"));
}

TEST(StageRun, Failures) {
    EXPECT_TRUE(run_stage("rule \"a\" || 5").starts_with("failed in a: the rule gave 5 of type i64"));
    EXPECT_TRUE(run_stage("rule \"a\" || [()][0]").starts_with("failed in a: the rule gave ()"));
    EXPECT_TRUE(run_stage("rule \"a\" || { 1 / 0; state::accept() }").starts_with("failed in a: ErrorArithmetic"));
    EXPECT_TRUE(run_stage("action \"a\" || throw \"x\", rule \"b\" || state::accept()")
                    .starts_with("failed in a: ErrorRuntime: x"));
    Limits limits;
    limits.operations = 1000;
    EXPECT_TRUE(run_stage("rule \"loop\" || { loop { } }", Stage::connect, limits)
                    .starts_with("failed in loop: ErrorTooManyOperations"));
    EXPECT_TRUE(run_stage("rule \"deep\" || { let f = |n| f.call(n); f.call(1) }")
                    .starts_with("failed in deep: ErrorStackOverflow"));
}

TEST(StageRun, SuspendsWhereTheHostDoes) {
    EXPECT_TRUE(
        run_stage("rule \"a\" || if ctx::client_ip() == \"192.0.2.1\" { state::accept() } else { state::deny() }")
            .ends_with(" by a"));
    EXPECT_TRUE(run_stage("rule \"a\" || if [1, 2].some(|x| ctx::client_ip() == \"192.0.2.1\") { state::accept() } "
                          "else { state::deny() }")
                    .ends_with(" by a"));
    Loading loading(
        "#{ connect: [rule \"a\" || { try { ctx::client_ip() } catch (e) { return state::deny(); } state::accept() }] "
        "}");
    ASSERT_TRUE(loading.script);
    FakeHost host(Stage::connect);
    StageRun run(loading.script, Stage::connect, host, Limits{});
    ASSERT_EQ(run.run(), StageRun::State::suspended);
    ASSERT_EQ(run.resume_with_error(make_thrown(Value::string("gone"))), StageRun::State::done);
    EXPECT_NE(decided(run).find("deny"), std::string::npos);
}

TEST(StageRun, DirectivesOfAStageShareOneBudget) {
    Limits limits;
    limits.operations = 200;
    const std::string two = "action \"a\" || { for i in 0..90 { } }, action \"b\" || { for i in 0..90 { } }, ";
    EXPECT_TRUE(run_stage(two + "rule \"c\" || state::accept()", Stage::connect, limits).ends_with(" by c"));
    const auto over = run_stage(two + "action \"c\" || { for i in 0..90 { } }", Stage::connect, limits);
    EXPECT_TRUE(over.starts_with("failed in c: ErrorTooManyOperations")) << over;
}

TEST(StageRun, AfterAWaitTheOtherDirectivesRun) {
    EXPECT_EQ(run_stage("action \"a\" || { let ip = ctx::client_ip(); ip }, rule \"b\" || if ctx::client_ip() == "
                        "\"192.0.2.1\" { state::next() } else { state::deny() }, rule \"c\" || state::faccept()"),
              "faccept by c");
}

TEST(StageRun, ManyThreadsOneScript) {
    Loading loading(R"(
        const DOMAINS = ["a.example", "b.example"];
        const LIMITS = #{ "a.example": 5, "b.example": 7 };
        fn allowed(name) { name in global::DOMAINS && global::LIMITS[name] > 4 }
        #{ connect: [
            action "work" || { let seen = []; for d in DOMAINS { seen.push(d); } let f = |k| if k == 0 { 0 } else { f.call(k - 1) }; f.call(5); },
            rule "decide" || if allowed("b.example") { state::accept() } else { state::deny() },
        ] })");
    ASSERT_TRUE(loading.script) << loading.codes();
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&] {
            for (int round = 0; round < 200; ++round) {
                FakeHost host(Stage::connect);
                StageRun run(loading.script, Stage::connect, host, Limits{});
                ASSERT_EQ(run.run(), StageRun::State::done);
                ASSERT_TRUE(decided(run).ends_with(" by decide")) << decided(run);
            }
        });
    for (auto& thread : threads) thread.join();
}

TEST(RuleScript, LoadingAgainAndAgainHoldsNothing) {
    std::int64_t before = 0;
    for (int round = 0; round < 20; ++round) {
        {
            Loading loading(
                "const T = #{a: [1, 2]}; let f = |n| f.call(n); fn g(x) { x } #{ connect: [rule \"a\" || { g(T); "
                "state::next() }] }");
        }
        if (round == 1) before = heap_bytes();
    }
    EXPECT_EQ(heap_bytes(), before);
}

}  // namespace
}  // namespace sluice::dsl
