// The text of a password file to a UserTable and back; the format is in password_file.hpp.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "engine/base/limits.hpp"
#include "engine/sasl/key_derivation.hpp"
#include "engine/sasl/prepare.hpp"
#include "engine/sasl/user_table.hpp"
#include "engine/sasl/wire.hpp"

namespace sluice::sasl {
namespace {

constexpr std::string_view first_line = "sluice-users 1";
constexpr std::size_t secret_size = 32;

// Takes what stands before `separator` off `text`; without one, all of it.
std::string_view take(std::string_view& text, char separator) {
    const auto end = std::min(text.find(separator), text.size());
    const auto part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return part;
}

std::optional<std::string> bytes_of(std::string_view base64, std::size_t least, std::size_t most) {
    const auto bytes = decode_base64(base64);
    if (!bytes || bytes->size() < least || bytes->size() > most) return std::nullopt;
    return std::string(bytes->view());
}

// LABEL$I:S$K:V; a text for the problem, else empty.
std::string read_keys(std::string_view field, std::string_view label, Hash hash, ScramKeys& keys) {
    const auto wrong = [&](std::string_view what) { return fmt::format("{} of {}", what, label); };
    if (take(field, '$') != label) return fmt::format("{} is missing", label);
    const auto count = take(field, ':');
    const auto end = count.data() + count.size();
    const auto [stopped, error] = std::from_chars(count.data(), end, keys.iterations);
    if (error != std::errc() || stopped != end || keys.iterations < limits::scram_iterations ||
        keys.iterations > limits::scram_iterations_max || count.front() == '0')
        return wrong(fmt::format("the iterations must be a number from {} to {}: those", limits::scram_iterations,
                                 limits::scram_iterations_max));
    const auto salt = bytes_of(take(field, '$'), 1, limits::scram_salt_max);
    if (!salt) return wrong("bad salt");
    const auto stored_key = bytes_of(take(field, ':'), size_of(hash), size_of(hash));
    if (!stored_key) return wrong("bad stored key");
    const auto server_key = bytes_of(field, size_of(hash), size_of(hash));
    if (!server_key) return wrong("bad server key");
    keys.salt = *salt;
    keys.stored_key = *stored_key;
    keys.server_key = *server_key;
    return {};
}

std::string read_cram_md5(std::string_view field, CramMd5State& state) {
    if (take(field, '$') != "CRAM-MD5" || field.size() != state.size() * 2 ||
        field.find_first_not_of("0123456789abcdef") != std::string_view::npos)
        return "behind the keys only CRAM-MD5$ with 64 lower-case hexadecimal digits may stand";
    for (std::size_t i = 0; i < state.size(); ++i)
        std::from_chars(field.data() + 2 * i, field.data() + 2 * i + 2, state[i], 16);
    return {};
}

std::string read_user(std::string_view line, UserEntry& user) {
    const auto name = take(line, ' ');
    if (prepare_name(name, Use::store) != name) return "the name is empty, too long, or not in its prepared form";
    user.name = name;
    if (auto problem = read_keys(take(line, ' '), "SCRAM-SHA-1", Hash::sha_1, user.sha_1); !problem.empty())
        return problem;
    const bool more = line.find(' ') != std::string_view::npos;
    if (auto problem = read_keys(take(line, ' '), "SCRAM-SHA-256", Hash::sha_256, user.sha_256); !problem.empty())
        return problem;
    return more ? read_cram_md5(line, user.cram_md5.emplace()) : std::string();
}

std::string print_keys(std::string_view label, const ScramKeys& keys) {
    return fmt::format(" {}${}:{}${}:{}", label, keys.iterations, encode_base64(keys.salt),
                       encode_base64(keys.stored_key), encode_base64(keys.server_key));
}

}  // namespace

Result<std::shared_ptr<const UserTable>, std::vector<UserProblem>> UserTable::parse(std::string_view text) {
    std::vector<UserProblem> problems;
    std::optional<std::string> secret;
    Users users;
    std::size_t number = 0;
    const auto wrong = [&](std::string what, std::string hint = {}) {
        problems.push_back({number, std::move(what), std::move(hint)});
    };
    if (!text.empty() && text.back() != '\n') {
        number = 1 + static_cast<std::size_t>(std::ranges::count(text, '\n'));
        wrong("the line does not end: the file was cut off");
        return Failure{std::move(problems)};
    }
    for (number = 1; number == 1 || !text.empty(); ++number) {
        auto line = take(text, '\n');
        if (number == 1) {
            if (line == first_line) continue;
            wrong(fmt::format("the first line must be `{}`", first_line), "this is no file of `sluice user`");
            return Failure{std::move(problems)};
        }
        const auto keyword = take(line, ' ');
        if (number == 2) {
            secret = bytes_of(line, secret_size, secret_size);
            if (keyword != "secret" || !secret) wrong("the second line must be `secret` and 32 bytes in base64");
        } else if (keyword != "user") {
            wrong("only `user` lines may stand here");
        } else {
            UserEntry user;
            if (auto problem = read_user(line, user); !problem.empty()) {
                wrong(std::move(problem));
            } else if (const auto [place, is_new] = users.try_emplace(user.name, user); !is_new) {
                wrong(fmt::format("the user {} stands there twice", place->first));
            }
        }
    }
    if (number == 2) wrong("the second line must be `secret` and 32 bytes in base64");
    if (!problems.empty()) return Failure{std::move(problems)};
    return std::shared_ptr<const UserTable>(std::make_shared<UserTable>(std::move(*secret), std::move(users)));
}

std::string UserTable::print() const {
    std::string text = fmt::format("{}\nsecret {}\n", first_line, encode_base64(secret_));
    for (const auto& [name, user] : users_) {
        text += "user " + name + print_keys("SCRAM-SHA-1", user.sha_1) + print_keys("SCRAM-SHA-256", user.sha_256);
        if (user.cram_md5)
            text +=
                " CRAM-MD5$" + to_hex({reinterpret_cast<const char*>(user.cram_md5->data()), user.cram_md5->size()});
        text += '\n';
    }
    return text;
}

}  // namespace sluice::sasl
