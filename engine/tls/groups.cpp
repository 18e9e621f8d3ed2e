#include "engine/tls/groups.hpp"

#include <openssl/nid.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>

namespace sluice::tls {

namespace {

struct Group {
    std::string_view name;
    std::array<std::string_view, 2> other_spellings;
    int nid;
    unsigned short tls_id;
};

// CECPQ2 is in the library, but it is an obsolete experiment: not here.
constexpr std::array kGroups = {
    Group{"X25519", {"x25519", ""}, NID_X25519, SSL_CURVE_X25519},
    Group{"P-256", {"prime256v1", "secp256r1"}, NID_X9_62_prime256v1, SSL_CURVE_SECP256R1},
    Group{"P-384", {"secp384r1", ""}, NID_secp384r1, SSL_CURVE_SECP384R1},
    Group{"P-521", {"secp521r1", ""}, NID_secp521r1, SSL_CURVE_SECP521R1},
};

const Group* find_group(std::string_view name) {
    const auto* found = std::find_if(kGroups.begin(), kGroups.end(), [&](const Group& group) {
        return group.name == name ||
               (!name.empty() && (group.other_spellings[0] == name || group.other_spellings[1] == name));
    });
    return found == kGroups.end() ? nullptr : found;
}

std::string known_names() {
    std::string names;
    for (const Group& group : kGroups) {
        if (!names.empty()) names += ", ";
        names += group.name;
    }
    return names;
}

}  // namespace

GroupListResult translate_groups(const std::vector<std::string>& names, const Origin& origin) {
    GroupListResult result;
    if (names.empty()) result.problems.push_back(make_problem(ProblemId::group_list_empty, origin));
    for (const std::string& name : names) {
        const Group* group = find_group(name);
        if (group == nullptr) {
            result.problems.push_back(make_problem(ProblemId::group_unknown, origin, name, known_names()));
        } else if (std::find(result.nids.begin(), result.nids.end(), group->nid) == result.nids.end()) {
            result.nids.push_back(group->nid);
        }
    }
    if (has_error(result.problems)) result.nids.clear();
    return result;
}

std::string group_name(unsigned short tls_id) {
    if (tls_id == 0) return {};
    for (const Group& group : kGroups) {
        if (group.tls_id == tls_id) return std::string(group.name);
    }
    const char* name = SSL_get_curve_name(tls_id);
    return name != nullptr ? name : std::to_string(tls_id);
}

}  // namespace sluice::tls
