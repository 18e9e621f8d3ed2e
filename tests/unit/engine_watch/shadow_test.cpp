#include "engine/watch/shadow.hpp"

#include <gmock/gmock.h>

#include <thread>

#include "engine/watch/shadowed_rules.hpp"
#include "tests/unit/engine_filter/stage_fixture.hpp"

namespace sluice::watch {
namespace {

using smtp::Stage;

struct CountedData : smtp::RuleData {
    [[nodiscard]] std::unique_ptr<RuleData> clone() const override { return std::make_unique<CountedData>(); }
};

class ShadowTest : public filter::test::StageFixture {
  protected:
    std::shared_ptr<filter::FilterRules> rules(const std::string& text) {
        std::ofstream(root_ / "filter.vsl") << text;
        dsl::Diagnostics diagnostics;
        auto set = filter::RuleSet::load(configuration_, diagnostics);
        EXPECT_TRUE(set) << dsl::render(diagnostics.all());
        return std::make_shared<filter::FilterRules>(set, filter::Surroundings{.log = *log_,
                                                                               .root = root_.string(),
                                                                               .app_dir = (root_ / "app").string(),
                                                                               .configuration = configuration_.shown,
                                                                               .blocking = blocking_,
                                                                               .resolver = resolver_,
                                                                               .rehearsed = filter::Rehearsed()});
    }

    smtp::VerdictKind run(ShadowedRules& shadowed, Stage stage) {
        asio::io_context context;
        auto kind = smtp::VerdictKind::failed;
        asio::co_spawn(context, shadowed.run(stage, session_, stage < Stage::mail ? nullptr : &transaction_),
                       [&](std::exception_ptr, smtp::Verdict verdict) { kind = verdict.kind; });
        context.run();
        return kind;
    }

    static asio::awaitable<void> read(LineStream& from, std::string& to) {
        for (;;) {
            auto chunk = co_await from.next();
            to += chunk.lines;
            if (chunk.exit_code) co_return;
        }
    }
    // Until the stream ends.
    std::string text(LineStream& stream) {
        std::string all;
        asio::co_spawn(reader_, read(stream, all), asio::detached);
        reader_.restart();
        reader_.run();
        return all;
    }

