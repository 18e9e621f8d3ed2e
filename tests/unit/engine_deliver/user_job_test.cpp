// What the server and the helper for mailboxes of system users say to each other, and over what.
#include <gtest/gtest.h>

#include <unistd.h>

#include "engine/base/ids.hpp"
#include "engine/deliver/mailbox_path.hpp"
#include "engine/deliver/user_job.hpp"
#include "engine/io/passed_descriptors.hpp"

namespace sluice::deliver {
namespace {

UserJob job() {
    UserJob job{.transport = "maildir:~/Maildir", .maybe_repeated = true, .envelope = {}};
    job.envelope.id = Uuid::random().to_string();
    job.envelope.reverse_path = "a@b";
    job.envelope.received = queue::TimePoint(std::chrono::seconds(1'700'000'000));
    job.envelope.recipients.emplace_back().address = "\"jane doe\"@c.test";
    return job;
}

TEST(UserJob, IsUnderstoodAsItWasMeant) {
    const auto datagram = job().print();
    EXPECT_EQ(UserJob::local_part_of(datagram), "jane doe");
    EXPECT_EQ(UserJob::transport_of(datagram), "maildir:~/Maildir");
    const auto sent = job();
    const auto parsed = UserJob::parse(sent.print());
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->transport, sent.transport);
    EXPECT_TRUE(parsed->maybe_repeated);
    EXPECT_EQ(parsed->envelope, sent.envelope);
}

TEST(UserJob, CutOffAnywhereItIsNone) {
    const auto datagram = job().print();
    for (std::size_t length = 0; length < datagram.size(); ++length)
        EXPECT_FALSE(UserJob::parse(datagram.substr(0, length))) << length;
    auto two = job();
    two.envelope.recipients.emplace_back().address = "x@y";
    EXPECT_FALSE(UserJob::parse(two.print()));
}

TEST(UserJob, AnswersOfOneLine) {
    for (const auto& outcome :
         {Outcome::delivered(), Outcome::temporary("4.2.2 full"), Outcome::permanent("5.1.1 a\nb")}) {
        const auto line = print_answer(outcome);
        EXPECT_EQ(line.find('\n'), line.size() - 1);
        const auto parsed = parse_answer(line);
        ASSERT_TRUE(parsed);
        EXPECT_EQ(parsed->kind(), outcome.kind());
        EXPECT_EQ(parsed->status(), outcome.status());
        for (std::size_t length = 0; length < line.size(); ++length) EXPECT_FALSE(parse_answer(line.substr(0, length)));
    }
    EXPECT_FALSE(parse_answer("sometimes\n"));
}

TEST(MailboxPathOfUsers, BeginsAtHisHome) {
    auto parsed = MailboxPath::parse("~/mail/%d/%u");
    ASSERT_TRUE(parsed.path);
    EXPECT_TRUE(parsed.path->is_in_home());
    const auto address = split_address("Jane@C.test");
    EXPECT_EQ(parsed.path->expand(address), std::nullopt);  // nobody's
    EXPECT_EQ(std::move(*parsed.path).of({"jane", "/home/j"}).expand(address), "/home/j/mail/c.test/jane");
    EXPECT_EQ(std::move(*MailboxPath::parse("/var/mail/%u").path).of({"jane", "/home/j"}).expand(address),
              "/var/mail/jane");
    EXPECT_EQ(MailboxPath::parse("~/").error, "a mailbox path must name a mailbox");
    EXPECT_EQ(MailboxPath::parse("~/../x").error, "a mailbox path must not contain ..");
    EXPECT_EQ(MailboxPath::parse("~jane/x").error, "a mailbox path must be absolute");
}

TEST(PassedDescriptors, ArriveOpenAndInOrder) {
    auto pair = io::make_socket_pair();
    ASSERT_FALSE(pair.failed);
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const io::Descriptor from(ends[0]);
    io::Descriptor to(ends[1]);
    const std::array<int, 2> files = {from.number(), to.number()};
    ASSERT_FALSE(io::send_passing(pair.ours.number(), "words", files));
    auto got = io::receive_passed(pair.theirs.number(), 100);
    ASSERT_TRUE(got);
    EXPECT_EQ(got->octets, "words");
    EXPECT_FALSE(got->files[2].open());
    ASSERT_EQ(::write(got->files[1].number(), "x", 1), 1);
    char c = 0;
    EXPECT_EQ(::read(got->files[0].number(), &c, 1), 1);
    EXPECT_EQ(c, 'x');
    (void)pair.ours.close();
    EXPECT_FALSE(io::receive_passed(pair.theirs.number(), 100));
    auto other = io::make_socket_pair();
    (void)other.theirs.close();
    EXPECT_EQ(io::send_passing(other.ours.number(), "words", files), std::errc::broken_pipe);
}

}  // namespace
}  // namespace sluice::deliver
