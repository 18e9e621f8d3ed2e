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

// Makes the change with its n-th file step failing, for n = 0, 1, ... until it runs through, and checks after each.
// Returns the number of steps.
int disturb(const ChangeUnderTest& change, int error,
            const std::function<void(const Spool::Recovered&, const Message& earlier, bool failed)>& check) {
    for (int fail_at = 0;; ++fail_at) {
        SpoolDirectory directory;
        Message earlier = make_message("earlier\r\n", {"a@b", "c@d"});
        bool failed = false;
        std::atomic<int> steps = 0;
        {
            const auto spool = open_spool(directory.path());
            EXPECT_FALSE(submit(*spool, earlier));
            const FaultGuard guard([&](io::FileStep, const auto&) { return steps++ == fail_at ? error : 0; });
            failed = static_cast<bool>(change(*spool, earlier));
        }
        const bool through = steps <= fail_at;
        EXPECT_EQ(failed, !through) << "step " << fail_at << " of " << steps;
        const auto spool = open_spool(directory.path());
        const Spool::Recovered recovered = spool->recover();
        EXPECT_TRUE(recovered.corrupt.empty()) << fail_at;
        EXPECT_TRUE(recovered.unreadable.empty()) << fail_at;
        for (const auto& entry : recovered.messages) EXPECT_TRUE(spool->body(entry.envelope.id).body) << fail_at;
        for (const std::string& file : files_below(directory.path())) EXPECT_FALSE(file.starts_with("tmp/")) << file;
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
        [&](const Spool::Recovered& recovered, const Message& earlier, bool failed) {
            std::map<std::string, Queue> found;
            for (const auto& entry : recovered.messages) found[entry.envelope.id] = entry.queue;
            EXPECT_TRUE(found.contains(earlier.envelope.id));
            EXPECT_EQ(found.contains(id), !failed);
        });
    EXPECT_GE(steps, 6);
}

TEST_P(Faults, UpdateAndMove) {
    disturb(
        [](Spool& spool, Message& earlier) {
            earlier.envelope.recipients[0].state = RecipientState::sent;
            return update(spool, earlier.envelope, Queue::deferred);
        },
        GetParam(),
        [](const Spool::Recovered& recovered, const Message& earlier, bool failed) {
            ASSERT_EQ(recovered.messages.size(), 1u);
            EXPECT_EQ(recovered.messages[0].envelope.id, earlier.envelope.id);
            if (failed) return;  // either state is right then
            EXPECT_EQ(recovered.messages[0].envelope, earlier.envelope);
            EXPECT_EQ(recovered.messages[0].queue, Queue::deferred);
        });
}

TEST_P(Faults, Hold) {
    disturb([](Spool& spool, Message& earlier) { return hold(spool, earlier.envelope.id, "why"); }, GetParam(),
            [](const Spool::Recovered& recovered, const Message&, bool failed) {
                ASSERT_EQ(recovered.messages.size(), 1u);
                EXPECT_EQ(recovered.messages[0].envelope.recipients.size(), 2u);
                EXPECT_TRUE(failed || recovered.messages[0].queue == Queue::hold);
            });
}

TEST_P(Faults, Remove) {
    disturb([](Spool& spool, Message& earlier) { return remove(spool, earlier.envelope.id); }, GetParam(),
            [](const Spool::Recovered& recovered, const Message&, bool failed) {
                EXPECT_TRUE(failed || recovered.messages.empty());
            });
}

// A batch that is synced together: one failing file does not take the others with it, a failing sync takes all.
TEST_P(Faults, ABatch) {
    constexpr int kMessages = 12;
    for (int fail_at = 0;; ++fail_at) {
        SpoolDirectory directory;
        std::map<std::string, bool> accepted;
        std::atomic<int> steps = 0;
        {
            const auto spool = open_spool(directory.path());
            std::promise<void> gathered;
            auto all_gathered = gathered.get_future().share();
            std::atomic<bool> first = true;
            const FaultGuard guard([&](io::FileStep, const auto&) {
                if (first.exchange(false)) all_gathered.wait();
                return steps++ == fail_at ? GetParam() : 0;
            });
            std::promise<void> finished;
            for (int i = 0; i < kMessages; ++i) {
                const Message message = make_message();
                accepted[message.envelope.id] = false;
                spool->submit(message, Queue::deliver, [&, id = message.envelope.id, i](std::error_code failed) {
                    accepted.at(id) = !failed;
                    if (i == kMessages - 1) finished.set_value();
                });
            }
            gathered.set_value();
            finished.get_future().wait();
        }
        const auto spool = open_spool(directory.path());
        const auto recovered = spool->recover();
        std::size_t count = 0;
        for (const auto& [id, yes] : accepted) {
            count += yes ? 1 : 0;
            EXPECT_EQ(spool->queue_of(id).has_value(), yes) << fail_at;
        }
        EXPECT_EQ(recovered.messages.size(), count) << fail_at;
        if (steps <= fail_at) {
            EXPECT_EQ(count, kMessages);
            break;
        }
        EXPECT_LT(count, kMessages) << fail_at;
    }
}

INSTANTIATE_TEST_SUITE_P(Errors, Faults, ::testing::Values(EIO, ENOSPC),
                         [](const auto& each) { return each.param == EIO ? "EIO" : "ENOSPC"; });

// The order on which all of this rests: data before name, name before "yes".
TEST(Order, DataThenNameThenYes) {
    SpoolDirectory directory;
    const auto spool = open_spool(directory.path());
    std::vector<std::string> order;
    const FaultGuard guard([&](io::FileStep step, const std::filesystem::path& path) {
        const std::string where = std::filesystem::relative(path, directory.path()).parent_path().string();
        switch (step) {
            case io::FileStep::create: order.push_back("create " + where); break;
            case io::FileStep::sync: order.push_back("sync " + where); break;
            case io::FileStep::rename: order.push_back("rename " + where); break;
            case io::FileStep::sync_directory: order.push_back("sync_directory " + path.filename().string()); break;
            case io::FileStep::write:
            case io::FileStep::remove: break;
        }
        return 0;
    });
    (void)Spool::wait([&](Spool::Done done) {
        spool->submit(make_message(), Queue::deliver, [&, done](std::error_code failed) {
            order.push_back("yes");
            done(failed);
        });
    });
    EXPECT_THAT(order,
                ::testing::ElementsAre("create tmp", "sync tmp", "rename deliver", "sync_directory deliver", "yes"));
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
