// saslauthd of Cyrus SASL, which knows the users of the system (vsl-rules.md 9.10, auth::unix_users). Spoken to over
// its socket, so that no password stands in a command line.
//
// A request is four strings, each as a length (16 bits, network order) and its bytes: login, password, service, realm.
// The answer is one such string that begins with "OK" or "NO".
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "engine/sasl/password_check.hpp"

namespace sluice::sasl {

inline constexpr std::string_view saslauthd_socket = "/run/saslauthd/mux";
inline constexpr std::chrono::seconds saslauthd_timeout{5};

[[nodiscard]] asio::awaitable<PasswordVerdict> ask_saslauthd(std::string socket, std::string user,
                                                             std::string password);

}  // namespace sluice::sasl
