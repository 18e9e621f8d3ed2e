// What came of a step, as tests see it: a map.
//
//   verdict   "deny"            of the first stage run that did not end in next; else "next"
//   rule, at                    the directive that gave it and where it stands; "" if none did
//   reply     "554 5.7.1 no"    lines as sent, joined by "\n"
//   code      554               of the last line; 0 without a reply
//   closed                      whether the server ended the connection
//   mail_from, rcpt, transports the transaction behind the last stage run: an address, an array of them, and a map from
//                               address to transport for those that a rule gave one
//   stages                      an array of #{ stage, script, type, verdict, rule, at, ran }
//   messages                    those handed to the spool, behind the rules of postq and delivery: an array of
//                               #{ mail_from, rcpt, transports, type, domain, fate, quarantine, text, added, removed };
//                               fate is "deliver", "deny", "quarantine" or "hold", text is the message without our
//                               Received field, added and removed are the header fields that rules changed
//   events                      what the log would say: ["relay-denied jane@elsewhere.test"]
#pragma once

#include <string_view>

#include "dsl/value/value.hpp"
#include "engine/rehearsal/rehearsed_session.hpp"

namespace sluice::rehearsal {

// `sent`: the message given to DATA, with CRLF; empty for other steps.
[[nodiscard]] dsl::Value to_value(const Step& step, std::string_view sent = {});

}  // namespace sluice::rehearsal
