#include "engine/deliver/dispatcher.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <map>

#include "engine/deliver/local_transport.hpp"
#include "tests/unit/engine_queue/spool_fixture.hpp"

namespace sluice::deliver {
namespace {

using namespace std::chrono_literals;
using queue::files_below;
using queue::Queue;
using queue::RecipientState;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Says what the test wants, per recipient; remembers the attempts.
class Scripted : public LocalDelivery {
  public:
    Outcome deliver(const Attempt& attempt) override {
        const std::lock_guard lock(mutex_);
        log_.push_back(attempt.recipient.address);
        bodies_.push_back(std::string(attempt.prefix) + std::string(attempt.body));
        if (before_) before_(attempt);
        auto& script = scripts_[attempt.recipient.address];
        if (script.empty()) return Outcome::delivered();
        Outcome outcome = script.front();
        if (script.size() > 1) script.erase(script.begin());
        return outcome;
    }
    // The last one goes on for ever.
    void script(const std::string& address, std::vector<Outcome> outcomes) {
        scripts_.insert_or_assign(address, std::move(outcomes));
    }
    void before(std::function<void(const Attempt&)> function) { before_ = std::move(function); }
    std::vector<std::string> log() {
        const std::lock_guard lock(mutex_);
        return log_;
    }
    std::vector<std::string> bodies() {
        const std::lock_guard lock(mutex_);
        return bodies_;
    }

  private:
    std::mutex mutex_;
    std::map<std::string, std::vector<Outcome>> scripts_;
    std::function<void(const Attempt&)> before_;
    std::vector<std::string> log_;
    std::vector<std::string> bodies_;
};

class OneTransport : public Routing {
  public:
    explicit OneTransport(std::shared_ptr<Transport> transport) : transport_(std::move(transport)) {}
    std::string destination(const queue::Envelope&, const queue::Recipient&) const override { return "one"; }
    std::shared_ptr<Transport> transport(const std::string&) const override { return transport_; }

  private:
    std::shared_ptr<Transport> transport_;
};

class DispatcherTest : public ::testing::Test {
  protected:
    void start() {
        Dispatcher::Options options;
        options.now = [this] { return now_.load(); };
        options.retry.jitter = 0.0;
        options.rules = rules_;
        options.stop_patience = stop_patience_;
        options.on_finished = [this](const queue::Envelope& envelope) { finished_.push_back(envelope); };
        options.on_trouble = [this](const std::string&, const std::string& what) { trouble_.push_back(what); };
        dispatcher_.emplace(
            *spool_, pool_,
            std::make_shared<OneTransport>(transport_ ? std::make_shared<LocalTransport>(transport_, pool_) : nullptr),
            options);
    }
    void submit_and_add(queue::Message& message) {
        message.envelope.received = now_;
        ASSERT_FALSE(queue::submit(*spool_, message));
        dispatcher_->add(message);
        dispatcher_->wait_idle();
    }
    void pass(std::chrono::seconds time) {
        now_ = now_.load() + time;
        dispatcher_->wake();
        dispatcher_->wait_idle();
    }
    void restart() {
        dispatcher_.reset();
        spool_.reset();
        spool_ = queue::open_spool(directory_.path());
        auto recovered = queue::recover(*spool_);
        start();
        dispatcher_->add_recovered(std::move(recovered));
        dispatcher_->wait_idle();
    }
    queue::Envelope stored(const queue::Message& message) {
        return spool_->envelope(message.envelope.id).envelope.value();
    }

