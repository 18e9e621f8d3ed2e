// `sluice migrate`: configurations of other products -> vSL. Reads files, writes none.
//
// The readers fill a neutral model (model.hpp) and a report (report.hpp); vsl_writer.hpp makes scripts of the model.
// What becomes of which option stands in tables: momentum_options.def, postfix_options.def.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dsl/diag/diagnostic.hpp"
#include "engine/migrate/model.hpp"
#include "engine/migrate/report.hpp"
#include "engine/migrate/vsl_writer.hpp"

namespace sluice::migrate {

struct Migration {
    Model model;
    Report report;
    std::vector<File> files;
    std::vector<std::string> next_steps;  // what the administrator does then, in order
};

// Nothing if a file cannot be read or has syntax errors; those are in `diagnostics`.
// An ecelerity.conf with what it includes.
[[nodiscard]] std::optional<Migration> migrate_momentum(const std::string& file, dsl::Diagnostics& diagnostics);
// A directory with main.cf and, perhaps, master.cf and the tables they name.
[[nodiscard]] std::optional<Migration> migrate_postfix(const std::string& directory, dsl::Diagnostics& diagnostics);
// The policy table of Hermes SEG.
[[nodiscard]] std::optional<Migration> migrate_hermes(const std::string& file, dsl::Diagnostics& diagnostics);

// What is left to do by hand: enabling domains, importing the parts.
[[nodiscard]] std::vector<std::string> next_steps(const Model& model);

}  // namespace sluice::migrate
