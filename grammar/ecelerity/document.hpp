// ecelerity.conf, the plain side of rules.hpp: what stands where in one file. Nothing is included and nothing merged
// here: that needs files (engine/migrate).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace sluice::grammar::ecelerity {

// Octets [begin, end) of the text parsed.
struct TextRange {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
};

struct Value {
    enum class Kind : std::uint8_t { text, list, dictionary };

    Kind kind = Kind::text;
    std::string key;   // of an entry of a dictionary; empty for one without `=`
    std::string text;  // without quotes; \" and \\ replaced, other backslashes stay (regular expressions)
    bool quoted = false;
    std::vector<Value> items;
    TextRange range;  // without the quotes
};

struct Statement {
    enum class Kind : std::uint8_t { option, stanza, include };

    Kind kind = Kind::option;
    std::string name;    // as written; names are compared without regard to case
    std::string header;  // of `Name "header" { … }`; the path of an include
    bool has_header = false;
    Value value;                  // of an option
    std::vector<Statement> body;  // of a stanza
    TextRange range;              // the name
};

struct SyntaxError {
    std::uint32_t at = 0;
    std::string message;
    std::string hint;
};

using Document = std::vector<Statement>;

// Any text gives one of the two.
[[nodiscard]] std::variant<Document, SyntaxError> parse(std::string_view text);

// word, "text", ( "a" b ) and [ a = "b" ] as it was written, but for blanks and comments; for messages.
[[nodiscard]] std::string print(const Value& value);

}  // namespace sluice::grammar::ecelerity
