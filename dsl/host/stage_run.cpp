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
    const auto& directives = script_->directives(stage_);
    const auto& directive = directives[directives.size() - machine_.turns_left() - 1];
    outcome_.directive = directive.name;
    outcome_.place = directive.place;
    if (status == vm::Status::error) {
        const auto& error = *machine_.error();
        const auto at = error.source ? error.source->position(error.span.begin) : Position{};
        outcome_.failure = fmt::format("{}: {} ({}:{}:{})", name(error.kind), error.message,
                                       error.source ? error.source->name() : "", at.line, at.column);
        return;
    }
    if (!lib::as_status(machine_.result())) {
        outcome_.failure = fmt::format(
            "the rule gave {} instead of a status: every path must end in state::next(), accept, faccept, deny or "
            "quarantine",
            machine_.result().is_unit()
                ? std::string("()")
                : fmt::format("{} of type {}", brief(machine_.result()), type_name(machine_.result())));
        return;
    }
    outcome_.status = std::move(machine_.result());
}

}  // namespace sluice::dsl
