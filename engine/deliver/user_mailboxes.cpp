#include "engine/deliver/user_mailboxes.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <utility>

#include "engine/deliver/user_job.hpp"
#include "engine/io/passed_descriptors.hpp"
#include "engine/io/program.hpp"

namespace sluice::deliver {

namespace {

// Longer than the helper gives a delivery.
constexpr std::chrono::seconds kPatience = kUserDeliveryTime + std::chrono::seconds(10);
constexpr std::size_t kLongestAnswer = 4096;

std::error_code error_of(int number) { return {number, std::system_category()}; }

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
        if (!helper_)
            return Outcome::temporary(
                "4.3.5 config.delivery.system_users was set after the server had given up root: restart it");
        return helper_->deliver(transport_, attempt);
    }
    bool repeatable() const noexcept override { return transport_.starts_with(maildir_prefix); }

  private:
    std::shared_ptr<UserMailboxes> helper_;
    std::string transport_;
};

}  // namespace

std::optional<UserHelperOptions> user_helper_options(const Settings& settings) {
    if (!settings.system_users) return std::nullopt;
    return UserHelperOptions{mailbox_transports(settings), settings.local_group};
}

// The socket is its standard input.
UserMailboxes::Started UserMailboxes::start(const UserHelperOptions& options) {
    auto pair = io::make_socket_pair();
    if (pair.failed) return {nullptr, pair.failed};
    std::error_code failed;
    const auto here = std::filesystem::read_symlink("/proc/self/exe", failed);
    if (failed) return {nullptr, failed};
    io::Program helper{.words = {here.string(), "deliver-as-users", "--group", options.group}, .environment = {}};
    for (const auto& transport : options.transports)
        helper.words.insert(helper.words.end(), {"--transport", transport});
    helper.input = std::move(pair.theirs);
    if (const int error = io::start_program(helper)) return {nullptr, error_of(error)};
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
    if (auto outcome = parse_answer(read_answer(answer))) return *std::move(outcome);
    return Outcome::temporary("4.3.0 the helper that writes mailboxes of system users did not say what became of it");
}

std::shared_ptr<RecipientDelivery> deliver_to_users(std::shared_ptr<UserMailboxes> helper, std::string transport) {
    return std::make_shared<ByHelper>(std::move(helper), std::move(transport));
}

}  // namespace sluice::deliver
