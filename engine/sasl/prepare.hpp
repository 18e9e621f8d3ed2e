// SASLprep (RFC 4013): one form for names and passwords that look the same. By libgsasl; printable ASCII, which it maps
// to itself, is copied here, so that nearly all passwords never leave memory that is wiped. (The library frees its
// working copies of other passwords without wiping them.)
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/sasl/secret.hpp"

namespace sluice::sasl {

enum class Use : std::uint8_t {
    query,  // what a client sent: code points Unicode did not assign yet are let through
    store,  // what goes into a password file: they are refused (RFC 3454 7)
};

// nullopt: not UTF-8, or with characters that are prohibited (controls, NUL), or nothing is left.
[[nodiscard]] std::optional<Secret> prepare_password(std::string_view text, Use use);
// Longer than limits::sasl_name (before or after) is refused, too.
[[nodiscard]] std::optional<std::string> prepare_name(std::string_view text, Use use);

}  // namespace sluice::sasl
