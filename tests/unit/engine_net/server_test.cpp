#include "engine/net/server.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "tests/unit/engine_smtp/dialog.hpp"

namespace sluice::net {
namespace {

using smtp::test::Client;
using smtp::test::talk;
using namespace std::chrono_literals;

class ServerTest : public testing::Test {
  protected:
    ServerTest() { settings_.server_name = "mx.test"; }

    void start(unsigned threads, std::vector<smtp::ListenerKind> kinds = {smtp::ListenerKind::relay}) {
        publish();
        std::vector<Listener> listeners;
        for (const auto kind : kinds)
            listeners.push_back({loopback(0), kind, "test:" + std::to_string(listeners.size())});
        ASSERT_FALSE(server_.bind(listeners, threads));
        ASSERT_FALSE(server_.start());
    }
    void publish() {
        auto snapshot = std::make_shared<const smtp::Snapshot>(
            smtp::Snapshot{std::make_shared<const smtp::Settings>(settings_), rules_, nullptr});
        const std::lock_guard lock(mutex_);
        snapshot_ = std::move(snapshot);
    }
    static asio::ip::tcp::endpoint loopback(unsigned short port) { return {asio::ip::address_v4::loopback(), port}; }
    std::unique_ptr<Client> connect(std::size_t listener = 0) {
        return std::make_unique<Client>(server_.endpoints().at(listener));
    }
    // Counts go down after the client has seen the end.
    void expect_open(int wanted) {
        for (int i = 0; i < 1000 && server_.counts().open != wanted; ++i) std::this_thread::sleep_for(1ms);
        EXPECT_EQ(server_.counts().open, wanted);
    }

