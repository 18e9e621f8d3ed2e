#include "dsl/host/stage_run.hpp"

#include <fmt/format.h>

#include "dsl/value/operations.hpp"

namespace sluice::dsl {

StageRun::StageRun(std::shared_ptr<const RuleScript> script, Stage stage, Host& host, const Limits& limits)
    : script_(std::move(script)),
      directives_(script_->directives(stage)),
      machine_(script_->program(), script_->globals(), limits) {
    machine_.set_host(&host);
}

StageRun::State StageRun::run() {
    while (next_ < directives_.size()) {
        const auto status = machine_.call(directives_[next_].body, {});
        if (status == vm::Status::suspended) return State::suspended;
        if (finished(status)) return State::done;
    }
    outcome_.status = lib::plain_status(lib::StatusObject::Kind::next);
    return State::done;
}

StageRun::State StageRun::resume(Value value) { return after(machine_.resume(std::move(value))); }
StageRun::State StageRun::resume_with_error(ErrorPtr error) {
    return after(machine_.resume_with_error(std::move(error)));
}

StageRun::State StageRun::after(vm::Status status) {
    if (status == vm::Status::suspended) return State::suspended;
    return finished(status) ? State::done : run();
}

bool StageRun::finished(vm::Status status) {
    const auto& directive = directives_[next_++];
    const auto* verdict = status == vm::Status::done ? lib::as_status(machine_.result()) : nullptr;
    if (verdict && verdict->kind == lib::StatusObject::Kind::next) return false;
    if (status == vm::Status::done && directive.kind == DirectiveKind::action) return false;
    outcome_.directive = directive.name;
    outcome_.place = directive.place;
    if (status == vm::Status::error) {
        const auto& error = *machine_.error();
        const auto at = error.source ? error.source->position(error.span.begin) : Position{};
        outcome_.failure = fmt::format("{}: {} ({}:{}:{})", name(error.kind), error.message,
                                       error.source ? error.source->name() : "", at.line, at.column);
        return true;
    }
    if (!verdict) {
        outcome_.failure = fmt::format(
            "the rule gave {} instead of a status: every path must end in state::next(), accept, faccept, deny or "
            "quarantine",
            machine_.result().is_unit()
                ? std::string("()")
                : fmt::format("{} of type {}", brief(machine_.result()), type_name(machine_.result())));
        return true;
    }
    outcome_.status = std::move(machine_.result());
    return true;
}

}  // namespace sluice::dsl
