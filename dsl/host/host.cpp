#include "dsl/host/host.hpp"

#include <fmt/format.h>

#include "dsl/host/command.hpp"
#include "dsl/lib/library.hpp"

namespace sluice::dsl {

namespace {

constexpr std::string_view stage_keys[] = {
#define SLUICE_STAGE(identifier, key) key,
#include "dsl/host/stages.def"
#undef SLUICE_STAGE
    "load",
};

constexpr HostFunctionInfo infos[] = {
#define SLUICE_HOST(identifier, name, arguments, stage, flags, result, doc) {name, Stage::stage, result, doc},
#include "dsl/host/functions.def"
#undef SLUICE_HOST
};

[[gnu::cold]] Outcome refuse(const HostFunctionInfo& about, NativeCall& call) {
    if (about.first_stage == Stage::load) return call.fail(fmt::format("`{}` needs a running server", about.name));
    const auto field = about.name.substr(about.name.rfind(':') + 1);
    return call.fail(fmt::format("the field: `{}` is not defined yet, it only is available from the `{}` stage", field,
                                 to_string(about.first_stage)));
}

// A host function is refused before its stage, whoever implements the host.
Outcome call_host(NativeCall& call) {
    const auto& about = infos[call.data];
    const auto stage = call.host ? call.host->stage() : Stage::load;
    const bool early = about.first_stage != Stage::load && (stage == Stage::load || stage < about.first_stage);
    if (!call.host || early) [[unlikely]]
        return refuse(about, call);
    return call.host->call(static_cast<HostFunction>(call.data), call);
}

}  // namespace

std::string_view to_string(Stage stage) noexcept { return stage_keys[static_cast<std::size_t>(stage)]; }

std::size_t stage_index(std::string_view key) noexcept {
    std::size_t i = 0;
    while (i < stage_count && stage_keys[i] != key) ++i;
    return i;
}

const HostFunctionInfo& info(HostFunction function) noexcept { return infos[static_cast<std::size_t>(function)]; }

const HostFunctionInfo* host_function(const NativeGroup& group) noexcept {
    for (const auto& native : group.overloads)
        if (native.fn == call_host) return &infos[native.data];
    return nullptr;
}

void add_host_functions(NativeTable& table) {
    using namespace accepts;
    constexpr TypeSet text_or_object = string | host;
#define SLUICE_PLAIN(...) __VA_ARGS__
#define SLUICE_HOST(identifier, name, arguments, stage, flags, result, doc) \
    table.add(name, SLUICE_PLAIN arguments, call_host, host_only | (flags), \
              static_cast<std::uint16_t>(HostFunction::identifier));
#include "dsl/host/functions.def"
#undef SLUICE_HOST
#undef SLUICE_PLAIN
#define SLUICE_LATER(name, meanwhile) table.announce(name, meanwhile);
#include "dsl/host/later_modules.def"
#undef SLUICE_LATER
}

const NativeGroup& mark_function() {
    static const NativeGroup group = [] {
        const auto tell = [](NativeCall& call) {
            if (call.host) call.host->reached(static_cast<std::uint32_t>(call.args[0].as_int()));
            return call.ok();
        };
        return NativeGroup{"(mark)", 1, pure, {Native{tell, 1, pure, 0, {accepts::integer}}}};
    }();
    return group;
}

const NativeTable& rule_library() {
    static const NativeTable table = [] {
        NativeTable t;
        lib::add_base(t);
        lib::add_objects(t);
        lib::add_status(t);
        add_unix_functions(t);
        add_small_modules(t);
        add_commands(t);
        add_object_files(t);
        add_host_functions(t);
        return t;
    }();
    return table;
}

const NativeTable& configuration_library() {
    static const NativeTable table = [] {
        NativeTable t;
        lib::add_base(t);
        add_unix_functions(t);
        return t;
    }();
    return table;
}

}  // namespace sluice::dsl
