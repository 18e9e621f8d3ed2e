#include "engine/queue/spool.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <future>
#include <thread>

#include "tests/unit/engine_queue/spool_fixture.hpp"

namespace sluice::queue {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr auto kFirstSegment = "log/0000000000000001.seg";

class SpoolTest : public ::testing::Test {
  protected:
    void reopen() {
        spool_.reset();
        spool_ = open_spool(directory_.path());
        recovered_ = recover(*spool_);
    }
    std::filesystem::path path(const std::string& name) { return directory_.path() / name; }

    SpoolDirectory directory_;
    std::unique_ptr<Spool> spool_ = open_spool(directory_.path());
    std::vector<StoredEnvelope> recovered_;
};

TEST_F(SpoolTest, StoresAndRecovers) {
    Message message = make_message("Subject: caf\xc3\xa9\r\n\r\n\0binary", {"a@b", "c@d"});
    message.prefix = "Received: here\r\n";
    ASSERT_FALSE(submit(*spool_, message));
    EXPECT_EQ(spool_->queue_of(message.envelope.id), Queue::deliver);
    EXPECT_EQ(*spool_->body(message.envelope.id).body, message.prefix + *message.body);
    reopen();
    ASSERT_EQ(recovered_.size(), 1u);
    EXPECT_EQ(recovered_[0].envelope, message.envelope);
    EXPECT_EQ(recovered_[0].queue, Queue::deliver);
    EXPECT_EQ(*spool_->body(message.envelope.id).body, message.prefix + *message.body);
    EXPECT_EQ(spool_->size(), 1u);
}

TEST_F(SpoolTest, TheMessageStandsReadableInTheLog) {
    const Message message = make_message("Subject: find me\r\n\r\nplain text\r\n");
    ASSERT_FALSE(submit(*spool_, message));
    const std::string file = read_file(path(kFirstSegment));
    EXPECT_TRUE(file.starts_with("sluice-spool 2 "));
    EXPECT_NE(file.find("\"id\":\"" + message.envelope.id + "\""), std::string::npos);
    EXPECT_THAT(file, HasSubstr("\n" + *message.body + "\n"));
    EXPECT_THAT(files_below(directory_.path()), ElementsAre(kFirstSegment));
}

TEST_F(SpoolTest, FilesAreForTheirOwnerOnly) {
    ASSERT_FALSE(submit(*spool_, make_message(std::string(kLargeBody + 1, 'x'))));
    for (const auto& file : files_below(directory_.path())) {
        struct stat facts {};
        ASSERT_EQ(::stat(path(file).c_str(), &facts), 0);
        EXPECT_EQ(facts.st_mode & 07777u, 0600u) << file;
        ASSERT_EQ(::stat(path(file).parent_path().c_str(), &facts), 0);
        EXPECT_EQ(facts.st_mode & 07777u, 0700u) << file;
    }
}

TEST_F(SpoolTest, RecipientStatesSurvive) {
    Message message = make_message("x", {"a@b", "c@d"});
    ASSERT_FALSE(submit(*spool_, message));
    message.envelope.recipients[0].state = RecipientState::sent;
    auto& other = message.envelope.recipients[1];
    other.state = RecipientState::deferred;
    other.attempts = 2;
    other.last_error = "4.3.1 full";
    other.next_attempt = TimePoint(std::chrono::seconds(5000));
    ASSERT_FALSE(update(*spool_, message.envelope, Queue::deferred));
    reopen();
    ASSERT_EQ(recovered_.size(), 1u);
    EXPECT_EQ(recovered_[0].envelope, message.envelope);
    EXPECT_EQ(recovered_[0].queue, Queue::deferred);
    ASSERT_FALSE(remove(*spool_, message.envelope.id));
    EXPECT_EQ(spool_->queue_of(message.envelope.id), std::nullopt);
    reopen();
    EXPECT_THAT(recovered_, IsEmpty());
}

// Written, not synced: what ends this process does not undo it.
TEST_F(SpoolTest, WhatIsDurableSoonIsThereAtOnce) {
    Message message = make_message();
    ASSERT_FALSE(submit(*spool_, message));
    message.envelope.recipients[0].attempts = 3;
    ASSERT_FALSE(update(*spool_, message.envelope, Queue::deferred, Spool::MoveIf::always, Durable::soon));
    EXPECT_EQ(spool_->envelope(message.envelope.id).envelope->recipients[0].attempts, 3);
    SpoolDirectory copy;
    std::filesystem::copy(path("log"), copy.path() / "log", std::filesystem::copy_options::recursive);
    const auto found = recover(*open_spool(copy.path()));
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].envelope.recipients[0].attempts, 3);
}

