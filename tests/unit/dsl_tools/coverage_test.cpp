// The report: what of the rules of a configuration was reached by the stage runs of a test.
#include <gtest/gtest.h>

#include <map>

#include <boost/json.hpp>

#include "dsl/diag/render.hpp"
#include "dsl/host/stage_run.hpp"
#include "dsl/tools/coverage.hpp"

namespace sluice::dsl {
namespace {

using tools::Coverage;

// Answers every function with its one text, and counts.
class Counter final : public Host {
  public:
    Counter(Stage stage, std::string_view answer, std::size_t marks) : Host(stage), counts(marks), answer_(answer) {}
    [[nodiscard]] Outcome call(HostFunction, NativeCall& call) override { return call.ok(Value::string(answer_)); }
    void reached(std::uint32_t mark) noexcept override { ++counts.at(mark); }
    std::vector<std::uint64_t> counts;

  private:
    std::string answer_;
};

class Script {
  public:
    explicit Script(const std::string& text, std::map<std::string, std::string> modules = {},
                    const std::string& name = "filter.vsl", Host* host = nullptr)
        : loader_(std::move(modules)) {
        RuleScriptOptions options;
        options.loader = &loader_;
        options.host = host;
        options.marks = true;
        Diagnostics diagnostics;
        script_ = RuleScript::load(std::make_shared<SourceFile>(name, text), options, diagnostics);
        EXPECT_TRUE(script_) << render(diagnostics.all());
    }
    // One stage run for a client whose every fact is `fact`.
    std::vector<std::uint64_t> run(Stage stage, std::string_view fact) const {
        Counter host(stage, fact, script_->program().marks.size());
        StageRun run(script_, stage, host, Limits{});
        EXPECT_EQ(run.run(), StageRun::State::done);
        EXPECT_EQ(run.outcome().failure, "");
        return host.counts;
    }
    void run(Coverage& coverage, Stage stage, std::string_view fact) const { coverage.add(*script_, run(stage, fact)); }
    const RuleScript& operator*() const { return *script_; }

  private:
    MapLoader loader_;
    std::shared_ptr<const RuleScript> script_;
};

constexpr auto helo = R"(const LIST = ["a", "b"];
fn known(name) {
    if name in global::LIST { return true; }
    false
}
fn unused() { if 1 in global::LIST { 1 } else { 2 } }
#{
    helo: [
        rule "first" || if known(ctx::helo()) { state::accept() } else { state::next() },
        rule "second" || switch ctx::helo() { "c" => state::next(), "d" => state::deny(), _ => state::accept() },
        action "third" || { for x in LIST.filter(|x| x == ctx::helo()) { log("info", x); } },
    ],
    mail: [
        rule "fourth" || { try { log("info", "1"); } catch { log("warn", "2"); } state::next() },
    ],
})";

TEST(Coverage, OfAScriptThatNeverRan) {
    const Script script(helo);
    Coverage coverage;
    coverage.add(*script, {});
    EXPECT_EQ(coverage.text(), R"(filter.vsl: rules 0 of 4, branches 0 of 14
filter.vsl:2:1: the function known is never called
filter.vsl:3:8: the condition is never true
filter.vsl:3:8: the condition is never false
filter.vsl:6:1: the function unused is never called
filter.vsl:6:18: the condition is never true
filter.vsl:6:18: the condition is never false
filter.vsl:9:22: rule "first" never runs
filter.vsl:9:28: the condition is never true
filter.vsl:9:28: the condition is never false
filter.vsl:10:23: rule "second" never runs
filter.vsl:10:47: this case is never chosen
filter.vsl:10:69: this case is never chosen
filter.vsl:10:91: this case is never chosen
filter.vsl:11:24: action "third" never runs
filter.vsl:11:29: the loop body never runs
filter.vsl:11:50: this function is never called
filter.vsl:14:23: rule "fourth" never runs
filter.vsl:14:60: the catch never runs
rules 0 of 4, branches 0 of 14
)");
}

TEST(Coverage, AddsUpRuns) {
    const Script script(helo);
    Coverage coverage;
    script.run(coverage, Stage::helo, "a");
    EXPECT_EQ(coverage.rules().reached, 1u);
    EXPECT_EQ(coverage.branches().reached, 3u) << "known, its condition, the accepting arm";
    script.run(coverage, Stage::helo, "c");
    EXPECT_EQ(coverage.rules().reached, 3u);
    script.run(coverage, Stage::helo, "e");
    script.run(coverage, Stage::mail, "e");
    EXPECT_EQ(coverage.text(), R"(filter.vsl: rules 4 of 4, branches 8 of 14
filter.vsl:6:1: the function unused is never called
filter.vsl:6:18: the condition is never true
filter.vsl:6:18: the condition is never false
filter.vsl:10:69: this case is never chosen
filter.vsl:11:29: the loop body never runs
filter.vsl:14:60: the catch never runs
rules 4 of 4, branches 8 of 14
)");
}

