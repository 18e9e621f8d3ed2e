// Stored messages for people and programs: the lines of `sluice queue list`, and `sluice queue show`.
#pragma once

#include <string>

#include <boost/json.hpp>

#include "engine/queue/log_scan.hpp"

namespace sluice::app {

// "ID  QUEUE  AGE  FROM  TO  (why)", with the line's end.
[[nodiscard]] std::string list_line(const queue::StoredEnvelope& stored, queue::TimePoint now);
[[nodiscard]] boost::json::object to_json(const queue::StoredEnvelope& stored);
// Everything that is known of it, line by line.
[[nodiscard]] std::string details(const queue::StoredEnvelope& stored, queue::TimePoint now);

}  // namespace sluice::app
