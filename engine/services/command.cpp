#include "engine/services/command.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern "C" {
#include <sys/pidfd.h>  // glibc 2.36 forgets to say that it is C
}

#include <boost/asio/posix/stream_descriptor.hpp>

#include <system_error>

#include <fmt/format.h>

#include "dsl/host/system_accounts.hpp"

namespace sluice::services {

namespace {

using namespace asio::experimental::awaitable_operators;

std::string text_of(int error) { return std::generic_category().message(error); }

std::string primary_group(const std::string& user) {
    const auto found = dsl::find_user(user);
    return found ? std::to_string(found->group) : user;  // setpriv says what is wrong with the name
}

// What is really executed.
std::vector<std::string> words_of(const Command& command) {
    std::vector<std::string> words;
    if (!command.user.empty())
        words = {"/usr/bin/setpriv",
                 "--reuid",
                 command.user,
                 "--init-groups",
                 "--regid",
                 command.group.empty() ? primary_group(command.user) : command.group,
                 "--"};
    else if (!command.group.empty())
        words = {"/usr/bin/setpriv", "--regid", command.group, "--clear-groups", "--"};
    words.push_back(command.program);
    words.insert(words.end(), command.arguments.begin(), command.arguments.end());
    return words;
}

// 0 and `child`, or an errno. Signals are as a new program expects them; only the three standard descriptors are open.
int spawn(const std::vector<std::string>& words, pid_t& child) {
    std::vector<char*> argv;
    for (const auto& word : words) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
    sigset_t all;
    sigset_t none;
    sigfillset(&all);
    sigemptyset(&none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    const int error = posix_spawnp(&child, argv.front(), &actions, &attributes, argv.data(), environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

// The child exists: whatever happens, it ends and is waited for.
class Child {
  public:
    Child(pid_t pid, asio::posix::stream_descriptor end) : pid_(pid), end_(std::move(end)) {}
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    ~Child() {
        if (pid_ > 0) {
            kill();
            (void)reap();
        }
    }
    [[nodiscard]] asio::posix::stream_descriptor& end() { return end_; }
    void kill() { ::kill(pid_, SIGKILL); }
    [[nodiscard]] CommandResult reap() {
        int status = 0;
        while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
        }
        pid_ = 0;
        CommandResult result;
        if (WIFSIGNALED(status))
            result.signal = WTERMSIG(status);
        else
            result.code = WEXITSTATUS(status);
        return result;
    }

  private:
    pid_t pid_;
    asio::posix::stream_descriptor end_;
};

}  // namespace

asio::awaitable<CommandResult> run(Command command) {
    const bool other_identity = !command.user.empty() || !command.group.empty();
    if (other_identity && ::geteuid() != 0)
        co_return CommandResult{"'user' and 'group' of a command need a server that runs as root", {}, {}};
    pid_t pid = 0;
    if (const int error = spawn(words_of(command), pid); error != 0)
        co_return CommandResult{fmt::format("cannot run '{}': {}", command.program, text_of(error)), {}, {}};
    const auto executor = co_await asio::this_coro::executor;
    const int descriptor = ::pidfd_open(pid, 0);
    const int failed = errno;
    asio::posix::stream_descriptor end(executor);
    if (descriptor >= 0) end.assign(descriptor);
    Child child(pid, std::move(end));
    if (descriptor < 0) co_return CommandResult{fmt::format("cannot wait for a program: {}", text_of(failed)), {}, {}};

    asio::steady_timer timer(executor, command.timeout);
    const auto finished = co_await (
        child.end().async_wait(asio::posix::descriptor_base::wait_read, asio::as_tuple(asio::use_awaitable)) ||
        timer.async_wait(asio::as_tuple(asio::use_awaitable)));
    if (finished.index() != 0) {
        child.kill();
        co_await child.end().async_wait(asio::posix::descriptor_base::wait_read, asio::as_tuple(asio::use_awaitable));
    }
    co_return child.reap();
}

}  // namespace sluice::services
