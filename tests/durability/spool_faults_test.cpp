// EIO and ENOSPC at every step of every change of the spool: an error result, nothing accepted lost, nothing half left.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <map>

#include "tests/unit/engine_queue/spool_fixture.hpp"

namespace sluice::queue {
namespace {

// The change to be disturbed, given a spool with `earlier` in it. Returns its result.
using ChangeUnderTest = std::function<std::error_code(Spool&, Message& earlier)>;

// Fails the n-th step. On a full disk the next write finds no more room than the one that failed.
class Fault {
  public:
    Fault(int fail_at, int error) : fail_at_(fail_at), error_(error) {}

    int operator()(io::FileStep step) {
        const int now = steps_++;
        const bool write = step == io::FileStep::write;
        if (now == fail_at_) full_ = error_ == ENOSPC && write;
        return now == fail_at_ || (full_ && write) ? error_ : 0;
    }
    [[nodiscard]] int steps() const { return steps_; }

  private:
    int fail_at_;
    int error_;
    std::atomic<int> steps_ = 0;
    std::atomic<bool> full_ = false;
};

// Makes the change with its n-th file step failing, for n = 0, 1, ... until it runs through, and checks after each.
// Returns the number of steps.
int disturb(const ChangeUnderTest& change, int error,
            const std::function<void(const std::vector<StoredEnvelope>&, const Message& earlier, bool failed)>& check) {
    for (int fail_at = 0;; ++fail_at) {
        SpoolDirectory directory;
        Message earlier = make_message("earlier\r\n", {"a@b", "c@d"});
        bool failed = false;
        Fault fault(fail_at, error);
        {
            EXPECT_FALSE(submit(*open_spool(directory.path()), earlier));
            // The first change after a start begins a segment, too.
            const auto spool = open_spool(directory.path());
            // Giving back the segment that became dead is not part of the change any more.
            std::atomic<bool> over = false;
            const FaultGuard guard([&](io::FileStep step, const auto& path) {
                if (step == io::FileStep::rename && path.extension() == ".spare") over = true;
                return over ? 0 : fault(step);
            });
            failed = static_cast<bool>(change(*spool, earlier));
        }
        const bool through = fault.steps() <= fail_at;
        EXPECT_EQ(failed, !through) << "step " << fail_at << " of " << fault.steps();
        const auto spool = open_spool(directory.path());
        const auto recovered = recover(*spool);
        for (const auto& entry : recovered) EXPECT_TRUE(spool->body(entry.envelope.id).body) << fail_at;
        for (const std::string& file : files_below(directory.path())) EXPECT_FALSE(file.ends_with(".new")) << file;
        check(recovered, earlier, failed);
        if (through) return fail_at;
    }
}

class Faults : public ::testing::TestWithParam<int> {};

TEST_P(Faults, Submit) {
    std::string id;
    const int steps = disturb(
        [&](Spool& spool, Message&) {
            const Message message = make_message();
            id = message.envelope.id;
            return submit(spool, message);
        },
        GetParam(),
        [&](const std::vector<StoredEnvelope>& recovered, const Message& earlier, bool failed) {
            std::map<std::string, Queue> found;
            for (const auto& entry : recovered) found[entry.envelope.id] = entry.queue;
            EXPECT_TRUE(found.contains(earlier.envelope.id));
            EXPECT_EQ(found.contains(id), !failed);
        });
    EXPECT_GE(steps, 9);
}

TEST_P(Faults, UpdateAndMove) {
    disturb(
        [](Spool& spool, Message& earlier) {
            earlier.envelope.recipients[0].state = RecipientState::sent;
            return update(spool, earlier.envelope, Queue::deferred);
        },
        GetParam(),
        [](const std::vector<StoredEnvelope>& recovered, const Message& earlier, bool failed) {
            ASSERT_EQ(recovered.size(), 1u);
            EXPECT_EQ(recovered[0].envelope.id, earlier.envelope.id);
            if (failed) return;  // either state is right then
            EXPECT_EQ(recovered[0].envelope, earlier.envelope);
            EXPECT_EQ(recovered[0].queue, Queue::deferred);
        });
}

TEST_P(Faults, Hold) {
    disturb([](Spool& spool, Message& earlier) { return hold(spool, earlier.envelope.id, "why"); }, GetParam(),
            [](const std::vector<StoredEnvelope>& recovered, const Message&, bool failed) {
                ASSERT_EQ(recovered.size(), 1u);
                EXPECT_EQ(recovered[0].envelope.recipients.size(), 2u);
                EXPECT_TRUE(failed || recovered[0].queue == Queue::hold);
            });
}

TEST_P(Faults, Remove) {
    disturb([](Spool& spool, Message& earlier) { return remove(spool, earlier.envelope.id); }, GetParam(),
            [](const std::vector<StoredEnvelope>& recovered, const Message&, bool failed) {
                EXPECT_TRUE(failed || recovered.empty());
            });
}

// A batch that is synced together: one failing file does not take the others with it, a failing sync takes all.
TEST_P(Faults, ABatch) {
    constexpr int kMessages = 12;
    for (int fail_at = 0;; ++fail_at) {
        SpoolDirectory directory;
        std::map<std::string, bool> accepted;
        Fault fault(fail_at, GetParam());
        {
            const auto spool = open_spool(directory.path());
            std::promise<void> gathered;
            auto all_gathered = gathered.get_future().share();
            std::atomic<bool> first = true;
            const FaultGuard guard([&](io::FileStep step, const auto&) {
                if (first.exchange(false)) all_gathered.wait();
                return fault(step);
            });
            std::promise<void> finished;
            for (int i = 0; i < kMessages; ++i) {
                const Message message = make_message();
                accepted[message.envelope.id] = false;
                spool->submit({{message, Queue::deliver}}, [&, id = message.envelope.id, i](std::error_code failed) {
                    accepted.at(id) = !failed;
                    if (i == kMessages - 1) finished.set_value();
                });
            }
            gathered.set_value();
            finished.get_future().wait();
        }
        const auto spool = open_spool(directory.path());
        const auto recovered = recover(*spool);
        std::size_t count = 0;
        for (const auto& [id, yes] : accepted) {
            count += yes ? 1 : 0;
            EXPECT_EQ(spool->queue_of(id).has_value(), yes) << fail_at;
        }
        EXPECT_EQ(recovered.size(), count) << fail_at;
        if (fault.steps() <= fail_at) {
            EXPECT_EQ(count, kMessages);
            break;
        }
        EXPECT_LT(count, kMessages) << fail_at;
    }
}

// A disk that fails while a dead segment is given back loses nothing that lives.
TEST_P(Faults, GivingBackSpace) {
    const std::string body(512 << 10, 'x');
    for (int fail_at = 0; fail_at < 12; ++fail_at) {
        SpoolDirectory directory;
        std::vector<std::string> alive;
        {
            const auto spool = open_spool(directory.path());
            const Message old = make_message("old\r\n");
            EXPECT_FALSE(submit(*spool, old));
            alive.push_back(old.envelope.id);
            std::atomic<int> steps = 0;
            const FaultGuard guard([&](io::FileStep step, const auto& path) {
                const bool housekeeping = step == io::FileStep::rename || step == io::FileStep::sync_directory ||
                                          step == io::FileStep::remove || step == io::FileStep::create;
                return housekeeping && !path.empty() && steps++ == fail_at ? GetParam() : 0;
            });
            for (int i = 0; i < 260; ++i) {
                const Message message = make_message(body);
                const bool stored = !submit(*spool, message);
                if (stored && (i % 100 == 0 || remove(*spool, message.envelope.id)))
                    alive.push_back(message.envelope.id);
            }
            EXPECT_GT(steps, fail_at);
        }
        const auto spool = open_spool(directory.path());
        std::vector<std::string> found;
        for (const auto& each : recover(*spool)) found.push_back(each.envelope.id);
        EXPECT_THAT(found, ::testing::UnorderedElementsAreArray(alive)) << fail_at;
    }
}

INSTANTIATE_TEST_SUITE_P(Errors, Faults, ::testing::Values(EIO, ENOSPC),
                         [](const auto& each) { return each.param == EIO ? "EIO" : "ENOSPC"; });

// The order on which all of this rests: a new segment's head before its name, what is in it before "yes".
TEST(Order, HeadThenNameThenDataThenYes) {
    SpoolDirectory directory;
    const auto spool = open_spool(directory.path());
    std::vector<std::string> order;
    const FaultGuard guard([&](io::FileStep step, const std::filesystem::path& path) {
        static const std::map<io::FileStep, std::string> names = {
            {io::FileStep::create, "create"}, {io::FileStep::write, "write"},
            {io::FileStep::sync, "sync"},     {io::FileStep::truncate, "truncate"},
            {io::FileStep::rename, "rename"}, {io::FileStep::sync_directory, "sync_directory"},
            {io::FileStep::remove, "remove"}};
        const std::string said = names.at(step) + " " + path.extension().string();
        if (order.empty() || order.back() != said) order.push_back(said);
        return 0;
    });
    for (int i = 0; i < 2; ++i)
        (void)Spool::wait([&](Spool::Done done) {
            spool->submit({{make_message(), Queue::deliver}}, [&, done](std::error_code failed) {
                order.push_back("yes");
                done(failed);
            });
        });
    EXPECT_THAT(order,
                ::testing::ElementsAre("create .new", "write .new", "sync .new", "rename .seg", "sync_directory ",
                                       "write .new", "sync .new", "yes", "write .new", "sync .new", "yes"));
}

TEST(Start, ADirectoryThatCannotBeMadeIsAnError) {
    SpoolDirectory directory;
    for (int fail_at = 0; fail_at < 3; ++fail_at) {
        int steps = 0;
        const FaultGuard guard([&](io::FileStep, const auto&) { return steps++ == fail_at ? ENOSPC : 0; });
        const auto opened = Spool::open(directory.path() / "spool" / std::to_string(fail_at));
        EXPECT_FALSE(opened.spool);
        EXPECT_EQ(opened.failed, std::errc::no_space_on_device);
        EXPECT_FALSE(opened.path.empty());
    }
}

}  // namespace
}  // namespace sluice::queue
