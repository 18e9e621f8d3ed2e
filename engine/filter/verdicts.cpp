#include "engine/filter/verdicts.hpp"

#include "engine/filter/stage_trace.hpp"

namespace sluice::filter {

namespace {

std::optional<smtp::Reply> reply_of(const dsl::Value& code) {
    const auto* object = dsl::lib::as_code(code);
    if (!object) return std::nullopt;
    smtp::Reply reply;
    reply.code = object->code;
    if (!object->enhanced.empty()) reply.enhanced = smtp::EnhancedCode::parse(object->enhanced);
    std::string_view rest = object->reply_text;
    for (;;) {
        const auto end = rest.find('\n');
        reply.lines.emplace_back(rest.substr(0, end));
        if (end == std::string_view::npos) break;
        rest.remove_prefix(end + 1);
    }
    return reply;
}

}  // namespace

smtp::Verdict verdict_of(const dsl::lib::StatusObject& status) {
    using Kind = dsl::lib::StatusObject::Kind;
    switch (status.kind) {
        case Kind::next: return smtp::Verdict::next();
        case Kind::accept: return smtp::Verdict::accept(reply_of(status.code));
        case Kind::faccept: return smtp::Verdict::faccept(reply_of(status.code));
        case Kind::deny: return smtp::Verdict::deny(reply_of(status.code));
        case Kind::quarantine: return smtp::Verdict::quarantined(status.quarantine);
    }
    return smtp::Verdict::failed();
}

std::string describe(const smtp::Verdict& verdict) {
    static constexpr std::string_view names[] = {"next", "accept", "faccept", "deny", "quarantine", "failed"};
    std::string text(names[static_cast<std::size_t>(verdict.kind)]);
    if (!verdict.quarantine.empty()) text += " " + verdict.quarantine;
    if (!verdict.reply) return text;
    const auto reply = verdict.reply->print();
    return text + " " + reply.substr(0, reply.find('\r'));
}

}  // namespace sluice::filter
