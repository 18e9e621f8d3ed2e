// Many questions at once, late answers, and everything that can go away while one waits.
#include <gmock/gmock.h>

#include <atomic>
#include <boost/asio/thread_pool.hpp>
#include <future>
#include <set>

#include "tests/unit/engine_dns/resolving.hpp"

namespace sluice::dns::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

class ConcurrencyTest : public ResolvingTest {
  protected:
    static std::string host(int i) { return "h" + std::to_string(i) + ".test."; }
};

asio::awaitable<void> note(std::shared_ptr<Resolver> resolver, std::string text, std::vector<std::string>& ended) {
    const Answer answer = co_await resolver->query(name(text), RecordType::a);
    ended.push_back(text + ' ' + std::string(to_string(answer.outcome)));
}

TEST_F(ConcurrencyTest, AThousandQuestionsAtOnceAllGetTheirOwnAnswer) {
    constexpr int count = 1000;
    const auto address = [](int i) { return asio::ip::address_v4(0x0a000000u + static_cast<unsigned>(i)).to_string(); };
    for (int i = 0; i < count; ++i) server_.add(host(i), RecordType::a, address_rdata(address(i)));
    const auto resolver = open(settings());
    asio::io_context io;
    int right = 0;
    for (int i = 0; i < count; ++i) {
        const auto one = [&, i]() -> asio::awaitable<void> {
            const Answer answer = co_await resolver->query(name(host(i)), RecordType::a);
            EXPECT_EQ(answer.outcome, Outcome::found) << answer.why;
            if (answer.all<asio::ip::address>() == std::vector{ip(address(i))}) ++right;
        };
        asio::co_spawn(io, one, asio::detached);
    }
    io.run();
    EXPECT_EQ(right, count);
}

TEST_F(ConcurrencyTest, ALateAnswerDelaysNobodyElse) {
    server_.add("late.test.", RecordType::a, address_rdata("192.0.2.1"));
    server_.hold("late.test.");
    constexpr int count = 50;
    for (int i = 0; i < count; ++i) server_.add(host(i), RecordType::a, address_rdata("192.0.2.2"));
    const auto resolver = open(settings());
    asio::io_context io;
    std::vector<std::string> ended;
    asio::co_spawn(io, note(resolver, "late.test.", ended), asio::detached);
    const auto others = [&]() -> asio::awaitable<void> {
        for (int i = 0; i < count; ++i) co_await note(resolver, host(i), ended);
        server_.release("late.test.");
    };
    asio::co_spawn(io, others, asio::detached);
    io.run();
    ASSERT_EQ(ended.size(), count + 1u);
    EXPECT_EQ(ended.back(), "late.test. found");
}

TEST_F(ConcurrencyTest, OneQuestionOfManyIsSentOnce) {
    server_.add("same.test.", RecordType::a, address_rdata("192.0.2.1"));
    server_.hold("same.test.");
    const auto resolver = open(settings());
    asio::io_context io;
    std::vector<std::string> ended;
    for (int i = 0; i < 20; ++i) asio::co_spawn(io, note(resolver, "same.test.", ended), asio::detached);
    const auto release = [&]() -> asio::awaitable<void> {
        server_.wait_until_asked("same.test.");
        server_.release("same.test.");
        co_return;
    };
    asio::co_spawn(io, release, asio::detached);
    io.run();
    EXPECT_EQ(ended.size(), 20u);
    EXPECT_EQ(std::set(ended.begin(), ended.end()).size(), 1u);
    EXPECT_LT(server_.times_asked("same.test."), 20u);
}

TEST_F(ConcurrencyTest, AnswersComeBackOnTheExecutorThatAsked) {
    for (int i = 0; i < 40; ++i) server_.add(host(i), RecordType::a, address_rdata("192.0.2.1"));
    const auto resolver = open(settings());
    std::vector<std::thread> workers;
    std::atomic<int> right = 0;
    for (int worker = 0; worker < 4; ++worker) {
        workers.emplace_back([&, worker] {
            asio::io_context io;
            const auto here = std::this_thread::get_id();
            const auto work = [&]() -> asio::awaitable<void> {
                for (int i = 0; i < 10; ++i) {
                    const Answer answer = co_await resolver->query(name(host(worker * 10 + i)), RecordType::a);
                    if (answer.outcome == Outcome::found && std::this_thread::get_id() == here) ++right;
                }
            };
            asio::co_spawn(io, work, asio::detached);
            io.run();
        });
    }
    for (auto& worker : workers) worker.join();
    EXPECT_EQ(right, 40);
}

TEST_F(ConcurrencyTest, CoroutinesOnAPoolOfThreadsLoseNoAnswer) {
    for (int i = 0; i < 8; ++i) server_.add(host(i), RecordType::a, address_rdata("192.0.2.1"));
    const auto resolver = open(settings());
    asio::thread_pool pool(4);
    std::atomic<int> right = 0;
    for (int i = 0; i < 200; ++i) {
        const auto one = [&, i]() -> asio::awaitable<void> {
            const Answer answer = co_await resolver->query(name(host(i % 8)), RecordType::a);
            if (answer.outcome == Outcome::found) ++right;
        };
        asio::co_spawn(pool, one, asio::detached);
    }
    pool.join();
    EXPECT_EQ(right, 200);
}

