#include "engine/smtp/envelope.hpp"

namespace sluice::smtp {

std::string_view to_string(Stage stage) noexcept {
    switch (stage) {
        case Stage::connect: return "connect";
        case Stage::helo: return "helo";
        case Stage::tls: return "tls";
        case Stage::authenticate: return "authenticate";
        case Stage::mail: return "mail";
        case Stage::rcpt: return "rcpt";
        case Stage::preq: return "preq";
        case Stage::postq: return "postq";
        case Stage::delivery: return "delivery";
    }
    return "";
}

std::string_view to_string(TransactionType type) noexcept {
    switch (type) {
        case TransactionType::undecided: return "";
        case TransactionType::incoming: return "incoming";
        case TransactionType::outgoing: return "outgoing";
        case TransactionType::internal: return "internal";
    }
    return "";
}

Transaction Transaction::fork() const {
    Transaction copy;
    copy.id = Uuid::random();
    copy.reverse_path = reverse_path;
    copy.recipients = recipients;
    copy.type = type;
    copy.domain = domain;
    copy.mail_time = mail_time;
    copy.body = body;
    copy.smtputf8 = smtputf8;
    copy.declared_size = declared_size;
    copy.headers = headers;
    copy.message = message;
    copy.skip = skip;
    copy.rcpt_command = rcpt_command;
    if (rule_data) copy.rule_data = rule_data->clone();
    return copy;
}

}  // namespace sluice::smtp
