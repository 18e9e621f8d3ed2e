// The SASL mechanisms as a closed set (mechanisms.def), and which of them a session offers. Used by the EHLO reply and
// by AUTH, so that what is refused is exactly what is not advertised.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace sluice::sasl {

enum class Mechanism : std::uint8_t {
#define SASL_MECHANISM(enumerator, name, kind, clear) enumerator,
#include "engine/sasl/mechanisms.def"
#undef SASL_MECHANISM
};

[[nodiscard]] std::string_view to_string(Mechanism mechanism) noexcept;
// RFC 4954 3: the name in an AUTH command is matched without regard to case. nullopt: no such mechanism (504).
[[nodiscard]] std::optional<Mechanism> parse_mechanism(std::string_view name) noexcept;

// What a mechanism depends on, as it is for one session at one moment.
struct Conditions {
    std::span<const Mechanism> configured;  // in any order; SCRAM-… stands for its -PLUS form, too
    bool under_tls = false;
    bool external_identity = false;   // the peer proved one, with its certificate
    bool channel_binding = false;     // bytes of tls-exporter exist
    bool dangerous_in_clear = false;  // config.server.smtp.auth.enable_dangerous_mechanism_in_clair
    bool password_file = false;
    bool cram_md5_users = false;  // CredentialSource::has_cram_md5()
};

enum class Refusal : std::uint8_t {
    none,
    not_offered,  // 504: not configured, or what it needs does not exist here
    needs_tls,    // 538: would be offered, but for the missing encryption
};

[[nodiscard]] Refusal refusal(Mechanism mechanism, const Conditions& conditions) noexcept;

// Those that are not refused, strongest first. Empty: AUTH must not be advertised at all.
[[nodiscard]] std::vector<Mechanism> available(const Conditions& conditions);

}  // namespace sluice::sasl
