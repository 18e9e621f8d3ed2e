#include "engine/watch/trace_hub.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <thread>

#include "engine/filter/trace_text.hpp"
#include "engine/watch/run_heading.hpp"
#include "tests/unit/engine_watch/live_run.hpp"

namespace sluice::watch {
namespace {

using namespace test;
using smtp::Stage;

class TraceHubTest : public testing::Test {
  protected:
    std::shared_ptr<LineStream> open(const TraceRequest& request) {
        auto stream = hub_.open(request, context_.get_executor());
        EXPECT_TRUE(stream.ok());
        return stream.ok() ? *stream : nullptr;
    }

    void run(const smtp::SessionFacts& session, Stage stage, const smtp::Transaction* transaction = nullptr) {
        if (hub_.wants(session)) hub_.stage_ran(session, transaction, trace_of(stage, transaction));
    }
    // connect, helo, mail, rcpt, preq.
    void play(const smtp::SessionFacts& session, const std::string& from, const std::string& rcpt) {
        run(session, Stage::connect);
        run(session, Stage::helo);
        auto transaction = transaction_of(from);
        run(session, Stage::mail, &transaction);
        transaction = transaction_of(from, rcpt);
        run(session, Stage::rcpt, &transaction);
        run(session, Stage::preq, &transaction);
        hub_.on_event(smtp::SessionEvent::closed, session, {});
    }

    std::string text(LineStream& stream) {
        stream.finish(0);
        std::string all;
        asio::co_spawn(
            context_,
            [](LineStream& from, std::string& to) -> asio::awaitable<void> {
                for (;;) {
                    auto chunk = co_await from.next();
                    to += chunk.lines;
                    if (chunk.exit_code) co_return;
                }
            }(stream, all),
            asio::detached);
        context_.restart();
        context_.run();
        return all;
    }
    // "connect helo mail"
    static std::string stages(const std::string& text) {
        static const std::regex line("(^|\n)([a-z]+): filter");
        std::string all;
        for (std::sregex_iterator i(text.begin(), text.end(), line), end; i != end; ++i)
            all += (all.empty() ? "" : " ") + (*i)[2].str();
        return all;
    }

