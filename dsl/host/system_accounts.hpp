// Users and groups of the machine, by name.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

namespace sluice::dsl {

struct SystemUser {
    uid_t id;
    gid_t group;  // the primary one
};

// Nothing if there is none of that name, or if the machine's databases cannot be read.
[[nodiscard]] std::optional<SystemUser> find_user(const std::string& name);
[[nodiscard]] std::optional<gid_t> find_group(const std::string& name);

}  // namespace sluice::dsl
