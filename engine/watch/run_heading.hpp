// What stands before a stage run of a live session: when, which session, which client, and the envelope as far as it is
// known.
#pragma once

#include <string>

#include <boost/json/object.hpp>

#include "engine/filter/stage_trace.hpp"

namespace sluice::watch {

// 2026-11-22T09:13:21.123Z GK3V9QZ0T2MN client 192.0.2.1:49152 from <john@example.net> rcpt <jane@example.com>
[[nodiscard]] std::string heading_text(const smtp::SessionFacts& session, const smtp::Transaction* transaction,
                                       const filter::StageTrace& trace);
// {time, session, client, from, rcpt: […]}: null and an empty array for what is not known yet.
[[nodiscard]] boost::json::object heading_json(const smtp::SessionFacts& session, const smtp::Transaction* transaction,
                                               const filter::StageTrace& trace);

}  // namespace sluice::watch
