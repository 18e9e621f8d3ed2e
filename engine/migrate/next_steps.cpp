#include <fmt/format.h>

#include "engine/migrate/migration.hpp"

namespace sluice::migrate {

std::vector<std::string> next_steps(const Model& model) {
    std::vector<std::string> steps;
    for (const auto& [name, domain] : model.hosted)
        steps.push_back(
            name == "default"
                ? std::string("mkdir -p domain-enabled && ln -s ../domain-available/default domain-enabled/default")
                : fmt::format("sluice domain enable {} -c .", name));
    if (!model.auth_mechanisms.empty()) steps.emplace_back("sluice user add NAME -c .");
    steps.emplace_back("sluice check -c .");
    return steps;
}

}  // namespace sluice::migrate
