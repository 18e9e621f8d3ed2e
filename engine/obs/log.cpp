#include "engine/obs/log.hpp"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "engine/net/bind.hpp"

namespace sluice::obs {

namespace {

spdlog::level::level_enum spd_level(Level level) {
    static constexpr spdlog::level::level_enum levels[] = {
        spdlog::level::trace, spdlog::level::debug, spdlog::level::info, spdlog::level::warn, spdlog::level::err};
    return levels[static_cast<int>(level)];
}

bool plain(std::string_view value) {
    if (value.empty()) return false;
    for (const char c : value)
        if (static_cast<unsigned char>(c) <= ' ' || c == '"' || c == '=' || c == 0x7f) return false;
    return true;
}

// Line breaks and control characters never reach the log, so that no client can forge a record.
void append_value(std::string& out, std::string_view value) {
    if (plain(value)) {
        out += value;
        return;
    }
    out += '"';
    for (const char c : value) {
        if (c == '"' || c == '\\') out += '\\';
        if (static_cast<unsigned char>(c) < ' ' || c == 0x7f)
            out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
        else
            out += c;
    }
    out += '"';
}

std::string line_of(std::string_view first, std::initializer_list<Field> fields) {
    std::string line(first);
    for (const auto& [key, value] : fields) {
        line += ' ';
        line += key;
        line += '=';
        append_value(line, value);
    }
    return line;
}

std::shared_ptr<spdlog::logger> make_logger(const std::string& name, const std::string& file,
                                            const std::string& level) {
    spdlog::sink_ptr sink;
    if (file.empty())
        sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    else
        sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(file);
    auto logger = std::make_shared<spdlog::logger>(name, sink);
    logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %l %v");
    logger->set_level(level == "off" ? spdlog::level::off : spdlog::level::from_str(level));
    logger->flush_on(spdlog::level::trace);
    return logger;
}

}  // namespace

Log::~Log() = default;

Log::Opened Log::open(const LogSettings& settings) {
    Opened result;
    try {
        std::unique_ptr<Log> log(new Log);
        log->server_ = make_logger("server", settings.server_file, settings.level);
        log->app_ = settings.app_file.empty() || settings.app_file == settings.server_file
                        ? log->server_
                        : make_logger("app", settings.app_file, settings.level);
        result.log = std::move(log);
    } catch (const spdlog::spdlog_ex& problem) {
        result.error = problem.what();
    }
    return result;
}

void Log::event(Level level, std::string_view event, std::initializer_list<Field> fields) {
    if (server_->should_log(spd_level(level))) server_->log(spd_level(level), "{}", line_of(event, fields));
}

void Log::app(Level level, std::string_view text, std::initializer_list<Field> fields) {
    if (!app_enabled(level)) return;
    std::string quoted;
    append_value(quoted, text);
    app_->log(spd_level(level), "{}", line_of("rule-log text=" + quoted, fields));
}

bool Log::app_enabled(Level level) const { return app_->should_log(spd_level(level)); }

void SessionLog::on_event(smtp::SessionEvent event, const smtp::SessionFacts& session,
                          std::string_view detail) noexcept {
    // engine/filter has logged it, with the name and the place of the rule.
    if (event == smtp::SessionEvent::rule_failed) return;
    const auto level = smtp::level_of(event);
    const auto own = level == smtp::EventLevel::error     ? Level::error
                     : level == smtp::EventLevel::warning ? Level::warn
                                                          : Level::info;
    try {
        log_.event(own, smtp::to_string(event),
                   {{"session", session.id.to_string()},
                    {"client", net::to_string(session.client)},
                    {"detail", std::string(detail)}});
    } catch (...) {
        // A record that cannot be written must not end a session.
    }
}

}  // namespace sluice::obs