TEST_F(SpoolTest, HoldKeepsTheReasonAndTheStates) {
    Message message = make_message("x", {"a@b", "c@d"});
    ASSERT_FALSE(submit(*spool_, message));
    message.envelope.recipients[0].state = RecipientState::sent;
    ASSERT_FALSE(update(*spool_, message.envelope, Queue::deferred));
    ASSERT_FALSE(hold(*spool_, message.envelope.id, "looks odd"));
    // The dispatcher, which was at work, does not take it back.
    message.envelope.recipients[1].attempts = 7;
    ASSERT_FALSE(update(*spool_, message.envelope, Queue::deferred, Spool::MoveIf::still_delivered));
    reopen();
    ASSERT_EQ(recovered_.size(), 1u);
    EXPECT_EQ(recovered_[0].queue, Queue::hold);
    EXPECT_EQ(recovered_[0].envelope.hold_reason, "looks odd");
    EXPECT_EQ(recovered_[0].envelope.recipients[0].state, RecipientState::sent);
    EXPECT_EQ(recovered_[0].envelope.recipients[1].attempts, 7);
    ASSERT_FALSE(move(*spool_, message.envelope.id, Queue::deliver));
    EXPECT_EQ(spool_->queue_of(message.envelope.id), Queue::deliver);
    EXPECT_EQ(spool_->envelope(message.envelope.id).envelope->hold_reason, "");
}

TEST_F(SpoolTest, EveryQueueCanBeSubmittedTo) {
    for (const Queue queue : kAllQueues) {
        const auto failed = submit(*spool_, make_message(), queue);
        EXPECT_EQ(failed == std::errc::invalid_argument, queue == Queue::corrupt);  // that one is for what is broken
    }
    reopen();
    std::string names;
    for (const auto& each : recovered_) names += std::string(queue_name(each.queue)) + " ";
    EXPECT_EQ(names, "working deliver deferred dead delegated quarantine hold ");
}

TEST_F(SpoolTest, MisuseIsAnError) {
    Message message = make_message();
    ASSERT_FALSE(submit(*spool_, message));
    EXPECT_EQ(submit(*spool_, message), std::errc::file_exists);
    EXPECT_TRUE(spool_->body(message.envelope.id).body);  // the first one is untouched
    EXPECT_EQ(move(*spool_, message.envelope.id, Queue::corrupt), std::errc::invalid_argument);
    message.envelope.id = "../../evil";
    EXPECT_EQ(submit(*spool_, message), std::errc::invalid_argument);
    message = make_message();
    message.body = nullptr;
    EXPECT_EQ(submit(*spool_, message), std::errc::invalid_argument);
    for (const std::string& unknown : {make_message().envelope.id, std::string("../../evil")}) {
        EXPECT_EQ(remove(*spool_, unknown), std::errc::no_such_file_or_directory);
        EXPECT_EQ(move(*spool_, unknown, Queue::hold), std::errc::no_such_file_or_directory);
        EXPECT_EQ(hold(*spool_, unknown, ""), std::errc::no_such_file_or_directory);
        EXPECT_EQ(spool_->body(unknown).failed, std::errc::no_such_file_or_directory);
        EXPECT_EQ(spool_->envelope(unknown).failed, std::errc::no_such_file_or_directory);
    }
    EXPECT_EQ(update(*spool_, make_message().envelope, Queue::dead), std::errc::no_such_file_or_directory);
}

