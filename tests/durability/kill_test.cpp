// kill -9 at every file step: a child process accepts, changes and delivers messages and tells over a pipe what it
// acknowledged; then the parent recovers the spool: everything acknowledged is there, nothing is half.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <map>
#include <set>
#include <sstream>

#include "engine/deliver/dispatcher.hpp"
#include "engine/deliver/local_transport.hpp"
#include "engine/deliver/maildir.hpp"
#include "tests/unit/engine_queue/spool_fixture.hpp"

namespace sluice::queue {
namespace {

struct Ended {
    bool killed = false;
    std::vector<std::string> said;  // lines
};

// Runs `work` in a child that is killed at file step `kill_at`. `say` writes a line to the parent.
Ended run_child(int kill_at, const std::function<void(const std::function<void(const std::string&)>& say)>& work) {
    int ends[2];
    if (::pipe(ends) != 0) std::abort();
    const pid_t child = ::fork();
    if (child == 0) {
        ::close(ends[0]);
        static std::atomic<int> steps = 0;
        io::set_fault_hook([kill_at](io::FileStep, const std::filesystem::path&) {
            if (steps++ == kill_at) ::kill(::getpid(), SIGKILL);
            return 0;
        });
        work([&](const std::string& line) {
            const std::string text = line + "\n";
            if (::write(ends[1], text.data(), text.size()) != static_cast<ssize_t>(text.size())) ::_exit(3);
        });
        ::_exit(0);
    }
    ::close(ends[1]);
    std::string all;
    char block[4096];
    for (ssize_t got = 0; (got = ::read(ends[0], block, sizeof block)) > 0;)
        all.append(block, static_cast<std::size_t>(got));
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    Ended ended{WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, {}};
    EXPECT_TRUE(ended.killed || (WIFEXITED(status) && WEXITSTATUS(status) == 0)) << status;
    std::istringstream lines(all);
    for (std::string line; std::getline(lines, line);) ended.said.push_back(line);
    return ended;
}

// What must hold after any crash. Returns the recovered messages by id.
std::map<std::string, StoredEnvelope> recover_checked(Spool& spool, const std::filesystem::path& root) {
    std::map<std::string, StoredEnvelope> entries;
    for (auto& entry : recover(spool)) {
        EXPECT_TRUE(spool.body(entry.envelope.id).body) << entry.envelope.id;
        const std::string id = entry.envelope.id;
        EXPECT_TRUE(entries.emplace(id, std::move(entry)).second);
    }
    for (const std::string& file : files_below(root)) EXPECT_FALSE(file.ends_with(".new")) << file;
    return entries;
}

TEST(Kill, SubmissionsOneAfterTheOther) {
    constexpr int kMessages = 3;
    for (int kill_at = 0;; ++kill_at) {
        SpoolDirectory directory;
        const Ended ended = run_child(kill_at, [&](const auto& say) {
            const auto spool = open_spool(directory.path());
            for (int i = 0; i < kMessages; ++i) {
                const Message message = make_message("message " + std::to_string(i) + "\r\n");
                if (!submit(*spool, message)) say(message.envelope.id);
            }
        });
        const auto spool = open_spool(directory.path());
        const auto entries = recover_checked(*spool, directory.path());
        for (const std::string& id : ended.said) EXPECT_TRUE(entries.contains(id)) << "lost at step " << kill_at;
        EXPECT_LE(entries.size(), ended.said.size() + 1);  // one may be stored and not yet acknowledged
        if (!ended.killed) {
            EXPECT_EQ(ended.said.size(), static_cast<std::size_t>(kMessages));
            break;
        }
    }
}

TEST(Kill, ABatchOfSubmissions) {
    constexpr int kMessages = 10;
    for (int kill_at = 40;; ++kill_at) {  // the steps of open() are those of the test above
        SpoolDirectory directory;
        const Ended ended = run_child(kill_at, [&](const auto& say) {
            std::atomic<int> done = 0;
            const auto spool = open_spool(directory.path());
            for (int i = 0; i < kMessages; ++i) {
                const Message message = make_message();
                spool->submit({{message, Queue::deliver}}, [&, id = message.envelope.id](std::error_code failed) {
                    if (!failed) say(id);
                    ++done;
                });
            }
        });
        const auto spool = open_spool(directory.path());
        const auto entries = recover_checked(*spool, directory.path());
        for (const std::string& id : ended.said) EXPECT_TRUE(entries.contains(id)) << "lost at step " << kill_at;
        if (!ended.killed) {
            EXPECT_EQ(ended.said.size(), static_cast<std::size_t>(kMessages));
            break;
        }
    }
}

TEST(Kill, ChangesOfOneMessage) {
    SpoolDirectory original;
    Message message = make_message("body\r\n", {"a@b", "c@d"});
    {
        const auto spool = open_spool(original.path());
        ASSERT_FALSE(submit(*spool, message));
    }
    for (int kill_at = 0;; ++kill_at) {
        SpoolDirectory directory;
        std::filesystem::copy(original.path(), directory.path(), std::filesystem::copy_options::recursive);
        const Ended ended = run_child(kill_at, [&](const auto& say) {
            const auto spool = open_spool(directory.path());
            (void)recover(*spool);
            Envelope envelope = message.envelope;
            envelope.recipients[0].state = RecipientState::sent;
            if (!update(*spool, envelope, Queue::deferred)) say("sent");
            if (!hold(*spool, envelope.id, "why")) say("held");
            if (!move(*spool, envelope.id, Queue::deliver)) say("released");
            if (!remove(*spool, envelope.id)) say("removed");
        });
        const auto spool = open_spool(directory.path());
        const auto entries = recover_checked(*spool, directory.path());
        const std::set<std::string> said(ended.said.begin(), ended.said.end());
        if (said.contains("removed")) {
            EXPECT_TRUE(entries.empty()) << kill_at;
        } else if (said.contains("released")) {
            // The removal may have come through.
            EXPECT_TRUE(entries.empty() || entries.begin()->second.queue == Queue::deliver) << kill_at;
        } else {
            ASSERT_EQ(entries.size(), 1u) << kill_at;
            const auto& entry = entries.begin()->second;
            EXPECT_EQ(entry.envelope.recipients.size(), 2u);
            EXPECT_TRUE(!said.contains("sent") || entry.envelope.recipients[0].state == RecipientState::sent)
                << kill_at;
            // The release may have come through.
            EXPECT_TRUE(!said.contains("held") || entry.queue == Queue::deliver || entry.envelope.hold_reason == "why")
                << kill_at;
        }
        if (!ended.killed) break;
    }
}

class Mailboxes : public deliver::Routing {
  public:
    explicit Mailboxes(std::shared_ptr<deliver::Transport> transport) : transport_(std::move(transport)) {}
    std::string destination(const Envelope&, const Recipient&) const override { return "mailboxes"; }
    std::shared_ptr<deliver::Transport> transport(const std::string&) const override { return transport_; }

