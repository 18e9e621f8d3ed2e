#include "engine/rehearsal/simulation.hpp"

#include <algorithm>
#include <ostream>

#include <fmt/format.h>
#include <boost/json.hpp>

#include "engine/deliver/forward_target.hpp"
#include "engine/filter/trace_text.hpp"
#include "grammar/smtp/command_line.hpp"

namespace sluice::rehearsal {

namespace {

// Each line of a reply or message behind its mark.
std::string marked(std::string_view mark, std::string_view lines) {
    std::string text;
    while (!lines.empty()) {
        const auto end = lines.find('\n');
        auto line = lines.substr(0, end);
        if (line.ends_with('\r')) line.remove_suffix(1);
        text += fmt::format("{}{}\n", mark, line);
        lines.remove_prefix(end == std::string_view::npos ? lines.size() : end + 1);
    }
    return text;
}

std::string recipients_text(const smtp::Transaction& transaction) {
    std::string text;
    for (const auto& recipient : transaction.recipients) {
        const auto by =
            recipient.transport.empty() ? "config.delivery.transport" : deliver::shown_method(recipient.transport);
        text += fmt::format("    <{}> by {}\n", recipient.address.text, by);
    }
    return text;
}

std::string fate_text(const smtp::QueueVerdict& verdict) {
    switch (verdict.kind) {
        case smtp::VerdictKind::quarantine: return fmt::format(", quarantine {}", verdict.quarantine);
        case smtp::VerdictKind::deny:
            return fmt::format(", denied at {}: the sender is told {}", to_string(verdict.stage),
                               verdict.reply.print().substr(0, verdict.reply.print().find('\r')));
        case smtp::VerdictKind::failed: return fmt::format(", held: the rules of {} fail", to_string(verdict.stage));
        default: return "";
    }
}

std::string message_text(const StoredMessage& stored) {
    const auto& transaction = stored.transaction;
    return fmt::format("stored: from <{}>, {}, {} octets{}\n{}", transaction.reverse_path.text,
                       to_string(transaction.type), transaction.message->size(), fate_text(stored.verdict),
                       recipients_text(transaction));
}

std::string step_text(const Step& step) {
    std::string text;
    for (const auto& played : step.stages) text += filter::trace_text(played.trace);
    for (const auto& message : step.stored) text += message_text(message);
    text += marked("S: ", step.replies);
    return step.closed ? text + "(the server closes the connection)\n" : text;
}

boost::json::object message_json(const StoredMessage& stored) {
    const auto& transaction = stored.transaction;
    boost::json::array recipients;
    for (const auto& recipient : transaction.recipients)
        recipients.push_back(
            {{"address", recipient.address.text}, {"transport", deliver::shown_method(recipient.transport)}});
    return {{"mail_from", transaction.reverse_path.text},
            {"type", to_string(transaction.type)},
            {"fate", fate_of(stored.verdict)},
            {"quarantine", stored.verdict.quarantine},
            {"rcpt", std::move(recipients)},
            {"text", *transaction.message}};
}

std::string step_json(std::string_view command, const Step& step) {
    boost::json::array stages;
    for (const auto& played : step.stages) stages.push_back(filter::trace_json(played.trace));
    boost::json::array messages;
    for (const auto& message : step.stored) messages.push_back(message_json(message));
    return boost::json::serialize(boost::json::object{{"command", command},
                                                      {"stages", std::move(stages)},
                                                      {"messages", std::move(messages)},
                                                      {"reply", step.replies},
                                                      {"closed", step.closed}}) +
           "\n";
}

Step play(RehearsedSession& session, const ClientAction& action, const tls::Facts& tls) {
    switch (grammar::smtp::parse_command(action.command).verb) {
        case grammar::smtp::Verb::data: return session.data(action.message);
        case grammar::smtp::Verb::starttls: return session.starttls(tls);
        default: return session.line(action.command);
    }
}

}  // namespace

void simulate(Rehearsal& rehearsal, Role role, const std::vector<ClientAction>& actions, Form form, std::ostream& out) {
    const auto tls = role.tls;
    RehearsedSession session(rehearsal, std::move(role));
    const auto show = [&](std::string_view command, const Step& step) {
        out << (form == Form::json ? step_json(command, step) : marked("C: ", command) + step_text(step));
    };
    show("", session.greeting());
    for (const auto& action : actions) {
        if (session.ended()) return;
        const auto step = play(session, action, tls);
        show(action.command, step);
    }
}

}  // namespace sluice::rehearsal
