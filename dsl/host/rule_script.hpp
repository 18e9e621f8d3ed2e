// A rule script, loaded: its top level has run once, its directives stand in their stages, everything is frozen and may
// be run by all threads (vsl-rules.md 1.4 and 3; design decision 2).
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "dsl/code/compiler.hpp"
#include "dsl/host/host.hpp"
#include "dsl/host/script_places.hpp"
#include "dsl/vm/globals.hpp"
#include "dsl/vm/vm.hpp"

namespace sluice::dsl {

enum class DirectiveKind : std::uint8_t { rule, action, delegate };

struct Directive {
    DirectiveKind kind;
    std::string name;
    const Function* function;  // of the program
    std::string place;         // "filter.vsl:12:5"
};

struct RuleScriptOptions {
    std::string base_directory;  // of the root configuration: where imports start
    ScriptLoader* loader = nullptr;
    Host* host = nullptr;       // of Stage::load: cfg:: and log while loading; null: these need a running server
    Printer printer = nullptr;  // print() while loading
    void* printer_context = nullptr;
    // Where the annotated trees of the script and its modules go, for lints; null: nowhere.
    Trees* trees = nullptr;
    // The program tells its host which rules and branches it reaches (Host::reached); it is slower and spends more of
    // its budget.
    bool marks = false;
};

class RuleScript {
  public:
    // Null if anything is wrong; all problems are in `diagnostics`.
    [[nodiscard]] static std::shared_ptr<const RuleScript> load(SourcePtr source, const RuleScriptOptions& options,
                                                                Diagnostics& diagnostics);
    ~RuleScript();

    [[nodiscard]] const std::vector<Directive>& directives(Stage stage) const {
        return stages_[static_cast<std::size_t>(stage)];
    }
    // The same as the machine runs them: their function pointers, frozen.
    [[nodiscard]] const std::vector<vm::Turn>& turns(Stage stage) const {
        return turns_[static_cast<std::size_t>(stage)];
    }
    [[nodiscard]] const code::Program& program() const { return *program_; }
    [[nodiscard]] const vm::Globals& globals() const { return *globals_; }
    // How often each of program().marks was reached while the script was loaded; empty without marks or a loading host.
    [[nodiscard]] const std::vector<std::uint64_t>& reached_by_loading() const { return reached_by_loading_; }
    [[nodiscard]] const std::string& name() const { return name_; }

  private:
    RuleScript() = default;
    friend class RuleScriptLoading;
    std::string name_;
    std::shared_ptr<code::Program> program_;  // declared before what points into it
    std::unique_ptr<vm::Globals> globals_;
    std::array<std::vector<Directive>, stage_count> stages_;
    std::array<std::vector<vm::Turn>, stage_count> turns_;
    std::vector<std::uint64_t> reached_by_loading_;
};

}  // namespace sluice::dsl
