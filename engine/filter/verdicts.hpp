// From the status a rule gives to the verdict the session obeys. Private to engine/filter.
#pragma once

#include "dsl/lib/status.hpp"
#include "engine/smtp/rules.hpp"

namespace sluice::filter {

[[nodiscard]] smtp::Verdict verdict_of(const dsl::lib::StatusObject& status);

}  // namespace sluice::filter
