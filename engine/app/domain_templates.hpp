// The scripts that `sluice domain add` writes: they pass `sluice check`, take mail for the domain and relay for nobody.
#pragma once

#include <string>

namespace sluice::app {

[[nodiscard]] std::string incoming_template(const std::string& domain);
[[nodiscard]] std::string outgoing_template(const std::string& domain);
[[nodiscard]] std::string internal_template(const std::string& domain);

// config.vsl of a domain; the paths are written as given, relative ones start at the configuration directory.
[[nodiscard]] std::string config_template(const std::string& domain, const std::string& certificate,
                                          const std::string& private_key);
// The same while there is no certificate yet: TLS stands in comments.
[[nodiscard]] std::string config_template_without_tls(const std::string& domain, const std::string& certificate,
                                                      const std::string& private_key);

}  // namespace sluice::app
