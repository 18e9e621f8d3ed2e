#include "engine/smtp/rules.hpp"

namespace sluice::smtp {

Reply refusal_reply(const Settings& settings, std::string_view server_name, Stage stage, const Verdict& verdict) {
    const auto text = [&](ReplyId id) { return settings.replies.get(id, {.name = server_name}); };
    const bool failed = verdict.kind == VerdictKind::failed;
    // What a client learns of AUTH is always the same, whoever refuses (session_auth.cpp).
    if (stage == Stage::authenticate) return text(failed ? ReplyId::AuthTempError : ReplyId::AuthInvalidCredentials);
    if (failed && settings.on_rule_error == OnRuleError::tempfail) return text(ReplyId::Failure);
    if (!failed && verdict.reply) return *verdict.reply;
    return text(stage == Stage::tls ? ReplyId::TlsRefusedByRule : ReplyId::Denied);
}

}  // namespace sluice::smtp
