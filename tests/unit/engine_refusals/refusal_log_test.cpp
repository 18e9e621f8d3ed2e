#include "engine/refusals/refusal_log.hpp"

#include <gmock/gmock.h>

#include <fstream>

#include "tests/support/eventually.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/support/text_of.hpp"
#include "tests/unit/engine_refusals/records.hpp"

namespace sluice::refusals::test {

namespace {

using namespace std::chrono_literals;

class RefusalLogTest : public testing::Test {
  protected:
    void SetUp() override {
        auto opened = obs::Log::open({(directory_ / "log").string(), "", "trace"});
        ASSERT_TRUE(opened.log) << opened.error;
        log_ = std::move(opened.log);
    }
    void start(QueueOptions options = {}) {
        refusals_ = std::make_unique<RefusalLog>(*log_, place_, options);
        refusals_->configure(true, 1 << 20);
    }
    void refuse(std::string_view detail) {
        refusals_->on_refusal(session_, {.event = smtp::SessionEvent::relay_denied, .detail = detail});
    }
    // Ends the log first, so that all is written.
    std::vector<std::string> written() {
        refusals_.reset();
        std::vector<std::string> all;
        for (auto& record : read(place_).records) all.push_back(std::move(record.failure));
        return all;
    }
    std::string log_text() const {
        log_->flush();
        return sluice::test::text_of(directory_ / "log");
    }
    std::size_t logged(std::string_view what) const {
        const auto text = log_text();
        std::size_t count = 0;
        for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++count;
        return count;
    }
    void wait_for_log(std::string_view what) const {
        EXPECT_TRUE(sluice::test::eventually([&] { return logged(what) != 0; }));
        EXPECT_EQ(logged(what), 1u) << log_text();
    }
    // Until there is a directory in its place, nothing can be written.
    void block() const {
        std::filesystem::create_directories(place_.parent_path());
        std::ofstream(place_) << "in the way";
    }

    sluice::test::TemporaryDirectory directory_{sluice::test::TemporaryDirectory::Where::memory};
    const std::filesystem::path place_ = directory_ / "spool" / "refusals";
    std::unique_ptr<obs::Log> log_;
    std::unique_ptr<RefusalLog> refusals_;
    smtp::SessionFacts session_ = session();
};

}  // namespace

TEST_F(RefusalLogTest, WritesEverythingBeforeItEnds) {
    start();
    for (int i = 0; i < 100; ++i) refuse(std::to_string(i));
    const auto all = written();
    ASSERT_EQ(all.size(), 100u);
    EXPECT_EQ(all.front(), "0");
    EXPECT_EQ(all.back(), "99");
    EXPECT_EQ(log_text(), "");
}

TEST_F(RefusalLogTest, FromManyThreads) {
    start({.records = 4000});
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([this, t] {
            for (int i = 0; i < 500; ++i) refuse(std::to_string(t * 500 + i));
        });
    for (auto& thread : threads) thread.join();
    auto all = written();
    std::sort(all.begin(), all.end());
    EXPECT_EQ(std::unique(all.begin(), all.end()), all.end());
    EXPECT_EQ(all.size(), 2000u);
}

TEST_F(RefusalLogTest, WhatTheQueueCannotHoldIsCounted) {
    block();
    start({.records = 3, .retry = 1h});
    refuse("0");
    wait_for_log("refusals-not-written");  // the writer holds it until the disk takes it
    for (int i = 1; i < 5; ++i) refuse(std::to_string(i));
    std::filesystem::remove(place_);
    EXPECT_THAT(written(), testing::ElementsAre("0", "1", "2"));
    EXPECT_EQ(logged("refusals-lost count=2"), 1u) << log_text();
    EXPECT_EQ(logged("refusals-written-again"), 1u);
}

TEST_F(RefusalLogTest, AFullQueueAtItsLimitLosesNothing) {
    block();
    start({.records = 3, .retry = 1h});
    for (int i = 0; i < 3; ++i) refuse(std::to_string(i));
    std::filesystem::remove(place_);
    EXPECT_THAT(written(), testing::ElementsAre("0", "1", "2"));
    EXPECT_EQ(logged("refusals-lost"), 0u) << log_text();
}

TEST_F(RefusalLogTest, TriesAgainAndTellsOnce) {
    block();
    start({.retry = 1ms});
    refuse("0");
    wait_for_log("refusals-not-written");
    refuse("1");
    std::filesystem::remove(place_);
    wait_for_log("refusals-written-again");
    refuse("2");
    EXPECT_THAT(written(), testing::ElementsAre("0", "1", "2"));
    EXPECT_EQ(logged("refusals-not-written"), 1u) << log_text();
}

TEST_F(RefusalLogTest, WhatIsNeverWrittenIsToldAtTheEnd) {
    block();
    start();
    refuse("0");
    EXPECT_THAT(written(), testing::IsEmpty());
    EXPECT_EQ(logged("refusals-lost count=1"), 1u) << log_text();
    EXPECT_EQ(logged("refusals-not-written"), 1u);
}

TEST_F(RefusalLogTest, LossesAreNotToldAllTheTime) {
    block();
    start({.records = 1, .retry = 1ms, .notice = 1h});
    refuse("0");
    wait_for_log("refusals-not-written");
    refuse("1");
    wait_for_log("refusals-lost");
    for (int i = 0; i < 1000; ++i) refuse("more");
    EXPECT_EQ(logged("refusals-lost"), 1u);
    refusals_.reset();
    EXPECT_EQ(logged("refusals-lost"), 2u) << log_text();  // at the end
    EXPECT_EQ(logged("refusals-lost count=1001"), 1u) << log_text();
}

TEST_F(RefusalLogTest, SwitchedOffItTakesNothing) {
    start();
    refusals_->configure(false, 1 << 20);
    refuse("0");
    refusals_->configure(true, 1 << 20);
    refuse("1");
    EXPECT_THAT(written(), testing::ElementsAre("1"));
}

TEST_F(RefusalLogTest, TheLimitOfTheFilesCanChange) {
    start();
    refusals_->configure(true, 1);
    for (int i = 0; i < 5; ++i) refuse(std::to_string(i));
    EXPECT_THAT(written(), testing::ElementsAre("3", "4"));
}

TEST_F(RefusalLogTest, MessagesOfAQuarantinedSession) {
    start();
    refusals_->on_event(smtp::SessionEvent::message_stored, session_, "not-quarantined");
    session_.skip = {smtp::VerdictKind::quarantine, smtp::Stage::helo, "odd"};
    refusals_->on_event(smtp::SessionEvent::closed, session_, "no-message");
    refusals_->on_event(smtp::SessionEvent::message_stored, session_, "one two");
    refusals_.reset();
    const auto records = read(place_).records;
    ASSERT_EQ(records.size(), 2u);
    EXPECT_EQ(records[0].message, "one");
    EXPECT_EQ(records[1].message, "two");
    EXPECT_EQ(records[1].verdict, "quarantine odd");
    EXPECT_EQ(records[1].stage, "helo");
}

}  // namespace sluice::refusals::test