TEST_F(ConcurrencyTest, ACancelledQuestionEndsAtOnceAndItsLateAnswerIsDropped) {
    server_.add("late.test.", RecordType::a, address_rdata("192.0.2.1"));
    server_.add("next.test.", RecordType::a, address_rdata("192.0.2.2"));
    server_.hold("late.test.");
    const auto resolver = open(settings());
    asio::io_context io;
    asio::cancellation_signal cancel;
    bool ended = false;
    asio::co_spawn(io, resolver->query(name("late.test."), RecordType::a),
                   asio::bind_cancellation_slot(cancel.slot(), [&](std::exception_ptr, const Answer& answer) {
                       ended = true;
                       EXPECT_EQ(answer.outcome, Outcome::temporary);
                   }));
    asio::post(io, [&] {
        server_.wait_until_asked("late.test.");
        cancel.emit(asio::cancellation_type::terminal);
    });
    io.run();
    EXPECT_TRUE(ended);
    server_.release("late.test.");
    EXPECT_EQ(ask(*resolver, "next.test.", RecordType::a).outcome, Outcome::found);
}

TEST_F(ConcurrencyTest, CancelledBeforeItWasSent) {
    const auto resolver = open(settings());
    asio::io_context io;
    asio::cancellation_signal cancel;
    asio::co_spawn(io, resolver->query(name("host.test."), RecordType::a),
                   asio::bind_cancellation_slot(cancel.slot(), asio::detached));
    asio::post(io, [&] { cancel.emit(asio::cancellation_type::terminal); });
    io.run();
}

TEST_F(ConcurrencyTest, TheContextOfTheWaitingCoroutineMayGoAway) {
    server_.add("late.test.", RecordType::a, address_rdata("192.0.2.1"));
    server_.hold("late.test.");
    const auto resolver = open(settings());
    std::vector<std::string> ended;
    {
        asio::io_context io;
        for (int i = 0; i < 10; ++i) asio::co_spawn(io, note(resolver, "late.test.", ended), asio::detached);
        asio::post(io, [&] {
            server_.wait_until_asked("late.test.");
            io.stop();
        });
        io.run();
    }
    EXPECT_TRUE(ended.empty());
    server_.release("late.test.");
    EXPECT_EQ(ask(*resolver, "late.test.", RecordType::a).outcome, Outcome::found);
}

TEST_F(ConcurrencyTest, TheResolverMayGoAwayWhileSomebodyWaits) {
    server_.hold("late.test.");
    auto resolver = open(settings());
    asio::io_context io;
    Answer answer;
    asio::co_spawn(io, resolver->query(name("late.test."), RecordType::a),
                   [&](std::exception_ptr, Answer got) { answer = std::move(got); });
    asio::post(io, [&] {
        server_.wait_until_asked("late.test.");
        resolver.reset();
    });
    io.run();
    EXPECT_EQ(answer.outcome, Outcome::temporary);
    EXPECT_EQ(answer.why, "the resolver has been closed");
}

TEST_F(ConcurrencyTest, TheServiceMayGoAwayWhileSomebodyWaits) {
    server_.hold("late.test.");
    const auto resolver = open(settings());
    asio::io_context io;
    std::vector<std::string> ended;
    asio::co_spawn(io, note(resolver, "late.test.", ended), asio::detached);
    asio::post(io, [&] {
        server_.wait_until_asked("late.test.");
        service_.reset();
    });
    io.run();
    EXPECT_THAT(ended, ElementsAre("late.test. temporary"));
    const Answer later = ask(*resolver, "late.test.", RecordType::a);
    EXPECT_EQ(later.outcome, Outcome::temporary);
    EXPECT_EQ(later.why, "the resolver has been shut down");
}

TEST_F(ConcurrencyTest, CancellationAndAnswersThatCrossDoNoHarm) {
    for (int i = 0; i < 20; ++i) server_.add(host(i), RecordType::a, address_rdata("192.0.2.1"));
    Settings forgetful = settings();
    forgetful.options->cache_size = 0;
    const auto resolver = open(forgetful);
    int ended = 0;
    for (int i = 0; i < 400; ++i) {
        asio::io_context io;
        asio::cancellation_signal cancel;
        asio::co_spawn(
            io, resolver->query(name(host(i % 20)), RecordType::a),
            asio::bind_cancellation_slot(cancel.slot(), [&](std::exception_ptr, const Answer&) { ++ended; }));
        // Spread over the whole life of a question.
        asio::steady_timer timer(io, std::chrono::microseconds(i * 5));
        timer.async_wait([&](error_code) { cancel.emit(asio::cancellation_type::terminal); });
        io.run();
    }
    EXPECT_EQ(ended, 400);
}

TEST_F(ConcurrencyTest, ResolversWithDifferentSettingsLiveSideBySide) {
    NameServer other;
    server_.add("host.test.", RecordType::a, address_rdata("192.0.2.1"));
    other.add("host.test.", RecordType::a, address_rdata("192.0.2.2"));
    Settings second = settings();
    second.config.name_servers[0].socket_addr = other.socket_addr();
    const auto one = open(settings());
    const auto two = open(second);
    EXPECT_THAT(ask(*one, "host.test.", RecordType::a).all<asio::ip::address>(), ElementsAre(ip("192.0.2.1")));
    EXPECT_THAT(ask(*two, "host.test.", RecordType::a).all<asio::ip::address>(), ElementsAre(ip("192.0.2.2")));
}

}  // namespace
}  // namespace sluice::dns::test
