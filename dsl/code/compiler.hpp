// Source text -> verified program: parse, resolve names, emit, link imports (vsl-language.md section 15), verify.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "dsl/ast/parse.hpp"
#include "dsl/check/resolve.hpp"
#include "dsl/code/program.hpp"
#include "dsl/diag/diagnostic.hpp"
#include "dsl/source/import_path.hpp"
#include "dsl/source/script_loader.hpp"

namespace sluice::dsl::code {

struct CompileOptions {
    const NativeTable* natives = nullptr;
    ast::ParseOptions parse;
    // Unknown names are errors instead of run-time errors (mail configurations).
    bool strict = false;
    check::Restrictions restrictions;
    // Where `import` looks; null: every import fails.
    ScriptLoader* loader = nullptr;
    std::string base_directory;
    // Several scripts in one global scope (`sluice eval` with `setup`): names taken over, and whether ours are kept.
    std::vector<check::Inherited> inherited;
    bool keep_scope = false;
    // Modules that an import with a computed path may find at run time.
    std::vector<std::string> preload;
    std::uint32_t max_modules = 1000;
    // A function with one integer parameter that the program calls with the number of each mark it reaches
    // (Program::marks); its result is not used, and an error of its would be the script's. Null: no marks, and no trace
    // of them in the code. Outlives the program.
    const NativeGroup* marks = nullptr;
    // Where the annotated trees of all files go, for those who look further than the compiler; null: nowhere.
    std::vector<std::unique_ptr<ast::Ast>>* trees = nullptr;
};

// Null if anything is wrong; every problem of every file is in `diagnostics`.
[[nodiscard]] std::shared_ptr<Program> compile(SourcePtr main, const CompileOptions& options, Diagnostics& diagnostics);

}  // namespace sluice::dsl::code