TEST(Coverage, Json) {
    const Script script(helo);
    Coverage coverage;
    coverage.add(*script, {});
    script.run(coverage, Stage::helo, "c");
    script.run(coverage, Stage::helo, "b");
    const auto json = boost::json::parse(coverage.json()).as_object();
    EXPECT_EQ(boost::json::serialize(json.at("rules")), R"({"reached":3,"total":4})");
    EXPECT_EQ(boost::json::serialize(json.at("branches")), R"({"reached":7,"total":14})");
    ASSERT_EQ(json.at("files").as_array().size(), 1u);
    const auto& file = json.at("files").as_array()[0].as_object();
    EXPECT_EQ(file.at("name").as_string(), "filter.vsl");
    EXPECT_EQ(file.at("rules"), json.at("rules"));
    EXPECT_EQ(file.at("branches"), json.at("branches"));
    std::string kinds;
    for (const auto& missed : file.at("missed").as_array())
        kinds += std::string(missed.at("kind").as_string()) + " " + boost::json::serialize(missed.at("line")) + " ";
    EXPECT_EQ(kinds, "function 6 then_arm 6 else_arm 6 case_arm 10 case_arm 10 loop_body 11 rule 14 catch_arm 14 ");
    EXPECT_EQ(boost::json::serialize(file.at("missed").as_array()[6]),
              R"({"line":14,"column":23,"kind":"rule","text":"rule \"fourth\" never runs"})");
}

TEST(Coverage, WhatIsNotWritten) {
    const Script script(R"(#{ mail: [
    rule "a" || { if ctx::helo() == "x" { log("info", "1"); } state::next() },
    rule "b" || { switch ctx::helo() { "x" => log("info", "2") } state::next() },
] })");
    Coverage coverage;
    script.run(coverage, Stage::mail, "x");
    EXPECT_EQ(coverage.text(), R"(filter.vsl: rules 2 of 2, branches 2 of 4
filter.vsl:2:22: the condition is never false
filter.vsl:3:26: some case is always chosen
rules 2 of 2, branches 2 of 4
)");
    script.run(coverage, Stage::mail, "y");
    EXPECT_EQ(coverage.text(), "filter.vsl: rules 2 of 2, branches 4 of 4\nrules 2 of 2, branches 4 of 4\n");
}

TEST(Coverage, NothingAdded) {
    EXPECT_EQ(Coverage().text(), "rules 0 of 0, branches 0 of 0\n");
    EXPECT_EQ(Coverage().json(), R"({"files":[],"rules":{"reached":0,"total":0},"branches":{"reached":0,"total":0}})");
}

// Directives that name a function, share one, or come from a module; a file with nothing to reach.
TEST(Coverage, DirectivesOfFunctions) {
    const Script script(
        R"(import "m" as m;
import "constants" as c;
fn check() { state::next() }
#{ mail: [rule "a" check, rule "b" Fn("check"), m::RULE], rcpt: [rule "d" || if c::N == 1 { state::next() } else { state::deny() }] })",
        {{"m.vsl", "export const RULE = rule \"c\" || state::next();\n"}, {"constants.vsl", "export const N = 1;\n"}});
    Coverage coverage;
    coverage.add(*script, {});
    EXPECT_EQ(coverage.rules().total, 4u);
    script.run(coverage, Stage::mail, "x");
    EXPECT_EQ(coverage.text(), R"(filter.vsl: rules 2 of 3, branches 0 of 2
filter.vsl:4:75: rule "d" never runs
filter.vsl:4:81: the condition is never true
filter.vsl:4:81: the condition is never false
m.vsl: rules 1 of 1, branches 0 of 0
rules 3 of 4, branches 0 of 2
)");
    EXPECT_NE(coverage.json().find(R"("name":"constants.vsl","rules":{"reached":0,"total":0})"), std::string::npos);
}