    asio::io_context reader_{1};
};

TEST_F(ShadowTest, CopiesKeepEverythingAndHaveTheirOwnRuleData) {
    session_.helo_text = "[192.0.2.7]";
    session_.credentials.emplace().password = "secret";
    session_.tls.emplace().exporter = "secret";
    session_.skip = {smtp::VerdictKind::quarantine, Stage::helo, "q"};
    session_.rule_data = std::unique_ptr<smtp::RuleData>(std::make_unique<CountedData>());
    transaction_.rule_data = std::unique_ptr<smtp::RuleData>(std::make_unique<CountedData>());
    transaction_.headers = {"A: b\r\n"};
    const LiveRun copied(Stage::rcpt, session_, &transaction_);
    EXPECT_EQ(copied.session.id, session_.id);
    EXPECT_EQ(copied.session.client, session_.client);
    EXPECT_EQ(copied.session.server_name, session_.server_name);
    EXPECT_EQ(copied.session.helo_text, session_.helo_text);
    EXPECT_EQ(copied.session.credentials->password, "secret");
    EXPECT_FALSE(copied.session.tls->exporter);
    EXPECT_EQ(copied.session.skip.quarantine, "q");
    EXPECT_TRUE(copied.session.rule_data && copied.session.rule_data != session_.rule_data);
    EXPECT_EQ(copied.transaction->id, transaction_.id);
    EXPECT_NE(transaction_.fork().id, transaction_.id);
    EXPECT_EQ(copied.transaction->headers, transaction_.headers);
    EXPECT_TRUE(copied.transaction->rule_data && copied.transaction->rule_data != transaction_.rule_data);
}

TEST_F(ShadowTest, DifferencesAndTheSummary) {
    Shadow shadow;
    ShadowedRules shadowed(rules("#{ helo: [ rule \"l\" || state::next() ] }"), shadow);
    EXPECT_FALSE(shadow.active());
    const auto stream = shadow.start(rules("#{ helo: [ rule \"n\" || state::deny() ], mail: [ action \"rw\" || "
                                           "envelop::rw_mail_from(\"x@y.test\") ] }"),
                                     {.directory = "/", .count = 3}, reader_.get_executor());
    ASSERT_TRUE(stream.ok());
    EXPECT_TRUE(shadow.active());
    for (const auto stage : {Stage::connect, Stage::helo, Stage::mail})
        EXPECT_EQ(run(shadowed, stage), smtp::VerdictKind::next);
    EXPECT_EQ(transaction_.reverse_path.text, "john@example.net");
    EXPECT_THAT(text(**stream), testing::AllOf(testing::HasSubstr("helo:\n    live: next\n    new: deny by rule \"n\""),
                                               testing::HasSubstr("reverse-path, new: <x@y.test>\n"),
                                               testing::EndsWith("compared 3 stage runs, 2 differ\n")));
    (*stream)->leave();
    EXPECT_FALSE(shadow.active());
    shadow.stop();
}

TEST_F(ShadowTest, SaslauthdIsNotAskedTwice) {
    Shadow shadow;
    ShadowedRules shadowed(rules("#{ authenticate: [ rule \"l\" || state::deny() ] }"), shadow);
    const auto stream = shadow.start(rules("#{ authenticate: [ rule \"n\" || auth::unix_users() ] }"),
                                     {.directory = "/", .count = 1}, reader_.get_executor());
    session_.credentials = smtp::Credentials{.mechanism = "PLAIN", .authid = "jane", .password = "secret"};
    EXPECT_EQ(run(shadowed, Stage::authenticate), smtp::VerdictKind::deny);
    EXPECT_THAT(text(**stream),
                testing::AllOf(testing::HasSubstr("new: not comparable: saslauthd is not asked twice (rule \"n\" at "),
                               testing::EndsWith("compared 0 stage runs, 0 differ, 1 more were not comparable\n")));
    shadow.stop();
}

TEST_F(ShadowTest, OneAtATime) {
    Shadow shadow;
    const auto first = shadow.start(rules("#{}"), {.directory = "/"}, reader_.get_executor());
    EXPECT_FALSE(shadow.start(rules("#{}"), {.directory = "/"}, reader_.get_executor()).ok());
    (*first)->leave();
    EXPECT_EQ(text(**first), "compared 0 stage runs, 0 differ\n");
    EXPECT_TRUE(shadow.start(rules("#{}"), {.directory = "/"}, reader_.get_executor()).ok());
    shadow.stop();
}

TEST_F(ShadowTest, MoreThanTheLimitAtOnceAreLeftOut) {
    auto stream = std::make_shared<LineStream>(reader_.get_executor(), Form::text);
    const auto shadow = std::make_shared<ShadowRun>(rules("#{}"), ShadowRequest{.directory = "/"}, stream);
    asio::io_context slow;
    for (std::size_t i = 0; i < limits::shadow_runs + 1; ++i)
        shadow->compare_in(slow, std::make_unique<LiveRun>(Stage::connect, session_, nullptr));
    slow.run();
    shadow->finish(0);
    EXPECT_EQ(text(*stream), "compared 256 stage runs, 0 differ, 1 were left out: the new rules did not keep up\n");
}

TEST_F(ShadowTest, MoreOctetsThanTheLimitAreLeftOut) {
    auto stream = std::make_shared<LineStream>(reader_.get_executor(), Form::text);
    const auto shadow = std::make_shared<ShadowRun>(rules("#{}"), ShadowRequest{.directory = "/"}, stream);
    asio::io_context slow;
    const auto add = [&](std::size_t octets) {
        transaction_.message = std::make_shared<const std::string>(octets, 'x');
        shadow->compare_in(slow, std::make_unique<LiveRun>(Stage::preq, session_, &transaction_));
    };
    add(limits::shadow_octets - 10);
    add(11);  // one past the limit
    add(10);  // at the limit
    slow.run();
    shadow->finish(0);
    EXPECT_EQ(text(*stream), "compared 2 stage runs, 0 differ, 1 were left out: the new rules did not keep up\n");
}

TEST_F(ShadowTest, SessionsOfManyThreadsWhileShadowsComeAndGo) {
    Shadow shadow;
    const auto live = rules("#{ connect: [ rule \"l\" || { ctx::client_ip(); state::next() } ] }");
    const auto fresh = rules("#{ connect: [ rule \"n\" || { ctx::client_ip(); state::deny() } ] }");
    ShadowedRules shadowed(live, shadow);
    std::atomic<bool> go_on{true};
    std::vector<std::thread> threads;
    for (int t = 0; t < 3; ++t)
        threads.emplace_back([&] {
            while (go_on) {
                smtp::SessionFacts session;
                session.id = SessionId::random();
                session.client = session_.client;
                asio::io_context context;
                asio::co_spawn(context, shadowed.run(Stage::connect, session, nullptr), asio::detached);
                context.run();
            }
        });
    for (int i = 0; i < 20; ++i) {
        const auto stream = shadow.start(fresh, {.directory = "/", .count = 5}, reader_.get_executor());
        EXPECT_TRUE(stream.ok());
        EXPECT_THAT(text(**stream), testing::HasSubstr("\ncompared 5 stage runs, 5 differ"));
        (*stream)->leave();
    }
    go_on = false;
    for (auto& thread : threads) thread.join();
    shadow.stop();
}

TEST(ShadowRequestTest, TravelsAsJson) {
    const auto read = ShadowRequest::parse(ShadowRequest{"/a \"b\"\n", Form::json, 3}.json());
    ASSERT_TRUE(read);
    EXPECT_EQ(read->directory, "/a \"b\"\n");
    EXPECT_EQ(read->form, Form::json);
    EXPECT_EQ(read->count, 3u);
    for (const auto* wrong : {"", "[]", R"({"directory":"relative"})", R"({"directory":7})", R"({"other":1})",
                              R"({"directory":"/a","ip":""})", R"({"directory":"/a","count":"1"})",
                              R"({"directory":"/a","count":1.5})", R"({"directory":"/a","json":1})"})
        EXPECT_FALSE(ShadowRequest::parse(wrong)) << wrong;
}

}  // namespace
}  // namespace sluice::watch
