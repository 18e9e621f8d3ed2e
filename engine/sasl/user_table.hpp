// The users of a password file (password_file.hpp has the format) as an immutable table that threads share.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/sasl/credential_source.hpp"

namespace sluice::sasl {

// What is wrong with a password file, a user name or a password.
struct UserProblem {
    std::size_t line = 0;  // of the file, from 1; 0: not about one line
    std::string text;
    std::string hint;  // may be empty
};

struct UserEntry {
    std::string name;  // prepared, without blanks
    ScramKeys sha_1;
    ScramKeys sha_256;
    std::optional<CramMd5State> cram_md5;
};

class UserTable final : public CredentialSource {
  public:
    using Users = std::map<std::string, UserEntry, std::less<>>;

    // `secret`: 32 random bytes of the file, from which keys of users that do not exist are derived.
    UserTable(std::string secret, Users users);
    ~UserTable() override;

    // All bad lines, not only the first one.
    [[nodiscard]] static Result<std::shared_ptr<const UserTable>, std::vector<UserProblem>> parse(
        std::string_view text);
    [[nodiscard]] std::string print() const;

    // Whether the password is the user's, by PBKDF2: **takes some 5 ms (at limits::scram_iterations), so call it
    // on a worker thread**, never on one that runs an io_context, and bound how many calls wait. Thread-safe. Name and
    // password are prepared (Credentials are). A user that does not exist costs the same.
    [[nodiscard]] bool verify(std::string_view name, std::string_view password) const;

    [[nodiscard]] ScramKeys scram_keys(Hash hash, std::string_view name) const override;
    [[nodiscard]] CramMd5State cram_md5_state(std::string_view name) const override;
    [[nodiscard]] bool has_cram_md5() const override { return cram_md5_users_ > 0; }

    [[nodiscard]] const Users& users() const noexcept { return users_; }
    [[nodiscard]] const std::string& secret() const noexcept { return secret_; }

  private:
    [[nodiscard]] std::uint32_t invented_iterations(std::string_view name) const;

    std::string secret_;
    Users users_;
    std::vector<std::uint32_t> iterations_;  // of all users
    std::size_t cram_md5_users_ = 0;
};

}  // namespace sluice::sasl
