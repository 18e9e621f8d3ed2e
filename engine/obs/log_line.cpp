#include "engine/obs/log_line.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <ctime>
#include <iterator>

namespace sluice::obs {

namespace {

using Time = std::chrono::system_clock::time_point;

constexpr std::string_view level_names[] = {"trace", "debug", "info", "warning", "error"};

struct Second {
    std::time_t number = -1;
    std::string time;  // "2026-02-03T04:05:06"
    std::string zone;  // "+01:00"
};

// The local time of a second is worked out once a second and thread.
const Second& second_of(std::time_t number) {
    thread_local Second second;
    if (second.number == number) return second;
    std::tm local{};
    ::localtime_r(&number, &local);
    const long minutes = std::labs(local.tm_gmtoff) / 60;
    second.time = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", local.tm_year + 1900, local.tm_mon + 1,
                              local.tm_mday, local.tm_hour, local.tm_min, local.tm_sec);
    second.zone = fmt::format("{}{:02}:{:02}", local.tm_gmtoff < 0 ? '-' : '+', minutes / 60, minutes % 60);
    second.number = number;
    return second;
}

void append_start(std::string& out, Time time, Level level) {
    const auto whole = std::chrono::floor<std::chrono::seconds>(time);
    const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(time - whole).count();
    const auto& second = second_of(std::chrono::system_clock::to_time_t(whole));
    out += second.time;
    out += '.';
    for (const auto unit : {100, 10, 1}) out += static_cast<char>('0' + milliseconds / unit % 10);
    out += second.zone;
    out += ' ';
    out += level_names[static_cast<std::size_t>(level)];
    out += ' ';
}

bool is_control(char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; }
bool is_special(char c) { return is_control(c) || c == '"' || c == '\\'; }

// Octets that need no quotes.
constexpr auto plain_octets = [] {
    std::array<bool, 256> plain{};
    for (std::size_t c = 0; c < plain.size(); ++c) plain[c] = c > ' ' && c != '"' && c != '=' && c != 0x7f;
    return plain;
}();

bool plain(std::string_view value) {
    const auto is_plain = [](char c) { return plain_octets[static_cast<unsigned char>(c)]; };
    return !value.empty() && std::all_of(value.begin(), value.end(), is_plain);
}

void append_value(std::string& out, std::string_view value) {
    if (plain(value)) {
        out += value;
        return;
    }
    out += '"';
    while (!value.empty()) {
        const auto special = std::find_if(value.begin(), value.end(), is_special);
        const auto ordinary = static_cast<std::size_t>(special - value.begin());
        out += value.substr(0, ordinary);
        value.remove_prefix(ordinary);
        if (value.empty()) break;
        if (is_control(value.front()))
            fmt::format_to(std::back_inserter(out), "\\x{:02x}", static_cast<unsigned char>(value.front()));
        else
            (out += '\\') += value.front();
        value.remove_prefix(1);
    }
    out += '"';
}

void append_fields(std::string& out, Fields fields) {
    for (const auto& [key, value] : fields) {
        out += ' ';
        out += key;
        out += '=';
        append_value(out, value);
    }
    out += '\n';
}

}  // namespace

void append_event(std::string& out, Time time, Level level, std::string_view event, Fields fields) {
    append_start(out, time, level);
    out += event;
    append_fields(out, fields);
}

void append_rule_log(std::string& out, Time time, Level level, std::string_view text, Fields fields) {
    append_start(out, time, level);
    out += "rule-log text=";
    append_value(out, text);
    append_fields(out, fields);
}

}  // namespace sluice::obs
