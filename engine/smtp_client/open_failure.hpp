// Why a connection could not be opened, as recipients are told; where TLS is the reason, in the texts of tls.md 4.11,
// letter for letter.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/smtp_client/connection.hpp"
#include "engine/smtp_client/dialogue.hpp"

namespace sluice::smtp_client {

inline constexpr std::string_view kTlsNotOffered = "451 4.7.6 [internal] STARTTLS required but not advertised";
inline constexpr std::string_view kTlsNotSent = "451 4.7.5 [internal] send STARTTLS failed";
inline constexpr std::string_view kNoGoAhead = "451 4.7.5 [internal] no tls go-ahead";
inline constexpr std::string_view kNoNegotiation = "451 4.7.5 [internal] TLS negotiation failed";
inline constexpr std::string_view kMisconfigured = "451 4.3.5 [internal] configuration error, please try later";

// Of certificates that are not acceptable.
[[nodiscard]] std::string_view text_of(tls::PeerFault fault) noexcept;

[[nodiscard]] OpenFailure failure_of(RecipientResult result);
// Why the step of an answer has failed; nullopt: it has the one code that is right there.
[[nodiscard]] std::optional<OpenFailure> refusal(Dialogue& dialogue, const Answer& answer, int wanted, Command command);
// Our own settings are at fault: no other host would do.
[[nodiscard]] OpenFailure misconfigured(std::string detail);
[[nodiscard]] OpenFailure tls_failure(std::string_view text, std::string detail);
// For good: the next attempt would find the same (RFC 8689 4.2.1).
[[nodiscard]] OpenFailure no_requiretls();
[[nodiscard]] OpenFailure certificate_failure(const tls::HandshakeFailure& failure);

}  // namespace sluice::smtp_client
