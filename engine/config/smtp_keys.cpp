// config.server.smtp: configuration.md 3.3 and decisions.md, "SMTP service".
#include <fmt/format.h>

#include "dsl/value/operations.hpp"
#include "engine/config/loading.hpp"

namespace sluice::config {

namespace {

void read_errors(Reader& keys, smtp::ErrorLimits& error) {
    std::int64_t soft = error.soft_count;
    std::int64_t hard = error.hard_count;
    keys.integer("soft_count", soft, -1, 1'000'000);
    keys.integer("hard_count", hard, -1, 1'000'000);
    keys.duration("delay", error.delay);
    error.soft_count = static_cast<int>(soft);
    error.hard_count = static_cast<int>(hard);
    keys.finish();
}

void read_timeouts(Reader& keys, smtp::Timeouts& timeout) {
    keys.duration("connect", timeout.connect);
    keys.duration("helo", timeout.helo);
    keys.duration("mail_from", timeout.mail_from);
    keys.duration("rcpt_to", timeout.rcpt_to);
    keys.duration("data", timeout.data);
    keys.finish();
}

void read_auth(Reader& keys, smtp::AuthSettings& auth, std::string& users_file, Loading& loading) {
    keys.boolean("enable_dangerous_mechanism_in_clair", auth.enable_dangerous_mechanism_in_clair);
    std::int64_t attempts = auth.attempt_count_max;
    keys.integer("attempt_count_max", attempts, -1, 1'000'000);
    auth.attempt_count_max = static_cast<int>(attempts);
    keys.string("users", users_file);
    users_file = users_file.empty() ? std::string() : loading.below_root(users_file);
    std::vector<std::string> names = {"SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN", "LOGIN", "CRAM-MD5"};
    keys.strings("mechanisms", names);
    for (const auto& name : names) {
        if (const auto mechanism = sasl::parse_mechanism(name))
            auth.mechanisms.push_back(*mechanism);
        else
            keys.problem("mechanisms", fmt::format("'{}' is not a mechanism", name),
                         "there are SCRAM-SHA-256, SCRAM-SHA-1, PLAIN, LOGIN, CRAM-MD5, EXTERNAL and ANONYMOUS");
    }
    keys.finish();
}

// A reply is a string or a map #{ code, enhanced, text }.
std::optional<smtp::Reply> reply_of(Reader& codes, const std::string& id, const dsl::Value& value) {
    if (value.is_string()) return smtp::Reply::parse(value.as_string());
    auto keys = codes.map(id);
    if (!keys) return std::nullopt;
    std::int64_t code = 0;
    std::string enhanced;
    std::string text;
    keys->integer("code", code, 100, 599);
    keys->string("enhanced", enhanced);
    keys->string("text", text);
    keys->finish();
    return smtp::Reply::parse(fmt::format("{} {}{}{}", code, enhanced, enhanced.empty() ? "" : " ", text));
}

void read_codes(Reader& codes, smtp::ReplyTable& table) {
    // All ids are known keys, so that a misspelt one is told the right one.
#define REPLY(id, text, parent) (void)codes.value(#id);
#include "engine/smtp/replies.def"
#undef REPLY
    for (const auto& id : codes.keys()) {
        const auto known = smtp::reply_id(id);
        if (!known) continue;  // finish() reports it
        const auto* value = codes.value(id);
        if (!value) continue;
        if (auto reply = reply_of(codes, id, *value))
            table.override_with(*known, std::move(*reply));
        else
            codes.problem(id, fmt::format("'{}' is not a reply", dsl::brief(*value)),
                          "write \"250 2.0.0 text\" or #{ code: 250, enhanced: \"2.0.0\", text: \"text\" }");
    }
    codes.finish();
}

}  // namespace

void read_smtp(Loading& loading, Reader& keys) {
    auto& smtp = loading.config.smtp;
    auto recipients = static_cast<std::int64_t>(smtp.rcpt_count_max);
    keys.integer("rcpt_count_max", recipients, 1, 1'000'000);
    smtp.rcpt_count_max = static_cast<std::size_t>(recipients);
    if (auto error = keys.map("error")) read_errors(*error, smtp.error);
    if (auto timeouts = keys.map("timeout_client")) read_timeouts(*timeouts, smtp.timeout);
    if (auto codes = keys.map("codes")) read_codes(*codes, smtp.replies);
    if (auto auth = keys.map("auth")) read_auth(*auth, smtp.auth.emplace(), loading.config.users_file, loading);
    keys.choice("bare_newline", smtp.bare_newline,
                {{"reject", smtp::BareNewline::reject}, {"normalize", smtp::BareNewline::normalize}});
    keys.choice("early_talker", smtp.early_talker,
                {{"reject", smtp::EarlyTalker::reject}, {"accept", smtp::EarlyTalker::accept}});
    keys.choice("long_lines", smtp.long_lines,
                {{"accept", smtp::LongLines::accept}, {"reject", smtp::LongLines::reject}});
    keys.choice("on_rule_error", smtp.on_rule_error,
                {{"tempfail", smtp::OnRuleError::tempfail}, {"deny", smtp::OnRuleError::deny}});
    keys.boolean("close_on_deny", smtp.close_on_deny);
    keys.boolean("requiretls", smtp.requiretls);
    keys.finish();
}

}  // namespace sluice::config
