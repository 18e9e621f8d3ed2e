#include "engine/sasl/password_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <functional>
#include <optional>

#include "engine/base/ids.hpp"
#include "engine/base/limits.hpp"
#include "engine/io/descriptor.hpp"
#include "engine/io/durable_file.hpp"
#include "engine/sasl/key_derivation.hpp"
#include "engine/sasl/prepare.hpp"

namespace sluice::sasl {

namespace fs = std::filesystem;

namespace {

using Problems = std::vector<UserProblem>;

Problems problem(std::string text, std::string hint = {}) { return {{0, std::move(text), std::move(hint)}}; }

Problems failed(std::string_view what, const fs::path& path, int error) {
    return problem(fmt::format("cannot {} '{}': {}", what, path.string(),
                               std::error_code(error, std::system_category()).message()));
}

struct Owner {
    uid_t user;
    gid_t group;
};

// The whole text and who owns it; after an error problems.
Problems read_text(const fs::path& path, std::string& text, Owner& owner) {
    const io::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));  // a FIFO must not block us
    struct stat status {};
    if (file.number() < 0 || ::fstat(file.number(), &status) != 0) return failed("read", path, errno);
    if (!S_ISREG(status.st_mode)) return problem(fmt::format("'{}' is not a regular file", path.string()));
    if ((status.st_mode & 0077) != 0)
        return problem(fmt::format("'{}' has mode {:04o}: others than its owner may use it", path.string(),
                                   status.st_mode & 07777),
                       fmt::format("chmod 600 {}", path.string()));
    owner = {status.st_uid, status.st_gid};
    std::array<char, 65536> block;
    for (;;) {
        const ssize_t count = ::read(file.number(), block.data(), block.size());
        if (count == 0) return {};
        if (count > 0) {
            text.append(block.data(), static_cast<std::size_t>(count));
        } else if (errno != EINTR) {
            return failed("read", path, errno);
        }
    }
}

LoadResult load(const fs::path& path, Owner& owner) {
    std::string text;
    if (auto problems = read_text(path, text, owner); !problems.empty()) return Failure{std::move(problems)};
    return UserTable::parse(text);
}

// Made, owned by whom the old one belonged to, and only then renamed.
Problems store(const fs::path& path, const std::string& text, const std::optional<Owner>& owner) {
    fs::path temporary = path;
    temporary += ".new";
    const std::string_view part = text;
    const auto write = [&]() -> std::error_code {
        if (auto error = io::remove_file(temporary)) return error;  // of a process that was killed
        if (auto error = io::create_file(temporary, {&part, 1})) return error;
        // Only root may give files away; somebody else who may replace the file becomes its owner.
        if (owner && ::geteuid() == 0 && ::lchown(temporary.c_str(), owner->user, owner->group) != 0)
            return {errno, std::system_category()};
        if (auto error = io::move_file(temporary, path)) return error;
        return io::sync_directory(path.parent_path());
    };
    const auto error = write();
    if (!error) return {};
    if (const auto left = io::remove_file(temporary))
        return problem(fmt::format("cannot write '{}': {}; '{}' is left behind: {}", path.string(), error.message(),
                                   temporary.string(), left.message()));
    return failed("write", path, error.value());
}

struct Editable {
    std::string secret;
    UserTable::Users users;
};

enum class IfMissing : std::uint8_t { fail, make };

