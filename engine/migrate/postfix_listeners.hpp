// smtpd services of master.cf -> listeners, with what their -o says about TLS.
#pragma once

#include <vector>

#include "engine/migrate/postfix_keys.hpp"

namespace sluice::migrate::postfix {

// `server`: the keys of config.server.tls, which listeners inherit.
void read_services(const std::vector<Service>& services, const Parameters& main, const Keys& server,
                   Settings::Told& told, Model& model, Report& report);

}  // namespace sluice::migrate::postfix
