#include "engine/migrate/migration.hpp"
namespace sluice::migrate {
std::optional<Migration> migrate_hermes(const std::string&, dsl::Diagnostics&) { return std::nullopt; }
}  // namespace sluice::migrate