// Reads, changes and replaces the file under the lock of its directory.
Problems edit(const fs::path& given, IfMissing if_missing, const std::function<Problems(UserTable::Users&)>& change) {
    std::error_code error;
    const fs::path path = fs::weakly_canonical(fs::absolute(given), error);  // a link stays a link
    if (error) return failed("find", given, error.value());
    const io::Descriptor directory(::open(path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (directory.number() < 0) return failed("open the directory", path.parent_path(), errno);
    while (::flock(directory.number(), LOCK_EX) != 0)
        if (errno != EINTR) return failed("lock the directory", path.parent_path(), errno);

    Editable content;
    std::optional<Owner> owner;
    if (if_missing == IfMissing::make && !fs::exists(path, error) && !error) {
        content.secret.resize(32);
        random_bytes(reinterpret_cast<std::uint8_t*>(content.secret.data()), content.secret.size());
    } else {
        auto loaded = load(path, owner.emplace());
        if (!loaded) return loaded.error();
        content = {(*loaded)->secret(), (*loaded)->users()};
    }
    if (auto problems = change(content.users); !problems.empty()) return problems;
    return store(path, UserTable(std::move(content.secret), std::move(content.users)).print(), owner);
}

Problems check_name(std::string_view given, std::string& name) {
    const auto refuse = [&](std::string_view why) {
        return problem(fmt::format("'{}' cannot be a user name: {}", given, why));
    };
    if (given.empty()) return refuse("it is empty");
    if (given.size() > limits::sasl_name) return refuse(fmt::format("more than {} octets", limits::sasl_name));
    auto prepared = prepare_name(given, Use::store);
    if (!prepared) return refuse("it holds characters that SASLprep (RFC 4013) prohibits, or is not UTF-8");
    if (prepared->find(' ') != std::string::npos) return refuse("it holds a blank");
    name = std::move(*prepared);
    return {};
}

Problems make_entry(std::string_view given_name, std::string_view given_password, CramMd5 cram_md5, UserEntry& user) {
    if (auto problems = check_name(given_name, user.name); !problems.empty()) return problems;
    if (given_password.empty()) return problem("the password is empty");
    if (given_password.size() > limits::sasl_password)
        return problem(fmt::format("the password has more than {} octets", limits::sasl_password));
    const auto password = prepare_password(given_password, Use::store);
    if (!password || password->size() > limits::sasl_password)
        return problem("the password holds characters that SASLprep (RFC 4013) prohibits, or is not UTF-8");
    const auto derive = [&](Hash hash) {
        std::string salt(limits::scram_salt, '\0');
        random_bytes(reinterpret_cast<std::uint8_t*>(salt.data()), salt.size());
        return derive_scram_keys(hash, password->view(), std::move(salt), limits::scram_iterations);
    };
    user.sha_1 = derive(Hash::sha_1);
    user.sha_256 = derive(Hash::sha_256);
    if (cram_md5 == CramMd5::yes) user.cram_md5 = derive_cram_md5_state(password->view());
    return {};
}

Problems no_such_user(std::string_view name) { return problem(fmt::format("there is no user {}", name)); }

}  // namespace

LoadResult load_users(const fs::path& path) {
    Owner ignored{};
    return load(path, ignored);
}

std::vector<UserProblem> PasswordFile::reload() {
    auto loaded = load_users(path_);
    if (!loaded) return loaded.error();
    const std::lock_guard lock(mutex_);
    users_.swap(*loaded);  // the old table ends outside the lock
    return {};
}

std::shared_ptr<const UserTable> PasswordFile::users() const {
    const std::lock_guard lock(mutex_);
    return users_;
}

std::vector<UserProblem> add_user(const fs::path& path, std::string_view name, std::string_view password,
                                  CramMd5 cram_md5) {
    UserEntry user;
    if (auto problems = make_entry(name, password, cram_md5, user); !problems.empty()) return problems;
    return edit(path, IfMissing::make, [&](UserTable::Users& users) {
        const auto [place, is_new] = users.try_emplace(user.name, user);
        return is_new ? Problems()
                      : problem(fmt::format("the user {} exists", place->first),
                                fmt::format("a new password: sluice user passwd {}", place->first));
    });
}

std::vector<UserProblem> change_password(const fs::path& path, std::string_view name, std::string_view password) {
    UserEntry user;
    if (auto problems = make_entry(name, password, CramMd5::yes, user); !problems.empty()) return problems;
    return edit(path, IfMissing::fail, [&](UserTable::Users& users) {
        const auto found = users.find(user.name);
        if (found == users.end()) return no_such_user(user.name);
        if (!found->second.cram_md5) user.cram_md5.reset();
        found->second = user;
        return Problems();
    });
}

std::vector<UserProblem> remove_user(const fs::path& path, std::string_view given) {
    std::string name;
    if (auto problems = check_name(given, name); !problems.empty()) return problems;
    return edit(path, IfMissing::fail,
                [&](UserTable::Users& users) { return users.erase(name) == 1 ? Problems() : no_such_user(name); });
}

}  // namespace sluice::sasl
