// A new header field as text: what rules give is checked here and nowhere else, so that no value can add a field of its
// own or end the header.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/result.hpp"

namespace sluice::mail {

enum class EditProblem : std::uint8_t {
    name_empty,
    name_too_long,     // limits::field_name
    name_character,    // not RFC 5322 ftext: printable ASCII without the colon
    line_break,        // CR or LF that is no fold, or a fold that leaves a line of blanks
    nul,               // NUL in a value
    line_too_long,     // a line over limits::field_line that has no blank to fold at
    header_too_large,  // the header would exceed limits::message_header
    address,           // not one mailbox
    address_list,      // a quote or comment of the field is never closed: nothing can be added behind it
};

struct EditError {
    EditProblem problem;
    std::string text;  // for the administrator, with the field it is about
};

// nullopt if `name` can be the name of a field.
[[nodiscard]] std::optional<EditError> check_field_name(std::string_view name);

// "Name: value\r\n".
// Value: any octets but NUL; CR and LF only as a fold, CRLF followed by a blank or tab, where each line must hold more
// than blanks (programs that trim lines would take an empty one for the end of the header).
// Folding: a value without folds is folded where a line would exceed 78 octets, by CRLF in front of blanks it has
// already: without the CRLFs it is the value given, to the octet. A word longer than that stands on a line of its own,
// up to 998 octets. A value that has folds keeps them, and gets further ones only where a line would exceed 998 octets.
[[nodiscard]] Result<std::string, EditError> field_text(std::string_view name, std::string_view value);

// `text` between quotes for an error text: shortened, controls as "?".
[[nodiscard]] std::string shown(std::string_view text);

}  // namespace sluice::mail
