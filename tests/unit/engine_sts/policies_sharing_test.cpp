// Many who ask at once, and what ends meanwhile.
#include <gmock/gmock.h>

#include <future>
#include <thread>

#include "tests/unit/engine_sts/policies_fixture.hpp"

namespace sluice::sts {
namespace {

using testing::ElementsAre;
using testing::StartsWith;
using testing::UnorderedElementsAre;

TEST_F(PoliciesTest, RefreshBehindAFindThatDidNotFetchFetchesAll) {
    publish("a.test", policy(PolicyMode::enforce, {"old.test"}));
    (void)find("a.test");
    now_ += 1h;
    fetcher_->policies["a.test"] = policy(PolicyMode::enforce, {"new.test"});
    std::vector<std::string> answers;
    const auto note = [&](std::exception_ptr, const PolicyAnswer& given) { answers.push_back(text(given)); };
    asio::co_spawn(io_, policies_->find("a.test"), note);
    asio::co_spawn(io_, policies_->refresh("a.test"), note);
    asio::co_spawn(io_, policies_->refresh("a.test"), note);
    run_all();
    EXPECT_THAT(answers, ElementsAre("enforce old.test id 1", "enforce new.test id 1", "enforce new.test id 1"));
    EXPECT_EQ(fetches("a.test"), 2);
}

TEST_F(PoliciesTest, ManyWhoAskShareOneFetch) {
    publish("a.test", policy(PolicyMode::enforce, {"mx.test"}));
    publish("b.test", policy(PolicyMode::testing, {"mx.test"}));
    resolver_->delay(1ms);
    int enforce = 0;
    int testing = 0;
    for (int i = 0; i < 50; ++i) {
        asio::co_spawn(io_, policies_->find(i % 2 == 0 ? "a.test" : "B.test."),
                       [&](std::exception_ptr, const PolicyAnswer& answer) {
                           enforce += answer.mode == PolicyMode::enforce;
                           testing += answer.mode == PolicyMode::testing;
                       });
    }
    run_all();
    EXPECT_EQ(enforce, 25);
    EXPECT_EQ(testing, 25);
    EXPECT_EQ(fetches("a.test"), 1);
    EXPECT_EQ(fetches("b.test"), 1);
}

TEST_F(PoliciesTest, WhoIsCancelledLeavesTheFetchToTheOthers) {
    publish("a.test", policy(PolicyMode::enforce, {"mx.test"}));
    fetcher_->held = true;
    asio::cancellation_signal cancel;
    bool ended = false;
    std::string other;
    asio::co_spawn(io_, policies_->find("a.test"),
                   asio::bind_cancellation_slot(cancel.slot(), [&](std::exception_ptr, const PolicyAnswer&) {
                       ended = true;
                       fetcher_->release();
                   }));
    asio::co_spawn(io_, policies_->find("a.test"),
                   [&](std::exception_ptr, const PolicyAnswer& answer) { other = text(answer); });
    while (fetches("a.test") == 0) io_.run_one();
    cancel.emit(asio::cancellation_type::terminal);
    run_all();
    EXPECT_TRUE(ended);
    EXPECT_EQ(other, "enforce mx.test id 1");
}

TEST_F(PoliciesTest, TheEndCancelsWhatIsUnderWay) {
    publish("a.test", policy(PolicyMode::enforce, {"mx.test"}));
    publish("b.test", policy(PolicyMode::enforce, {"mx.test"}));
    EXPECT_EQ(found("b.test"), "enforce mx.test id 1");
    id("b.test", "2");
    fetcher_->policies.clear();
    fetcher_->held = true;
    std::string fetching;
    std::string known;
    asio::co_spawn(io_, policies_->find("a.test"),
                   [&](std::exception_ptr, const PolicyAnswer& answer) { fetching = text(answer); });
    asio::co_spawn(io_, policies_->find("b.test"),
                   [&](std::exception_ptr, const PolicyAnswer& answer) { known = text(answer); });
    while (fetches("a.test") == 0 || fetches("b.test") < 2) io_.run_one();
    policies_.reset();
    run_all();
    EXPECT_EQ(fetching, "- failure 1 status 404") << "no policy must not look like a domain that has none";
    EXPECT_EQ(known, "enforce mx.test id 1 failure 1 status 404");
}

TEST_F(PoliciesTest, TheEndInTheMiddleOfALookUpIsNotTakenForNoPolicy) {
    publish("a.test", policy(PolicyMode::enforce, {"mx.test"}));
    EXPECT_EQ(found("a.test"), "enforce mx.test id 1");
    resolver_->delay(1h);
    const std::size_t before = resolver_->questions().size();
    std::vector<std::string> answers;
    for (const char* domain : {"a.test", "b.test"}) {
        asio::co_spawn(io_, policies_->find(domain),
                       [&](std::exception_ptr, const PolicyAnswer& answer) { answers.push_back(text(answer)); });
    }
    while (resolver_->questions().size() < before + 2) io_.run_one();
    policies_.reset();
    run_all();
    EXPECT_THAT(answers, UnorderedElementsAre(StartsWith("enforce mx.test id 1 failure 0"), StartsWith("- failure 0")));
}

TEST_F(PoliciesTest, ThreadsMayAskAtOnce) {
    publish("a.test", policy(PolicyMode::enforce, {"mx.test"}));
    auto work = asio::make_work_guard(io_);
    std::thread own([&] { io_.run(); });
    std::vector<std::future<std::string>> answers;
    for (int i = 0; i < 4; ++i) {
        answers.push_back(std::async(std::launch::async, [&] {
            asio::io_context io;
            std::string all;
            for (int turn = 0; turn < 100; ++turn) {
                asio::co_spawn(io, policies_->find("a.test"),
                               [&](std::exception_ptr, const PolicyAnswer& answer) { all = text(answer); });
            }
            io.run();
            return all;
        }));
    }
    for (auto& each : answers) EXPECT_EQ(each.get(), "enforce mx.test id 1");
    work.reset();
    own.join();
    io_.restart();
    EXPECT_EQ(fetches("a.test"), 1);
}

}  // namespace
}  // namespace sluice::sts
