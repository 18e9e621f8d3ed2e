#include "engine/deliver/user_mailboxes.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <utility>

#include "engine/deliver/user_helper.hpp"
#include "engine/deliver/user_job.hpp"
#include "engine/io/passed_descriptors.hpp"
#include "engine/io/program.hpp"

namespace sluice::deliver {

namespace {

// Longer than the helper gives a delivery.
constexpr std::chrono::seconds kPatience = kUserDeliveryTime + std::chrono::seconds(10);
constexpr std::size_t kLongestAnswer = 4096;
constexpr std::string_view kNoHelper =
    "4.3.5 config.delivery.system_users was set after the server had given up root: restart it";
constexpr std::string_view kNoAnswer =
    "4.3.0 the helper that writes mailboxes of system users did not say what became of it";

std::error_code error_of(int number) { return {number, std::system_category()}; }

// The socket is its standard input; of ours it keeps the outputs only.
int spawn_helper(int socket, const Settings& settings) {
    std::vector<std::string> words = {"sluice", "deliver-as-users", "--group", settings.local_group};
    for (const auto& transport : mailbox_transports(settings)) words.insert(words.end(), {"--transport", transport});
    std::vector<char*> arguments;
    for (auto& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, socket, STDIN_FILENO);
    posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
    pid_t helper = 0;
    const int failed = posix_spawn(&helper, "/proc/self/exe", &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    return failed;
}

// Up to its end; empty if that does not come in time.
std::string read_answer(const io::Descriptor& from) {
    std::string answer;
    const auto until = std::chrono::steady_clock::now() + kPatience;
    for (;;) {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
        pollfd waits{.fd = from.number(), .events = POLLIN, .revents = 0};
        const int ready = ::poll(&waits, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
        if (ready < 0 && errno == EINTR) continue;
        std::array<char, kLongestAnswer> chunk{};
        const ssize_t got = ready > 0 ? ::read(from.number(), chunk.data(), chunk.size()) : -1;
        if (got < 0 && ready > 0 && errno == EINTR) continue;
        if (got <= 0) return got == 0 ? answer : std::string();
        answer.append(chunk.data(), static_cast<std::size_t>(got));
    }
}

class ByHelper final : public LocalDelivery {
  public:
    ByHelper(std::shared_ptr<UserMailboxes> helper, std::string transport)
        : helper_(std::move(helper)), transport_(std::move(transport)) {}

    Outcome deliver(const Attempt& attempt) override {
        if (!helper_) return Outcome::temporary(fmt::format(kNoHelper));
        return helper_->deliver(transport_, attempt);
    }
    bool repeatable() const noexcept override { return transport_.starts_with(maildir_prefix); }

  private:
    std::shared_ptr<UserMailboxes> helper_;
    std::string transport_;
};

}  // namespace

UserMailboxes::Started UserMailboxes::start(const Settings& settings) {
    auto pair = io::make_socket_pair();
    if (pair.failed) return {nullptr, pair.failed};
    if (const int failed = spawn_helper(pair.theirs.number(), settings)) return {nullptr, error_of(failed)};
    return {std::make_shared<UserMailboxes>(std::move(pair.ours)), {}};
}

Outcome UserMailboxes::deliver(const std::string& transport, const Attempt& attempt) {
    UserJob job{.transport = transport, .maybe_repeated = attempt.maybe_repeated, .envelope = {}};
    job.envelope.id = attempt.envelope.id;
    job.envelope.received = attempt.envelope.received;
    job.envelope.reverse_path = attempt.envelope.reverse_path;
    job.envelope.recipients.emplace_back().address = attempt.recipient.address;
    const auto text = io::program_input(std::array<std::string_view, 2>{attempt.prefix, attempt.body});
    if (text.failed)
        return Outcome::temporary(fmt::format("4.3.1 no memory for the message: {}", text.failed.message()));
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0)
        return Outcome::temporary(fmt::format("4.3.0 no pipe: {}", error_of(errno).message()));
    const io::Descriptor answer(ends[0]);
    io::Descriptor theirs(ends[1]);
    const std::array<int, 2> files = {text.file.number(), theirs.number()};
    if (const auto failed = io::send_passing(socket_.number(), job.print(), files))
        return Outcome::temporary(fmt::format(
            "4.3.0 the helper that writes mailboxes of system users does not answer ({}): restart the server",
            failed.message()));
    (void)theirs.close();
    auto outcome = parse_answer(read_answer(answer));
    return outcome ? *std::move(outcome) : Outcome::temporary(std::string(kNoAnswer));
}

std::shared_ptr<RecipientDelivery> deliver_to_users(std::shared_ptr<UserMailboxes> helper, std::string transport) {
    return std::make_shared<ByHelper>(std::move(helper), std::move(transport));
}

}  // namespace sluice::deliver
