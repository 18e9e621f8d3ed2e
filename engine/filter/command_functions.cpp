// cmd (vsl-rules.md 9.13): service.run() and service.run(arguments).
#include <fmt/format.h>

#include "dsl/host/command.hpp"
#include "engine/filter/stage_context.hpp"
#include "engine/services/command.hpp"

namespace sluice::filter {

using dsl::NativeCall;
using dsl::Outcome;
using dsl::Value;

namespace {

Value number_or_unit(const std::optional<int>& number) { return number ? Value::integer(*number) : Value(); }

Value value_of(const services::CommandResult& result) {
    Value value = dsl::make_map();
    auto& map = value.as_map();
    map.set("has_code", Value::boolean(result.code.has_value()));
    map.set("code", number_or_unit(result.code));
    map.set("has_signal", Value::boolean(result.signal.has_value()));
    map.set("signal", number_or_unit(result.signal));
    return value;
}

asio::awaitable<Answer> answer(services::Command command) {
    const auto result = co_await services::run(std::move(command));
    if (!result.error.empty()) co_return Answer::thrown(result.error);
    co_return Answer::of(value_of(result));
}

Outcome rehearse(StageContext& context, const services::Command& command, NativeCall& call) {
    const auto& exit_codes = context.around.rehearsed->exit_codes;
    if (const auto found = exit_codes.find(command.program); found != exit_codes.end())
        return call.ok(value_of({.error = {}, .code = found->second, .signal = {}}));
    const auto why = fmt::format("the program '{}' is not run while rules are only tried", command.program);
    context.withhold(why);
    return call.fail(fmt::format("{}: say what it would give with commands: #{{ \"{}\": 0 }}", why, command.program));
}

Outcome start(StageContext& context, NativeCall& call, bool with_arguments) {
    const auto* service = dsl::host_as<dsl::CommandObject>(call.args[0]);
    if (!service)
        return call.fail("run() is of services that cmd::build makes, not of " +
                         std::string(dsl::type_name(call.args[0])));
    services::Command command{service->program, service->arguments, service->timeout, service->user, service->group};
    std::string why;
    if (with_arguments) {
        command.arguments.clear();
        if (!dsl::read_arguments(call.args[1], command.arguments, why)) return call.fail(why);
    }
    if (context.around.rehearsed) return rehearse(context, command, call);
    return context.wait(answer(std::move(command)));
}

}  // namespace

namespace functions {

Outcome command_run(StageContext& context, NativeCall& call) { return start(context, call, false); }
Outcome command_run_with(StageContext& context, NativeCall& call) { return start(context, call, true); }

}  // namespace functions

}  // namespace sluice::filter
