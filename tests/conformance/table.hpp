// Reads the conformance tables (tables/*.txt). README.md describes their form.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::conformance {

struct Fact {
    std::string key;    // "client", "from", "message" …
    std::string value;  // escapes replaced
};

struct Place {
    std::string file;  // "ctx.txt"
    int line = 0;
    std::string label;  // of the row of the specification: "9.6 ctx::client_ip"
};

struct Row {
    Place place;
    bool ours = false;  // not as vSMTP
    std::string stage;
    std::string statement;
    bool verdict = false;  // behind "→" instead of "⇒"
    std::string expected;
    std::vector<Fact> given;
    std::vector<Fact> then;
    std::string vsmtp;  // what vSMTP does
    std::string why;    // where that is decided
};

// One entry of the specification's column of first stages.
struct FirstStage {
    Place place;
    std::string stage;  // "load", or a stage; of what is not part of this version: empty
    std::string function;
    std::string call;
    std::vector<Fact> given;
};

struct Table {
    std::string name;  // file name without ".txt"
    std::string kind;  // "expressions", "selection", "transactions"
    std::vector<Row> rows;
    std::vector<FirstStage> stages;
    std::vector<std::string> errors;  // what could not be read
};

[[nodiscard]] Table read_table(const std::filesystem::path& file);
[[nodiscard]] std::vector<Table> read_tables(const std::filesystem::path& directory);  // sorted by name

// "9.6 ctx::client_ip" as part of a test's name: "9_6_ctx_client_ip".
[[nodiscard]] std::string test_name(std::string_view label);
// Control characters as escapes, so that a value stands on one line of a table.
[[nodiscard]] std::string shown(std::string_view text);

}  // namespace sluice::conformance