TEST_F(SpoolTest, OneServerAtATime) {
    const Spool::Opened second = Spool::open(directory_.path());
    EXPECT_FALSE(second.spool);
    EXPECT_EQ(second.failed, std::errc::resource_unavailable_try_again);
    spool_.reset();
    EXPECT_TRUE(Spool::open(directory_.path()).spool);
}

TEST_F(SpoolTest, LargeBodiesHaveFilesOfTheirOwn) {
    const Message small = make_message(std::string(kLargeBody, 'x'));
    const Message large = make_message(std::string(kLargeBody + 1, 'y'));
    ASSERT_FALSE(Spool::wait([&](Spool::Done done) {
        spool_->submit({{small, Queue::deliver}, {large, Queue::hold}}, std::move(done));
    }));
    const auto file = large_file(large);
    EXPECT_THAT(files_below(directory_.path()), ElementsAre(file, kFirstSegment));
    EXPECT_EQ(read_file(path(file)), *large.body);
    reopen();
    ASSERT_EQ(recovered_.size(), 2u);
    EXPECT_EQ(recovered_[1].queue, Queue::hold);
    EXPECT_EQ(*spool_->body(small.envelope.id).body, *small.body);
    EXPECT_EQ(*spool_->body(large.envelope.id).body, *large.body);
    ASSERT_FALSE(remove(*spool_, large.envelope.id, Durable::soon));
    EXPECT_FALSE(std::filesystem::exists(path(file)));
}

TEST_F(SpoolTest, AMessageIsReplacedUnderItsId) {
    const std::string sizes[] = {"small\r\n", std::string(kLargeBody + 1, 'x'), std::string(kLargeBody + 1, 'y'),
                                 "small again\r\n"};
    Message message = make_message(sizes[0]);
    ASSERT_FALSE(submit(*spool_, message, Queue::working));
    ASSERT_FALSE(submit(*spool_, make_message()));
    for (const auto& body : sizes) {
        message.body = std::make_shared<const std::string>(body);
        message.envelope.recipients[0].transport = body.substr(0, 5);
        ASSERT_FALSE(replace(*spool_, message));
        EXPECT_EQ(*spool_->body(message.envelope.id).body, body);
        EXPECT_EQ(spool_->queue_of(message.envelope.id), Queue::deliver);
        EXPECT_EQ(spool_->size(), 2u);
        EXPECT_EQ(std::filesystem::exists(path(large_file(message))), body.size() > kLargeBody);
        reopen();
        EXPECT_EQ(*spool_->body(message.envelope.id).body, body);
        EXPECT_EQ(spool_->envelope(message.envelope.id).envelope, message.envelope);
    }
    EXPECT_THAT(files_below(path("large")), ::testing::IsEmpty());
    ASSERT_FALSE(hold(*spool_, message.envelope.id, "look"));
    ASSERT_FALSE(replace(*spool_, message));  // its text, but not its place
    EXPECT_EQ(spool_->queue_of(message.envelope.id), Queue::hold);
    EXPECT_EQ(spool_->envelope(message.envelope.id).envelope->hold_reason, "look");
    ASSERT_FALSE(remove(*spool_, message.envelope.id));
    EXPECT_EQ(replace(*spool_, message), std::errc::no_such_file_or_directory);
}

TEST_F(SpoolTest, LeftoversOfACrashAreRemoved) {
    const Message message = make_message();
    ASSERT_FALSE(submit(*spool_, message));
    write_file(path(large_file(make_message())), "never acknowledged");
    write_file(path("log/0000000000000002.new"), "half a head");
    reopen();
    EXPECT_EQ(recovered_.size(), 1u);
    EXPECT_THAT(files_below(directory_.path()), ElementsAre(kFirstSegment));
}

