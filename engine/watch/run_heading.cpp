#include "engine/watch/run_heading.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <boost/json.hpp>

#include "engine/base/limits.hpp"
#include "engine/base/timestamp.hpp"
#include "engine/net/bind.hpp"

namespace sluice::watch {

namespace {

std::string now_text() { return timestamp(std::chrono::system_clock::now()); }

// The recipient that rcpt is about, else all of them.
std::vector<std::string> recipients_of(const smtp::Transaction& transaction, const filter::StageTrace& trace) {
    if (trace.stage == smtp::Stage::rcpt) return {trace.recipient.text};
    std::vector<std::string> result;
    for (const auto& recipient : transaction.recipients) result.push_back(recipient.address.text);
    return result;
}

}  // namespace

std::string heading_text(const smtp::SessionFacts& session, const smtp::Transaction* transaction,
                         const filter::StageTrace& trace) {
    auto text = fmt::format("{} {} client {}", now_text(), session.id.to_string(), net::to_string(session.client));
    if (!transaction) return text + "\n";
    text += fmt::format(" from <{}>", trace.reverse_path.text);
    const auto all = recipients_of(*transaction, trace);
    const auto shown = std::min<std::size_t>(all.size(), limits::shown_recipients);
    for (std::size_t i = 0; i < shown; ++i) text += fmt::format("{} <{}>", i == 0 ? " rcpt" : ",", all[i]);
    if (all.size() > shown) text += fmt::format(" and {} more", all.size() - shown);
    return text + "\n";
}

boost::json::object heading_json(const smtp::SessionFacts& session, const smtp::Transaction* transaction,
                                 const filter::StageTrace& trace) {
    boost::json::value from;
    boost::json::array recipients;
    if (transaction) {
        from = trace.reverse_path.text;
        for (auto& recipient : recipients_of(*transaction, trace)) recipients.emplace_back(recipient);
    }
    return {{"time", now_text()},
            {"session", session.id.to_string()},
            {"client", net::to_string(session.client)},
            {"from", std::move(from)},
            {"rcpt", std::move(recipients)}};
}

}  // namespace sluice::watch