    asio::io_context context_{1};
    TraceHub hub_;
};

TEST_F(TraceHubTest, NobodyWatches) { EXPECT_FALSE(hub_.wants(session_of())); }

TEST_F(TraceHubTest, OnlyClientsSomebodyAskedFor) {
    const auto stream = open({.ip = "192.0.2.0/24"});
    EXPECT_TRUE(hub_.wants(session_of("192.0.2.1")));
    EXPECT_FALSE(hub_.wants(session_of("198.51.100.1")));
    stream->leave();
    EXPECT_FALSE(hub_.wants(session_of("192.0.2.1")));
}

TEST_F(TraceHubTest, EarlierRunsAreShownOnceTheSessionMatches) {
    const auto from = open({.from = "john@example.net"});
    const auto rcpt = open({.rcpt = "example.com"});
    play(session_of(), "john@example.net", "x@example.org");
    play(session_of(), "bob@example.net", "jane@example.com");
    const auto by_from = text(*from);
    EXPECT_EQ(stages(by_from), "connect helo mail rcpt preq") << by_from;
    EXPECT_THAT(by_from, testing::Not(testing::HasSubstr("bob@")));
    const auto by_rcpt = text(*rcpt);
    EXPECT_EQ(stages(by_rcpt), "connect helo mail rcpt preq") << by_rcpt;
    EXPECT_THAT(by_rcpt, testing::Not(testing::HasSubstr("john@")));
}

TEST_F(TraceHubTest, ASecondTransactionDoesNotShowTheFirst) {
    const auto stream = open({.rcpt = "jane@example.com"});
    const auto session = session_of();
    run(session, Stage::connect);
    for (const auto* rcpt : {"bob@example.com", "jane@example.com"}) {
        auto transaction = transaction_of(std::string("for-") + rcpt);
        run(session, Stage::mail, &transaction);
        transaction.add_recipient(smtp::parse_address(rcpt).value());
        run(session, Stage::rcpt, &transaction);
    }
    const auto shown = text(*stream);
    EXPECT_EQ(stages(shown), "connect mail rcpt");
    EXPECT_THAT(shown, testing::Not(testing::HasSubstr("for-bob")));
}

TEST_F(TraceHubTest, OldestSessionsAreForgotten) {
    const auto stream = open({.from = "john@example.net"});
    std::vector<smtp::SessionFacts> sessions;
    for (std::size_t i = 0; i < limits::kept_sessions + 1; ++i) {
        sessions.push_back(session_of());
        run(sessions.back(), Stage::connect);
    }
    auto transaction = transaction_of("john@example.net");
    run(sessions[1], Stage::mail, &transaction);  // the oldest that the limit leaves
    run(sessions[0], Stage::mail, &transaction);  // one past it
    EXPECT_EQ(stages(text(*stream)), "connect mail mail");
}

TEST_F(TraceHubTest, AClosedSessionIsForgotten) {
    const auto stream = open({.from = "john@example.net"});
    const auto session = session_of();
    run(session, Stage::connect);
    hub_.on_event(smtp::SessionEvent::closed, session, {});
    auto transaction = transaction_of("john@example.net");
    run(session, Stage::mail, &transaction);
    EXPECT_EQ(stages(text(*stream)), "mail");
}

TEST_F(TraceHubTest, LongRunsAreNotKept) {
    for (const std::size_t past : {0, 1}) {
        const auto stream = open({.from = "john@example.net"});
        const auto session = session_of();
        auto trace = trace_of(Stage::connect);
        trace.directives.push_back({.name = ""});
        const auto size = heading_text(session, nullptr, trace).size() + filter::trace_text(trace).size();
        trace.directives.back().name.assign(limits::kept_octets - size + past, 'x');
        hub_.stage_ran(session, nullptr, trace);
        auto transaction = transaction_of("john@example.net");
        run(session, Stage::mail, &transaction);
        const auto shown = text(*stream);
        EXPECT_EQ(stages(shown), past == 0 ? "connect mail" : "mail");
        EXPECT_EQ(shown.find("(1 earlier stage runs") != std::string::npos, past != 0);
        stream->leave();
    }
}

TEST_F(TraceHubTest, RefusedRelayingIsToldWhereTheRunWasShown) {
    const auto everything = open({});
    const auto matching = open({.rcpt = "jane@example.com", .form = Form::json});
    const auto other = open({.from = "nobody@example.com"});
    const auto session = session_of();
    auto transaction = transaction_of("john@example.net");
    run(session, Stage::mail, &transaction);
    transaction.add_recipient(smtp::parse_address("jane@example.com").value());
    run(session, Stage::rcpt, &transaction);
    hub_.on_event(smtp::SessionEvent::relay_denied, session, "jane@example.com");
    EXPECT_THAT(text(*everything), testing::HasSubstr("relaying to <jane@example.com> denied"));
    EXPECT_THAT(text(*matching), testing::HasSubstr(R"("rcpt":["jane@example.com"],"event":"relay-denied")"));
    EXPECT_EQ(text(*other), "");
}

TEST_F(TraceHubTest, ManyRecipientsAreCounted) {
    const auto stream = open({});
    const auto session = session_of();
    auto transaction = transaction_of("a@x.test", "r1@x.test");
    transaction.add_recipient(smtp::parse_address("r2@x.test").value());
    transaction.add_recipient(smtp::parse_address("r3@x.test").value());
    run(session, Stage::preq, &transaction);
    transaction.add_recipient(smtp::parse_address("r4@x.test").value());
    run(session, Stage::preq, &transaction);
    EXPECT_THAT(text(*stream), testing::AllOf(testing::HasSubstr("rcpt <r1@x.test>, <r2@x.test>, <r3@x.test>\npreq"),
                                              testing::HasSubstr("<r3@x.test> and 1 more\npreq")));
}

TEST_F(TraceHubTest, TheCountEndsIt) {
    const auto stream = open({.count = 2});
    play(session_of(), "a@x.test", "b@x.test");
    EXPECT_TRUE(stream->finished());
    EXPECT_FALSE(hub_.wants(session_of()));
    EXPECT_EQ(stages(text(*stream)), "connect helo");
}

TEST_F(TraceHubTest, NoMoreWatchersThanTheLimit) {
    std::vector<std::shared_ptr<LineStream>> streams;
    for (std::size_t i = 0; i < limits::trace_watchers; ++i) streams.push_back(open({}));
    const auto refused = hub_.open({}, context_.get_executor());
    ASSERT_FALSE(refused.ok());
    EXPECT_THAT(refused.error(), testing::HasSubstr("8 others"));
    streams.front()->leave();
    EXPECT_TRUE(open({}));
}

TEST_F(TraceHubTest, SessionsOfManyThreadsWhileWatchersComeAndGo) {
    std::vector<std::thread> threads;
    const auto stays = open({.rcpt = "jane@example.com"});
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&] {
            for (int i = 0; i < 100; ++i) play(session_of(), "john@example.net", "jane@example.com");
        });
    for (int i = 0; i < 50; ++i) open({.from = "example.net"})->leave();
    for (auto& thread : threads) thread.join();
    const auto shown = stages(text(*stays));
    EXPECT_EQ(std::count(shown.begin(), shown.end(), ' ') + 1, 4 * 100 * 5);
}

}  // namespace
}  // namespace sluice::watch