TEST_F(SpoolTest, AwaitablesCompleteOnTheirOwnExecutor) {
    asio::io_context io;
    const auto ours = std::this_thread::get_id();
    const Message message = make_message();
    int steps = 0;
    asio::co_spawn(
        io,
        [&]() -> asio::awaitable<void> {
            const std::string id = message.envelope.id;
            Envelope envelope = message.envelope;
            std::vector<Spool::NewMessage> messages;
            messages.push_back({message, Queue::deliver});
            EXPECT_FALSE(co_await spool_->submit(std::move(messages)));
            EXPECT_EQ(std::this_thread::get_id(), ours);
            EXPECT_EQ(spool_->queue_of(id), Queue::deliver);
            EXPECT_FALSE(co_await spool_->update(envelope, Queue::deferred));
            EXPECT_FALSE(co_await spool_->hold(id, "why"));
            EXPECT_EQ(spool_->queue_of(id), Queue::hold);
            EXPECT_FALSE(co_await spool_->move(id, Queue::deliver));
            EXPECT_FALSE(co_await spool_->remove(id));
            const std::error_code again = co_await spool_->remove(id);
            EXPECT_EQ(again, std::errc::no_such_file_or_directory);
            ++steps;
        },
        asio::detached);
    io.run();
    EXPECT_EQ(steps, 1);
}

TEST_F(SpoolTest, WaitersShareOneSync) {
    constexpr int kWaiters = 64;
    std::promise<void> release;
    std::shared_future<void> released = release.get_future().share();
    std::atomic<int> syncs = 0;
    std::atomic<bool> first = true;
    std::promise<void> blocked;
    ASSERT_FALSE(submit(*spool_, make_message()));  // the segment is there
    const FaultGuard guard([&](io::FileStep step, const std::filesystem::path&) {
        if (step == io::FileStep::sync && first.exchange(false)) {
            blocked.set_value();
            released.wait();
        }
        EXPECT_TRUE(step == io::FileStep::sync || step == io::FileStep::write);
        if (step == io::FileStep::sync) ++syncs;
        return 0;
    });
    std::atomic<int> done = 0;
    std::promise<void> all;
    const auto start = [&] {
        spool_->submit({{make_message(), Queue::deliver}}, [&](std::error_code failed) {
            EXPECT_FALSE(failed);
            if (++done == kWaiters + 1) all.set_value();
        });
    };
    start();
    blocked.get_future().wait();  // the committer is in the first commit: the others gather
    for (int i = 0; i < kWaiters; ++i) start();
    release.set_value();
    all.get_future().wait();
    EXPECT_EQ(syncs, 2);
    EXPECT_EQ(spool_->size(), kWaiters + 2u);
}

TEST_F(SpoolTest, ChangesOfOneMessageKeepTheirOrder) {
    const Message message = make_message();
    const std::string& id = message.envelope.id;
    std::promise<void> all;
    std::vector<std::string> order;
    const auto note = [&](const std::string& what) {
        return [&, what](std::error_code failed) {
            EXPECT_FALSE(failed) << what;
            order.push_back(what);
            if (what == "remove") all.set_value();
        };
    };
    spool_->submit({{message, Queue::deliver}}, note("submit"));
    spool_->update(message.envelope, Queue::deferred, Spool::MoveIf::always, Durable::soon, note("update"));
    spool_->hold(id, "x", note("hold"));
    spool_->move(id, Queue::deliver, note("move"));
    spool_->remove(id, Durable::soon, note("remove"));
    all.get_future().wait();
    EXPECT_THAT(order, ElementsAre("submit", "update", "hold", "move", "remove"));
    EXPECT_EQ(spool_->size(), 0u);
}

TEST_F(SpoolTest, ManyThreadsAtOnce) {
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i < 20; ++i) {
                const Message message = make_message();
                EXPECT_FALSE(submit(*spool_, message));
                EXPECT_FALSE(i % 2 == 0 && remove(*spool_, message.envelope.id));
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(spool_->size(), 40u);
    reopen();
    EXPECT_EQ(recovered_.size(), 40u);
}

}  // namespace
}  // namespace sluice::queue
