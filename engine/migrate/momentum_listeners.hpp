// ESMTP_Listener stanzas with their Listen and Peer scopes -> listeners, peers and the certificate of `default`.
#pragma once

#include "engine/migrate/model.hpp"
#include "engine/migrate/momentum_scope.hpp"

namespace sluice::migrate::momentum {

// `global`: options of the whole file, which a listener falls back to for its certificate.
void read_listeners(const std::vector<const Node*>& stanzas, const Scope& global, Model& model, Report& report);

}  // namespace sluice::migrate::momentum
