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

SessionFacts SessionFacts::copy() const {
    SessionFacts copy;
    copy.id = id;
    copy.client = client;
    copy.server = server;
    copy.connected_at = connected_at;
    copy.listener = listener;
    copy.listener_id = listener_id;
    copy.server_name = server_name;
    copy.esmtp = esmtp;
    copy.helo = helo;
    copy.helo_text = helo_text;
    copy.tls = tls;
    copy.verified_peer = verified_peer;
    copy.verified_peer_can_relay = verified_peer_can_relay;
    copy.credentials = credentials;
    copy.authenticated_as = authenticated_as;
    copy.skip = skip;
    if (rule_data) copy.rule_data = rule_data->clone();
    copy.headers = headers;
    return copy;
}

Transaction Transaction::copy() const {
    Transaction copy;
    copy.id = id;
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

Transaction Transaction::fork() const {
    Transaction forked = copy();
    forked.id = Uuid::random();
    return forked;
}

}  // namespace sluice::smtp
