#include "engine/obs/log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <exception>

#include "engine/net/bind.hpp"

namespace sluice::obs {

namespace {

constexpr auto level_settings = std::to_array<std::string_view>({"trace", "debug", "info", "warn", "error"});

int least_level(std::string_view setting) {
    const auto found = std::find(level_settings.begin(), level_settings.end(), setting);
    return static_cast<int>(found - level_settings.begin());
}

}  // namespace

Log::Opened Log::open(const LogSettings& settings) {
    Opened result;
    std::unique_ptr<Log> log(new Log);
    const auto open = [&](const std::string& path) {
        const auto opened = path.empty() ? log->writer_.open_standard_error() : log->writer_.open(path);
        if (!opened.file && result.error.empty())
            result.error = fmt::format("Failed opening file {} for writing: {}", path.empty() ? "standard error" : path,
                                       opened.failed.message());
        return opened.file;
    };
    log->least_ = least_level(settings.level);
    log->server_ = open(settings.server_file);
    log->app_ = settings.app_file.empty() ? log->server_ : open(settings.app_file);
    if (!result.error.empty()) return result;
    try {
        if (log->app_enabled(Level::error)) log->writer_.start();
        result.log = std::move(log);
    } catch (const std::exception& problem) {
        result.error = problem.what();
    }
    return result;
}

// A record for which there is no memory is none: whoever logs has better to do than to end.
template <class Append>
void Log::write(LineWriter::File& file, Level level, const Append& append) noexcept {
    if (!app_enabled(level)) return;
    try {
        thread_local std::string line;
        line.clear();
        append(line, std::chrono::system_clock::now());
        writer_.put(file, line, level == Level::error ? LineWriter::Urgency::at_once : LineWriter::Urgency::can_wait);
        if (line.capacity() > limits::log_batch) line = {};
    } catch (const std::exception&) {
    }
}

void Log::event(Level level, std::string_view event, Fields fields) noexcept {
    write(*server_, level, [&](std::string& line, auto now) { append_event(line, now, level, event, fields); });
}

void Log::app(Level level, std::string_view text, Fields fields) noexcept {
    write(*app_, level, [&](std::string& line, auto now) { append_rule_log(line, now, level, text, fields); });
}

void SessionLog::on_event(smtp::SessionEvent event, const smtp::SessionFacts& session,
                          std::string_view detail) noexcept {
    // engine/filter has logged it, with the name and the place of the rule.
    if (event == smtp::SessionEvent::rule_failed) return;
    const auto level = smtp::level_of(event);
    const auto own = level == smtp::EventLevel::error     ? Level::error
                     : level == smtp::EventLevel::warning ? Level::warn
                                                          : Level::info;
    if (!log_.app_enabled(own)) return;
    try {
        log_.event(
            own, smtp::to_string(event),
            {{"session", session.id.to_string()}, {"client", net::to_string(session.client)}, {"detail", detail}});
    } catch (const std::exception&) {
        // A record that cannot be written must not end a session.
    }
}

}  // namespace sluice::obs
