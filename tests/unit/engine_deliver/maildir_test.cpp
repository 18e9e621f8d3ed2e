#include "engine/deliver/maildir.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/engine_queue/spool_fixture.hpp"

namespace sluice::deliver {
namespace {

using queue::FaultGuard;
using queue::files_below;
using queue::read_file;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class MaildirTest : public ::testing::Test {
  protected:
    Outcome deliver(const std::string& address, bool maybe_repeated = false) {
        message_.envelope.recipients = {{address}};
        return maildir_.deliver(
            {message_.envelope, message_.envelope.recipients[0], "", *message_.body, maybe_repeated});
    }
    std::string name() { return Maildir::file_name(message_.envelope, message_.envelope.recipients[0]); }

    queue::SpoolDirectory directory_;
    queue::Message message_ = queue::make_message("Subject: x\r\n\r\none\r\ntwo\r\n");
    Maildir maildir_{*MailboxPath::parse((directory_.path() / "%d" / "%u").string()).path};
};

TEST_F(MaildirTest, DeliversIntoNew) {
    EXPECT_EQ(deliver("Joe@Example.com").kind(), Outcome::Kind::delivered);
    EXPECT_THAT(files_below(directory_.path()), ElementsAre("example.com/Joe/new/" + name()));
    EXPECT_EQ(read_file(directory_.path() / "example.com/Joe/new" / name()),
              "Return-Path: <sender@example.org>\nDelivered-To: Joe@Example.com\nSubject: x\n\none\ntwo\n");
    for (const char* each : {"tmp", "new", "cur"})
        EXPECT_TRUE(std::filesystem::is_directory(directory_.path() / "example.com/Joe" / each));
}

TEST_F(MaildirTest, NullReversePath) {
    message_.envelope.reverse_path.clear();
    EXPECT_EQ(deliver("a@b").kind(), Outcome::Kind::delivered);
    EXPECT_THAT(read_file(directory_.path() / "b/a/new" / name()), StartsWith("Return-Path: <>\nDelivered-To: a@b\n"));
}

TEST_F(MaildirTest, ASecondDeliveryReplacesTheFirst) {
    EXPECT_EQ(deliver("a@b").kind(), Outcome::Kind::delivered);
    EXPECT_EQ(deliver("a@b", true).kind(), Outcome::Kind::delivered);
    EXPECT_THAT(files_below(directory_.path()), ElementsAre("b/a/new/" + name()));
}

TEST_F(MaildirTest, ASecondDeliveryOfAReadMessageIsNoSecondMessage) {
    EXPECT_EQ(deliver("a@b").kind(), Outcome::Kind::delivered);
    std::filesystem::rename(directory_.path() / "b/a/new" / name(), directory_.path() / "b/a/cur" / (name() + ":2,S"));
    EXPECT_EQ(deliver("a@b", true).kind(), Outcome::Kind::delivered);
    EXPECT_THAT(files_below(directory_.path()), ElementsAre("b/a/cur/" + name() + ":2,S"));
}

TEST_F(MaildirTest, OtherMessagesAndRecipientsHaveOtherNames) {
    std::vector<std::string> names;
    for (const std::string address : {"a@b", "A@b", "a@c"}) {
        (void)deliver(address);
        names.push_back(name());
    }
    message_.envelope.id = Uuid::random().to_string();
    names.push_back(name());
    std::sort(names.begin(), names.end());
    EXPECT_EQ(std::unique(names.begin(), names.end()), names.end());
    for (const std::string& each : names) EXPECT_EQ(each.find_first_of("/:"), std::string::npos);
}

TEST_F(MaildirTest, LeftoverInTmpDoesNotStopIt) {
    (void)deliver("a@b");
    queue::write_file(directory_.path() / "b/a/tmp" / name(), "half");
    EXPECT_EQ(deliver("a@b").kind(), Outcome::Kind::delivered);
    EXPECT_THAT(files_below(directory_.path()), ElementsAre("b/a/new/" + name()));
}

TEST_F(MaildirTest, EveryFailingStepIsTemporaryAndLeavesNothingHalf) {
    for (const int error : {EIO, ENOSPC}) {
        for (int fail_at = 0;; ++fail_at) {
            queue::SpoolDirectory directory;
            Maildir maildir(*MailboxPath::parse((directory.path() / "%u").string()).path);
            message_.envelope.recipients = {{"a@b"}};
            const Attempt attempt{message_.envelope, message_.envelope.recipients[0], "", *message_.body, false};
            int step = 0;
            Outcome outcome = Outcome::delivered();
            {
                const FaultGuard guard(
                    [&](io::FileStep, const std::filesystem::path&) { return step++ == fail_at ? error : 0; });
                outcome = maildir.deliver(attempt);
            }
            if (step <= fail_at) {
                EXPECT_GT(fail_at, 8);
                break;
            }
            EXPECT_EQ(outcome.kind(), Outcome::Kind::temporary) << fail_at;
            EXPECT_THAT(outcome.text(), StartsWith("4.2.0 cannot write to mailbox"));
            for (const std::string& file : files_below(directory.path())) {
                EXPECT_THAT(file, StartsWith("a/new/")) << fail_at;
                EXPECT_TRUE(read_file(directory.path() / file).ends_with("\none\ntwo\n")) << fail_at;
            }
            EXPECT_EQ(maildir.deliver(attempt).kind(), Outcome::Kind::delivered);
            EXPECT_EQ(files_below(directory.path()).size(), 1u) << fail_at;
        }
    }
}

TEST_F(MaildirTest, ANameThatIsTooLongFailsForGood) {
    const Outcome outcome = deliver(std::string(300, 'a') + "@b");
    EXPECT_EQ(outcome.kind(), Outcome::Kind::permanent);
    EXPECT_THAT(outcome.text(), HasSubstr("5.1.1"));
    EXPECT_THAT(files_below(directory_.path()), IsEmpty());
}

TEST_F(MaildirTest, AFileInTheWayIsTemporary) {
    queue::write_file(directory_.path() / "b", "a file");
    EXPECT_EQ(deliver("a@b").kind(), Outcome::Kind::temporary);
}

}  // namespace
}  // namespace sluice::deliver
