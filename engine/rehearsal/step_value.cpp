#include "engine/rehearsal/step_value.hpp"

#include <algorithm>
#include <cstdlib>

#include "dsl/value/objects.hpp"
#include "engine/deliver/forward_target.hpp"
#include "engine/mail/header_fields.hpp"

namespace sluice::rehearsal {

namespace {

using dsl::Value;

Value text(std::string_view text) { return Value::string(text); }

Value map_of(std::initializer_list<std::pair<std::string_view, Value>> entries) {
    Value map = dsl::make_map();
    for (const auto& [key, value] : entries) map.as_map().set(key, value);
    return map;
}

std::string_view kind_of(const smtp::Verdict& verdict, std::string& keep) {
    keep = filter::describe(verdict);
    return std::string_view(keep).substr(0, keep.find(' '));
}

std::string lines_of(std::string_view replies) {
    std::string out;
    for (const char c : replies)
        if (c != '\r') out += c;
    while (out.ends_with('\n')) out.pop_back();
    return out;
}

int code_of(const std::string& reply) {
    const auto last = reply.rfind('\n');
    return std::atoi(reply.c_str() + (last == std::string::npos ? 0 : last + 1));
}

// The directive that decided: the last that ran, if the verdict is not next.
const filter::DirectiveTrace* decider(const filter::StageTrace& trace) {
    if (trace.verdict.kind == smtp::VerdictKind::next || trace.directives.empty()) return nullptr;
    return &trace.directives.back();
}

Value addresses(const std::vector<smtp::Recipient>& recipients) {
    dsl::Values items;
    for (const auto& recipient : recipients) items.push_back(text(recipient.address.text));
    return dsl::make_array(std::move(items));
}

Value transports(const std::vector<smtp::Recipient>& recipients) {
    Value map = dsl::make_map();
    for (const auto& recipient : recipients)
        if (!recipient.transport.empty())
            map.as_map().set(recipient.address.text, text(deliver::shown_method(recipient.transport)));
    return map;
}

Value stage_value(const PlayedStage& played) {
    const auto& trace = played.trace;
    dsl::Values ran;
    for (const auto& directive : trace.directives) ran.push_back(text(directive.name));
    const auto* by = decider(trace);
    std::string keep;
    return map_of({{"stage", text(to_string(trace.stage))},
                   {"script", text(trace.script)},
                   {"type", text(to_string(played.type))},
                   {"verdict", text(kind_of(trace.verdict, keep))},
                   {"rule", text(by ? by->name : "")},
                   {"at", text(by ? by->place : "")},
                   {"ran", dsl::make_array(std::move(ran))}});
}

using Fields = std::vector<std::string>;

Fields fields_of(const std::shared_ptr<const std::string>& message) {
    Fields fields;
    for (const auto line : mail::HeaderFields(message).lines()) {
        const bool folded = line.starts_with(' ') || line.starts_with('\t');
        if (folded && !fields.empty())
            fields.back() += lines_of(line);
        else
            fields.push_back(lines_of(line));
    }
    return fields;
}

// Those of `all` that are not in `others`, each as often as it is missing.
Value difference(const Fields& all, Fields others) {
    dsl::Values items;
    for (const auto& field : all) {
        const auto found = std::ranges::find(others, field);
        if (found == others.end())
            items.push_back(text(field));
        else
            others.erase(found);
    }
    return dsl::make_array(std::move(items));
}

Value message_value(const StoredMessage& stored, std::string_view sent) {
    const auto& transaction = stored.transaction;
    const auto before = fields_of(std::make_shared<const std::string>(sent));
    const auto after = fields_of(transaction.message);
    return map_of({{"mail_from", text(transaction.reverse_path.text)},
                   {"rcpt", addresses(transaction.recipients)},
                   {"transports", transports(transaction.recipients)},
                   {"type", text(to_string(transaction.type))},
                   {"domain", text(transaction.domain)},
                   {"fate", text(fate_of(stored.verdict))},
                   {"quarantine", text(stored.verdict.quarantine)},
                   {"text", text(*transaction.message)},
                   {"added", difference(after, before)},
                   {"removed", difference(before, after)}});
}

Value messages(const Step& step, std::string_view sent) {
    dsl::Values items;
    for (const auto& message : step.stored) items.push_back(message_value(message, sent));
    return dsl::make_array(std::move(items));
}

}  // namespace

Value to_value(const Step& step, std::string_view sent) {
    const auto decided = std::ranges::find_if(
        step.stages, [](const auto& played) { return played.trace.verdict.kind != smtp::VerdictKind::next; });
    const bool any = decided != step.stages.end();
    const auto* by = any ? decider(decided->trace) : nullptr;
    const auto reply = lines_of(step.replies);
    dsl::Values stages;
    for (const auto& played : step.stages) stages.push_back(stage_value(played));
    dsl::Values events;
    for (const auto& event : step.events) events.push_back(text(event));
    const PlayedStage none;
    const auto& last = step.stages.empty() ? none : step.stages.back();
    std::string keep;
    return map_of({{"verdict", text(any ? kind_of(decided->trace.verdict, keep) : "next")},
                   {"rule", text(by ? by->name : "")},
                   {"at", text(by ? by->place : "")},
                   {"reply", text(reply)},
                   {"code", Value::integer(code_of(reply))},
                   {"closed", Value::boolean(step.closed)},
                   {"mail_from", text(last.reverse_path)},
                   {"rcpt", addresses(last.recipients)},
                   {"transports", transports(last.recipients)},
                   {"stages", dsl::make_array(std::move(stages))},
                   {"messages", messages(step, sent)},
                   {"events", dsl::make_array(std::move(events))}});
}

}  // namespace sluice::rehearsal
