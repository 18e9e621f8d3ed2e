// W0202 and W0203: replies that say two things at once. They are sent as written (decisions.md).
#include <fmt/format.h>

#include "dsl/lib/status.hpp"
#include "dsl/lint/lints.hpp"

namespace sluice::dsl::lint {

using namespace ast;

namespace {

std::string_view meaning(int digit) {
    return digit == 2 ? "success" : digit == 4 ? "a temporary failure" : digit == 5 ? "a permanent failure" : "";
}

void code_class(const File& file, const Call& call, const lib::CodeObject& code) {
    if (code.enhanced.empty()) return;
    const int outer = code.code / 100;
    const int inner = code.enhanced.front() - '0';
    if (outer == inner || meaning(outer).empty()) return;
    file.warn(Code::code_class, call.span,
              fmt::format("the reply code {} says {}, its enhanced code {} says {}", code.code, meaning(outer),
                          code.enhanced, meaning(inner)),
              fmt::format("write {}{} with {}", outer, code.enhanced.substr(1), code.code));
}

void verdict_code(const File& file, const Call& call, const lib::StatusObject& status) {
    const auto* code = lib::as_code(status.code);
    if (!code) return;
    using Verdict = lib::StatusObject::Kind;
    const bool refused = code->code >= 400;
    if (status.kind == Verdict::deny && !refused)
        file.warn(Code::verdict_code, call.span,
                  fmt::format("the mail is refused with the reply {}, which does not refuse", code->code),
                  "refuse with a code from 400 to 599, or use state::accept");
    else if ((status.kind == Verdict::accept || status.kind == Verdict::faccept) && refused)
        file.warn(Code::verdict_code, call.span,
                  fmt::format("the mail is accepted with the reply {}, which refuses it", code->code),
                  "accept with a code from 200 to 299, or use state::deny");
}

}  // namespace

void reply_codes(const File& file) {
    for_each_node(file.tree, [&](const Node& node) {
        if (node.kind != Kind::call) return;
        const auto& call = as<Call>(node);
        const auto value = file.literals.value(call);
        if (!value) return;
        if (const auto* code = lib::as_code(*value)) return code_class(file, call, *code);
        const auto* status = lib::as_status(*value);
        if (!status) return;
        verdict_code(file, call, *status);
        // A reply given as a text has no call of its own.
        const auto* code = lib::as_code(status->code);
        if (code && call.args.size() == 1 && call.args[0]->kind == Kind::string) code_class(file, call, *code);
    });
}

}  // namespace sluice::dsl::lint
