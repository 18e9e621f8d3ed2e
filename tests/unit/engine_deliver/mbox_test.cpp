#include "engine/deliver/mbox.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <thread>

#include "engine/base/limits.hpp"
#include "tests/unit/engine_queue/spool_fixture.hpp"

namespace sluice::deliver {
namespace {

using namespace std::chrono_literals;
using queue::FaultGuard;
using queue::files_below;
using queue::read_file;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class MboxTest : public ::testing::Test {
  protected:
    MboxTest() { message_.envelope.received = queue::TimePoint(1700000000s); }

    Outcome deliver(const std::string& body, const std::string& address = "joe@example.com") {
        const Mbox mbox(*MailboxPath::parse((directory_.path() / "%u").string()).path, patience_);
        return deliver_by(mbox, body, address);
    }
    Outcome deliver_by(Mbox mbox, const std::string& body, const std::string& address = "joe@example.com") {
        message_.envelope.recipients = {{address}};
        return mbox.deliver({message_.envelope, message_.envelope.recipients[0], "", body, false});
    }
    std::string text() { return read_file(path_); }
    void write_lock(std::chrono::seconds age) {
        queue::write_file(lock_, "");
        const timespec then{std::time(nullptr) - age.count(), 0};
        const timespec both[] = {then, then};
        ASSERT_EQ(::utimensat(AT_FDCWD, lock_.c_str(), both, 0), 0);
    }

    queue::SpoolDirectory directory_;
    const std::filesystem::path path_ = directory_.path() / "joe";
    const std::filesystem::path lock_ = directory_.path() / "joe.lock";
    queue::Message message_ = queue::make_message();
    io::LockPatience patience_{.wait = 0ms, .pause = 1ms};
};

const std::string kTop =
    "From sender@example.org Tue Nov 14 22:13:20 2023\n"
    "Return-Path: <sender@example.org>\nDelivered-To: joe@example.com\n";

TEST_F(MboxTest, AppendsMessages) {
    EXPECT_EQ(deliver("Subject: x\r\n\r\none\r\n").kind(), Outcome::Kind::delivered);
    EXPECT_EQ(deliver("Subject: y\r\n\r\nno line end").kind(), Outcome::Kind::delivered);
    EXPECT_EQ(text(), kTop + "Subject: x\n\none\n\n" + kTop + "Subject: y\n\nno line end\n\n");
    EXPECT_THAT(files_below(directory_.path()), ElementsAre("joe"));
    struct stat facts {};
    ASSERT_EQ(::stat(path_.c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 07777u, 0600u);
}

TEST_F(MboxTest, TheTextMayBeInTwoPieces) {
    Mbox mbox(*MailboxPath::parse(path_.string() + "%u").path);
    message_.envelope.recipients = {{"x@example.com"}};
    EXPECT_EQ(
        mbox.deliver({message_.envelope, message_.envelope.recipients[0], "A: b\r\n", "\r\nFrom c\r\n", false}).kind(),
        Outcome::Kind::delivered);
    EXPECT_TRUE(read_file(path_.string() + "x").ends_with("\nA: b\n\n>From c\n\n"));
}

TEST_F(MboxTest, LinesThatBeginLikeTheSeparatorAreQuoted) {
    EXPECT_EQ(Mbox::quoted("From a\n>From b\n>>From c\nfrom d\n From e\nFromf\n> From g\n\nFrom "),
              ">From a\n>>From b\n>>>From c\nfrom d\n From e\nFromf\n> From g\n\n>From ");
    EXPECT_EQ(Mbox::quoted(""), "");
    EXPECT_EQ(Mbox::quoted(">"), ">");
    EXPECT_EQ(deliver("From: a\r\nFrom me\r\n\r\n\nFrom bare\r\n").kind(), Outcome::Kind::delivered);
    EXPECT_EQ(text(), kTop + "From: a\n>From me\n\n\n>From bare\n\n");
}

TEST_F(MboxTest, TheSeparatorNamesTheSenderAndTheDay) {
    message_.envelope.reverse_path.clear();
    EXPECT_EQ(Mbox::from_line(message_.envelope), "From MAILER-DAEMON Tue Nov 14 22:13:20 2023\n");
    message_.envelope.reverse_path = "\"a b\nFrom c\"@d";
    message_.envelope.received = queue::TimePoint(0s);
    EXPECT_EQ(Mbox::from_line(message_.envelope), "From \"a-b-From-c\"@d Thu Jan  1 00:00:00 1970\n");
}

TEST_F(MboxTest, WhatHasNoEndIsEndedFirst) {
    for (const auto& [before, between] : {std::pair("half", "\n\n"), std::pair("whole\n", "\n"), std::pair("\n", "\n"),
                                          std::pair("x", "\n\n"), std::pair("ended\n\n", "")}) {
        queue::write_file(path_, before);
        EXPECT_EQ(deliver("a\r\n").kind(), Outcome::Kind::delivered);
        EXPECT_EQ(text(), before + std::string(between) + kTop + "a\n\n");
    }
}

TEST_F(MboxTest, MissingDirectoriesAreMade) {
    const Mbox mbox(*MailboxPath::parse((directory_.path() / "%d" / "%u").string()).path);
    EXPECT_EQ(deliver_by(mbox, "a\r\n").kind(), Outcome::Kind::delivered);
    EXPECT_THAT(files_below(directory_.path()), ElementsAre("example.com/joe"));
}

// --- what is no mailbox

TEST_F(MboxTest, NothingIsFollowedAndOnlyFilesAreWritten) {
    const auto refused = [&](const std::string& why) {
        const Outcome outcome = deliver("a\r\n");
        EXPECT_EQ(outcome.kind(), Outcome::Kind::temporary);
        EXPECT_EQ(outcome.text(), "4.2.0 cannot write to mailbox " + path_.string() + ": " + why);
        EXPECT_FALSE(std::filesystem::exists(lock_));
        std::filesystem::remove(path_);
    };
    const auto other = directory_.path() / "other";
    queue::write_file(other, "keep");
    std::filesystem::create_symlink(other, path_);
    refused("it is a symbolic link");
    std::filesystem::create_symlink(directory_.path() / "nowhere", path_);
    refused("it is a symbolic link");
    EXPECT_FALSE(std::filesystem::exists(directory_.path() / "nowhere"));
    std::filesystem::create_hard_link(other, path_);
    refused("it has 2 names (hard links)");
    EXPECT_EQ(read_file(other), "keep");
    ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
    refused("it is no regular file");
    std::filesystem::create_directory(path_);
    refused("it is no regular file");
    EXPECT_EQ(deliver("a\r\n").kind(), Outcome::Kind::delivered);
}

TEST_F(MboxTest, TheNameNeedsRoomForTheLock) {
    const std::size_t longest = NAME_MAX - std::string(".lock").size();
    EXPECT_EQ(deliver("a\r\n", std::string(longest, 'a') + "@b").kind(), Outcome::Kind::delivered);
    const Outcome outcome = deliver("a\r\n", std::string(longest + 1, 'a') + "@b");
    EXPECT_EQ(outcome.kind(), Outcome::Kind::permanent);
    EXPECT_THAT(outcome.text(), StartsWith("5.1.1 the mailbox name is too long"));
}

TEST_F(MboxTest, AMailboxIsNeverTheLockOfAnother) {
    const Outcome outcome = deliver("a\r\n", "joe.lock@example.com");
    EXPECT_EQ(outcome.kind(), Outcome::Kind::permanent);
    EXPECT_EQ(outcome.text(), "5.1.1 no mailbox has a name that ends in .lock: joe.lock@example.com");
    EXPECT_THAT(files_below(directory_.path()), IsEmpty());
    EXPECT_EQ(deliver("a\r\n", "joe.locker@example.com").kind(), Outcome::Kind::delivered);
}

// --- locks

TEST_F(MboxTest, AFreshLockFileIsRespectedAndAStaleOneRemoved) {
    write_lock(5s);
    const Outcome locked = deliver("a\r\n");
    EXPECT_EQ(locked.kind(), Outcome::Kind::temporary);
    EXPECT_THAT(locked.text(), StartsWith("4.2.0 cannot write to mailbox " + path_.string() +
                                          ": it is locked: " + lock_.string() + " is "));
    EXPECT_TRUE(std::filesystem::exists(lock_));
    EXPECT_FALSE(std::filesystem::exists(path_));

    // The age is counted in whole seconds; one may pass between here and there.
    write_lock(limits::mbox_lock_stale - 1s);
    EXPECT_EQ(deliver("a\r\n").kind(), Outcome::Kind::temporary);
    write_lock(limits::mbox_lock_stale + 1s);
    EXPECT_EQ(deliver("a\r\n").kind(), Outcome::Kind::delivered);
    EXPECT_FALSE(std::filesystem::exists(lock_));
}

TEST_F(MboxTest, AStaleLockThatCannotBeRemovedIsTold) {
    write_lock(limits::mbox_lock_stale + 1s);
    const FaultGuard guard([](io::FileStep step, const auto&) { return step == io::FileStep::remove ? EPERM : 0; });
    EXPECT_THAT(deliver("a\r\n").text(), HasSubstr("joe.lock is stale and cannot be removed: Operation not permitted"));
}

TEST_F(MboxTest, WithoutALockFileWhereTheDirectoryTakesNone) {
    for (const int error : {EACCES, EPERM, EROFS}) {
        const FaultGuard guard([&](io::FileStep step, const std::filesystem::path& path) {
            return step == io::FileStep::create && path == lock_ ? error : 0;
        });
        EXPECT_EQ(deliver("a\r\n").kind(), Outcome::Kind::delivered);
    }
}

TEST_F(MboxTest, ALockFileThatIsNotOursAnyMoreStays) {
    const FaultGuard guard([&](io::FileStep step, const std::filesystem::path&) {
        if (step != io::FileStep::sync) return 0;
        std::filesystem::remove(lock_);  // another program took it for stale
        queue::write_file(lock_, "theirs");
        return 0;
    });
    EXPECT_EQ(deliver("a\r\n").kind(), Outcome::Kind::delivered);
    EXPECT_EQ(read_file(lock_), "theirs");
}

TEST_F(MboxTest, LocksOfOtherProgramsAreRespected) {
    ASSERT_EQ(deliver("a\r\n").kind(), Outcome::Kind::delivered);
    const std::string before = text();
    for (const bool with_flock : {true, false}) {
        // Another process, because POSIX locks do not exclude their own.
        int ready[2];
        int end[2];
        ASSERT_EQ(::pipe(ready), 0);
        ASSERT_EQ(::pipe(end), 0);
        const pid_t child = ::fork();
        if (child == 0) {
            ::close(end[1]);
            const int file = ::open(path_.c_str(), O_RDWR);
            struct flock whole {};
            whole.l_type = F_WRLCK;
            const int failed = with_flock ? ::flock(file, LOCK_EX) : ::fcntl(file, F_SETLK, &whole);
            char octet = failed ? 'n' : 'y';
            (void)!::write(ready[1], &octet, 1);
            (void)!::read(end[0], &octet, 1);
            ::_exit(0);
        }
        char octet = 0;
        EXPECT_EQ(::read(ready[0], &octet, 1), 1);
        EXPECT_EQ(octet, 'y');
        const Outcome outcome = deliver("b\r\n");
        EXPECT_EQ(outcome.kind(), Outcome::Kind::temporary) << with_flock;
        EXPECT_EQ(outcome.text(),
                  "4.2.0 cannot write to mailbox " + path_.string() + ": another program has locked it");
        EXPECT_EQ(text(), before);
        for (const int each : {ready[0], ready[1], end[0], end[1]}) ::close(each);
        EXPECT_EQ(::waitpid(child, nullptr, 0), child);
    }
    EXPECT_EQ(deliver("b\r\n").kind(), Outcome::Kind::delivered);
}

TEST_F(MboxTest, AFileThatIsReplacedWhileItIsLockedIsOpenedAgain) {
    ASSERT_EQ(deliver("a\r\n").kind(), Outcome::Kind::delivered);
    patience_.wait = 60s;
    bool once = true;
    const FaultGuard guard([&](io::FileStep step, const std::filesystem::path&) {
        if (step != io::FileStep::lock || !std::exchange(once, false)) return 0;
        std::filesystem::rename(path_, directory_.path() / "taken");
        return 0;
    });
    EXPECT_EQ(deliver("b\r\n").kind(), Outcome::Kind::delivered);
    EXPECT_EQ(text(), kTop + "b\n\n");
    EXPECT_EQ(read_file(directory_.path() / "taken"), kTop + "a\n\n");
}

// Two processes with two threads each: no message is lost, torn or mixed with another.
TEST_F(MboxTest, ManyWritersDoNotMix) {
    constexpr int kEach = 40;
    patience_ = {.wait = 120s, .pause = 1ms};
    const auto write_all = [&](const std::string& name) {
        Mbox mbox(*MailboxPath::parse((directory_.path() / "%u").string()).path, patience_);
        queue::Message message = message_;
        message.envelope.recipients = {{"joe@example.com"}};
        bool good = true;
        for (int i = 0; i < kEach; ++i) {
            std::string body = "X: " + name + "\r\n\r\n";
            for (int line = 0; line < 40 * (i % 5); ++line) body += name + " " + std::to_string(i) + "\r\n";
            const auto outcome = mbox.deliver({message.envelope, message.envelope.recipients[0], "", body, false});
            good = good && outcome.kind() == Outcome::Kind::delivered;
        }
        return good;
    };
    std::vector<pid_t> children;
    for (const std::string process : {"p", "q"}) {
        children.push_back(::fork());
        if (children.back() != 0) continue;
        // Time between the steps, or each would be done with all before the next one begins.
        io::set_fault_hook([](io::FileStep, const auto&) { return std::this_thread::sleep_for(50us), 0; });
        bool first = false;
        std::thread thread([&] { first = write_all(process + "1"); });
        const bool second = write_all(process + "2");
        thread.join();
        ::_exit(first && second ? 0 : 1);
    }
    for (const pid_t child : children) {
        int status = -1;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        EXPECT_EQ(status, 0);
    }
    // What is there is exactly the messages, in some order.
    std::string rest = text();
    std::map<std::string, int> seen;
    while (!rest.empty()) {
        ASSERT_TRUE(rest.starts_with(kTop + "X: "));
        const std::string name = rest.substr(kTop.size() + 3, 2);
        const int i = seen[name]++;
        std::string message = kTop + "X: " + name + "\n\n";
        for (int line = 0; line < 40 * (i % 5); ++line) message += name + " " + std::to_string(i) + "\n";
        message += "\n";
        ASSERT_TRUE(rest.starts_with(message)) << name << i;
        rest.erase(0, message.size());
    }
    EXPECT_THAT(seen, ElementsAre(std::pair("p1", kEach), std::pair("p2", kEach), std::pair("q1", kEach),
                                  std::pair("q2", kEach)));
    EXPECT_FALSE(std::filesystem::exists(lock_));
}

// --- trouble

TEST_F(MboxTest, EveryFailingStepIsTemporaryAndTakenBack) {
    for (const bool fresh : {true, false}) {
        for (const int error : {EIO, ENOSPC, EDQUOT}) {
            for (int fail_at = 0;; ++fail_at) {
                std::filesystem::remove(path_);
                if (!fresh) {
                    ASSERT_EQ(deliver("old\r\n").kind(), Outcome::Kind::delivered);
                }
                const std::string before = fresh ? "" : text();
                int step = 0;
                Outcome outcome = Outcome::delivered();
                {
                    const FaultGuard guard(
                        [&](io::FileStep, const std::filesystem::path&) { return step++ == fail_at ? error : 0; });
                    outcome = deliver("new\r\n");
                }
                if (outcome.kind() == Outcome::Kind::delivered) {
                    EXPECT_LE(step, fail_at);
                    // The lock, the file, two locks, two halves, data; of a new file its name.
                    EXPECT_EQ(fail_at, fresh ? 8 : 7);
                    EXPECT_EQ(text(), before + kTop + "new\n\n");
                    break;
                }
                EXPECT_EQ(outcome.kind(), Outcome::Kind::temporary) << fail_at;
                const std::string status = error == ENOSPC ? "4.3.1" : error == EDQUOT ? "4.2.2" : "4.2.0";
                EXPECT_THAT(outcome.text(), StartsWith(status + " cannot write to mailbox " + path_.string() + ": "));
                EXPECT_THAT(outcome.text(), Not(HasSubstr("taken back")));
                EXPECT_EQ(text(), before) << fail_at;  // a missing file reads as an empty one
                EXPECT_FALSE(std::filesystem::exists(lock_)) << fail_at;
                EXPECT_EQ(deliver("again\r\n").kind(), Outcome::Kind::delivered);
                EXPECT_EQ(text(), before + kTop + "again\n\n");
            }
        }
    }
}

TEST_F(MboxTest, WhatCannotBeTakenBackIsToldAndEnded) {
    const FaultGuard guard([failed = false](io::FileStep step, const auto&) mutable {
        if (step == io::FileStep::truncate) return EIO;
        if (step == io::FileStep::write && !std::exchange(failed, true)) return 0;
        return step == io::FileStep::write ? ENOSPC : 0;
    });
    EXPECT_THAT(deliver("a\r\n").text(), ::testing::EndsWith("; a part of the message could not be taken back"));
    io::set_fault_hook({});
    const std::string half = text();
    EXPECT_FALSE(half.empty());
    EXPECT_EQ(deliver("b\r\n").kind(), Outcome::Kind::delivered);
    EXPECT_EQ(text(), half + (half.ends_with('\n') ? "\n" : "\n\n") + kTop + "b\n\n");
}

TEST_F(MboxTest, AFailedAttemptAtANewFileDoesNotSpareTheNextOneTheName) {
    {
        const FaultGuard guard(
            [](io::FileStep step, const auto&) { return step == io::FileStep::sync_directory ? EIO : 0; });
        EXPECT_EQ(deliver("a\r\n").kind(), Outcome::Kind::temporary);
    }
    EXPECT_EQ(text(), "");
    int syncs = 0;
    const FaultGuard guard(
        [&](io::FileStep step, const auto&) { return syncs += step == io::FileStep::sync_directory, 0; });
    EXPECT_EQ(deliver("a\r\n").kind(), Outcome::Kind::delivered);
    EXPECT_EQ(syncs, 1);
    EXPECT_EQ(deliver("b\r\n").kind(), Outcome::Kind::delivered);
    EXPECT_EQ(syncs, 1);
}

TEST_F(MboxTest, TheLimitOfTheSystemForFilesIsAnErrorAndNoSignal) {
    ASSERT_EQ(deliver("a\r\n").kind(), Outcome::Kind::delivered);
    const std::string before = text();
    rlimit old{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &old), 0);
    const rlimit low{before.size() + 50, old.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &low), 0);
    const Outcome outcome = deliver(std::string(1000, 'x') + "\r\n");
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &old), 0);
    EXPECT_EQ(outcome.kind(), Outcome::Kind::temporary);
    EXPECT_EQ(outcome.text(), "4.2.2 cannot write to mailbox " + path_.string() + ": File too large");
    EXPECT_EQ(text(), before);
}

TEST_F(MboxTest, IsNotRepeatable) { EXPECT_FALSE(Mbox(*MailboxPath::parse("/%u").path).repeatable()); }

}  // namespace
}  // namespace sluice::deliver
