#include "engine/app/queue_rules.hpp"

#include <fmt/format.h>

#include "engine/app/stored_message.hpp"

namespace sluice::app {

using queue::Queue;

asio::awaitable<deliver::Ruled> QueueRules::run(queue::Message& message) {
    smtp::SessionFacts session;
    smtp::Transaction transaction;
    if (!restore(message, session, transaction))
        log_.event(obs::Level::warn, "facts-unreadable",
                   {{"id", message.envelope.id}, {"hint", "rules see a session without TLS and authentication"}});
    const auto snapshot = snapshot_();
    const auto first = message.envelope.next_stage == smtp::to_string(smtp::Stage::delivery) ? smtp::Stage::delivery
                                                                                             : smtp::Stage::postq;
    const smtp::QueueVerdict verdict =
        co_await smtp::run_queue_stages(*snapshot->rules, *snapshot->settings, first, session, transaction);
    if (verdict.kind == smtp::VerdictKind::failed) co_return hold(message, verdict);
    deliver::Ruled ruled;
    ruled.edited = take_changes(std::move(transaction), message);
    message.envelope.next_stage.clear();
    message.envelope.facts.clear();
    if (verdict.kind == smtp::VerdictKind::quarantine) {
        ruled.queue = Queue::quarantine;
        message.envelope.quarantine = verdict.quarantine;
    }
    if (verdict.kind == smtp::VerdictKind::deny) deny(message, verdict);
    if (message.envelope.recipients.empty())
        log_.event(obs::Level::warn, "message-dropped",
                   {{"id", message.envelope.id}, {"reason", "rules took every recipient away"}});
    co_return ruled;
}

deliver::Ruled QueueRules::hold(queue::Message& message, const smtp::QueueVerdict& verdict) {
    const auto stage = smtp::to_string(verdict.stage);
    message.envelope.hold_reason = fmt::format("its {} rules fail; it is tried again after `sluice reload`", stage);
    message.envelope.held_by_rules = true;
    log_.event(obs::Level::error, "message-held", {{"id", message.envelope.id}, {"stage", stage}});
    return {Queue::hold, false};
}

// As if the next hop had refused all of them.
void QueueRules::deny(queue::Message& message, const smtp::QueueVerdict& verdict) {
    for (auto& recipient : message.envelope.recipients) {
        recipient.state = queue::RecipientState::failed;
        recipient.status = verdict.reply.enhanced ? verdict.reply.enhanced->to_string() : "5.7.1";
        recipient.last_error = verdict.reply.print();
    }
    log_.event(
        obs::Level::warn, "message-denied",
        {{"id", message.envelope.id}, {"stage", smtp::to_string(verdict.stage)}, {"reply", verdict.reply.print()}});
}

}  // namespace sluice::app
