#include "engine/queue/spool.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <future>
#include <thread>

#include "engine/queue/spool_format.hpp"
#include "tests/unit/engine_queue/spool_fixture.hpp"

namespace sluice::queue {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class SpoolTest : public ::testing::Test {
  protected:
    void reopen() {
        spool_.reset();
        spool_ = open_spool(directory_.path());
        recovered_ = spool_->recover();
    }
    std::filesystem::path path(const std::string& name) { return directory_.path() / name; }

    SpoolDirectory directory_;
    std::unique_ptr<Spool> spool_ = open_spool(directory_.path());
    Spool::Recovered recovered_;
};

TEST_F(SpoolTest, StoresAndRecovers) {
    const Message message = make_message("Subject: caf\xc3\xa9\r\n\r\n\0binary", {"a@b", "c@d"});
    ASSERT_FALSE(submit(*spool_, message));
    EXPECT_EQ(spool_->queue_of(message.envelope.id), Queue::deliver);
    EXPECT_EQ(*spool_->body(message.envelope.id).body, *message.body);
    reopen();
    ASSERT_EQ(recovered_.messages.size(), 1u);
    EXPECT_EQ(recovered_.messages[0].envelope, message.envelope);
    EXPECT_EQ(recovered_.messages[0].queue, Queue::deliver);
    EXPECT_EQ(*spool_->body(message.envelope.id).body, *message.body);
    EXPECT_EQ(spool_->size(), 1u);
}

TEST_F(SpoolTest, TheMessageStandsReadableInItsFile) {
    const Message message = make_message("Subject: find me\r\n\r\nplain text\r\n");
    ASSERT_FALSE(submit(*spool_, message));
    const std::string file = read_file(path("deliver/" + message.envelope.id + ".msg"));
    EXPECT_TRUE(file.starts_with("sluice-message 1 "));
    EXPECT_TRUE(file.ends_with("\n" + *message.body));
    EXPECT_THAT(files_below(directory_.path()), ElementsAre("deliver/" + message.envelope.id + ".msg"));
}

TEST_F(SpoolTest, FilesAreForTheirOwnerOnly) {
    const Message message = make_message();
    ASSERT_FALSE(submit(*spool_, message));
    struct stat facts {};
    ASSERT_EQ(::stat(path("deliver/" + message.envelope.id + ".msg").c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 07777u, 0600u);
    ASSERT_EQ(::stat(path("deliver").c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 07777u, 0700u);
}

TEST_F(SpoolTest, RecipientStatesSurvive) {
    Message message = make_message("x", {"a@b", "c@d"});
    ASSERT_FALSE(submit(*spool_, message));
    message.envelope.recipients[0].state = RecipientState::sent;
    message.envelope.recipients[1] = {"c@d", RecipientState::deferred, 2, "4.3.1 full",
                                      TimePoint(std::chrono::seconds(5000))};
    ASSERT_FALSE(update(*spool_, message.envelope, Queue::deferred));
    reopen();
    ASSERT_EQ(recovered_.messages.size(), 1u);
    EXPECT_EQ(recovered_.messages[0].envelope, message.envelope);
    EXPECT_EQ(recovered_.messages[0].queue, Queue::deferred);
    ASSERT_FALSE(remove(*spool_, message.envelope.id));
    EXPECT_THAT(files_below(directory_.path()), IsEmpty());
    EXPECT_EQ(spool_->queue_of(message.envelope.id), std::nullopt);
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
    ASSERT_EQ(recovered_.messages.size(), 1u);
    EXPECT_EQ(recovered_.messages[0].queue, Queue::hold);
    EXPECT_EQ(recovered_.messages[0].envelope.hold_reason, "looks odd");
    EXPECT_EQ(recovered_.messages[0].envelope.recipients[0].state, RecipientState::sent);
    EXPECT_EQ(recovered_.messages[0].envelope.recipients[1].attempts, 7);
    ASSERT_FALSE(move(*spool_, message.envelope.id, Queue::deliver));
    EXPECT_EQ(spool_->queue_of(message.envelope.id), Queue::deliver);
}

TEST_F(SpoolTest, EveryQueueCanBeSubmittedTo) {
    for (const Queue queue : kAllQueues) {
        const Message message = make_message();
        ASSERT_FALSE(submit(*spool_, message, queue));
        EXPECT_TRUE(std::filesystem::exists(path(std::string(queue_name(queue)) + "/" + message.envelope.id + ".msg")));
    }
    reopen();
    EXPECT_EQ(recovered_.messages.size(), std::size(kAllQueues) - 1);  // corrupt is never read
}

TEST_F(SpoolTest, MisuseIsAnError) {
    Message message = make_message();
    ASSERT_FALSE(submit(*spool_, message));
    EXPECT_EQ(submit(*spool_, message), std::errc::file_exists);
    EXPECT_TRUE(spool_->body(message.envelope.id).body);  // the first one is untouched
    message.envelope.id = "../../evil";
    EXPECT_EQ(submit(*spool_, message), std::errc::invalid_argument);
    message = make_message();
    message.body = nullptr;
    EXPECT_EQ(submit(*spool_, message), std::errc::invalid_argument);
    const std::string unknown = make_message_id();
    EXPECT_EQ(remove(*spool_, unknown), std::errc::no_such_file_or_directory);
    EXPECT_EQ(move(*spool_, unknown, Queue::hold), std::errc::no_such_file_or_directory);
    EXPECT_EQ(hold(*spool_, unknown, ""), std::errc::no_such_file_or_directory);
    EXPECT_EQ(update(*spool_, make_message().envelope, Queue::dead), std::errc::no_such_file_or_directory);
    EXPECT_EQ(spool_->body(unknown).failed, std::errc::no_such_file_or_directory);
}

TEST_F(SpoolTest, OneServerAtATime) {
    const Spool::Opened second = Spool::open(directory_.path());
    EXPECT_FALSE(second.spool);
    EXPECT_EQ(second.failed, std::errc::resource_unavailable_try_again);
    spool_.reset();
    EXPECT_TRUE(Spool::open(directory_.path()).spool);
}

TEST_F(SpoolTest, LeftoversOfACrashAreRemoved) {
    const Message message = make_message();
    ASSERT_FALSE(submit(*spool_, message));
    write_file(path("tmp/" + make_message_id() + ".msg"), "half a mess");
    write_file(path("state/" + make_message_id() + ".state"), encode_state(make_message().envelope));
    reopen();
    EXPECT_EQ(recovered_.messages.size(), 1u);
    EXPECT_THAT(recovered_.corrupt, IsEmpty());
    EXPECT_THAT(files_below(directory_.path()), ElementsAre("deliver/" + message.envelope.id + ".msg"));
}

TEST_F(SpoolTest, AMessageThatIsAllSentIsRemovedNotSentAgain) {
    Message message = make_message();
    ASSERT_FALSE(submit(*spool_, message));
    message.envelope.recipients[0].state = RecipientState::sent;
    ASSERT_FALSE(update(*spool_, message.envelope, Queue::deferred));
    reopen();
    EXPECT_THAT(recovered_.messages, IsEmpty());
    EXPECT_THAT(files_below(directory_.path()), IsEmpty());
}

TEST_F(SpoolTest, CorruptEntriesAreSetAsideOnce) {
    const Message good = make_message();
    ASSERT_FALSE(submit(*spool_, good));
    Message bad = make_message();
    ASSERT_FALSE(submit(*spool_, bad));
    const std::string file = "deliver/" + bad.envelope.id + ".msg";
    const std::string text = read_file(path(file));
    std::vector<std::string> damaged = {
        "", "\n", text.substr(0, text.size() - 1), text + "x", text.substr(0, 10), std::string(5000, 'x')};
    std::string other = text;
    other[text.find("192.0.2.1")] = '2';
    damaged.push_back(other);
    std::size_t round = 0;
    for (const std::string& each : damaged) {
        write_file(path(file), each);
        reopen();
        ASSERT_EQ(recovered_.corrupt.size(), 1u) << each;
        EXPECT_EQ(recovered_.corrupt[0].path, path(file));
        EXPECT_FALSE(recovered_.corrupt[0].reason.empty());
        EXPECT_EQ(recovered_.messages.size(), 1u);
        EXPECT_FALSE(std::filesystem::exists(path(file)));
        const std::string number = round == 0 ? "" : "." + std::to_string(round);
        EXPECT_EQ(read_file(path("corrupt/" + bad.envelope.id + ".msg" + number)), each);
        ++round;
    }
    reopen();
    EXPECT_THAT(recovered_.corrupt, IsEmpty());
    EXPECT_EQ(recovered_.messages.size(), 1u);
}

TEST_F(SpoolTest, StrangeFilesAreSetAside) {
    write_file(path("hold/README"), "hello");
    Message message = make_message();
    ASSERT_FALSE(submit(*spool_, message));
    std::filesystem::copy(path("deliver/" + message.envelope.id + ".msg"),
                          path("deliver/" + make_message_id() + ".msg"));
    std::filesystem::copy(path("deliver/" + message.envelope.id + ".msg"),
                          path("dead/" + message.envelope.id + ".msg"));
    reopen();
    EXPECT_EQ(recovered_.messages.size(), 1u);
    EXPECT_EQ(recovered_.corrupt.size(), 3u);
}

TEST_F(SpoolTest, ACorruptStateSetsTheMessageAsideWithIt) {
    Message message = make_message();
    ASSERT_FALSE(submit(*spool_, message));
    ASSERT_FALSE(update(*spool_, message.envelope, Queue::deferred));
    write_file(path("state/" + message.envelope.id + ".state"), "sluice-state 1 garbage");
    reopen();
    EXPECT_THAT(recovered_.messages, IsEmpty());
    EXPECT_THAT(files_below(directory_.path()),
                ElementsAre("corrupt/" + message.envelope.id + ".msg", "corrupt/" + message.envelope.id + ".state"));
}

TEST_F(SpoolTest, ABodyThatRottedIsSetAsideWhenItIsRead) {
    const Message message = make_message("Subject: x\r\n\r\noriginal\r\n");
    ASSERT_FALSE(submit(*spool_, message));
    const std::string file = "deliver/" + message.envelope.id + ".msg";
    std::string text = read_file(path(file));
    text.replace(text.find("original"), 8, "0riginal");
    write_file(path(file), text);
    const auto read = spool_->body(message.envelope.id);
    EXPECT_FALSE(read.body);
    EXPECT_FALSE(read.corrupt.empty());
    EXPECT_EQ(spool_->queue_of(message.envelope.id), Queue::corrupt);
    EXPECT_TRUE(std::filesystem::exists(path("corrupt/" + message.envelope.id + ".msg")));
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
            EXPECT_FALSE(co_await spool_->submit(message));
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

TEST_F(SpoolTest, WaitersShareSyncs) {
    constexpr int kWaiters = 64;
    std::promise<void> release;
    std::shared_future<void> released = release.get_future().share();
    std::atomic<int> file_syncs = 0;
    std::atomic<int> directory_syncs = 0;
    std::atomic<bool> first = true;
    std::promise<void> blocked;
    const FaultGuard guard([&](io::FileStep step, const std::filesystem::path&) {
        if (step == io::FileStep::create && first.exchange(false)) {
            blocked.set_value();
            released.wait();
        }
        if (step == io::FileStep::sync) ++file_syncs;
        if (step == io::FileStep::sync_directory) ++directory_syncs;
        return 0;
    });
    std::atomic<int> done = 0;
    std::promise<void> all;
    const auto start = [&] {
        spool_->submit(make_message(), Queue::deliver, [&](std::error_code failed) {
            EXPECT_FALSE(failed);
            if (++done == kWaiters + 1) all.set_value();
        });
    };
    start();
    blocked.get_future().wait();  // the committer is in the first batch: the others gather
    for (int i = 0; i < kWaiters; ++i) start();
    release.set_value();
    all.get_future().wait();
    EXPECT_EQ(file_syncs, 2);  // one file alone, then one sync of the file system
    EXPECT_EQ(directory_syncs, 2);
    EXPECT_EQ(spool_->size(), kWaiters + 1u);
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
    spool_->submit(message, Queue::deliver, note("submit"));
    spool_->update(message.envelope, Queue::deferred, Spool::MoveIf::always, note("update"));
    spool_->hold(id, "x", note("hold"));
    spool_->move(id, Queue::deliver, note("move"));
    spool_->remove(id, note("remove"));
    all.get_future().wait();
    EXPECT_THAT(order, ElementsAre("submit", "update", "hold", "move", "remove"));
    EXPECT_THAT(files_below(directory_.path()), IsEmpty());
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
    EXPECT_EQ(recovered_.messages.size(), 40u);
}

}  // namespace
}  // namespace sluice::queue
