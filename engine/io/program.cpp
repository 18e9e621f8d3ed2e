#include "engine/io/program.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

extern "C" {
#include <sys/pidfd.h>  // glibc 2.36 forgets to say that it is C
}

#include <fmt/format.h>

#include <array>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <utility>

namespace sluice::io {

namespace {

using namespace asio::experimental::awaitable_operators;

std::string text_of(int error) { return std::generic_category().message(error); }

std::vector<char*> pointers(const std::vector<std::string>& texts) {
    std::vector<char*> all;
    for (const auto& text : texts) all.push_back(const_cast<char*>(text.c_str()));
    all.push_back(nullptr);
    return all;
}

// 0 and `child`, or an errno. `output`: -1, or where both outputs go.
int spawn(const Program& program, int output, pid_t& child) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    if (program.input.open())
        posix_spawn_file_actions_adddup2(&actions, program.input.number(), STDIN_FILENO);
    else
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    for (const int each : {STDOUT_FILENO, STDERR_FILENO})
        if (output >= 0) posix_spawn_file_actions_adddup2(&actions, output, each);
    posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);

    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t all;
    sigset_t none;
    sigfillset(&all);
    sigemptyset(&none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setsigmask(&attributes, &none);
    const int group = program.own_group ? POSIX_SPAWN_SETPGROUP : 0;  // whose number is the child's
    posix_spawnattr_setflags(&attributes, static_cast<short>(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | group));

    const auto arguments = pointers(program.words);
    const auto environment = program.environment ? pointers(*program.environment) : std::vector<char*>();
    const int error = posix_spawnp(&child, arguments.front(), &actions, &attributes, arguments.data(),
                                   program.environment ? environment.data() : environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return error;
}

// The end of what the program says, read while it runs so that it never waits for us.
class Output {
  public:
    Output(asio::any_io_executor executor, std::size_t kept) : stream_(executor), never_(executor), kept_(kept) {
        never_.expires_at(asio::steady_timer::time_point::max());
    }
    // The descriptor for the program; not open: it failed, errno says how.
    Descriptor open() {
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC) != 0) return {};
        stream_.assign(ends[0]);
        return Descriptor(ends[1]);
    }
    // Until it is cancelled.
    asio::awaitable<void> read() {
        while (stream_.is_open()) {
            const auto [failed, count] =
                co_await stream_.async_read_some(asio::buffer(block_), asio::as_tuple(asio::use_awaitable));
            if (failed) break;
            keep(count);
        }
        co_await never_.async_wait(asio::as_tuple(asio::use_awaitable));
    }
    // What is left; of programs in the background that still write, not more than a pipe holds.
    std::string take() {
        constexpr int kBlocksInAPipe = 16;
        error_code failed;
        if (stream_.is_open()) stream_.non_blocking(true, failed);
        for (int i = 0; stream_.is_open() && !failed && i < kBlocksInAPipe; ++i)
            keep(stream_.read_some(asio::buffer(block_), failed));
        if (text_.size() > kept_) text_.erase(0, text_.size() - kept_);
        return std::move(text_);
    }

  private:
    void keep(std::size_t count) {
        text_.append(block_.data(), count);
        if (text_.size() > kept_ + block_.size()) text_.erase(0, text_.size() - kept_);
    }

    asio::posix::stream_descriptor stream_;
    asio::steady_timer never_;
    std::size_t kept_;
    std::array<char, 4096> block_;
    std::string text_;
};

