// What the header of a part says about it: the Content-* fields put into a Part. For the walk (mime_walk.cpp).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/mail/mime.hpp"

namespace sluice::mail {

// Values of the fields a walk needs, behind the colon.
struct PartFields {
    std::optional<std::string_view> type;
    std::optional<std::string_view> disposition;
    std::optional<std::string_view> encoding;
    bool doubled = false;

    void take(std::string_view name, std::string_view value);
};

enum class Container : std::uint8_t { none, multipart, message };

struct PartHeader {
    Container container = Container::none;  // what can be walked into
    std::string boundary;                   // of a multipart
};

// Fills everything in `part` but its place. `in_digest`: its parent is multipart/digest (RFC 2046 5.1.5).
[[nodiscard]] PartHeader read_part_header(const PartFields& fields, bool in_digest, Part& part);

}  // namespace sluice::mail
