#include "engine/obs/line_writer.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>

#include <algorithm>
#include <climits>
#include <csignal>
#include <filesystem>
#include <optional>

#include "engine/io/descriptor.hpp"
#include "engine/obs/log_line.hpp"

namespace sluice::obs {

namespace {

std::error_code last_error() { return {errno, std::system_category()}; }

// As many whole lines as a pipe takes in one piece, so that nobody else who writes to it gets between; at least one.
std::string_view pipe_load(std::string_view text) {
    if (text.size() <= PIPE_BUF) return text;
    const auto end = text.rfind('\n', PIPE_BUF - 1);
    return text.substr(0, end == std::string_view::npos ? PIPE_BUF : end + 1);
}

void block_signals() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

}  // namespace

class LineWriter::File {
  public:
    File(int descriptor, std::string name, const struct stat& facts)
        : descriptor_(descriptor),
          name_(std::move(name)),
          device_(facts.st_dev),
          inode_(facts.st_ino),
          is_regular_(S_ISREG(facts.st_mode)) {}

    [[nodiscard]] bool is(const struct stat& facts) const { return facts.st_dev == device_ && facts.st_ino == inode_; }
    [[nodiscard]] const std::string& name() const { return name_; }

    // --- under the mutex
    void keep(std::string_view line, std::size_t most) noexcept {
        try {
            if (gathered_.size() + in_work_ + line.size() <= most) {
                gathered_ += line;
                return;
            }
        } catch (const std::bad_alloc&) {  // one more way to lose a line
        }
        ++lost_;
    }
    void note(std::string_view line) { gathered_ += line; }
    void take(std::size_t usual_size);
    // What came of write(); whether the file has begun to fail.
    [[nodiscard]] bool settle() {
        in_work_ = left();
        return std::exchange(failing_, static_cast<bool>(failed_)) < failing_;
    }
    [[nodiscard]] std::size_t gathered() const { return gathered_.size(); }
    [[nodiscard]] bool failing() const { return failing_; }
    [[nodiscard]] bool empty() const { return gathered_.empty() && in_work_ == 0 && lost_ == 0; }

    // --- on the thread
    // Waits that long for a pipe that is full. `forced`: also if it is too early after an error.
    void write(const WriterOptions& options, bool forced);
    [[nodiscard]] std::error_code failed() const { return failed_; }

  private:
    [[nodiscard]] std::size_t left() const { return taken_.size() - written_; }
    [[nodiscard]] bool ready(std::chrono::milliseconds patience) const {
        pollfd wanted{descriptor_.number(), POLLOUT, 0};
        return is_regular_ || ::poll(&wanted, 1, static_cast<int>(patience.count())) > 0;
    }

    const io::Descriptor descriptor_;
    const std::string name_;
    const dev_t device_;
    const ino_t inode_;
    const bool is_regular_;

    // --- guarded
    std::string gathered_;
    std::size_t in_work_ = 0;  // left() as others may see it
    std::uint64_t lost_ = 0;
    bool failing_ = false;

    // --- of the thread
    std::string taken_;
    std::size_t written_ = 0;  // octets of it
    std::error_code failed_;
    Clock::time_point next_try_;
};

// Nothing while there is something left: that may have to wait for long.
void LineWriter::File::take(std::size_t usual_size) {
    if (left() != 0) return;
    taken_.clear();
    if (taken_.capacity() > usual_size) taken_.shrink_to_fit();
    written_ = 0;
    taken_.swap(gathered_);
    if (const auto lost = std::exchange(lost_, 0))
        append_event(taken_, std::chrono::system_clock::now(), Level::warn, "log-lines-lost",
                     {{"count", std::to_string(lost)}});
    in_work_ = left();
}

void LineWriter::File::write(const WriterOptions& options, bool forced) {
    if (left() == 0 || (failed_ && !forced && Clock::now() < next_try_)) return;
    failed_.clear();
    while (left() != 0 && ready(options.delay)) {
        const auto rest = std::string_view(taken_).substr(written_);
        const auto load = is_regular_ ? rest : pipe_load(rest);
        const ssize_t done = ::write(descriptor_.number(), load.data(), load.size());
        if (done < 0 && errno == EAGAIN) return;  // somebody else has made it non-blocking, and fills it
        if (done <= 0) {
            failed_ = done == 0 ? std::make_error_code(std::errc::io_error) : last_error();
            next_try_ = Clock::now() + options.retry;
            return;
        }
        written_ += static_cast<std::size_t>(done);
    }
}

LineWriter::LineWriter(WriterOptions options) : options_(options) {}

LineWriter::~LineWriter() {
    if (!thread_.joinable()) return;
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

LineWriter::Opened LineWriter::add(int descriptor, std::string name) {
    struct stat facts {};
    if (descriptor < 0 || ::fstat(descriptor, &facts) != 0) return {nullptr, last_error()};
    auto file = std::make_unique<File>(descriptor, std::move(name), facts);
    for (const auto& other : files_)
        if (other->is(facts)) return {other.get(), {}};
    files_.push_back(std::move(file));
    return {files_.back().get(), {}};
}

LineWriter::Opened LineWriter::open(const std::string& path) {
    std::error_code ignored;  // shows when the file is opened
    if (const auto directory = std::filesystem::path(path).parent_path(); !directory.empty())
        std::filesystem::create_directories(directory, ignored);
    return add(::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666), path);
}

LineWriter::Opened LineWriter::open_standard_error() {
    return add(::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1), "standard error");
}

