#include "engine/smtp_client/open_failure.hpp"

#include <fmt/format.h>

#include <utility>

namespace sluice::smtp_client {

namespace {

// Two of Momentum's texts have no enhanced code.
std::string_view status_in(std::string_view text) {
    const std::string_view second = text.substr(4, text.find(' ', 4) - 4);
    return second.find('.') != std::string_view::npos ? second : "4.7.5";
}

}  // namespace

std::string_view text_of(tls::PeerFault fault) noexcept {
    switch (fault) {
        case tls::PeerFault::expired: return "454 certificate expired";
        case tls::PeerFault::not_yet_valid: return "454 certificate not yet valid: possible clock skew";
        case tls::PeerFault::revoked: return "451 4.7.5 [internal] SSL certificate revoked";
        case tls::PeerFault::name_mismatch: return "451 4.7.5 [internal] SSL certificate subject does not match host";
        case tls::PeerFault::not_pinned: return "451 4.7.5 [internal] SSL certificate does not match pinned key";
        case tls::PeerFault::tlsa_mismatch: return "451 4.7.5 [internal] SSL certificate does not match TLSA record";
        case tls::PeerFault::not_trusted:
        case tls::PeerFault::no_certificate:
        case tls::PeerFault::malformed:
        case tls::PeerFault::none: break;
    }
    return "451 4.7.5 [internal] remote node SSL certificate not signed by a valid CA";
}

OpenFailure failure_of(RecipientResult result) {
    const bool ours = result.cause == Cause::cancelled || result.cause == Cause::configuration;
    return {std::move(result), !ours, {}};
}

std::optional<OpenFailure> refusal(Dialogue& dialogue, const Answer& answer, int wanted, Command command) {
    if (answer.trouble) return failure_of(*answer.trouble);
    if (answer.reply.code == wanted) return std::nullopt;
    if (answer.reply.code < 400) return failure_of(dialogue.nonsense(answer.reply, command));
    return failure_of(result_of(answer.reply, command));
}

OpenFailure misconfigured(std::string detail) {
    return {own_result(Cause::configuration, Command::connect, "4.3.5", std::string(kMisconfigured)), false,
            std::move(detail)};
}

OpenFailure tls_failure(std::string_view text, std::string detail) {
    RecipientResult result = own_result(Cause::tls, Command::starttls, status_in(text), std::string(text));
    return {std::move(result), true, std::move(detail)};
}

OpenFailure no_requiretls() {
    OpenFailure failure = tls_failure("550 5.7.30 [internal] REQUIRETLS support required", {});
    failure.result.kind = Kind::permanent;
    return failure;
}

OpenFailure certificate_failure(const tls::HandshakeFailure& failure) {
    const tls::Judgement& judgement = failure.peer->judgement;
    OpenFailure made = tls_failure(
        text_of(judgement.fault),
        fmt::format("{}{}{}", to_string(judgement.fault), judgement.why.empty() ? "" : ": ", judgement.why));
    made.result.cause = Cause::certificate;
    made.peer = failure.peer;
    return made;
}

}  // namespace sluice::smtp_client
