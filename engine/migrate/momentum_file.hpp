// ecelerity.conf and what it includes, as one tree: includes are replaced by what they hold, names are in lower case.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dsl/diag/diagnostic.hpp"
#include "engine/migrate/report.hpp"
#include "grammar/ecelerity/document.hpp"

namespace sluice::migrate {

namespace momentum {

struct Node {
    std::string key;     // the name in lower case
    std::string header;  // of `Name "header" { … }`
    std::string shown;   // for the report: `TLS = "required"`, `Domain "bank.fi" { … }`
    bool stanza = false;
    grammar::ecelerity::Value value;  // of an option
    std::vector<Node> body;           // of a stanza
    Place place;
};

// Limits of includes: files that include each other must come to an end.
inline constexpr unsigned max_include_depth = 16;
inline constexpr unsigned max_files = 1000;

// Nothing after an unreadable `file` or a syntax error in any file. An include that cannot be read is not carried over.
[[nodiscard]] std::optional<std::vector<Node>> load(const std::string& file, Report& report,
                                                    dsl::Diagnostics& diagnostics);

}  // namespace momentum

}  // namespace sluice::migrate
