#include "engine/watch/trace_watcher.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <boost/json.hpp>

#include "engine/filter/trace_text.hpp"
#include "engine/watch/run_heading.hpp"

namespace sluice::watch {

using smtp::Stage;

TraceWatcher::TraceWatcher(TraceFilter filter, const TraceRequest& request, std::weak_ptr<LineStream> stream)
    : filter_(std::move(filter)), form_(request.form), count_(request.count), stream_(std::move(stream)) {}

std::string TraceWatcher::render(const smtp::SessionFacts& session, const smtp::Transaction* transaction,
                                 const filter::StageTrace& trace) const {
    if (form_ == Form::text) return heading_text(session, transaction, trace) + filter::trace_text(trace);
    auto object = heading_json(session, transaction, trace);
    for (const auto& [key, value] : filter::trace_json(trace)) object[key] = value;
    return boost::json::serialize(object) + "\n";
}

void TraceWatcher::stage_ran(const smtp::SessionFacts& session, const smtp::Transaction* transaction,
                             const filter::StageTrace& trace) {
    if (!accepts(session)) return;
    auto decision = Decision::show;
    if (!filter_.by_client_only()) {
        const std::lock_guard lock(mutex_);
        auto& kept = kept_of(session);
        decision = decide(kept, transaction, trace);
        kept.shown = decision == Decision::show;
    }
    if (decision == Decision::no) return;
    auto lines = render(session, transaction, trace);
    const std::lock_guard lock(mutex_);
    if (decision == Decision::keep) return keep(kept_of(session), transaction == nullptr, std::move(lines));
    if (!filter_.by_client_only()) show_kept(kept_of(session));
    show(std::move(lines));
}

TraceWatcher::Decision TraceWatcher::decide(Kept& kept, const smtp::Transaction* transaction,
                                            const filter::StageTrace& trace) {
    if (!transaction) return Decision::keep;
    const auto from_matches = [&](const smtp::Address& address) {
        return !filter_.from || filter_.from->matches(address);
    };
    const bool from = from_matches(trace.reverse_path) || from_matches(transaction->reverse_path);
    if (trace.stage == Stage::mail) {
        std::erase_if(kept.runs, [](const KeptRun& run) { return !run.of_session; });
        kept.rcpt_matched.clear();
        kept.from_matched = from;
        if (!from) return Decision::no;
        return filter_.rcpt ? Decision::keep : Decision::show;
    }
    if (!from && !kept.from_matched) return Decision::no;
    return rcpt_matches(kept, *transaction, trace) ? Decision::show : Decision::no;
}

bool TraceWatcher::rcpt_matches(Kept& kept, const smtp::Transaction& transaction, const filter::StageTrace& trace) {
    if (!filter_.rcpt) return true;
    const bool this_rcpt_only = trace.stage == Stage::rcpt;
    const bool after = std::any_of(transaction.recipients.begin(), transaction.recipients.end(), [&](const auto& r) {
        return (!this_rcpt_only || r.command == transaction.rcpt_command) && filter_.rcpt->matches(r.address);
    });
    auto& parts = kept.rcpt_matched;
    const bool known_part = std::find(parts.begin(), parts.end(), transaction.id) != parts.end();
    if (!this_rcpt_only) return after || known_part;
    const bool before = filter_.rcpt->matches(trace.recipient);
    if (before && !after && !known_part) parts.push_back(transaction.id);
    return before || after;
}

TraceWatcher::Kept& TraceWatcher::kept_of(const smtp::SessionFacts& session) {
    auto id = session.id.to_string();
    if (const auto found = sessions_.find(id); found != sessions_.end()) return found->second;
    if (sessions_.size() >= limits::kept_sessions)
        sessions_.erase(std::min_element(sessions_.begin(), sessions_.end(),
                                         [](const auto& a, const auto& b) { return a.second.order < b.second.order; }));
    auto& kept = sessions_[std::move(id)];
    kept.order = ++order_;
    return kept;
}

void TraceWatcher::keep(Kept& kept, bool of_session, std::string lines) {
    auto octets = lines.size();
    for (const auto& run : kept.runs) octets += run.lines.size();
    if (octets > limits::kept_octets)
        ++kept.left_out;
    else
        kept.runs.push_back({of_session, std::move(lines)});
}

void TraceWatcher::show_kept(Kept& kept) {
    for (auto& run : std::exchange(kept.runs, {})) show(std::move(run.lines));
    const auto left_out = std::exchange(kept.left_out, 0);
    const auto stream = stream_.lock();
    if (left_out == 0 || !stream) return;
    stream->offer(form_ == Form::json
                      ? fmt::format("{{\"not_kept\":{}}}\n", left_out)
                      : fmt::format("({} earlier stage runs of this session were too long to be kept)\n", left_out));
}

void TraceWatcher::show(std::string lines) {
    const auto stream = stream_.lock();
    if (!stream || !stream->offer(std::move(lines))) return;
    if (++shown_ == count_) stream->finish(0);
}

void TraceWatcher::relay_denied(const smtp::SessionFacts& session, std::string_view recipient) {
    if (!accepts(session)) return;
    if (!filter_.by_client_only()) {
        const std::lock_guard lock(mutex_);
        if (!kept_of(session).shown) return;
    }
    const auto stream = stream_.lock();
    if (!stream) return;
    if (form_ == Form::json) {
        auto object = heading_json(session, nullptr, {});
        object["event"] = "relay-denied";
        object["rcpt"].emplace_array().emplace_back(recipient);
        stream->offer(boost::json::serialize(object) + "\n");
    } else {
        stream->offer(
            fmt::format("    relaying to <{}> denied: neither a handled domain, nor a client that may relay, nor "
                        "accepted by a rule (session {})\n",
                        recipient, session.id.to_string()));
    }
}

bool TraceWatcher::finished() const {
    const auto stream = stream_.lock();
    return !stream || stream->finished();
}

void TraceWatcher::finish(int exit_code) {
    if (const auto stream = stream_.lock()) stream->finish(exit_code);
}

void TraceWatcher::forget(const smtp::SessionFacts& session) {
    const std::lock_guard lock(mutex_);
    sessions_.erase(session.id.to_string());
}

}  // namespace sluice::watch
