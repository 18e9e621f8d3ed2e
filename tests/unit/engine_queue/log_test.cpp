// The log under the spool: damage, crashes that cut a commit short, segments that go round, space that is given back.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "engine/queue/segment_reader.hpp"
#include "engine/queue/segment_writer.hpp"
#include "tests/unit/engine_queue/spool_fixture.hpp"

namespace sluice::queue {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class LogTest : public ::testing::Test {
  protected:
    std::filesystem::path path(const std::string& name) { return directory_.path() / name; }
    std::filesystem::path segment(std::uint64_t number) { return segment_path(path("log"), number); }

    // Stores messages, each durable before the next one.
    std::vector<Message> store(Spool& spool, std::size_t count) {
        std::vector<Message> messages;
        for (std::size_t i = 0; i < count; ++i) {
            messages.push_back(make_message("Subject: " + std::to_string(i) + "\r\n\r\nbody\r\n"));
            EXPECT_FALSE(submit(spool, messages.back()));
        }
        return messages;
    }
    Spool::Opened open() {
        auto opened = Spool::open(directory_.path());
        EXPECT_TRUE(opened.spool);
        return opened;
    }
    static std::vector<std::string> ids(Spool& spool) {
        std::vector<std::string> found;
        for (const auto& each : recover(spool)) found.push_back(each.envelope.id);
        return found;
    }

