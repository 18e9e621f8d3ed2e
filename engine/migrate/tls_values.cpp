#include "engine/migrate/tls_values.hpp"

#include <algorithm>

#include "engine/tls/cipher_list.hpp"
#include "engine/tls/groups.hpp"
#include "engine/tls/protocol_versions.hpp"

namespace sluice::migrate {

namespace {

Tried judged(const std::vector<tls::Problem>& problems) {
    Tried result;
    for (const auto& problem : problems) {
        if (problem.severity == tls::Problem::Severity::error) return {false, problem.text, problem.hint};
        if (!result.text.empty()) result.text += "; ";
        result.text += problem.text;
        result.hint = problem.hint;
    }
    return result;
}

}  // namespace

Tried try_ciphers(const std::string& list) { return judged(tls::translate_ciphers(list, {}).problems); }
Tried try_versions(const Strings& versions) { return judged(tls::translate_versions(versions, {}).problems); }
Tried try_groups(const Strings& groups) { return judged(tls::translate_groups(groups, {}).problems); }

bool is_all_of_tls13(std::string_view suites) {
    const auto names = split(suites, ":, ");
    static constexpr std::string_view all[] = {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384",
                                               "TLS_CHACHA20_POLY1305_SHA256"};
    return std::ranges::all_of(
        all, [&](std::string_view suite) { return std::find(names.begin(), names.end(), suite) != names.end(); });
}

Strings split(std::string_view text, std::string_view separators) {
    Strings parts;
    while (!text.empty()) {
        const auto end = std::min(text.find_first_of(separators), text.size());
        if (end > 0) parts.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return parts;
}

}  // namespace sluice::migrate
