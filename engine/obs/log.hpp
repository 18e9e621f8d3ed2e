// Two logs: what the server does, and what rules write with log() (configuration.md section 11). One line a record:
// time, level, event or text, key=value fields. Thread-safe; never blocks on anything but the file itself.
#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "engine/smtp/observer.hpp"

namespace spdlog {
class logger;
}

namespace sluice::obs {

enum class Level { trace, debug, info, warn, error };

struct LogSettings {
    std::string server_file;     // empty: standard error
    std::string app_file;        // empty: where the server log goes
    std::string level = "warn";  // off error warn info debug trace
};

using Field = std::pair<std::string_view, std::string>;

class Log {
  public:
    struct Opened;
    // A log file that cannot be opened stops the start.
    [[nodiscard]] static Opened open(const LogSettings& settings);
    ~Log();

    // event: a stable name ("reload-refused"); values are quoted where they need it.
    void event(Level level, std::string_view event, std::initializer_list<Field> fields = {});
    void app(Level level, std::string_view text, std::initializer_list<Field> fields = {});
    [[nodiscard]] bool app_enabled(Level level) const;

  private:
    Log() = default;
    std::shared_ptr<spdlog::logger> server_;
    std::shared_ptr<spdlog::logger> app_;
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
