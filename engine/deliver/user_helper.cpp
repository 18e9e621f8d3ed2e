#include "engine/deliver/user_helper.hpp"

#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <utility>

#include "engine/deliver/mailbox_transport.hpp"
#include "engine/deliver/user_job.hpp"
#include "engine/io/passed_descriptors.hpp"
#include "grammar/mail/parameters.hpp"

namespace sluice::deliver {

namespace {

struct Account {
    MailboxOwner owner;
    uid_t user = 0;
    gid_t group = 0;
};

struct Found {
    std::optional<Account> account;
    Outcome why_not = Outcome::permanent("5.1.1 no such user");
};

std::string error_text(int error) { return std::generic_category().message(error); }

// As it is written, else in lower case.
Found find_account(const std::string& local_part) {
    errno = 0;
    const passwd* const entry = ::getpwnam(local_part.c_str());
    if (entry && entry->pw_uid == 0)
        return {std::nullopt, Outcome::permanent("5.1.1 root has no mailbox: give the address another user")};
    if (entry) return {Account{{entry->pw_name, entry->pw_dir}, entry->pw_uid, entry->pw_gid}};
    // What databases answer that do not know the name (getpwnam(3)).
    const bool unknown = errno == 0 || errno == ENOENT || errno == ESRCH || errno == EBADF || errno == EPERM;
    if (!unknown) return {std::nullopt, Outcome::temporary("4.3.0 cannot look up the user: " + error_text(errno))};
    const auto lower = grammar::mail::lower_case(local_part);
    return lower == local_part ? Found() : find_account(lower);
}

// From here on there is no way back.
std::optional<Outcome> become(const Account& account, const std::string& group) {
    gid_t group_id = account.group;
    if (!group.empty()) {
        const auto* const entry = ::getgrnam(group.c_str());
        if (!entry) return Outcome::temporary("4.3.5 config.server.system.group_local is no group: " + group);
        group_id = entry->gr_gid;
    }
    if (::initgroups(account.owner.name.c_str(), account.group) != 0 || ::setgid(group_id) != 0 ||
        ::setuid(account.user) != 0)
        return Outcome::temporary(
            fmt::format("4.3.0 cannot become user '{}': {}", account.owner.name, error_text(errno)));
    if (::setuid(0) == 0) return Outcome::temporary("4.3.0 root's rights do not go away");
    return std::nullopt;
}

std::string read_text(int file) {
    struct stat facts {};
    if (::fstat(file, &facts) != 0) return {};
    std::string text(static_cast<std::size_t>(facts.st_size), '\0');
    std::size_t done = 0;
    while (done < text.size()) {
        const ssize_t got = ::pread(file, text.data() + done, text.size() - done, static_cast<off_t>(done));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return {};
        done += static_cast<std::size_t>(got);
    }
    return text;
}

// Runs as the user.
Outcome deliver_as(std::string_view transport, MailboxPath path, const io::PassedDatagram& asked) {
    const auto job = UserJob::parse(asked.octets);
    const std::string text = read_text(asked.files[0].number());
    if (!job || text.empty()) return Outcome::temporary("4.3.0 the helper was not told what to deliver");
    const Attempt attempt{job->envelope, job->envelope.recipients[0], {}, text, job->maybe_repeated};
    return make_mailbox(transport, std::move(path))->deliver(attempt);
}

Outcome serve(const UserHelperOptions& options, const io::PassedDatagram& asked) {
    const std::string transport(UserJob::transport_of(asked.octets));
    if (std::find(options.transports.begin(), options.transports.end(), transport) == options.transports.end())
        return Outcome::temporary(fmt::format("4.3.5 the server was started without '{}': restart it", transport));
    auto path = mailbox_path(transport).path;
    if (!path) return Outcome::temporary(fmt::format("4.3.5 '{}' is no mailbox", transport));
    auto found = find_account(std::string(UserJob::local_part_of(asked.octets)));
    if (!found.account) return std::move(found.why_not);
    if (auto failure = become(*found.account, path->is_in_home() ? "" : options.group)) return *std::move(failure);
    return deliver_as(transport, (*std::move(path)).of(std::move(found.account->owner)), asked);
}

void answer(const io::Descriptor& to, const Outcome& outcome) {
    const std::string line = print_answer(outcome);
    (void)!::write(to.number(), line.data(), line.size());  // less than a pipe holds
}

void set_up_process() {
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) ::signal(number, SIG_IGN);  // it ends with the server
    ::signal(SIGCHLD, SIG_IGN);                                                             // nobody waits for them
    ::umask(077);
    const rlimit none{0, 0};
    (void)::setrlimit(RLIMIT_CORE, &none);  // mail must not end in files of root
    (void)!::chdir("/");
}

}  // namespace

int run_user_helper(int socket, const UserHelperOptions& options) {
    set_up_process();
    while (auto asked = io::receive_passed(socket, UserJob::kMostOctets)) {
        if (!asked->files[1].open()) continue;
        const pid_t child = ::fork();
        if (child > 0) continue;
        if (child < 0) {
            answer(asked->files[1], Outcome::temporary("4.3.0 cannot start a process: " + error_text(errno)));
            continue;
        }
        ::close(socket);
        ::alarm(static_cast<unsigned>(kUserDeliveryTime.count()));
        answer(asked->files[1], serve(options, *asked));
        ::_exit(0);
    }
    return 0;
}

}  // namespace sluice::deliver
