// The embedded user database: one text file, for `AUTH` without any other server. Passwords are not in it.
//
// Format, version 1. UTF-8, lines end in LF, the last one too. No comments: the file belongs to `sluice user`.
//
//   sluice-users 1
//   secret BASE64                           32 random bytes, made with the file; see UserTable
//   user NAME SCRAM-SHA-1$I:S$K:V SCRAM-SHA-256$I:S$K:V [CRAM-MD5$HEX]
//
// There is one `user` line for each user, in any order. NAME is prepared (SASLprep), 1 to limits::sasl_name octets, no
// blanks or controls. The keys are written as in RFC 5803: I iterations of PBKDF2, in decimal, limits::scram_iterations
// to limits::scram_iterations_max; S the salt, 1 to limits::scram_salt_max octets; K StoredKey; V ServerKey; S, K and V
// in base64. HEX is a CramMd5State, 64 lower-case digits: **with it anybody can log in by CRAM-MD5**, and a dictionary
// finds the password much sooner than with the SCRAM keys, so users have it only if the administrator asks
// (--cram-md5).
//
// The file must be a regular file that nobody but its owner may read or write (0600 or less); else it is not loaded. It
// is only ever replaced as a whole, by rename, with its directory locked (flock) from reading to renaming. The owner of
// a file that is replaced stays, as far as the process may give files away.
//
// All functions here block on the file system: no thread of sessions may call them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/sasl/user_table.hpp"

namespace sluice::sasl {

// In the configuration directory, where nothing else is configured.
inline constexpr std::string_view kUsersFileName = "users";

using LoadResult = Result<std::shared_ptr<const UserTable>, std::vector<UserProblem>>;

[[nodiscard]] LoadResult load_users(const std::filesystem::path& path);

// The file of a running server: sessions take users() once for each exchange; a reload is one swap.
class PasswordFile {
  public:
    explicit PasswordFile(std::filesystem::path path) : path_(std::move(path)) {}

    // Empty: the new users count from now on. With problems the old ones stay.
    [[nodiscard]] std::vector<UserProblem> reload();
    // Null before the first reload that succeeded. From any thread, without blocking on the file.
    [[nodiscard]] std::shared_ptr<const UserTable> users() const;
    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

  private:
    std::filesystem::path path_;
    mutable std::mutex mutex_;  // guards the pointer only
    std::shared_ptr<const UserTable> users_;
};

enum class CramMd5 : std::uint8_t { no, yes };

// These change the file durably, or return problems and leave it as it was. A missing file is made by add_user();
// names and passwords are prepared here. change_password() gives the user a CramMd5State if there was one before.
[[nodiscard]] std::vector<UserProblem> add_user(const std::filesystem::path& path, std::string_view name,
                                                std::string_view password, CramMd5 cram_md5);
[[nodiscard]] std::vector<UserProblem> change_password(const std::filesystem::path& path, std::string_view name,
                                                       std::string_view password);
[[nodiscard]] std::vector<UserProblem> remove_user(const std::filesystem::path& path, std::string_view name);

}  // namespace sluice::sasl
