// Values of Postfix' TLS parameters in our terms (postconf(5), TLS_README).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/migrate/model.hpp"

namespace sluice::migrate::postfix {

// A TLS security level of the client side.
struct Level {
    std::string_view name;    // "encrypt"
    std::string_view mode;    // our mode
    std::string_view verify;  // our verify
    bool mandatory;           // mandatory_protocols and mandatory_ciphers apply
};
[[nodiscard]] const Level* find_level(std::string_view name) noexcept;

struct Protocols {
    Strings versions;  // empty: `why` says what is wrong
    std::string why;
    std::string note;  // what is left out; may be empty
};
// ">=TLSv1.2", "TLSv1.2, TLSv1.3", "!SSLv2, !SSLv3". A list of exclusions means TLSv1.2 and newer, less these: what
// Postfix would allow beside them, OpenSSL of today does not.
[[nodiscard]] Protocols protocols_of(std::string_view written);

// A cipher grade and what is excluded from it, as an OpenSSL list; nothing for grades there are not.
[[nodiscard]] std::optional<std::string> ciphers_of(std::string_view grade, std::string_view list_of_grade,
                                                    std::string_view excluded);

// "300s", "5m", "300" (seconds): as it is, with its unit. Nothing if it is no time.
[[nodiscard]] std::optional<std::string> duration_of(std::string_view written);

// "AB:CD:…" of SHA-256 -> both of our pins, because Postfix compares certificate and public key. Empty for others.
[[nodiscard]] Strings pins_of(std::string_view fingerprint);

}  // namespace sluice::migrate::postfix
