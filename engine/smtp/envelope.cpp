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
    Transaction forked = *this;
    forked.id = Uuid::random();
    return forked;
}

}  // namespace sluice::smtp
