// SMTP_Extensions: which of them Sluice lists, and the mechanisms of AUTH.
#pragma once

#include "engine/migrate/model.hpp"
#include "engine/migrate/momentum_file.hpp"

namespace sluice::migrate::momentum {

// Reports extensions there are not, adds mechanisms. True if STARTTLS is among them.
[[nodiscard]] bool read_extensions(const Node& option, Model& model, Report& report);

}  // namespace sluice::migrate::momentum
