#include "engine/sasl/user_table.hpp"

#include <algorithm>
#include <cstring>

#include "engine/base/limits.hpp"
#include "engine/sasl/key_derivation.hpp"
#include "engine/sasl/secret.hpp"

namespace sluice::sasl {
namespace {

constexpr std::string_view to_string(Hash hash) { return hash == Hash::sha_1 ? "sha-1" : "sha-256"; }

}  // namespace

UserTable::UserTable(std::string secret, Users users) : secret_(std::move(secret)), users_(std::move(users)) {
    for (const auto& [name, user] : users_) {
        iterations_.push_back(user.sha_256.iterations);
        cram_md5_users_ += user.cram_md5.has_value();
    }
}

UserTable::~UserTable() { wipe(secret_.data(), secret_.size()); }

// With different counts in the file, those of invented users are spread like those of real ones.
std::uint32_t UserTable::invented_iterations(std::string_view name) const {
    if (iterations_.empty()) return limits::scram_iterations;
    const std::string bytes = hmac(Hash::sha_256, secret_, "iterations\n" + std::string(name));
    std::uint64_t number = 0;
    std::memcpy(&number, bytes.data(), sizeof number);
    return iterations_[number % iterations_.size()];
}

ScramKeys UserTable::scram_keys(Hash hash, std::string_view name) const {
    // Invented for every user, so that those who exist do not answer sooner.
    const auto invent = [&](std::string_view what, std::size_t size) {
        std::string text(what);
        text.append("\n").append(to_string(hash)).append("\n").append(name);
        return hmac(Hash::sha_256, secret_, text).substr(0, size);
    };
    ScramKeys invented{invented_iterations(name), invent("salt", limits::scram_salt),
                       invent("stored key", size_of(hash)), invent("server key", size_of(hash))};
    const auto found = users_.find(name);
    if (found == users_.end()) return invented;
    return hash == Hash::sha_1 ? found->second.sha_1 : found->second.sha_256;
}

CramMd5State UserTable::cram_md5_state(std::string_view name) const {
    CramMd5State state;
    const std::string invented = hmac(Hash::sha_256, secret_, "cram-md5\n" + std::string(name));
    std::memcpy(state.data(), invented.data(), state.size());
    const auto found = users_.find(name);
    if (found != users_.end() && found->second.cram_md5) state = *found->second.cram_md5;
    return state;
}

bool UserTable::verify(std::string_view name, std::string_view password) const {
    const ScramKeys wanted = scram_keys(Hash::sha_256, name);
    const ScramKeys given = derive_scram_keys(Hash::sha_256, password, wanted.salt, wanted.iterations);
    const bool fits = equal_in_constant_time(given.stored_key, wanted.stored_key);
    return fits && users_.contains(name);
}

}  // namespace sluice::sasl
