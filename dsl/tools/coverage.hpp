// Which rules and branches of scripts were reached (`sluice test --coverage`). A host counts the marks that a script
// comes by (Host::reached); this adds up the counts of all scripts and says what was missed.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "dsl/host/rule_script.hpp"

namespace sluice::dsl::tools {

// A rule or action is reached if its function was. Branches are the arms of `if` and `switch`, also those that are not
// written (the condition is false, no case fits), the bodies of loops and catches, and the functions that are not those
// of a directive. The top level of a file is left out: it runs when the file is loaded, not for a mail.
//
// What several scripts import is one file here: reached if any of them reached it, or its top level did.
class Coverage {
  public:
    struct Tally {
        std::uint64_t reached = 0;
        std::uint64_t total = 0;
    };

    // counts[i]: how often program().marks[i] was reached; what lies beyond their end was not, so a script that never
    // ran has none. The script was loaded with RuleScriptOptions::marks. It may be added again, with other counts.
    void add(const RuleScript& script, std::span<const std::uint64_t> counts);

    [[nodiscard]] Tally rules() const;
    [[nodiscard]] Tally branches() const;

    // By file, in order of their names; a file with nothing to reach is left out:
    //   filter.vsl: rules 3 of 4, branches 9 of 10
    //   filter.vsl:12:9: the condition is never false
    //   filter.vsl:20:15: rule "x" never runs
    //   rules 3 of 4, branches 9 of 10            the last line: all files together
    [[nodiscard]] std::string text() const;
    // {"files": [{"name", "rules": {"reached", "total"}, "branches": {…}, "missed": [{"line", "column", "kind",
    // "text"}]}], "rules": {…}, "branches": {…}} on one line. `kind`: rule, action, function, then_arm, else_arm,
    // no_else, case_arm, no_case, loop_body, catch_arm.
    [[nodiscard]] std::string json() const;

  private:
    struct Place {
        std::uint32_t begin;
        std::uint32_t end;
        code::Mark::Kind kind;
        auto operator<=>(const Place&) const = default;
    };
    struct Reached {
        bool reached = false;
        std::string name;
    };
    struct Title {
        Place function;
        std::string name;
        auto operator<=>(const Title&) const = default;
    };
    struct File {
        SourcePtr source;
        std::map<Place, Reached> marks;
        std::map<Title, DirectiveKind> directives;
    };
    struct Missed {
        Position at;
        std::string_view kind;
        std::string text;
    };
    struct Report {
        Tally rules;
        Tally branches;
        std::vector<Missed> missed;  // in the order of the file
    };

    File& file(const SourcePtr& source);
    [[nodiscard]] static Report report(const File& file);

    std::map<std::string, File> files_;  // by name
};

}  // namespace sluice::dsl::tools
