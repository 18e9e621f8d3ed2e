// Domain names as DNS questions and answers have them (RFC 1035 2.3.4, RFC 4343). Everything of engine/dns that asks or
// answers takes a Name, so that a text that is no name ends as an error of parse() and never as a question.
// A name with a final dot is absolute; one without follows the search list of the resolver it is given to.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/result.hpp"

namespace sluice::dns {

enum class NameError : std::uint8_t {
    empty,           // ""
    empty_label,     // "a..b", ".a"
    label_too_long,  // limits::domain_label
    too_long,        // limits::domain_name
    character,       // blanks, control characters, "\", and bytes above 0x7e unless parse_international() is asked
    not_idna,        // parse_international(): IDNA 2008 refuses it
};
[[nodiscard]] std::string_view to_string(NameError error) noexcept;  // "has an empty label"

class Name {
  public:
    Name() = default;  // the root, "."

    // Takes any printable ASCII in a label ("_25._tcp.mx.example.com", SPF macros put "=" or "+" into names).
    [[nodiscard]] static Result<Name, NameError> parse(std::string_view text);
    // Takes UTF-8 and turns U-labels into A-labels (IDNA 2008, non-transitional).
    [[nodiscard]] static Result<Name, NameError> parse_international(std::string_view utf8);
    // An uncompressed name of RDATA that must fill `wire`; always absolute. Octets that parse() does not take are
    // escaped as \DDD (RFC 1035 5.1). nullopt if it is malformed.
    [[nodiscard]] static std::optional<Name> from_wire(std::string_view wire);

    // Lower case; "mx.example.com." if absolute.
    [[nodiscard]] const std::string& text() const noexcept { return text_; }
    [[nodiscard]] std::string without_final_dot() const;  // the root: ""
    [[nodiscard]] bool is_absolute() const noexcept { return text_.back() == '.'; }
    [[nodiscard]] bool is_root() const noexcept { return text_ == "."; }
    [[nodiscard]] Name absolute() const;
    // This name in front of `domain`: "www" under "example.com." is "www.example.com.". Always absolute.
    [[nodiscard]] Result<Name, NameError> under(const Name& domain) const;
    // Dots between labels: 1 for "example.com" and for "example.com.".
    [[nodiscard]] std::size_t inner_dots() const noexcept;

    friend bool operator==(const Name&, const Name&) = default;
    friend auto operator<=>(const Name&, const Name&) = default;

  private:
    explicit Name(std::string text) : text_(std::move(text)) {}

    std::string text_ = ".";
};

}  // namespace sluice::dns
