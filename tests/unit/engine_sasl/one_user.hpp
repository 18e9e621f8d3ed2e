// A credential source with one user and keys derived from a password; and short ways to run an exchange.
#pragma once

#include <optional>
#include <string>

#include "engine/sasl/exchange.hpp"
#include "engine/sasl/key_derivation.hpp"

namespace sluice::sasl {

class OneUser final : public CredentialSource {
  public:
    OneUser(std::string name, std::string password, std::uint32_t iterations = 1)
        : name_(std::move(name)), password_(std::move(password)), iterations_(iterations) {}

    std::string salt = "0123456789abcdef";

    [[nodiscard]] ScramKeys scram_keys(Hash hash, std::string_view name) const override {
        return derive_scram_keys(hash, name == name_ ? password_ : "nobody knows", salt, iterations_);
    }
    [[nodiscard]] CramMd5State cram_md5_state(std::string_view name) const override {
        return derive_cram_md5_state(name == name_ ? password_ : "nobody knows");
    }
    [[nodiscard]] bool has_cram_md5() const override { return true; }

  private:
    std::string name_;
    std::string password_;
    std::uint32_t iterations_;
};

inline ExchangeContext context_for(std::string name, std::string password) {
    return {.host_name = "mx.test", .credentials = std::make_shared<OneUser>(std::move(name), std::move(password))};
}

// A text with NULs in it.
template <std::size_t N>
std::string bytes(const char (&literal)[N]) {
    return std::string(literal, N - 1);
}

}  // namespace sluice::sasl
