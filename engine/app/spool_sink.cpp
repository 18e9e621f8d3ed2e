#include "engine/app/spool_sink.hpp"

#include <fmt/format.h>

#include "grammar/smtp/command_line.hpp"

namespace sluice::app {

namespace {

static_assert(int{queue::notify_never} == int{grammar::smtp::notify_never} &&
                  int{queue::notify_success} == int{grammar::smtp::notify_success} &&
                  int{queue::notify_failure} == int{grammar::smtp::notify_failure} &&
                  int{queue::notify_delay} == int{grammar::smtp::notify_delay},
              "notify is copied as it is");

queue::Message message_of(const smtp::SessionFacts& session, const smtp::Transaction& transaction, std::string trace) {
    queue::Message message;
    auto& envelope = message.envelope;
    envelope.id = transaction.id.to_string();
    envelope.reverse_path = transaction.reverse_path.text;
    for (const auto& recipient : transaction.recipients) {
        queue::Recipient stored;
        stored.address = recipient.address.text;
        stored.transport = recipient.transport;
        stored.notify = recipient.notify;
        stored.original_recipient = recipient.original_recipient;
        envelope.recipients.push_back(std::move(stored));
    }
    envelope.received = std::chrono::system_clock::now();
    envelope.client_ip = session.client.address().to_string();
    envelope.helo = session.helo;
    envelope.server_name = session.server_name;
    envelope.transaction_type = smtp::to_string(transaction.type);
    if (session.tls) envelope.tls = session.tls->version + " " + session.tls->cipher_std;
    if (session.authenticated_as && !session.is_anonymous()) envelope.user = *session.authenticated_as;
    envelope.ret = transaction.ret;
    envelope.envelope_id = transaction.envelope_id;
    envelope.eight_bit = transaction.body == smtp::BodyType::eight_bit_mime;
    envelope.smtputf8 = transaction.smtputf8;
    envelope.skip_rules = transaction.skip.kind == smtp::VerdictKind::faccept;
    message.body = transaction.message;
    message.prefix = std::move(trace);
    return message;
}

}  // namespace

// A part that preq refused while others were kept (decisions.md): its sender is told, if it did not ask not to be.
std::optional<queue::Message> SpoolSink::report_of(const smtp::SessionFacts& session,
                                                   const smtp::RefusedMessage& refused) const {
    const auto part = message_of(session, refused.transaction, "");
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
        queue::Spool::NewMessage part{message_of(session, committed.transaction, committed.trace_header),
                                      queue::Queue::deliver};
        if (committed.transaction.skip.kind == smtp::VerdictKind::quarantine) {
            part.queue = queue::Queue::quarantine;
            part.message.envelope.quarantine = committed.transaction.skip.quarantine;
        }
        parts.push_back(std::move(part));
    }
    for (auto& refused : submission.refused)
        if (auto report = report_of(session, refused)) parts.push_back({*std::move(report), queue::Queue::deliver});
    if (const auto error = co_await spool_->submit(parts)) {
        const bool full = error == std::errc::no_space_on_device;
        co_return smtp::SinkResult{full ? smtp::SinkStatus::full : smtp::SinkStatus::failed, error.message()};
    }
    for (auto& part : parts)
        if (part.queue == queue::Queue::deliver) delivery_->dispatcher().add(std::move(part.message));
    co_return smtp::SinkResult{};
}

smtp::SinkStatus SpoolSink::room_for(std::uint64_t size) const noexcept {
    switch (spool_->health_for(size)) {
        case queue::Health::ok: return smtp::SinkStatus::stored;
        case queue::Health::full: return smtp::SinkStatus::full;
        case queue::Health::failed: break;
    }
    return smtp::SinkStatus::failed;
}

}  // namespace sluice::app
