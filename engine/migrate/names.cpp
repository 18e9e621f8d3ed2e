#include "engine/migrate/names.hpp"

#include "engine/config/syntax.hpp"

namespace sluice::migrate {

std::optional<std::string> domain_pattern(std::string_view written) {
    const std::size_t prefix = written.starts_with("*.") ? 2 : written.starts_with('.') ? 1 : 0;
    auto domain = config::canonical_domain(written.substr(prefix));
    if (domain) domain->insert(0, written.substr(0, prefix));
    return domain;
}

}  // namespace sluice::migrate
