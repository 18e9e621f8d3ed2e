#include "dsl/host/stage_run.hpp"

#include <fmt/format.h>

#include "dsl/value/operations.hpp"

namespace sluice::dsl {

StageRun::StageRun(std::shared_ptr<const RuleScript> script, Stage stage, Host& host, const Limits& limits)
    : script_(std::move(script)), stage_(stage), machine_(script_->program(), script_->globals(), limits) {
    machine_.set_host(&host);
}

StageRun::State StageRun::run() {
    return after(machine_.call_in_turn(script_->turns(stage_), lib::plain_status(lib::StatusObject::Kind::next)));
}

StageRun::State StageRun::resume(Value value) { return after(machine_.resume(std::move(value))); }
StageRun::State StageRun::resume_with_error(ErrorPtr error) {
    return after(machine_.resume_with_error(std::move(error)));
}

StageRun::State StageRun::after(vm::Status status) {
    if (status == vm::Status::suspended) return State::suspended;
    decide(status);
    return State::done;
}

void StageRun::decide(vm::Status status) {
    const auto& next = lib::plain_status(lib::StatusObject::Kind::next);
    if (status == vm::Status::done && machine_.result().same_bits(next)) {
        outcome_.status = next;
        return;
    }
    const auto& directive = current();
    outcome_.directive = directive.name;
    outcome_.place = directive.place;
    outcome_.failure = failure_of(status);
    if (outcome_.failure.empty()) outcome_.status = std::move(machine_.result());
}

// The one that runs, or ran last.
const Directive& StageRun::current() {
    const auto& directives = script_->directives(stage_);
    return directives[directives.size() - machine_.turns_left() - 1];
}

// Why a turn gave no status; empty if it gave one.
std::string StageRun::failure_of(vm::Status status) {
    if (status == vm::Status::error) {
        const auto& error = *machine_.error();
        const auto at = error.source ? error.source->position(error.span.begin) : Position{};
        return fmt::format("{}: {} ({}:{}:{})", name(error.kind), error.message,
                           error.source ? error.source->name() : "", at.line, at.column);
    }
    if (lib::as_status(machine_.result())) return {};
    return fmt::format(
        "the rule gave {} instead of a status: every path must end in state::next(), accept, faccept, deny or "
        "quarantine",
        machine_.result().is_unit()
            ? std::string("()")
            : fmt::format("{} of type {}", brief(machine_.result()), type_name(machine_.result())));
}

void StageRun::turn_begins() { watch_->directive_begins(current()); }

void StageRun::turn_ends(vm::Status status) {
    const auto& directive = current();
    const bool has_status = directive.kind != DirectiveKind::action || status == vm::Status::error;
    const auto failure = has_status ? failure_of(status) : std::string();
    const bool gave = has_status && failure.empty();
    watch_->directive_ends(directive, gave ? machine_.result() : Value(), failure);
}

}  // namespace sluice::dsl
