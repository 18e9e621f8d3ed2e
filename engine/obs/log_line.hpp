// How a line of the log looks: time in the local zone, level, event or text, key=value fields.
//
//   2026-02-03T04:05:06.789+01:00 info rule-decided session=0123456789ab rule="no spam" status=deny
#pragma once

#include <chrono>
#include <initializer_list>
#include <string>
#include <string_view>

namespace sluice::obs {

enum class Level { trace, debug, info, warn, error };

// Views: what they point to must live until the call returns, which a temporary in the list of arguments does.
struct Field {
    std::string_view key;
    std::string_view value;
};
using Fields = std::initializer_list<Field>;

// Appends one line with its end. Values are quoted where they need it; line breaks and control characters never reach
// the log, so that no client can forge a record.
void append_event(std::string& out, std::chrono::system_clock::time_point time, Level level, std::string_view event,
                  Fields fields);
// What a rule logs: its text stands as a value.
void append_rule_log(std::string& out, std::chrono::system_clock::time_point time, Level level, std::string_view text,
                     Fields fields);

}  // namespace sluice::obs
