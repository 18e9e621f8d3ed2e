#include "engine/smtp/transactions.hpp"

#include <algorithm>
#include <utility>

namespace sluice::smtp {

Route classify(const Address& reverse_path, const Address& recipient, const HandledLookup& handled) {
    if (!reverse_path.null()) {
        if (std::optional<std::string> ours = handled(reverse_path.domain)) {
            const bool same = equal_ignoring_ascii_case(reverse_path.domain, recipient.domain);
            return {same ? TransactionType::internal : TransactionType::outgoing, std::move(*ours)};
        }
    }
    return {TransactionType::incoming, handled(recipient.domain).value_or("")};
}

Transaction& TransactionGroup::make_part(const Route& route) {
    const auto has_base_id = [&](const Transaction& part) { return part.id == base_.id; };
    const bool first = std::none_of(parts_.begin(), parts_.end(), has_base_id);
    Transaction part = base_.fork();
    if (first) {
        part.id = base_.id;  // the one ctx::message_id() showed at `mail`
        base_.recipients.clear();
    }
    part.type = route.type;
    part.domain = route.domain;
    parts_.push_back(std::move(part));
    return parts_.back();
}

Transaction& TransactionGroup::add(Address recipient, const HandledLookup& handled) {
    const Route route = classify(base_.reverse_path, recipient, handled);
    const auto found = std::find_if(parts_.begin(), parts_.end(), [&](const Transaction& part) {
        return part.type == route.type && part.domain == route.domain;
    });
    made_by_latest_ = found == parts_.end();
    latest_ = static_cast<std::size_t>(found - parts_.begin());
    Transaction& part = made_by_latest_ ? make_part(route) : *found;
    part.rcpt_command = ++commands_;
    part.add_recipient(std::move(recipient));
    ++accepted_;
    return part;
}

void TransactionGroup::refuse() {
    Transaction& part = parts_[latest_];
    std::erase_if(part.recipients, [&](const Recipient& r) { return r.command == commands_; });
    --accepted_;
    if (!made_by_latest_) return;
    if (part.id == base_.id) base_.recipients = std::move(part.recipients);
    parts_.erase(parts_.begin() + static_cast<std::ptrdiff_t>(latest_));
}

std::vector<Transaction> TransactionGroup::take_parts() {
    std::erase_if(parts_, [](const Transaction& part) { return part.recipients.empty(); });
    std::stable_partition(parts_.begin(), parts_.end(),
                          [](const Transaction& part) { return part.type == TransactionType::internal; });
    for (Transaction& part : parts_) part.rcpt_command = 0;
    return std::exchange(parts_, {});
}

DataOutcome combine(std::span<const PartOutcome> outcomes) {
    const auto refused = [](const PartOutcome& outcome) { return !outcome.kept && !outcome.reply.positive(); };
    const auto transient = std::find_if(outcomes.begin(), outcomes.end(), [&](const PartOutcome& outcome) {
        return refused(outcome) && outcome.reply.transient();
    });
    if (transient != outcomes.end()) return {transient->reply, false};

    const bool all_refused = std::all_of(outcomes.begin(), outcomes.end(), refused);
    std::optional<Reply> reply;
    for (const PartOutcome& outcome : outcomes) {
        if (refused(outcome) != all_refused) continue;
        if (!reply) {
            reply = outcome.reply;
        } else if (!(*reply == outcome.reply)) {
            reply = extend(*reply, outcome.reply);
        }
    }
    return {std::move(*reply), !all_refused};
}

}  // namespace sluice::smtp