void LineWriter::start() {
    thread_ = std::thread([this] { work(); });
}

void LineWriter::put(File& file, std::string_view line, Urgency urgency) noexcept {
    bool wake = false;
    {
        const std::lock_guard lock(mutex_);
        file.keep(line, options_.buffer);
        if (!file.failing()) {
            const bool now = urgency == Urgency::at_once || file.gathered() >= options_.batch;
            wake = resting_ || (now && !urgent_);
            urgent_ = urgent_ || now;
            resting_ = false;
        }
    }
    if (wake) wake_.notify_one();
}

// A round that has begun may have missed the last lines, and the next may be about what was left of earlier ones.
void LineWriter::flush() noexcept {
    if (!thread_.joinable()) return;
    std::unique_lock lock(mutex_);
    const auto wanted = rounds_ + (writing_ ? 3 : 2);
    ++flushes_;
    wake_.notify_one();
    round_ended_.wait(lock, [&] { return rounds_ >= wanted; });
    --flushes_;
}

void LineWriter::work() {
    block_signals();  // SIGPIPE, SIGXFSZ: a write that fails must not end the process
    std::optional<Clock::time_point> stopped;
    std::unique_lock lock(mutex_);
    while (!stopped || !finished(*stopped)) {
        rest(lock);
        if (stopping_ && !stopped) stopped = Clock::now();
        for (const auto& file : files_) file->take(4 * options_.batch);
        const bool forced = hurried();
        writing_ = true;
        lock.unlock();
        for (const auto& file : files_) file->write(options_, forced);
        lock.lock();
        writing_ = false;
        settle();
        ++rounds_;
        if (flushes_ > 0) round_ended_.notify_all();
    }
}

// Until there is something to write, and then until it is worth a write.
void LineWriter::rest(std::unique_lock<std::mutex>& lock) {
    const auto waits = [](const auto& file) { return !file->failing() && !file->empty(); };
    const auto fails = [](const auto& file) { return file->failing(); };
    const auto woken = [this] { return !resting_ || hurried(); };
    if (std::none_of(files_.begin(), files_.end(), waits)) {
        resting_ = true;
        if (std::any_of(files_.begin(), files_.end(), fails))
            wake_.wait_for(lock, options_.retry, woken);
        else
            wake_.wait(lock, woken);
        resting_ = false;
    }
    if (std::any_of(files_.begin(), files_.end(), waits))
        wake_.wait_for(lock, options_.delay, [this] { return urgent_ || hurried(); });
    urgent_ = false;
}

// The line about a failure has a place even in a full buffer. It stands in the first file, which may be the one that
// fails: then it is told when that takes lines again.
void LineWriter::settle() {
    for (const auto& file : files_) {
        if (!file->settle()) continue;
        std::string line;
        append_event(line, std::chrono::system_clock::now(), Level::error, "log-not-written",
                     {{"file", file->name()}, {"error", file->failed().message()}});
        files_.front()->note(line);
    }
}

bool LineWriter::finished(Clock::time_point stopped) const {
    const bool patient = Clock::now() < stopped + options_.patience;
    return std::all_of(files_.begin(), files_.end(),
                       [&](const auto& file) { return file->empty() || file->failing() || !patient; });
}

}  // namespace sluice::obs
