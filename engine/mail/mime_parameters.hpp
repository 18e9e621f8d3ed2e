// The parameters of Content-Type and Content-Disposition with the pieces and charsets of RFC 2231 put together, and the
// file name they give. The syntax alone: grammar/mail/parameters.hpp.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "grammar/mail/parameters.hpp"

namespace sluice::mail {

using grammar::mail::Parameter;  // name in lower case

struct MimeField {
    std::string value;  // lower case; empty if the field has none that can be read
    std::vector<Parameter> parameters;
    bool malformed = false;  // no value, a parameter given twice, a piece missing, too many of them

    // The first one called so.
    [[nodiscard]] std::optional<std::string_view> parameter(std::string_view name) const;
};

// RFC 2231: "name*0*", "name*1" … become one "name" in the order of their numbers, up to the first number that is
// missing; "name*" and pieces with a star are decoded to UTF-8. Such a form wins over a plain "name" in the same field.
// Plain values stay as written: 8-bit octets and encoded words included.
[[nodiscard]] MimeField content_type_field(std::string_view value);
[[nodiscard]] MimeField content_disposition_field(std::string_view value);

// "filename" of the disposition, else "name" of the type; encoded words decoded; always UTF-8. For looking at: it may
// hold slashes, control characters and anything else a sender can think of, and is no path. Empty if there is none.
[[nodiscard]] std::string file_name(const MimeField& disposition, const MimeField& type);

}  // namespace sluice::mail
