// The maps that on_config and on_domain_config are given: every key with its default, options that are off as ().
#pragma once

#include "dsl/value/objects.hpp"

namespace sluice::config {

[[nodiscard]] dsl::Value root_defaults();
[[nodiscard]] dsl::Value domain_defaults();

// What `version_requirement` is compared with (decisions.md, "Names").
inline constexpr const char* compatible_version = "2.2.0";

}  // namespace sluice::config
