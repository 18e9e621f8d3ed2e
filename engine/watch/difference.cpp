#include "engine/watch/difference.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/deliver/forward_target.hpp"
#include "engine/filter/trace_text.hpp"
#include "engine/smtp/observer.hpp"

namespace sluice::watch {

namespace {

constexpr std::size_t shown_octets = 200;  // of a header field or a line of a message

bool same(const smtp::Verdict& a, const smtp::Verdict& b) {
    return a.kind == b.kind && a.quarantine == b.quarantine && a.reply == b.reply;
}

// All lines of a reply: describe() gives the first.
std::string verdict_text(const smtp::Verdict& verdict) {
    auto text = filter::describe(verdict);
    if (!verdict.reply) return text;
    for (std::size_t i = 1; i < verdict.reply->lines.size(); ++i)
        text += fmt::format(" / {}", smtp::escaped(verdict.reply->lines[i], shown_octets));
    return text;
}

std::string directive_text(const filter::DirectiveTrace& directive) {
    return fmt::format("{} \"{}\" at {}", filter::to_string(directive.kind), directive.name, directive.place);
}

std::string recipients_text(const smtp::Transaction& transaction) {
    std::string text;
    for (const auto& recipient : transaction.recipients) {
        text += fmt::format("{}<{}>", text.empty() ? "" : ", ", recipient.address.text);
        if (!recipient.transport.empty()) text += " by " + deliver::shown_method(recipient.transport);
    }
    return text.empty() ? "none" : text;
}

bool same_recipients(const smtp::Transaction& a, const smtp::Transaction& b) {
    return std::equal(
        a.recipients.begin(), a.recipients.end(), b.recipients.begin(), b.recipients.end(),
        [](const auto& x, const auto& y) { return x.address == y.address && x.transport == y.transport; });
}

std::string joined(const std::vector<std::string>& fields) {
    std::string all;
    for (const auto& field : fields) all += field;
    return all;
}

// The first line that differs, in both.
void add_octets(std::vector<Difference>& found, const std::string& what, std::string_view live,
                std::string_view fresh) {
    if (live == fresh) return;
    const auto at = static_cast<std::size_t>(std::mismatch(live.begin(), live.end(), fresh.begin(), fresh.end()).first -
                                             live.begin());
    const auto before = live.substr(0, at);
    const auto begin = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
    const auto number = std::count(before.begin(), before.end(), '\n') + 1;
    const auto show = [&](std::string_view all) {
        const auto line = all.substr(begin, all.substr(begin).find_first_of("\r\n"));
        return fmt::format("{} octets, line {}: {}", all.size(), number, smtp::escaped(line, shown_octets));
    };
    found.push_back({what, show(live), show(fresh)});
}

}  // namespace

std::string decision_text(const PlayedRun& run) {
    auto text = verdict_text(run.trace.verdict);
    if (run.trace.verdict.kind == smtp::VerdictKind::next || run.trace.directives.empty()) return text;
    const auto& last = run.trace.directives.back();
    text += " by " + directive_text(last);
    return last.failure.empty() ? text : text + ": " + last.failure;
}

std::vector<Difference> compare(const PlayedRun& live, const PlayedRun& fresh) {
    std::vector<Difference> found;
    if (!same(live.trace.verdict, fresh.trace.verdict))
        found.push_back({"verdict", verdict_text(live.trace.verdict), verdict_text(fresh.trace.verdict)});
    if (!live.transaction || !fresh.transaction) return found;
    const auto& a = *live.transaction;
    const auto& b = *fresh.transaction;
    if (!(a.reverse_path == b.reverse_path))
        found.push_back(
            {"reverse-path", fmt::format("<{}>", a.reverse_path.text), fmt::format("<{}>", b.reverse_path.text)});
    if (!same_recipients(a, b)) found.push_back({"recipients", recipients_text(a), recipients_text(b)});
    add_octets(found, "header fields", joined(a.headers), joined(b.headers));
    if (a.message && b.message && a.message != b.message) add_octets(found, "message", *a.message, *b.message);
    return found;
}

std::optional<std::string> why_not_comparable(const filter::StageTrace& fresh) {
    for (const auto& directive : fresh.directives)
        for (const auto& call : directive.calls)
            if (!call.withheld.empty()) return fmt::format("{} ({})", call.withheld, directive_text(directive));
    return std::nullopt;
}

}  // namespace sluice::watch