    queue::SpoolDirectory directory_;
    std::unique_ptr<queue::Spool> spool_ = queue::open_spool(directory_.path());
    io::BlockingPool pool_{2};
    std::shared_ptr<Scripted> transport_ = std::make_shared<Scripted>();
    std::atomic<queue::TimePoint> now_ = queue::TimePoint(std::chrono::seconds(1'800'000'000));
    std::function<asio::awaitable<Ruled>(queue::Message&)> rules_;
    std::chrono::milliseconds stop_patience_ = 10s;
    std::vector<queue::Envelope> finished_;
    std::vector<std::string> trouble_;
    std::optional<Dispatcher> dispatcher_;
};

TEST_F(DispatcherTest, DeliversEachRecipientAndForgetsTheMessage) {
    start();
    auto message = queue::make_message("body", {"a@x", "b@x"});
    submit_and_add(message);
    EXPECT_THAT(transport_->log(), ElementsAre("a@x", "b@x"));
    EXPECT_THAT(transport_->bodies(), ElementsAre("body", "body"));
    EXPECT_EQ(spool_->size(), 0u);
    EXPECT_EQ(dispatcher_->waiting(), 0u);
    EXPECT_EQ(finished_.size(), 1u);
}

TEST_F(DispatcherTest, TemporaryFailuresComeBackWithBackoff) {
    transport_->script("a@x", {Outcome::temporary("4.3.1 full")});
    start();
    auto message = queue::make_message("body", {"a@x", "b@x"});
    submit_and_add(message);
    EXPECT_EQ(spool_->queue_of(message.envelope.id), Queue::deferred);
    EXPECT_EQ(stored(message).recipients[0].state, RecipientState::deferred);
    EXPECT_EQ(stored(message).recipients[0].last_error, "4.3.1 full");
    EXPECT_EQ(stored(message).recipients[1].state, RecipientState::sent);
    pass(59s);
    EXPECT_EQ(transport_->log().size(), 2u);
    pass(1s);
    EXPECT_THAT(transport_->log(), ElementsAre("a@x", "b@x", "a@x"));
    EXPECT_EQ(transport_->bodies().back(), "body");  // read from the spool
    pass(119s);
    EXPECT_EQ(transport_->log().size(), 3u);
    pass(1s);
    EXPECT_EQ(transport_->log().size(), 4u);
    EXPECT_EQ(stored(message).recipients[0].attempts, 3);
    transport_->script("a@x", {Outcome::delivered()});
    pass(240s);
    EXPECT_EQ(spool_->size(), 0u);
    EXPECT_THAT(trouble_, IsEmpty());
}

TEST_F(DispatcherTest, PermanentFailureEndsInDead) {
    transport_->script("a@x", {Outcome::permanent("5.1.1 nobody")});
    start();
    auto message = queue::make_message("body", {"a@x", "b@x"});
    submit_and_add(message);
    EXPECT_EQ(spool_->queue_of(message.envelope.id), Queue::dead);
    EXPECT_EQ(stored(message).recipients[0].state, RecipientState::failed);
    EXPECT_EQ(stored(message).recipients[0].last_error, "5.1.1 nobody");
    EXPECT_EQ(stored(message).recipients[1].state, RecipientState::sent);
    ASSERT_EQ(finished_.size(), 1u);
    restart();
    EXPECT_EQ(transport_->log().size(), 2u);
}

TEST_F(DispatcherTest, ExpiryEndsInDeadAfterFiveDays) {
    transport_->script("a@x", {Outcome::temporary("4.4.1 no answer")});
    start();
    auto message = queue::make_message();
    transport_->script("a@example.com", {Outcome::temporary("4.4.1 no answer")});
    submit_and_add(message);
    int hours = 0;
    while (spool_->queue_of(message.envelope.id) == Queue::deferred && hours < 200) {
        pass(1h);
        ++hours;
    }
    EXPECT_EQ(spool_->queue_of(message.envelope.id), Queue::dead);
    EXPECT_GE(hours, 5 * 24);
    EXPECT_LE(hours, 5 * 24 + 4);
    EXPECT_EQ(stored(message).recipients[0].last_error, "4.4.1 no answer");
    EXPECT_EQ(finished_.size(), 1u);
}

TEST_F(DispatcherTest, NoRouteFailsForGood) {
    transport_ = nullptr;
    start();
    auto message = queue::make_message();
    submit_and_add(message);
    EXPECT_EQ(spool_->queue_of(message.envelope.id), Queue::dead);
    EXPECT_EQ(stored(message).recipients[0].last_error.substr(0, 5), "5.4.4");
}

TEST_F(DispatcherTest, GoesOnAfterARestart) {
    transport_->script("a@x", {Outcome::temporary("4.0.0 later")});
    start();
    auto message = queue::make_message("body", {"a@x", "b@x"});
    submit_and_add(message);
    const auto fresh = queue::make_message("other", {"c@x"});
    dispatcher_->stop();
    ASSERT_FALSE(queue::submit(*spool_, fresh));  // accepted, the process ended before the attempt
    restart();
    EXPECT_THAT(transport_->log(), ElementsAre("a@x", "b@x", "c@x"));  // a@x is not due, b@x has it
    pass(60s);
    EXPECT_EQ(transport_->log().size(), 4u);
    EXPECT_EQ(transport_->log().back(), "a@x");
}

TEST_F(DispatcherTest, OutcomesAreDurableBeforeTheNextRecipient) {
    queue::Message message = queue::make_message("body", {"a@x", "b@x"});
    RecipientState seen = RecipientState::waiting;
    transport_->before([&](const Attempt& attempt) {
        if (attempt.recipient.address == "b@x")
            seen = spool_->envelope(message.envelope.id).envelope->recipients[0].state;
    });
    start();
    submit_and_add(message);
    EXPECT_EQ(seen, RecipientState::sent);
}

TEST_F(DispatcherTest, AHeldMessageIsLeftAlone) {
    transport_->script("a@example.com", {Outcome::temporary("4.0.0 later")});
    start();
    auto message = queue::make_message();
    submit_and_add(message);
    ASSERT_FALSE(queue::hold(*spool_, message.envelope.id, "stop"));
    pass(1h);
    EXPECT_EQ(transport_->log().size(), 1u);
    EXPECT_EQ(dispatcher_->waiting(), 0u);
    ASSERT_FALSE(queue::move(*spool_, message.envelope.id, Queue::deliver));
    dispatcher_->add_recovered({{stored(message), Queue::deliver}});
    pass(0s);
    EXPECT_EQ(transport_->log().size(), 2u);
}

TEST_F(DispatcherTest, HeldDuringTheAttemptStaysHeldWithItsReason) {
    auto message = queue::make_message();
    transport_->script("a@example.com", {Outcome::temporary("4.0.0 later")});
    transport_->before([&](const Attempt&) { ASSERT_FALSE(queue::hold(*spool_, message.envelope.id, "stop")); });
    start();
    submit_and_add(message);
    EXPECT_EQ(spool_->queue_of(message.envelope.id), Queue::hold);
    EXPECT_EQ(stored(message).hold_reason, "stop");
    EXPECT_EQ(stored(message).recipients[0].attempts, 1);
    pass(1h);
    EXPECT_EQ(transport_->log().size(), 1u);
}

TEST_F(DispatcherTest, RemovedDuringTheAttemptIsGone) {
    auto message = queue::make_message();
    transport_->script("a@example.com", {Outcome::temporary("4.0.0 later")});
    transport_->before([&](const Attempt&) { ASSERT_FALSE(queue::remove(*spool_, message.envelope.id)); });
    start();
    submit_and_add(message);
    EXPECT_EQ(dispatcher_->waiting(), 0u);
    EXPECT_EQ(spool_->size(), 0u);
    EXPECT_THAT(trouble_, IsEmpty());
}

TEST_F(DispatcherTest, ADiskThatCannotStoreTheOutcomeIsNoSecondDelivery) {
    start();
    auto message = queue::make_message();
    ASSERT_FALSE(queue::submit(*spool_, message));
    {
        const queue::FaultGuard guard(
            [](io::FileStep step, const auto&) { return step == io::FileStep::write ? EIO : 0; });
        dispatcher_->add(message);
        dispatcher_->wait_idle();
    }
    EXPECT_EQ(trouble_.size(), 1u);
    EXPECT_EQ(dispatcher_->waiting(), 1u);
    pass(60s);
    EXPECT_EQ(transport_->log().size(), 1u);
    EXPECT_EQ(spool_->size(), 0u);
}

TEST_F(DispatcherTest, ACorruptBodyIsSetAsideAndNotTriedForEver) {
    transport_->script("a@example.com", {Outcome::temporary("4.0.0 later")});
    start();
    auto message = queue::make_message();
    submit_and_add(message);
    const auto path = queue::segment_path(directory_.path() / "log", 1);
    std::string text = queue::read_file(path);
    text.replace(text.find("hello"), 5, "hallo");
    queue::write_file(path, text);
    pass(60s);
    EXPECT_EQ(transport_->log().size(), 1u);
    EXPECT_EQ(dispatcher_->waiting(), 0u);
    EXPECT_EQ(spool_->queue_of(message.envelope.id), std::nullopt);
    EXPECT_TRUE(std::filesystem::exists(directory_.path() / "corrupt" / message.envelope.id));
}

TEST_F(DispatcherTest, StopWaitsForTheAttemptInFlight) {
    std::promise<void> begun;
    std::promise<void> finish;
    auto finished = finish.get_future().share();
    transport_->before([&](const Attempt& attempt) {
        if (attempt.recipient.address != "a@x") return;
        begun.set_value();
        finished.wait();
    });
    start();
    auto message = queue::make_message("body", {"a@x", "b@x"});
    ASSERT_FALSE(queue::submit(*spool_, message));
    dispatcher_->add(message);
    begun.get_future().wait();
    auto stopped = std::async(std::launch::async, [&] { dispatcher_->stop(); });
    EXPECT_EQ(stopped.wait_for(20ms), std::future_status::timeout);
    finish.set_value();
    stopped.wait();
    EXPECT_THAT(transport_->log(), ElementsAre("a@x"));  // no further attempt
    EXPECT_EQ(stored(message).recipients[0].state, RecipientState::sent);
    EXPECT_EQ(stored(message).recipients[1].state, RecipientState::waiting);
}

// Rules as they may be: they wait, and change what they are given.
asio::awaitable<Ruled> add_a_line(queue::Message& message) {
    co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
    message.body = std::make_shared<const std::string>("ruled\r\n" + message.prefix + *message.body);
    message.prefix.clear();
    message.envelope.next_stage.clear();
    co_return Ruled{Queue::deliver, true};
}

TEST_F(DispatcherTest, RulesDecideBeforeTheFirstAttempt) {
    rules_ = add_a_line;
    transport_->script("a@x", {Outcome::temporary("4.3.1 full"), Outcome::delivered()});
    start();
    auto message = queue::make_message("body", {"a@x"});
    message.envelope.next_stage = "postq";
    message.envelope.received = now_;
    ASSERT_FALSE(queue::submit(*spool_, message, Queue::working));
    restart();  // not added: as after a crash
    EXPECT_EQ(spool_->queue_of(message.envelope.id), Queue::deferred);
    pass(60s);
    EXPECT_THAT(transport_->bodies(), ElementsAre("ruled\r\nbody", "ruled\r\nbody"));
    EXPECT_EQ(spool_->size(), 0u);
}

TEST_F(DispatcherTest, WhatRulesDecideIsStoredOrTheyRunAgain) {
    rules_ = add_a_line;
    start();
    auto message = queue::make_message("body", {"a@x"});
    message.envelope.next_stage = "postq";
    message.envelope.received = now_;
    ASSERT_FALSE(queue::submit(*spool_, message, Queue::working));
    std::atomic<bool> ill = true;
    const queue::FaultGuard guard([&](io::FileStep, const auto&) { return ill ? ENOSPC : 0; });
    dispatcher_->add(message);
    dispatcher_->wait_idle();
    EXPECT_THAT(trouble_, ElementsAre("cannot store what the rules decided: No space left on device"));
    EXPECT_THAT(transport_->log(), IsEmpty());
    ill = false;
    while (spool_->health() != queue::Health::ok) std::this_thread::sleep_for(1ms);
    pass(60s);
    EXPECT_THAT(transport_->bodies(), ElementsAre("ruled\r\nbody"));
    dispatcher_.reset();
    spool_.reset();
}

TEST_F(DispatcherTest, RulesThatThrowOrHoldOrWaitForEver) {
    stop_patience_ = 20ms;
    rules_ = [](queue::Message& message) -> asio::awaitable<Ruled> {
        const auto to = message.envelope.recipients[0].address;
        if (to == "throw@x") throw std::runtime_error("a bug");
        if (to == "wait@x") {
            asio::steady_timer forever(co_await asio::this_coro::executor, 1h);
            co_await forever.async_wait(asio::use_awaitable);
        }
        message.envelope.hold_reason = "broken";
        co_return Ruled{Queue::hold, false};
    };
    start();
    std::vector<std::string> ids;
    for (const std::string to : {"throw@x", "hold@x", "wait@x"}) {
        auto message = queue::make_message("body", {to});
        message.envelope.next_stage = "postq";
        ids.push_back(message.envelope.id);
        ASSERT_FALSE(queue::submit(*spool_, message, Queue::working));
        dispatcher_->add(message);
        if (to != "wait@x") dispatcher_->wait_idle();
    }
    EXPECT_THAT(trouble_, ElementsAre("the rules of the queue broke: a bug"));
    EXPECT_EQ(spool_->queue_of(ids[0]), Queue::working);
    EXPECT_EQ(spool_->envelope(ids[1]).envelope->hold_reason, "broken");
    EXPECT_EQ(spool_->queue_of(ids[1]), Queue::hold);
    dispatcher_->stop();
    EXPECT_EQ(spool_->queue_of(ids[2]), Queue::working);
    EXPECT_THAT(transport_->log(), IsEmpty());
}

class Throws final : public RecipientDelivery {
  public:
    asio::awaitable<Outcome> attempt(const Attempt&, io::BlockingPool&) override {
        if (++attempts == 1) throw std::runtime_error("a bug");
        co_return Outcome::delivered();
    }
    std::atomic<int> attempts = 0;
};

TEST_F(DispatcherTest, AChannelThatBreaksIsTriedAgain) {
    const auto broken = std::make_shared<Throws>();
    start();
    dispatcher_->set_routing(std::make_shared<OneTransport>(std::make_shared<LocalTransport>(broken, pool_)));
    auto message = queue::make_message("body", {"a@x"});
    submit_and_add(message);
    EXPECT_EQ(broken->attempts, 1);
    EXPECT_THAT(trouble_, ElementsAre("a channel to 'one' broke: a bug"));
    EXPECT_EQ(dispatcher_->waiting(), 1u);
    pass(60s);
    EXPECT_EQ(broken->attempts, 2);
    EXPECT_EQ(spool_->size(), 0u);
}

TEST_F(DispatcherTest, NothingIsDeliveredWhileTheSpoolTakesNothing) {
    start();
    auto message = queue::make_message("body", {"a@x"});
    ASSERT_FALSE(queue::submit(*spool_, message));
    std::atomic<bool> ill = true;
    std::atomic<bool> asked = false;
    const queue::FaultGuard guard([&](io::FileStep, const auto&) { return asked = true, ill ? EIO : 0; });
    EXPECT_TRUE(queue::submit(*spool_, queue::make_message()));
    ASSERT_EQ(spool_->health(), queue::Health::failed);
    dispatcher_->add(message);
    for (asked = false; !asked;) std::this_thread::yield();  // a probe later
    EXPECT_THAT(transport_->log(), IsEmpty());
    ill = false;
    dispatcher_->wait_idle();  // it goes on by itself
    EXPECT_THAT(transport_->log(), ElementsAre("a@x"));
    dispatcher_.reset();
    spool_.reset();  // no more files
}

// The spool is slow to store the outcome: nobody is called who is gone, and the outcome is stored.
TEST_F(DispatcherTest, StopWaitsForTheSpool) {
    for (const auto& outcome : {Outcome::delivered(), Outcome::permanent("5.1.1 nobody")}) {
        transport_->script("a@example.com", {outcome});
        auto message = queue::make_message();
        ASSERT_FALSE(queue::submit(*spool_, message));
        std::promise<void> begun;
        std::promise<void> finish;
        std::atomic<bool> first = true;
        const queue::FaultGuard guard([&](io::FileStep, const auto&) {
            if (first.exchange(false)) {
                begun.set_value();
                finish.get_future().wait();
            }
            return 0;
        });
        start();
        dispatcher_->add(message);
        begun.get_future().wait();
        auto gone = std::async(std::launch::async, [&] { dispatcher_.reset(); });
        EXPECT_EQ(gone.wait_for(20ms), std::future_status::timeout);
        finish.set_value();
        gone.wait();
        EXPECT_EQ(spool_->queue_of(message.envelope.id).value_or(Queue::hold),
                  outcome.kind() == Outcome::Kind::delivered ? Queue::hold : Queue::dead);
    }
}

TEST_F(DispatcherTest, RetryAllNow) {
    transport_->script("a@example.com", {Outcome::temporary("4.0.0 later"), Outcome::delivered()});
    start();
    auto message = queue::make_message();
    submit_and_add(message);
    EXPECT_EQ(dispatcher_->waiting(), 1u);
    dispatcher_->retry_all_now();
    dispatcher_->wait_idle();
    EXPECT_EQ(dispatcher_->waiting(), 0u);
}

TEST(Backoff, DoublesUpToFourHours) {
    const RetryPolicy policy;
    const std::vector<std::pair<int, int>> table = {{1, 60},    {2, 120},    {3, 240},     {8, 7680},
                                                    {9, 14400}, {10, 14400}, {1000, 14400}};
    for (const auto& [attempts, seconds] : table)
        EXPECT_EQ(wait_after(policy, attempts, 0.5).count(), seconds) << attempts;
    EXPECT_EQ(wait_after(policy, 1, 0.0).count(), 48);
    EXPECT_EQ(wait_after(policy, 1, 1.0).count(), 72);
    RetryPolicy tiny;
    tiny.first_wait = std::chrono::seconds(0);
    EXPECT_EQ(wait_after(tiny, 1, 0.5).count(), 1);
}

}  // namespace
}  // namespace sluice::deliver