  private:
    std::shared_ptr<deliver::Transport> transport_;
};

// From the acceptance to the mailbox: one copy for each recipient, wherever the process died.
TEST(Kill, DeliveryIntoMaildirs) {
    for (int kill_at = 30;; ++kill_at) {
        SpoolDirectory directory;
        const std::filesystem::path queues = directory.path() / "queues";
        const std::filesystem::path mail = directory.path() / "mail";
        const auto deliver_all = [&](Spool& spool, const std::function<void(deliver::Dispatcher&)>& feed) {
            const auto path = deliver::MailboxPath::parse((mail / "%u").string()).path;
            const auto maildir = std::make_shared<deliver::Maildir>(*path);
            io::BlockingPool pool(1);
            deliver::Dispatcher::Options options;
            deliver::Dispatcher dispatcher(
                spool, pool, std::make_shared<Mailboxes>(std::make_shared<deliver::LocalTransport>(maildir, pool)),
                options);
            feed(dispatcher);
            dispatcher.wait_idle();
        };
        const Ended ended = run_child(kill_at, [&](const auto& say) {
            const auto spool = open_spool(queues);
            deliver_all(*spool, [&](deliver::Dispatcher& dispatcher) {
                const Message message = make_message("Subject: x\r\n\r\nbody\r\n", {"a@x", "b@x"});
                if (submit(*spool, message)) return;
                say(message.envelope.id);
                dispatcher.add(message);
            });
        });
        const auto spool = open_spool(queues);
        auto recovered = recover(*spool);
        const bool stored = !recovered.empty();
        deliver_all(*spool, [&](deliver::Dispatcher& dispatcher) { dispatcher.add_recovered(std::move(recovered)); });
        EXPECT_EQ(spool->size(), 0u) << kill_at;
        std::size_t copies = 0;
        for (const std::string& file : std::filesystem::exists(mail) ? files_below(mail) : std::vector<std::string>()) {
            if (!file.starts_with("a/new/") && !file.starts_with("b/new/")) continue;  // tmp/ is not read by anybody
            EXPECT_TRUE(read_file(mail / file).ends_with("\nbody\n")) << file;
            ++copies;
        }
        EXPECT_TRUE(copies == 2 || (ended.said.empty() && !stored && copies == 0)) << kill_at << ": " << copies;
        if (!ended.killed) break;
    }
}

}  // namespace
}  // namespace sluice::queue
