// The values of TLS keys of delivery, with their words in the configuration (tls.md 1.2, 4.1, 4.4, 4.9).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::tls_policy {

using Duration = std::chrono::milliseconds;
using Strings = std::vector<std::string>;

// By strictness: "none", "opportunistic", "mta-sts", "dane", "required", "dane-only". What Momentum and Hermes call
// "no" and "ifavailable" is none and opportunistic.
enum class Mode : std::uint8_t { none, opportunistic, mta_sts, dane, required, dane_only };
enum class Verify : std::uint8_t { no, optional, ca, host, pin };
// Of dane and mta_sts: not looked at, honoured if there is a policy, mail waits until there is one.
enum class Extra : std::uint8_t { off, optional, require };
enum class RequireTls : std::uint8_t { off, opportunistic, starttls, enforce };

// nullopt: not one of its words.
[[nodiscard]] std::optional<Mode> mode_of(std::string_view word) noexcept;
[[nodiscard]] std::optional<Verify> verify_of(std::string_view word) noexcept;
[[nodiscard]] std::optional<Extra> extra_of(std::string_view word) noexcept;
[[nodiscard]] std::optional<RequireTls> require_tls_of(std::string_view word) noexcept;

[[nodiscard]] std::string_view to_string(Mode mode) noexcept;
[[nodiscard]] std::string_view to_string(Verify verify) noexcept;
[[nodiscard]] std::string_view to_string(Extra extra) noexcept;
[[nodiscard]] std::string_view to_string(RequireTls level) noexcept;

}  // namespace sluice::tls_policy
