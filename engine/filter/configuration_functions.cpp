// cfg:: and log (vsl-rules.md 9.11, 9.14), during a stage and while rules are loaded.
#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "dsl/lib/mail_objects.hpp"
#include "engine/filter/stage_context.hpp"

namespace sluice::filter {

using dsl::NativeCall;
using dsl::Outcome;

namespace {

Outcome write_log(StageContext& context, NativeCall& call) {
    auto level = dsl::lib::text_of(call.args[0]);
    std::ranges::transform(level, level.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    auto message = dsl::lib::text_of(call.args[1]);
    static constexpr std::string_view levels[] = {"trace", "debug", "info", "warn", "error"};
    const auto* found = std::ranges::find(levels, level);
    const bool known = found != std::end(levels);
    if (!known) message = fmt::format("log level '{}' does not exist: {}", level, message);
    context.around.log.app(
        known ? static_cast<obs::Level>(found - levels) : obs::Level::warn, message,
        {{"session", context.session.id.to_string()}, {"stage", std::string(dsl::to_string(context.stage))}});
    return call.ok();
}

}  // namespace

namespace functions {

Outcome cfg_server(StageContext& context, NativeCall& call) { return call.ok(context.around.configuration->server); }
Outcome cfg_app(StageContext& context, NativeCall& call) { return call.ok(context.around.configuration->app); }
Outcome log(StageContext& context, NativeCall& call) { return write_log(context, call); }
Outcome logging_log(StageContext& context, NativeCall& call) { return write_log(context, call); }

}  // namespace functions

}  // namespace sluice::filter
