// Whose mail must come over TLS: config.tls_policy[…].receive, looked up by the domain of the sender (tls.md 4.6).
// Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "engine/smtp/replies.hpp"
#include "engine/smtp/settings.hpp"
#include "engine/tls/link.hpp"

namespace sluice::smtp {

// nullopt: nothing is against it. `domain`: of the reverse-path; of the null reverse-path what HELO said. `tls`: of the
// session, nullopt in clear text. The most specific pattern that asks for anything counts. `verified` needs a client
// certificate that was verified and has a DNS name that is the policy's domain or below it.
[[nodiscard]] std::optional<ReplyId> receive_refusal(const std::map<std::string, ReceivePolicy, std::less<>>& policies,
                                                     std::string_view domain, const std::optional<tls::Facts>& tls);

}  // namespace sluice::smtp
