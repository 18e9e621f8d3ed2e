// Changes of addresses in From and To, for the rules' rw_mail_from, rw_rcpt, add_rcpt, rm_rcpt (vsl-rules.md 9.8,
// without its bugs: they change the message that goes out). Addresses are mailboxes without brackets ("a@b", `"a
// b"@c`); anything else is EditProblem::address. The result says whether something changed; after an error nothing did.
#pragma once

#include <string_view>

#include "engine/mail/header_fields.hpp"

namespace sluice::mail {

// The first From field becomes the bare address, without display name; it is appended if there is none.
Result<bool, EditError> rewrite_from(HeaderFields& header, std::string_view address);

// `old_address` becomes `new_address` wherever it stands in To fields; display names and all other octets stay. Without
// any To field `To: new_address` is appended; with one that does not have `old_address` nothing happens.
Result<bool, EditError> rewrite_recipient(HeaderFields& header, std::string_view old_address,
                                          std::string_view new_address);

// Behind the last address of the first To field; `To: address` is appended if there is none.
// EditProblem::address_list: a quote or comment of the field is never closed.
Result<bool, EditError> add_recipient(HeaderFields& header, std::string_view address);

// From all To fields; a field that holds nothing else goes as a whole.
Result<bool, EditError> remove_recipient(HeaderFields& header, std::string_view address);

}  // namespace sluice::mail