// Each script has marks of its own for the module: numbers differ, the places are the same.
TEST(Coverage, AModuleOfSeveralScripts) {
    const std::map<std::string, std::string> modules = {
        {"m.vsl", "fn f(x) {\n    if x == \"a\" { state::next() } else { state::deny() }\n}\n"}};
    const Script first("import \"m\" as m; fn g() { 1 } #{ mail: [rule \"a\" || m::f(ctx::helo())] }", modules,
                       "1.vsl");
    const Script second("import \"m\" as m; #{ mail: [rule \"a\" || m::f(ctx::helo())] }", modules, "2.vsl");
    Coverage coverage;
    first.run(coverage, Stage::mail, "a");
    coverage.add(*second, {});
    EXPECT_EQ(coverage.text(), R"(1.vsl: rules 1 of 1, branches 0 of 1
1.vsl:1:18: the function g is never called
2.vsl: rules 0 of 1, branches 0 of 0
2.vsl:1:37: rule "a" never runs
m.vsl: rules 0 of 0, branches 2 of 3
m.vsl:2:8: the condition is never false
rules 1 of 2, branches 2 of 4
)");
    second.run(coverage, Stage::mail, "b");
    EXPECT_EQ(coverage.rules().reached, 2u);
    EXPECT_EQ(coverage.branches().reached, 3u);
}

// What only the top level calls is reached; its own conditions belong to no mail and are not counted.
TEST(Coverage, WhatLoadingReaches) {
    constexpr auto text = R"(fn table(n) {
    if n > 1 { "many" } else { "few" }
}
const TABLE = if true { table(2) } else { table(1) };
#{ mail: [rule "a" || if TABLE == "many" { state::next() } else { state::deny() }] })";
    Counter host(Stage::load, "", 64);
    const Script script(text, {}, "filter.vsl", &host);
    ASSERT_FALSE((*script).reached_by_loading().empty());
    EXPECT_EQ(host.counts[0], 1u) << "the host is told as well";
    Coverage coverage;
    script.run(coverage, Stage::mail, "x");
    EXPECT_EQ(coverage.text(), R"(filter.vsl: rules 1 of 1, branches 3 of 5
filter.vsl:2:8: the condition is never false
filter.vsl:5:26: the condition is never false
rules 1 of 1, branches 3 of 5
)");

    const Script without_host(text);
    EXPECT_TRUE((*without_host).reached_by_loading().empty());
    Coverage alone;
    without_host.run(alone, Stage::mail, "x");
    EXPECT_EQ(alone.branches().reached, 1u);
    EXPECT_EQ(alone.branches().total, 5u);
}

// The host of loading answers as it would without marks.
TEST(Coverage, LoadingIsNotChanged) {
    constexpr auto text =
        "const N = cfg::server(); #{ mail: [rule \"a\" || if N == \"x\" { state::next() } else { "
        "state::deny() }] }";
    Counter host(Stage::load, "x", 64);
    const Script script(text, {}, "filter.vsl", &host);
    Coverage coverage;
    script.run(coverage, Stage::mail, "");
    EXPECT_EQ(coverage.branches().reached, 1u);
    EXPECT_NE(coverage.text().find("the condition is never false"), std::string::npos);
}

TEST(Coverage, OffByDefault) {
    RuleScriptOptions options;
    Diagnostics diagnostics;
    const auto script =
        RuleScript::load(std::make_shared<SourceFile>("filter.vsl", std::string(helo)), options, diagnostics);
    ASSERT_TRUE(script);
    EXPECT_TRUE(script->program().marks.empty());
    EXPECT_TRUE(script->reached_by_loading().empty());
}

// Stage checks and verdict checks see the same program.
TEST(Coverage, ErrorsAreThoseWithoutMarks) {
    for (const auto* text :
         {"#{ connect: [rule \"a\" || ctx::mail_from() == \"x\"] }", "#{ connect: [rule \"a\" || { }] }",
          "#{ connect: [rule \"a\" || { if ctx::client_ip() == \"x\" { state::next() } }] }",
          "let n = 0; #{ connect: [rule \"a\" || { n += 1; state::next() }] }", "1 / 0; #{}",
          "if 1 == 1 { 1 / 0 } #{}"}) {
        std::string rendered[2];
        for (const bool marks : {false, true}) {
            RuleScriptOptions options;
            options.marks = marks;
            Diagnostics diagnostics;
            EXPECT_FALSE(RuleScript::load(std::make_shared<SourceFile>("f.vsl", text), options, diagnostics)) << text;
            rendered[marks] = render(diagnostics.all());
        }
        EXPECT_NE(rendered[0], "");
        EXPECT_EQ(rendered[0], rendered[1]);
    }
}

}  // namespace
}  // namespace sluice::dsl
