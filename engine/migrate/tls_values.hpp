// Cipher lists, versions and groups as other products write them, tried with the translators the server itself uses
// (engine/tls): what it would refuse is not carried over.
#pragma once

#include <string>
#include <string_view>

#include "engine/migrate/model.hpp"
#include "engine/tls/problems.hpp"

namespace sluice::migrate {

struct Tried {
    bool usable = true;
    std::string text;  // why it cannot be used, or a warning; empty if there is none
    std::string hint;
};

[[nodiscard]] Tried try_ciphers(const std::string& list);
[[nodiscard]] Tried try_versions(const Strings& versions);
[[nodiscard]] Tried try_groups(const Strings& groups);

// All three suites of TLS 1.3 (further ones this library does not have are no loss), separated by colons.
[[nodiscard]] bool is_all_of_tls13(std::string_view suites);

[[nodiscard]] Strings split(std::string_view text, std::string_view separators);

}  // namespace sluice::migrate
