// Running a script on its own, without a server: `sluice eval` (vsl-language.md section 22).
#pragma once

#include <iosfwd>
#include <string>

namespace sluice::dsl::tools {

struct EvalOptions {
    bool expression = false;     // exactly one expression
    bool json = false;           // diagnostics as JSON
    std::string base_directory;  // for imports; empty: no imports
};

// Prints the value in debug form, or diagnostics on `err`. Exit code: 0 fine, 1 error in the script.
int eval(const std::string& name, const std::string& text, const EvalOptions& options, std::ostream& out,
         std::ostream& err);

// One JSON request a line from `in`, one JSON answer a line to `out`, flushed, in order.
int eval_json_lines(std::istream& in, std::ostream& out, std::ostream& err);

}  // namespace sluice::dsl::tools