// The child exists: whatever happens, it ends and is waited for.
class Child {
  public:
    Child(pid_t pid, bool group, asio::any_io_executor executor) : pid_(pid), group_(group), end_(executor) {}
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    ~Child() {
        if (pid_ == 0) return;
        signal(SIGKILL);
        ProgramResult ignored;
        reap(ignored);
    }
    // 0, or an errno.
    int watch() {
        const int descriptor = ::pidfd_open(pid_, 0);
        if (descriptor < 0) return errno;
        end_.assign(descriptor);
        return 0;
    }
    void signal(int number) { (void)::kill(group_ ? -pid_ : pid_, number); }
    // Also false if the coroutine was cancelled and it goes on.
    asio::awaitable<bool> ends_within(std::chrono::milliseconds time, Output& output) {
        asio::steady_timer timer(end_.get_executor(), time);
        co_await (end_.async_wait(asio::posix::descriptor_base::wait_read, asio::as_tuple(asio::use_awaitable)) ||
                  timer.async_wait(asio::as_tuple(asio::use_awaitable)) || output.read());
        co_return has_ended();
    }
    void reap(ProgramResult& result) {
        int status = 0;
        while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
        }
        pid_ = 0;
        if (WIFSIGNALED(status))
            result.signal = WTERMSIG(status);
        else
            result.code = WEXITSTATUS(status);
    }

  private:
    bool has_ended() {
        pollfd asked{end_.native_handle(), POLLIN, 0};
        return ::poll(&asked, 1, 0) == 1;
    }

    pid_t pid_;  // 0: waited for
    bool group_;
    asio::posix::stream_descriptor end_;
};

ProgramResult not_run(std::string why) {
    ProgramResult result;
    result.error = std::move(why);
    return result;
}

asio::awaitable<ProgramResult> run_to_its_end(Program program) {
    const auto executor = co_await asio::this_coro::executor;
    Output output(executor, program.output_kept);
    Descriptor writing;
    if (program.output_kept > 0 && !(writing = output.open()).open())
        co_return not_run(fmt::format("cannot run '{}': {}", program.words.front(), text_of(errno)));
    pid_t pid = 0;
    if (const int error = spawn(program, writing.number(), pid); error != 0)
        co_return not_run(fmt::format("cannot run '{}': {}", program.words.front(), text_of(error)));
    (void)writing.close();
    (void)program.input.close();
    Child child(pid, program.own_group, executor);
    if (const int error = child.watch(); error != 0)
        co_return not_run(fmt::format("cannot wait for a program: {}", text_of(error)));

    ProgramResult result;
    bool ended = co_await child.ends_within(program.timeout, output);
    if (!ended) {
        const auto state = co_await asio::this_coro::cancellation_state;
        result.end = state.cancelled() == asio::cancellation_type::none ? ProgramEnd::timeout : ProgramEnd::cancelled;
        if (program.grace.count() > 0) {
            child.signal(SIGTERM);
            (void)co_await child.ends_within(program.grace, output);
        }
        // Though it may have ended: others of its group may not.
        child.signal(SIGKILL);
        while (!ended) ended = co_await child.ends_within(std::chrono::hours(1), output);
    }
    child.reap(result);
    result.output = output.take();
    co_return result;
}

}  // namespace

int start_program(const Program& program) {
    pid_t child = 0;
    return spawn(program, -1, child);
}

asio::awaitable<ProgramResult> run_program(Program program) {
    const bool throwing = co_await asio::this_coro::throw_if_cancelled();
    co_await asio::this_coro::throw_if_cancelled(false);
    ProgramResult result = co_await run_to_its_end(std::move(program));
    co_await asio::this_coro::throw_if_cancelled(throwing);
    co_return result;
}

ProgramInput program_input(std::span<const std::string_view> parts) {
    const auto failure = [] { return ProgramInput{{}, {errno, std::system_category()}}; };
    Descriptor file(::memfd_create("message", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (!file.open()) return failure();
    for (std::string_view part : parts) {
        while (!part.empty()) {
            const ssize_t written = ::write(file.number(), part.data(), part.size());
            if (written < 0 && errno == EINTR) continue;
            if (written < 0) return failure();
            part.remove_prefix(static_cast<std::size_t>(written));
        }
    }
    if (::lseek(file.number(), 0, SEEK_SET) != 0) return failure();
    if (::fcntl(file.number(), F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) != 0)
        return failure();
    return {std::move(file), {}};
}

}  // namespace sluice::io
