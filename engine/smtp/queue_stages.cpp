#include "engine/smtp/queue_stages.hpp"

namespace sluice::smtp {

bool has_queue_stages(const Rules& rules, const Transaction& transaction) {
    return !transaction.skip && (rules.runs(Stage::postq, transaction) || rules.runs(Stage::delivery, transaction));
}

asio::awaitable<QueueVerdict> run_queue_stages(Rules& rules, const Settings& settings, Stage first,
                                               SessionFacts& session, Transaction& transaction) {
    for (const Stage stage : {Stage::postq, Stage::delivery}) {
        if (stage < first) continue;
        Verdict verdict = co_await rules.run(stage, session, &transaction);
        QueueVerdict decided{verdict.kind, stage, {}, std::move(verdict.quarantine)};
        if (verdict.kind == VerdictKind::failed && settings.on_rule_error == OnRuleError::deny)
            decided.kind = VerdictKind::deny;
        if (decided.kind == VerdictKind::deny)
            decided.reply = refusal_reply(settings, session.server_name, stage, verdict);
        if (decided.kind == VerdictKind::faccept) break;
        if (decided.kind != VerdictKind::next && decided.kind != VerdictKind::accept) co_return decided;
    }
    co_return QueueVerdict{};
}

}  // namespace sluice::smtp