    SpoolDirectory directory_;
};

// Whatever octet goes bad: at most the message it belongs to is lost, it is told, kept, and told once.
TEST_F(LogTest, AnyDamagedOctetCostsOneMessageAtMost) {
    std::vector<std::string> stored;
    {
        const auto spool = open_spool(directory_.path());
        for (const auto& each : store(*spool, 3)) stored.push_back(each.envelope.id);
    }
    const std::string intact = read_file(segment(1));
    for (std::size_t at = 0; at < intact.size(); at += 7) {
        std::string bad = intact;
        bad[at] = static_cast<char>(bad[at] ^ 0x20);
        std::filesystem::remove_all(path("log"));
        std::filesystem::remove_all(path("corrupt"));
        std::filesystem::create_directories(path("log"));
        write_file(segment(1), bad);
        auto opened = open();
        const auto found = ids(*opened.spool);
        // The last commit has nothing behind it that says it was acknowledged, and a record's last line end says
        // nothing.
        const bool last = at + 1 >= intact.rfind("@sluice ");
        EXPECT_GE(found.size(), 2u) << at;
        if (!last && found.size() < 3) {
            EXPECT_FALSE(opened.scan.damage.empty()) << at;
            EXPECT_THAT(files_below(directory_.path()), Contains(HasSubstr(".reason"))) << at;
        }
        opened.spool.reset();
        auto again = open();
        EXPECT_EQ(ids(*again.spool), found) << at;
    }
}

TEST_F(LogTest, ACommitThatACrashCutShortIsNoDamage) {
    std::vector<Message> stored;
    {
        const auto spool = open_spool(directory_.path());
        stored = store(*spool, 2);
    }
    const std::string whole = read_file(segment(1));
    const auto second = whole.find("@sluice ", kSegmentHeadBytes + 1);
    for (std::size_t cut = second; cut < whole.size() - 1; cut += 5) {
        std::filesystem::remove_all(path("log"));
        std::filesystem::create_directories(path("log"));
        write_file(segment(1), whole.substr(0, cut));
        const auto spool = open_spool(directory_.path());
        EXPECT_THAT(ids(*spool), ElementsAre(stored[0].envelope.id)) << cut;
        EXPECT_FALSE(std::filesystem::exists(path("corrupt/" + stored[1].envelope.id)));
    }
}

TEST_F(LogTest, TheFileIsAheadOfTheLogUntilTheServerStops) {
    std::vector<Message> stored;
    std::string running;
    {
        const auto spool = open_spool(directory_.path());
        stored = store(*spool, 2);
        running = read_file(segment(1));
    }
    EXPECT_GE(running.size(), SegmentWriter::kLeastGrowth);
    const std::string stopped = read_file(segment(1));
    EXPECT_TRUE(stopped.ends_with(*stored[1].body + "\n"));
    EXPECT_EQ(running, stopped + std::string(running.size() - stopped.size(), '\0'));
    write_file(segment(1), running);  // as kill -9 leaves it
    auto opened = open();
    EXPECT_THAT(ids(*opened.spool), ElementsAre(stored[0].envelope.id, stored[1].envelope.id));
    EXPECT_THAT(opened.scan.damage, IsEmpty());
}

TEST_F(LogTest, ADiskWithoutRoomToBeAheadTakesTheMessage) {
    for (const int error : {ENOSPC, EDQUOT}) {
        const SpoolDirectory directory;
        const auto spool = open_spool(directory.path());
        std::atomic<int> writes = 0;
        const FaultGuard guard(  // the first two halves are the segment's head
            [&](io::FileStep step, const auto&) { return step == io::FileStep::write && ++writes == 4 ? error : 0; });
        const auto stored = store(*spool, 1);
        EXPECT_EQ(spool->health(), Health::ok);
        EXPECT_TRUE(read_file(segment_path(directory.path() / "log", 1)).ends_with(*stored[0].body + "\n"));
        EXPECT_EQ(*spool->body(stored[0].envelope.id).body, stored[0].prefix + *stored[0].body);
    }
}

TEST_F(LogTest, ABodyThatRottedIsSetAsideWhenItIsRead) {
    const auto spool = open_spool(directory_.path());
    const Message message = make_message("Subject: x\r\n\r\noriginal\r\n");
    ASSERT_FALSE(submit(*spool, message));
    std::string text = read_file(segment(1));
    text.replace(text.find("original"), 8, "0riginal");
    write_file(segment(1), text);
    const auto read = spool->body(message.envelope.id);
    EXPECT_FALSE(read.body);
    EXPECT_EQ(read.corrupt, "wrong checksum of the body");
    EXPECT_EQ(spool->queue_of(message.envelope.id), std::nullopt);
    EXPECT_THAT(read_file(path("corrupt/" + message.envelope.id)), HasSubstr("0riginal"));
    EXPECT_EQ(read_file(path("corrupt/" + message.envelope.id + ".reason")), "wrong checksum of the body\n");
}

TEST_F(LogTest, ABodyThatRottedIsFoundAtTheStart) {
    std::vector<Message> stored;
    {
        const auto spool = open_spool(directory_.path());
        stored = store(*spool, 3);
    }
    std::string text = read_file(segment(1));
    text.replace(text.find("Subject: 1"), 7, "Zubject");
    write_file(segment(1), text);
    auto opened = open();
    ASSERT_THAT(opened.scan.damage, SizeIs(1));
    EXPECT_EQ(opened.scan.damage[0].message.to_string(), stored[1].envelope.id);
    EXPECT_THAT(ids(*opened.spool), ElementsAre(stored[0].envelope.id, stored[2].envelope.id));
    EXPECT_THAT(read_file(path("corrupt/" + stored[1].envelope.id)), HasSubstr("Zubject: 1"));
    opened.spool.reset();
    EXPECT_THAT(open().scan.damage, IsEmpty());
}

TEST_F(LogTest, ALargeBodyThatIsGoneOrRottedIsSetAside) {
    const auto spool = open_spool(directory_.path());
    const std::string body(kLargeBody + 1, 'x');
    for (const bool gone : {true, false}) {
        const Message message = make_message(body);
        ASSERT_FALSE(submit(*spool, message));
        const auto file = path(large_file(message));
        if (gone)
            std::filesystem::remove(file);
        else
            write_file(file, body.substr(1) + "y");
        EXPECT_FALSE(spool->body(message.envelope.id).corrupt.empty());
        EXPECT_EQ(spool->queue_of(message.envelope.id), std::nullopt);
        EXPECT_EQ(std::filesystem::exists(path("corrupt/" + message.envelope.id + ".eml")), !gone);
    }
}

// A later version's files are left as they are: nothing is deleted that this program does not understand.
TEST_F(LogTest, ASegmentOfAnotherVersionIsKept) {
    std::filesystem::create_directories(path("log"));
    write_file(segment(1), "sluice-spool 3 something else\n");
    auto opened = open();
    EXPECT_THAT(opened.scan.damage, Not(IsEmpty()));
    EXPECT_EQ(opened.spool->size(), 0u);
    const auto kept = files_below(path("corrupt"));
    EXPECT_THAT(kept, Contains(HasSubstr(".reason")));
}

// Fills segments: the log goes round on the same files, and what lives long moves on with it.
TEST_F(LogTest, SpaceIsGivenBackWhileOldMessagesWait) {
    const std::string body(512 << 10, 'x');
    const auto spool = open_spool(directory_.path());
    const Message old = make_message("Subject: old\r\n\r\nstill here\r\n");
    ASSERT_FALSE(submit(*spool, old));
    Envelope changed = old.envelope;
    changed.recipients[0].attempts = 5;
    ASSERT_FALSE(update(*spool, changed, Queue::deferred));
    for (int i = 0; i < 600; ++i) {  // some 300 MiB
        const Message message = make_message(body);
        ASSERT_FALSE(submit(*spool, message));
        ASSERT_FALSE(remove(*spool, message.envelope.id, Durable::soon));
    }
    std::uintmax_t octets = 0;
    for (const auto& file : files_below(directory_.path())) octets += std::filesystem::file_size(path(file));
    EXPECT_LT(octets, 12 * kSegmentBytes);
    EXPECT_FALSE(std::filesystem::exists(segment(1)));
    EXPECT_EQ(spool->envelope(old.envelope.id).envelope->recipients[0].attempts, 5);
    EXPECT_EQ(*spool->body(old.envelope.id).body, *old.body);
    EXPECT_EQ(spool->queue_of(old.envelope.id), Queue::deferred);
}

// What stood in a file's earlier life never comes back.
TEST_F(LogTest, UsedSegmentsHideTheirPast) {
    const std::string body(512 << 10, 'x');
    std::vector<std::string> alive;
    {
        const auto spool = open_spool(directory_.path());
        for (int i = 0; i < 400; ++i) {
            const Message message = make_message(body);
            ASSERT_FALSE(submit(*spool, message));
            if (i >= 397)
                alive.push_back(message.envelope.id);
            else
                ASSERT_FALSE(remove(*spool, message.envelope.id, Durable::soon));
        }
    }
    const auto spool = open_spool(directory_.path());
    EXPECT_EQ(ids(*spool), alive);
    for (const auto& id : alive) EXPECT_EQ(spool->body(id).body->size(), body.size());
}

TEST_F(LogTest, AMissingSegmentIsSurvived) {
    const std::string body(512 << 10, 'x');
    std::vector<std::string> stored;
    {
        const auto spool = open_spool(directory_.path());
        for (int i = 0; i < 200; ++i) {
            const Message message = make_message(body);
            ASSERT_FALSE(submit(*spool, message));
            stored.push_back(message.envelope.id);
        }
    }
    ASSERT_TRUE(std::filesystem::remove(segment(2)));
    auto opened = open();
    const auto found = ids(*opened.spool);
    EXPECT_GT(found.size(), 100u);
    EXPECT_LT(found.size(), 200u);
    EXPECT_EQ(found.front(), stored.front());
    EXPECT_EQ(found.back(), stored.back());
}

TEST_F(LogTest, TheDiskIsProbedUntilItIsWell) {
    std::vector<std::string> told;
    std::mutex mutex;
    auto opened = Spool::open(directory_.path(), [&](Health health, const std::string& why) {
        const std::lock_guard lock(mutex);
        told.push_back(std::string(to_string(health)) + (why.empty() ? "" : "!"));
    });
    ASSERT_FALSE(submit(*opened.spool, make_message()));
    for (const int error : {EIO, ENOSPC}) {
        std::atomic<int> steps = 0;
        const FaultGuard guard([&](io::FileStep, const auto&) { return ++steps <= 3 ? error : 0; });
        EXPECT_TRUE(submit(*opened.spool, make_message()));
        EXPECT_EQ(opened.spool->health_for(1), error == EIO ? Health::failed : Health::full);
        while (opened.spool->health() != Health::ok) std::this_thread::sleep_for(std::chrono::milliseconds(10));
        EXPECT_FALSE(submit(*opened.spool, make_message()));
    }
    opened.spool.reset();
    EXPECT_THAT(told, ElementsAre("failed!", "ok", "full!", "ok"));
}

// The directory's sync after a segment was moved fails: the segment is not asked for again, and space goes on coming
// back.
TEST_F(LogTest, SpaceIsGivenBackAfterTheDisksTrouble) {
    const std::string body(512 << 10, 'x');
    const auto spool = open_spool(directory_.path());
    std::atomic<bool> failed = false;
    std::atomic<bool> moved = false;
    const FaultGuard guard([&](io::FileStep step, const auto& file) {
        if (step == io::FileStep::rename && file.extension() == ".spare") moved = true;
        return step == io::FileStep::sync_directory && moved && !failed.exchange(true) ? EIO : 0;
    });
    const auto octets = [&] {
        std::uintmax_t sum = 0;
        for (const auto& file : files_below(directory_.path())) sum += std::filesystem::file_size(path(file));
        return sum;
    };
    const auto pass = [&](int messages) {
        for (int i = 0; i < messages; ++i) {
            const Message message = make_message(body);
            while (submit(*spool, message)) std::this_thread::sleep_for(std::chrono::milliseconds(10));
            ASSERT_FALSE(remove(*spool, message.envelope.id, Durable::soon));
        }
    };
    pass(600);  // some 300 MiB
    EXPECT_TRUE(failed);
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (octets() > 6 * kSegmentBytes && std::chrono::steady_clock::now() < end)
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    pass(200);
    EXPECT_LE(octets(), 8 * kSegmentBytes);
}

// What counted already, and was in the log but not durable when the disk failed, is written again.
TEST_F(LogTest, WhatTheDiskLostIsWrittenAgain) {
    const auto spool = open_spool(directory_.path());
    const auto messages = store(*spool, 2);
    ASSERT_FALSE(remove(*spool, messages[0].envelope.id, Durable::soon));
    {
        std::atomic<int> left = 3;
        const FaultGuard guard([&](io::FileStep, const auto&) { return left-- > 0 ? EIO : 0; });
        EXPECT_TRUE(submit(*spool, make_message()));
        while (spool->health() != Health::ok) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    // As a crash now would leave it.
    SpoolDirectory copy;
    std::filesystem::copy(path("log"), copy.path() / "log", std::filesystem::copy_options::recursive);
    const auto after = open_spool(copy.path());
    EXPECT_EQ(ids(*after), std::vector{messages[1].envelope.id});
}

TEST_F(LogTest, WhatTheDiskDoesNotGiveNowIsNotLost) {
    std::vector<Message> messages;
    {
        const auto spool = open_spool(directory_.path());
        messages = store(*spool, 3);
    }
    const auto spool = open_spool(directory_.path());
    std::vector<std::string> unreadable;
    {
        const FaultGuard guard([](io::FileStep step, const auto&) { return step == io::FileStep::read ? EIO : 0; });
        spool->each([](const StoredEnvelope& found) { ADD_FAILURE() << found.envelope.id; },
                    [&](const std::string& id, std::error_code failed) {
                        EXPECT_EQ(failed.value(), EIO);
                        unreadable.push_back(id);
                    });
        EXPECT_EQ(spool->body(messages[0].envelope.id).failed.value(), EIO);
    }
    EXPECT_THAT(unreadable, SizeIs(3));
    EXPECT_THAT(ids(*spool), SizeIs(3));
    EXPECT_THAT(files_below(path("corrupt")), IsEmpty());
}

TEST_F(LogTest, RoomIsTwiceTheMessageAndAReserve) {
    const auto spool = open_spool(directory_.path());
    const auto free = std::filesystem::space(directory_.path()).available;
    EXPECT_EQ(spool->health_for(0), Health::ok);
    EXPECT_EQ(spool->health_for(free), Health::full);
}

}  // namespace
}  // namespace sluice::queue
