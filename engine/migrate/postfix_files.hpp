// Postfix' configuration files: main.cf, master.cf and the text of look-up tables (postconf(5), master(5), postmap(1)).
// A line that begins with a blank goes on with the one before; "#" begins a comment at the start of a line only.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/diag/diagnostic.hpp"
#include "engine/migrate/model.hpp"
#include "engine/migrate/report.hpp"

namespace sluice::migrate::postfix {

struct LogicalLine {
    std::string text;  // blanks at both ends removed; the line breaks inside are blanks
    Place place;       // where it begins
    std::string note;  // comment lines directly above, without "#"; empty if there are none
};

// Nothing after a line that goes on with none.
[[nodiscard]] std::optional<std::vector<LogicalLine>> logical_lines(const dsl::SourcePtr& source,
                                                                    dsl::Diagnostics& diagnostics);

struct Parameter {
    std::string value;  // as written, "$" included
    Place place;
};
using Parameters = Named<Parameter>;

// One parameter a line, `name = value`. Of those set twice the later counts: a notice.
[[nodiscard]] std::optional<Parameters> read_main(const dsl::SourcePtr& source, Report& report,
                                                  dsl::Diagnostics& diagnostics);

struct Service {
    std::string name;  // "smtp", "127.0.0.1:10026"
    std::string type;  // "inet", "unix", "fifo", "pass"
    std::string command;
    Parameters overrides;  // of -o
    Strings other_arguments;
    Place place;
};

[[nodiscard]] std::optional<std::vector<Service>> read_master(const dsl::SourcePtr& source,
                                                              dsl::Diagnostics& diagnostics);

struct Entry {
    std::string key;  // in lower case
    std::string value;
    Place place;
    std::string note;
};

// The text a table is made of by postmap: a key, blanks, a value. Of a key that comes twice the first one counts.
[[nodiscard]] std::optional<std::vector<Entry>> read_table(const dsl::SourcePtr& source, Report& report,
                                                           dsl::Diagnostics& diagnostics);

// `$name`, `${name}`, `$(name)`, `${name?text}`, `${name:text}`, `$$`. Nothing if a name is not in `parameters`, which
// is then in `unknown`: built-in defaults are not known here.
[[nodiscard]] std::optional<std::string> expand(std::string_view value, const Parameters& parameters,
                                                std::string& unknown);

}  // namespace sluice::migrate::postfix
