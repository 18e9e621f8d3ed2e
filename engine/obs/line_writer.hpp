// Writes lines to files on a thread of its own, so that who logs waits for no disk: lines are gathered and written
// together, at most `delay` later; at once when `batch` octets have come, or a line that must not wait.
//
// Lines of one file stand in the order of put(), each whole. A file that does not take them (ENOSPC, EIO, a pipe that
// nobody reads) holds up nobody: lines wait until `buffer` octets of that file do, further ones are lost. What was lost
// is told by a line in their place, "log-lines-lost"; a failed write by one in the first file, "log-not-written".
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <vector>

#include "engine/base/limits.hpp"

namespace sluice::obs {

struct WriterOptions {
    std::size_t buffer = limits::log_buffer;  // of one file: what is being written included
    std::size_t batch = limits::log_batch;
    std::chrono::milliseconds delay = limits::log_delay;
    std::chrono::milliseconds retry = limits::log_retry;
    std::chrono::milliseconds patience = limits::log_patience;
};

class LineWriter {
  public:
    explicit LineWriter(WriterOptions options = {});
    // Writes all; what a file does not take even now is lost: one more attempt if its last write failed, `patience` if
    // it is a pipe.
    ~LineWriter();
    LineWriter(const LineWriter&) = delete;
    LineWriter& operator=(const LineWriter&) = delete;

    class File;
    struct Opened {
        File* file = nullptr;  // lives as long as the writer; null if `failed`
        std::error_code failed;
    };
    // These before start(). Appends to the file, which is made if it is missing, with its directories; two names of one
    // file give one File.
    [[nodiscard]] Opened open(const std::string& path);
    [[nodiscard]] Opened open_standard_error();
    // Throws std::system_error if there can be no thread.
    void start();

    enum class Urgency : std::uint8_t { can_wait, at_once };
    // Any thread. `line` has its end.
    void put(File& file, std::string_view line, Urgency urgency) noexcept;
    // Returns when everything put before is written, or its file does not take it.
    void flush() noexcept;

  private:
    using Clock = std::chrono::steady_clock;

    [[nodiscard]] Opened add(int descriptor, std::string name);
    void work();
    void rest(std::unique_lock<std::mutex>& lock);
    void settle();
    [[nodiscard]] bool finished(Clock::time_point stopped) const;
    [[nodiscard]] bool hurried() const { return stopping_ || flushes_ > 0; }

    const WriterOptions options_;
    std::vector<std::unique_ptr<File>> files_;

    std::mutex mutex_;  // guards the rest, and what says so of each file
    std::condition_variable wake_;
    std::condition_variable round_ended_;
    std::uint64_t rounds_ = 0;  // of the thread: each writes what every file has
    std::size_t flushes_ = 0;   // who waits in flush()
    bool resting_ = false;      // the thread waits for a first line
    bool writing_ = false;      // it is in the middle of a round
    bool urgent_ = false;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace sluice::obs
