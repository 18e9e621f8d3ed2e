// Two logs: what the server does, and what rules write with log() (configuration.md section 11). One line a record:
// log_line.hpp says how it looks. Thread-safe; never blocks: a thread of its own writes (line_writer.hpp), errors at
// once, the rest a few milliseconds later.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "engine/obs/line_writer.hpp"
#include "engine/obs/log_line.hpp"
#include "engine/smtp/observer.hpp"

namespace sluice::obs {

struct LogSettings {
    std::string server_file;     // empty: standard error
    std::string app_file;        // empty: where the server log goes
    std::string level = "warn";  // off error warn info debug trace
};

class Log {
  public:
    struct Opened;
    // A log file that cannot be opened stops the start.
    [[nodiscard]] static Opened open(const LogSettings& settings);
    // The destructor writes what has not been written yet.

    // event: a stable name ("reload-refused"); values are quoted where they need it.
    void event(Level level, std::string_view event, Fields fields = {}) noexcept;
    void app(Level level, std::string_view text, Fields fields = {}) noexcept;
    [[nodiscard]] bool app_enabled(Level level) const { return static_cast<int>(level) >= least_; }

    // Returns when all records so far are in their files, or their files do not take them.
    void flush() noexcept { writer_.flush(); }

  private:
    Log() = default;
    template <class Append>
    void write(LineWriter::File& file, Level level, const Append& append) noexcept;

    int least_ = 0;  // a Level, or one past the last: off
    LineWriter writer_;
    LineWriter::File* server_ = nullptr;
    LineWriter::File* app_ = nullptr;
};

struct Log::Opened {
    std::unique_ptr<Log> log;  // null exactly if there is an error
    std::string error;
};

// Session events go to the server log with the session's id and client.
class SessionLog final : public smtp::SessionObserver {
  public:
    explicit SessionLog(Log& log) : log_(log) {}
    void on_event(smtp::SessionEvent event, const smtp::SessionFacts& session,
                  std::string_view detail) noexcept override;

  private:
    Log& log_;
};

}  // namespace sluice::obs
