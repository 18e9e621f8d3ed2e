// smtp_tls_policy_maps -> delivery scopes of domains.
//
// A policy of Postfix is a whole: what it does not say is main.cf's for its level. A scope here is per key: what it
// does not say falls through to the next matching entry, then to the global keys (tls.md 4.3). So each entry gets the
// keys in which it differs from what it would inherit. And ".x" is the subdomains of x with Postfix, x and all below
// here: where the table has no entry for x, one is written that keeps x as it was.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "engine/migrate/postfix_files.hpp"
#include "engine/migrate/postfix_settings.hpp"

namespace sluice::migrate::postfix {

struct Block {
    std::string pattern;  // "bank.fi", ".bank.fi"
    Keys keys;            // of policy_keys
};

// The scopes that have the effect of the blocks, which are Postfix' meaning, below `global`.
[[nodiscard]] Named<Keys> scopes_of(const std::vector<Block>& blocks, const Keys& global);

// Reads the entries into `blocks`, first ones count; what cannot be one is reported.
void read_policies(const std::vector<Entry>& entries, const Settings& settings, std::vector<Block>& blocks,
                   Report& report);

}  // namespace sluice::migrate::postfix
