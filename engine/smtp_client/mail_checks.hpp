// What is refused before a command is sent, and the commands that carry envelope and parameters.
#pragma once

#include <optional>
#include <string>

#include "engine/smtp_client/content.hpp"
#include "engine/smtp_client/extensions.hpp"
#include "engine/smtp_client/mail.hpp"
#include "engine/smtp_client/recipient_result.hpp"

namespace sluice::smtp_client {

// A permanent result for all recipients, or for one; nullopt if it may be sent.
[[nodiscard]] std::optional<RecipientResult> check_mail(const Mail& mail, const ContentFacts& facts,
                                                        const Extensions& extensions);
[[nodiscard]] std::optional<RecipientResult> check_recipient(const Recipient& recipient, const Extensions& extensions);

// "MAIL FROM:<...> SIZE=... BODY=..." without CRLF, with the parameters that are needed and offered. The mail and its
// recipients have been checked.
void append_mail_command(std::string& into, const Mail& mail, const ContentFacts& facts, const Extensions& extensions);
void append_rcpt_command(std::string& into, const Recipient& recipient, const Extensions& extensions);

}  // namespace sluice::smtp_client
