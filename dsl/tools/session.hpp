// One program on the way from text to value: what eval, disasm and the tests share.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dsl/code/compiler.hpp"
#include "dsl/vm/vm.hpp"

namespace sluice::dsl::tools {

// A compiled program with the state of its units.
struct Loaded {
    std::shared_ptr<code::Program> program;
    std::unique_ptr<vm::Globals> globals;
};

// Scripts run one after the other in one global scope (`setup` of section 22).
class Session {
  public:
    Session(const NativeTable& natives, const Limits& limits) : natives_(natives), limits_(limits) {}

    void set_loader(ScriptLoader* loader, std::string base, std::vector<std::string> preload = {});
    void set_parse_options(const ast::ParseOptions& options) { parse_ = options; }
    void set_strict(bool strict) { strict_ = strict; }
    void set_restrictions(const check::Restrictions& restrictions) { restrictions_ = restrictions; }
    void set_printer(Printer printer, void* context);
    // Scripts are compiled with marks, as for coverage; without a host nobody hears of them.
    void set_marks(bool marks) { marks_ = marks; }

    // Null program if it does not compile.
    [[nodiscard]] Loaded compile(const std::string& name, const std::string& text, bool expression, bool keep_scope,
                                 Diagnostics& diagnostics);
    // Runs the top level; on error returns it. The variables of a script compiled with keep_scope stay visible.
    [[nodiscard]] ErrorPtr run(Loaded& loaded, Value& result);

  private:
    const NativeTable& natives_;
    Limits limits_;
    ScriptLoader* loader_ = nullptr;
    std::string base_;
    std::vector<std::string> preload_;
    ast::ParseOptions parse_;
    bool strict_ = false;
    bool marks_ = false;
    check::Restrictions restrictions_;
    Printer printer_ = nullptr;
    void* printer_context_ = nullptr;
    std::vector<check::Inherited> names_;  // variables inherited by the next script
    std::vector<Value> cells_;
};

}  // namespace sluice::dsl::tools
