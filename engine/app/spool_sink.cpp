#include "engine/app/spool_sink.hpp"

#include <fmt/format.h>

#include "engine/app/stored_message.hpp"

namespace sluice::app {

// A part that preq refused while others were kept (decisions.md): its sender is told, if it did not ask not to be.
std::optional<queue::Message> SpoolSink::report_of(const smtp::SessionFacts& session,
                                                   const smtp::RefusedMessage& refused) const {
    const auto part = to_message(session, refused.transaction, "", QueueStages::no);
    queue::Envelope envelope = part.envelope;
    std::vector<queue::DsnRecipient> told;
    for (auto& recipient : envelope.recipients) {
        recipient.state = queue::RecipientState::failed;
        recipient.status = refused.reply.enhanced ? refused.reply.enhanced->to_string() : "5.0.0";
        recipient.last_error = refused.reply.print();
        if (queue::is_owed(envelope, recipient, queue::DsnAction::failed))
            told.push_back({&recipient, queue::DsnAction::failed});
    }
    log_->event(obs::Level::warn, "part-refused",
                {{"id", envelope.id},
                 {"reported", told.empty() ? "no" : "yes"},
                 {"reason", envelope.recipients.empty() ? "" : envelope.recipients.front().last_error}});
    if (told.empty()) return std::nullopt;
    return delivery_->report(envelope, *part.body, told, {});
}

asio::awaitable<smtp::SinkResult> SpoolSink::submit(const smtp::SessionFacts& session, smtp::Submission submission) {
    std::vector<queue::Spool::NewMessage> parts;
    for (auto& committed : submission.messages) {
        const auto stages = committed.queue_stages ? QueueStages::yes : QueueStages::no;
        queue::Spool::NewMessage part{to_message(session, committed.transaction, committed.trace_header, stages),
                                      committed.queue_stages ? queue::Queue::working : queue::Queue::deliver};
        if (committed.transaction.skip.kind == smtp::VerdictKind::quarantine) {
            part.queue = queue::Queue::quarantine;
            part.message.envelope.quarantine = committed.transaction.skip.quarantine;
        }
        parts.push_back(std::move(part));
    }
    for (auto& refused : submission.refused)
        if (auto report = report_of(session, refused)) parts.push_back({*std::move(report), queue::Queue::deliver});
    if (delivery_->dispatcher().active() > limits_.active_max) {
        asio::steady_timer pause(co_await asio::this_coro::executor, limits_.flow_delay);
        co_await pause.async_wait(asio::use_awaitable);
    }
    if (const auto error = co_await spool_->submit(parts)) {
        const bool full = error == std::errc::no_space_on_device;
        co_return smtp::SinkResult{full ? smtp::SinkStatus::full : smtp::SinkStatus::failed, error.message()};
    }
    for (auto& part : parts)
        if (queue::is_delivered(part.queue)) delivery_->dispatcher().add(std::move(part.message));
    co_return smtp::SinkResult{};
}

smtp::SinkStatus SpoolSink::room_for(std::uint64_t size) const noexcept {
    if (spool_->size() >= limits_.messages_max) return smtp::SinkStatus::full;
    switch (spool_->health_for(size)) {
        case queue::Health::ok: return smtp::SinkStatus::stored;
        case queue::Health::full: return smtp::SinkStatus::full;
        case queue::Health::failed: break;
    }
    return smtp::SinkStatus::failed;
}

}  // namespace sluice::app
