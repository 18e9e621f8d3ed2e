#include "engine/tls_policy/domain_patterns.hpp"

namespace sluice::tls_policy {

std::vector<std::string> patterns_for(std::string_view domain) {
    std::vector<std::string> patterns;
    if (domain.empty()) return patterns;
    patterns.emplace_back(domain);
    patterns.push_back("." + std::string(domain));
    for (auto dot = domain.find('.'); dot != std::string_view::npos; dot = domain.find('.', dot + 1)) {
        if (patterns.size() == 2) patterns.push_back("*" + std::string(domain.substr(dot)));
        patterns.emplace_back(domain.substr(dot));
    }
    return patterns;
}

}  // namespace sluice::tls_policy
