// Where the exchanges that prove a password get their keys from. PasswordFile's UserTable is one; tests have others.
// Implementations answer from memory (an exchange runs on a thread of sessions) and from several threads at once.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace sluice::sasl {

enum class Hash : std::uint8_t { sha_1, sha_256 };

constexpr std::size_t size_of(Hash hash) { return hash == Hash::sha_1 ? 20 : 32; }

// RFC 5802 3. Whoever has them can check a password and imitate the server, but not the client.
struct ScramKeys {
    std::uint32_t iterations = 0;
    std::string salt;
    std::string stored_key;  // both size_of(hash) bytes
    std::string server_key;
};

// RFC 2195: MD5 states (little-endian words) after the inner and the outer block of HMAC-MD5 keyed with the password.
// Not the password, but for CRAM-MD5 as good as it.
using CramMd5State = std::array<std::uint8_t, 32>;

class CredentialSource {
  public:
    virtual ~CredentialSource() = default;

    // For a user that does not exist they are invented, the same ones each time, and no password fits them: the
    // exchange goes on and fails at its end, as with a wrong password. `name` is prepared.
    [[nodiscard]] virtual ScramKeys scram_keys(Hash hash, std::string_view name) const = 0;
    // Likewise; also for a user that has keys for SCRAM only.
    [[nodiscard]] virtual CramMd5State cram_md5_state(std::string_view name) const = 0;
    // Whether any user has one, that is: whether to offer CRAM-MD5.
    [[nodiscard]] virtual bool has_cram_md5() const = 0;
};

}  // namespace sluice::sasl
