// What a watch is told of a stage run (stage_trace.hpp), and how it is shown.
#include "engine/filter/trace_text.hpp"

#include <gtest/gtest.h>

#include <regex>

#include <boost/json.hpp>

#include "tests/unit/engine_filter/stage_fixture.hpp"

namespace sluice::filter {
namespace {

using smtp::Stage;

class Trace : public test::StageFixture, protected StageWatch {
  protected:
    Trace() { watch_ = this; }

    bool wants(const smtp::SessionFacts&) const noexcept override { return wanted_; }
    void stage_ran(const smtp::SessionFacts&, const smtp::Transaction* transaction, const StageTrace& trace) override {
        traces_.push_back(trace);
        recipients_ = transaction ? transaction->recipients.size() : 0;
    }

    // Without times.
    std::string text() {
        std::string all;
        for (const auto& trace : traces_) all += trace_text(trace);
        return std::regex_replace(all, std::regex(R"( \(\d+\.\d µs\))"), "");
    }

    bool wanted_ = true;
    std::vector<StageTrace> traces_;
    std::size_t recipients_ = 0;
};

TEST_F(Trace, DirectivesUpToTheOneThatDecides) {
    EXPECT_EQ(run_file(Stage::mail, R"(#{ mail: [
  action "a" || log("info", "hello"),
  rule "b" || if ctx::helo() == "x" { state::deny() } else { state::next() },
  rule "c" || state::accept(code(250, "2.1.0", "sure")),
  rule "d" || state::deny(),
] })"),
              "accept 250 2.1.0 sure");
    EXPECT_EQ(text(), R"(mail: filter.vsl
    action "a" at filter.vsl:2:14
        log("info", "hello")
    rule "b" at filter.vsl:3:12: next
        ctx::helo() = "client.test"
    rule "c" at filter.vsl:4:12: accept 250 2.1.0 sure
    -> accept 250 2.1.0 sure
)");
    EXPECT_EQ(recipients_, 1u);
}

TEST_F(Trace, CallsThatWaitShowWhatTheyCameTo) {
    resolver_->set(dns::Name::parse("there.test").value(), dns::RecordType::a, {asio::ip::make_address("192.0.2.9")});
    EXPECT_EQ(run(Stage::connect, R"(try { dns::lookup("gone.test"); } catch { }
        if dns::lookup("there.test").is_empty() { state::deny() } else { state::next() })"),
              "next");
    ASSERT_EQ(traces_.size(), 1u);
    const auto& calls = traces_[0].directives.at(0).calls;
    ASSERT_EQ(calls.size(), 2u);
    EXPECT_EQ(calls[0].call, "dns::lookup(\"gone.test\")");
    EXPECT_TRUE(calls[0].result.starts_with("throws: ")) << calls[0].result;
    EXPECT_EQ(calls[1].call, "dns::lookup(\"there.test\")");
    EXPECT_NE(calls[1].result.find("192.0.2.9"), std::string::npos) << calls[1].result;
    EXPECT_EQ(traces_[0].directives[0].status, "next");
}

TEST_F(Trace, FailuresSayWhere) {
    EXPECT_EQ(run_file(Stage::connect,
                       "#{ connect: [ action \"bad\" || [1][ctx::client_port()], rule \"r\" || state::next() ] }"),
              "failed");
    ASSERT_EQ(traces_.size(), 1u);
    ASSERT_EQ(traces_[0].directives.size(), 1u);
    EXPECT_NE(traces_[0].directives[0].failure.find("ErrorArrayBounds"), std::string::npos);
    EXPECT_NE(traces_[0].directives[0].failure.find("filter.vsl:1:"), std::string::npos);
    EXPECT_NE(text().find("-> failed"), std::string::npos);
}

TEST_F(Trace, ARuleThatGivesNoStatus) {
    EXPECT_EQ(run_file(Stage::connect,
                       "fn f(x) { if x == 4711 { 1 } else { state::next() } } #{ connect: [ rule \"r\" || "
                       "f(ctx::client_port()) ] }"),
              "failed");
    EXPECT_NE(traces_.at(0).directives.at(0).failure.find("instead of a status"), std::string::npos);
}

TEST_F(Trace, AStageWithoutRulesIsToldToo) {
    EXPECT_EQ(run_file(Stage::helo, "#{}"), "next");
    EXPECT_EQ(text(), "helo: filter.vsl\n    no rules -> next\n");
}

TEST_F(Trace, NobodyIsToldUnlessItIsWanted) {
    wanted_ = false;
    EXPECT_EQ(run(Stage::helo, "state::next()"), "next");
    EXPECT_TRUE(traces_.empty());
}

TEST_F(Trace, ProgramsThatAreNotRun) {
    rehearsed_.emplace();
    const std::string touch = R"(cmd::build(#{ command: "touch" }).run(); state::next())";
    EXPECT_EQ(run(Stage::helo, touch), "failed");
    const auto& not_run = traces_.at(0).directives.at(0).calls.back();
    EXPECT_EQ(not_run.withheld, "the program 'touch' is not run while rules are only tried");
    EXPECT_TRUE(not_run.result.starts_with("throws: " + not_run.withheld + ": say what it would give"))
        << not_run.result;
    rehearsed_->exit_codes = {{"touch", 0}};
    EXPECT_EQ(run(Stage::helo, touch), "next");
    EXPECT_EQ(traces_.at(1).directives.at(0).calls.back().withheld, "");
}

TEST_F(Trace, SaslauthdThatIsNotAsked) {
    session_.credentials = smtp::Credentials{.mechanism = "PLAIN", .authid = "jane", .password = "secret"};
    users_ = [](std::string, std::string) -> asio::awaitable<sasl::PasswordVerdict> {
        co_return sasl::PasswordVerdict{true, {}};
    };
    const auto withheld = [&] {
        (void)run(Stage::authenticate, "auth::is_authenticated(); auth::unix_users()");
        const auto& calls = traces_.back().directives.at(0).calls;
        EXPECT_EQ(calls.at(0).withheld, "");
        return calls.at(1).withheld;
    };
    EXPECT_EQ(withheld(), "");
    rehearsed_.emplace();
    EXPECT_EQ(withheld(), "saslauthd is not asked twice");
    users_ = {};
    EXPECT_EQ(withheld(), "saslauthd is not asked twice");
}

TEST_F(Trace, Json) {
    EXPECT_EQ(
        run_file(
            Stage::rcpt,
            "#{ rcpt: [ rule \"r\" || if ctx::is_secured() { state::next() } else { state::quarantine(\"q\") } ] }"),
        "quarantine");
    const auto object = trace_json(traces_.at(0));
    EXPECT_EQ(object.at("stage"), "rcpt");
    EXPECT_EQ(object.at("verdict"), "quarantine q");
    const auto& directive = object.at("directives").as_array().at(0).as_object();
    EXPECT_EQ(directive.at("name"), "r");
    EXPECT_EQ(directive.at("calls").as_array().at(0).as_object().at("result"), "false");
    EXPECT_GT(directive.at("time_us").as_double(), 0.0);
}

}  // namespace
}  // namespace sluice::filter
