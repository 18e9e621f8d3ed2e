#include "engine/migrate/migration.hpp"
namespace sluice::migrate {
std::optional<Migration> migrate_postfix(const std::string&, dsl::Diagnostics&) { return std::nullopt; }
}  // namespace sluice::migrate
