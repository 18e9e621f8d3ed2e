#include "engine/app/stored_message.hpp"

#include <array>
#include <utility>

#include "engine/mail/tls_required.hpp"
#include "engine/smtp/stored_facts.hpp"
#include "grammar/smtp/command_line.hpp"

namespace sluice::app {

namespace {

static_assert(int{queue::notify_never} == int{grammar::smtp::notify_never} &&
                  int{queue::notify_success} == int{grammar::smtp::notify_success} &&
                  int{queue::notify_failure} == int{grammar::smtp::notify_failure} &&
                  int{queue::notify_delay} == int{grammar::smtp::notify_delay},
              "notify is copied as it is");

queue::Recipient to_stored(const smtp::Recipient& recipient) {
    queue::Recipient stored;
    stored.address = recipient.address.text;
    stored.transport = recipient.transport;
    stored.tls = recipient.tls;
    stored.notify = recipient.notify;
    stored.original_recipient = recipient.original_recipient;
    return stored;
}

// The envelope has no other addresses than those that were parsed once.
smtp::Address address_of(const std::string& text) { return smtp::parse_address(text).value_or(smtp::Address()); }

smtp::TransactionType type_of(std::string_view name) {
    for (const auto type :
         {smtp::TransactionType::incoming, smtp::TransactionType::outgoing, smtp::TransactionType::internal})
        if (smtp::to_string(type) == name) return type;
    return smtp::TransactionType::undecided;
}

}  // namespace

queue::Message to_message(const smtp::SessionFacts& session, const smtp::Transaction& transaction, std::string trace,
                          QueueStages stages) {
    queue::Message message;
    auto& envelope = message.envelope;
    envelope.id = transaction.id.to_string();
    envelope.reverse_path = transaction.reverse_path.text;
    for (const auto& recipient : transaction.recipients) envelope.recipients.push_back(to_stored(recipient));
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
    envelope.requiretls = transaction.requiretls;
    envelope.tls_not_required = mail::says_tls_not_required(*transaction.message);
    envelope.binding = transaction.binding;
    envelope.delivery_tls = transaction.delivery_tls;
    if (stages == QueueStages::yes) {
        envelope.next_stage = smtp::to_string(smtp::Stage::postq);
        envelope.facts = smtp::store_facts(session, transaction);
    }
    message.body = transaction.message;
    message.prefix = std::move(trace);
    return message;
}

bool restore(const queue::Message& message, smtp::SessionFacts& session, smtp::Transaction& transaction) {
    const auto& envelope = message.envelope;
    session.helo = envelope.helo;
    session.server_name = envelope.server_name;
    transaction.id = Uuid::parse(envelope.id).value_or(Uuid());
    transaction.reverse_path = address_of(envelope.reverse_path);
    for (const auto& stored : envelope.recipients) {
        smtp::Recipient recipient;
        recipient.address = address_of(stored.address);
        recipient.transport = stored.transport;
        recipient.tls = stored.tls;
        recipient.notify = stored.notify;
        recipient.original_recipient = stored.original_recipient;
        transaction.recipients.push_back(std::move(recipient));
    }
    transaction.type = type_of(envelope.transaction_type);
    transaction.ret = envelope.ret;
    transaction.envelope_id = envelope.envelope_id;
    transaction.body = envelope.eight_bit ? smtp::BodyType::eight_bit_mime : smtp::BodyType::seven_bit;
    transaction.smtputf8 = envelope.smtputf8;
    transaction.requiretls = envelope.requiretls;
    transaction.binding = envelope.binding;
    transaction.delivery_tls = envelope.delivery_tls;
    transaction.message =
        message.prefix.empty() ? message.body : std::make_shared<const std::string>(message.prefix + *message.body);
    return smtp::restore_facts(envelope.facts, session, transaction);
}

bool take_changes(smtp::Transaction transaction, queue::Message& message) {
    auto& envelope = message.envelope;
    envelope.reverse_path = transaction.reverse_path.text;
    envelope.recipients.clear();
    for (const auto& recipient : transaction.recipients) envelope.recipients.push_back(to_stored(recipient));
    envelope.binding = transaction.binding;
    envelope.delivery_tls = transaction.delivery_tls;
    envelope.tls_not_required = mail::says_tls_not_required(*transaction.message);
    const std::array<std::string_view, 2> before = {message.prefix, *message.body};
    const std::string_view now = *transaction.message;
    const bool same =
        now.size() == before[0].size() + before[1].size() && now.starts_with(before[0]) && now.ends_with(before[1]);
    if (same) return false;
    message.prefix.clear();
    message.body = std::move(transaction.message);
    return true;
}

}  // namespace sluice::app
