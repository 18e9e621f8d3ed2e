// Content-Type and Content-Disposition, the plain side of parameters_rules.hpp. Continuations and charsets of RFC 2231
// are left to the caller: a parameter is what one `attribute=value` says.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::grammar::mail {

struct Parameter {
    std::string name;   // ASCII letters in lower case; RFC 2231 stars included: "filename*0*"
    std::string value;  // quotes and backslashes removed, folds too
};

struct ParameterizedValue {
    std::string
        value;  // ASCII letters in lower case: "text/plain", "attachment"; empty if there is none that can be read
    std::vector<Parameter> parameters;  // in order, doubles included
    bool cut = false;                   // there were more than `max_parameters`
};

// `text`: the text behind the colon of a field, folds included. Any text gives a value.
[[nodiscard]] ParameterizedValue parse_content_type(std::string_view text, std::size_t max_parameters);
[[nodiscard]] ParameterizedValue parse_content_disposition(std::string_view text, std::size_t max_parameters);

// ASCII letters in lower case, all else as it is: how MIME compares types, names and charsets.
[[nodiscard]] std::string lower_case(std::string_view text);

}  // namespace sluice::grammar::mail