    smtp::Settings settings_;
    std::shared_ptr<smtp::test::ScriptedRules> rules_ = std::make_shared<smtp::test::ScriptedRules>();
    smtp::test::MemorySink sink_;
    smtp::test::EventList events_;
    std::mutex mutex_;
    std::shared_ptr<const smtp::Snapshot> snapshot_;
    Server server_{[this] {
                       const std::lock_guard lock(mutex_);
                       return snapshot_;
                   },
                   sink_, events_};
};

TEST_F(ServerTest, ServesOnSeveralThreadsAndListeners) {
    settings_.client_count_max = -1;
    start(3, {smtp::ListenerKind::relay, smtp::ListenerKind::submission});
    EXPECT_NE(server_.endpoints()[0].port(), server_.endpoints()[1].port());
    std::vector<std::unique_ptr<Client>> clients;
    for (std::size_t i = 0; i < 40; ++i) clients.push_back(connect(i % 2));
    for (const auto& client : clients) talk(*client, "S: 220 mx.test\nC: HELO x\nS: 250");
    expect_open(40);
    for (const auto& client : clients) talk(*client, "C: QUIT\nS: 221\nEND");
    expect_open(0);
    EXPECT_EQ(server_.counts().accepted, 40u);
}

TEST_F(ServerTest, ClientCountAtTheLimitAndOnePast) {
    settings_.client_count_max = 2;
    start(2);
    const auto one = connect();
    const auto two = connect();
    talk(*one, "S: 220");
    talk(*two, "S: 220");
    talk(*connect(), "S. 554 5.3.2 Cannot process connection, closing\nEND");
    EXPECT_EQ(server_.counts().refused, 1u);
    talk(*one, "C: QUIT\nS: 221\nEND");
    expect_open(1);
    talk(*connect(), "S: 220");
}

// vSMTP defect 2: sessions that ended badly kept their place.
TEST_F(ServerTest, PlacesOfBrokenSessionsAreGivenBack) {
    settings_.client_count_max = 1;
    rules_->rules[smtp::Stage::helo] = [](smtp::SessionFacts&, smtp::Transaction*) -> smtp::Verdict {
        throw std::runtime_error("bug");
    };
    start(1);
    for (int i = 0; i < 5; ++i) {
        expect_open(0);
        const auto client = connect();
        talk(*client, "S: 220\nC: HELO x\nS: 451");
    }
    expect_open(0);
}

TEST_F(ServerTest, APortInUseIsNamedWithARemedyAndNothingIsHalfStarted) {
    start(1);
    Server second([this] { return snapshot_; }, sink_, events_);
    const auto error = second.bind(
        {{loopback(0), smtp::ListenerKind::relay, "a"}, {server_.endpoints()[0], smtp::ListenerKind::relay, "b"}}, 2);
    ASSERT_TRUE(error);
    EXPECT_EQ(error->error, EADDRINUSE);
    EXPECT_EQ(error->address, to_string(server_.endpoints()[0]));
    EXPECT_NE(error->to_string().find("Address already in use"), std::string::npos);
    EXPECT_NE(error->to_string().find("ss -ltnp"), std::string::npos);
    EXPECT_TRUE(second.endpoints().empty());
}

TEST_F(ServerTest, AForeignAddressIsExplained) {
    const auto error = server_.bind({{{asio::ip::make_address("192.0.2.1"), 2525}, smtp::ListenerKind::relay, "a"}}, 1);
    ASSERT_TRUE(error);
    EXPECT_EQ(error->error, EADDRNOTAVAIL);
    EXPECT_NE(error->to_string().find("ip address"), std::string::npos);
}

TEST_F(ServerTest, BoundButNotStartedAcceptsNobody) {
    publish();
    ASSERT_FALSE(server_.bind({{loopback(0), smtp::ListenerKind::relay, "a"}}, 2));
    asio::io_context io;
    asio::ip::tcp::socket socket(io);
    error_code error;
    socket.connect(server_.endpoints()[0], error);
    EXPECT_EQ(error, asio::error::connection_refused);
    ASSERT_FALSE(server_.start());
    talk(*connect(), "S: 220");
}

TEST_F(ServerTest, SessionsKeepTheSnapshotTheyBeganWith) {
    start(2);
    const auto old_client = connect();
    talk(*old_client, "S: 220 mx.test");
    settings_.server_name = "new.test";
    publish();
    talk(*connect(), "S: 220 new.test");
    talk(*old_client, "C: EHLO x\nS: 250-mx.test");
}

TEST_F(ServerTest, StopSays421AndEndsAtOnceIfAllAreIdle) {
    start(2);
    const auto client = connect();
    talk(*client, "S: 220\nC: HELO x\nS: 250");
    const auto begin = std::chrono::steady_clock::now();
    server_.stop(10s);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
    talk(*client, "S: 421 4.3.2\nEND");
    EXPECT_EQ(server_.counts().open, 0);
}

TEST_F(ServerTest, StopWaitsForATransactionUpToItsPatience) {
    rules_->domains = {"example.com"};
    start(1);
    const auto finishing = connect();
    const auto stuck = connect();
    for (Client* const client : {finishing.get(), stuck.get()}) {
        talk(*client,
             "S: 220\nC: HELO x\nS: 250\nC: MAIL FROM:<a@b>\nS: 250\nC: RCPT TO:<b@example.com>\nS: 250\n"
             "C: DATA\nS: 354");
    }
    std::thread stopping([this] { server_.stop(300ms); });
    std::this_thread::sleep_for(50ms);
    talk(*finishing, "C: text\nC: .\nS: 250\nS: 421 4.3.2\nEND");
    talk(*stuck, "S: 421 4.3.2\nEND");
    stopping.join();
    EXPECT_EQ(sink_.messages(), 1u);
}

// Rules that hang in a lookup must not keep the server from stopping.
class HangingRules : public smtp::Rules {
  public:
    asio::awaitable<smtp::Verdict> run(smtp::Stage stage, smtp::SessionFacts&, smtp::Transaction*) override {
        if (stage != smtp::Stage::helo) co_return smtp::Verdict::next();
        asio::steady_timer forever(co_await asio::this_coro::executor, std::chrono::hours(1));
        co_await forever.async_wait(asio::use_awaitable);
        co_return smtp::Verdict::next();
    }
    bool runs(smtp::Stage, const smtp::Transaction&) const override { return true; }
    std::optional<std::string> handled(std::string_view) const override { return std::nullopt; }
};

TEST_F(ServerTest, StopEndsRulesThatNeverReturn) {
    publish();
    snapshot_ = std::make_shared<const smtp::Snapshot>(
        smtp::Snapshot{snapshot_->settings, std::make_shared<HangingRules>(), nullptr});
    ASSERT_FALSE(server_.bind({{loopback(0), smtp::ListenerKind::relay, "a"}}, 1));
    ASSERT_FALSE(server_.start());
    const auto client = connect();
    talk(*client, "S: 220\nC: HELO x");
    expect_open(1);
    const auto begin = std::chrono::steady_clock::now();
    server_.stop(50ms);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
}

}  // namespace
}  // namespace sluice::net
