// What a server must offer to the rules it runs. engine/filter implements it for each stage run.
#pragma once

#include <cstdint>
#include <string_view>

#include "dsl/value/native.hpp"

namespace sluice::dsl {

enum class Stage : std::uint8_t {
#define SLUICE_STAGE(identifier, key) identifier,
#include "dsl/host/stages.def"
#undef SLUICE_STAGE
    load,  // no stage: while a script is loaded
};
inline constexpr std::size_t stage_count = static_cast<std::size_t>(Stage::load);

[[nodiscard]] std::string_view to_string(Stage stage) noexcept;
// Nothing for an unknown key: stage_count.
[[nodiscard]] std::size_t stage_index(std::string_view key) noexcept;

enum class HostFunction : std::uint16_t {
#define SLUICE_HOST(identifier, name, arguments, stage, flags, result, doc) identifier,
#include "dsl/host/functions.def"
#undef SLUICE_HOST
};

struct HostFunctionInfo {
    std::string_view name;
    Stage first_stage;  // load: usable everywhere
    std::string_view result;
    std::string_view doc;
};
[[nodiscard]] const HostFunctionInfo& info(HostFunction function) noexcept;
// The function of a native group added by add_host_functions, or null.
[[nodiscard]] const HostFunctionInfo* host_function(const NativeGroup& group) noexcept;

class Host {
  public:
    // `base_directory`: where relative paths start; empty: the working directory. Outlives the host.
    explicit Host(Stage stage, std::string_view base_directory = {}) noexcept
        : stage_(stage), base_directory_(base_directory) {}
    virtual ~Host() = default;
    [[nodiscard]] Stage stage() const noexcept { return stage_; }
    [[nodiscard]] std::string_view base_directory() const noexcept { return base_directory_; }
    // The stage allows it. May answer Outcome::pending and resume the machine later, but not while a script is loaded:
    // a host of Stage::load is asked only for what needs no stage.
    [[nodiscard]] virtual Outcome call(HostFunction function, NativeCall& call) = 0;
    // The script came by this place: an index into code::Program::marks of its program, which was compiled with them
    // (RuleScriptOptions::marks). A place is told of each time, also while a script is loaded.
    virtual void reached(std::uint32_t mark) noexcept { (void)mark; }

  private:
    Stage stage_;
    std::string_view base_directory_;
};

// Adds every function of functions.def, bound to NativeCall::host.
void add_host_functions(NativeTable& table);
// env, hostname, user_exist: also global in configuration scripts (vsl-rules.md 9.11).
void add_unix_functions(NativeTable& table);
// file(path, type).
void add_object_files(NativeTable& table);
// time::now, time::date, net::rg_*, utils::*.
void add_small_modules(NativeTable& table);

// What a program with marks calls at each (code::CompileOptions::marks): tells NativeCall::host, if there is one. It
// has no name by which a script could call it.
[[nodiscard]] const NativeGroup& mark_function();

// What rule scripts may call, and what configuration scripts may call. Built once.
[[nodiscard]] const NativeTable& rule_library();
[[nodiscard]] const NativeTable& configuration_library();

}  // namespace sluice::dsl
