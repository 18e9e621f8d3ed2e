// A stage run of a session as the hub is told of it, for tests that need no server.
#pragma once

#include <string>

#include "engine/filter/stage_trace.hpp"

namespace sluice::watch::test {

inline smtp::SessionFacts session_of(const std::string& address = "192.0.2.7") {
    smtp::SessionFacts session;
    session.id = SessionId::random();
    session.client = {asio::ip::make_address(address), 4711};
    return session;
}

inline smtp::Transaction transaction_of(const std::string& from, const std::string& rcpt = "") {
    smtp::Transaction transaction;
    transaction.id = Uuid::random();
    if (!from.empty()) transaction.reverse_path = smtp::parse_address(from).value();
    if (!rcpt.empty()) transaction.add_recipient(smtp::parse_address(rcpt).value());
    return transaction;
}

inline filter::StageTrace trace_of(smtp::Stage stage, const smtp::Transaction* transaction = nullptr) {
    filter::StageTrace trace;
    trace.stage = stage;
    trace.script = "filter.vsl";
    if (transaction) trace.reverse_path = transaction->reverse_path;
    if (stage == smtp::Stage::rcpt) trace.recipient = transaction->recipients.back().address;
    return trace;
}

}  // namespace sluice::watch::test
