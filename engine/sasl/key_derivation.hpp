// From passwords to what a password file keeps, and from there to what is compared. Crypto by BoringSSL.
#pragma once

#include <string>
#include <string_view>

#include "engine/sasl/credential_source.hpp"

namespace sluice::sasl {

// RFC 5802 3 with PBKDF2 (RFC 2898): takes milliseconds, so never on a thread of sessions. `password` is prepared;
// iterations >= 1.
[[nodiscard]] ScramKeys derive_scram_keys(Hash hash, std::string_view password, std::string salt,
                                          std::uint32_t iterations);

[[nodiscard]] CramMd5State derive_cram_md5_state(std::string_view password);
// The 32 lower-case hexadecimal digits a client must answer to `challenge`.
[[nodiscard]] std::string cram_md5_digest(const CramMd5State& state, std::string_view challenge);

[[nodiscard]] std::string hmac(Hash hash, std::string_view key, std::string_view text);

// Lower-case.
[[nodiscard]] std::string to_hex(std::string_view bytes);

}  // namespace sluice::sasl
