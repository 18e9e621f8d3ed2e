// The server side of one TLS session: what the select-certificate callback decides and what is known afterwards.
// Private to engine/tls.
#pragma once

#include <memory>

#include "engine/tls/channel.hpp"
#include "engine/tls/connection.hpp"
#include "engine/tls/server_snapshot.hpp"

namespace sluice::tls {

class ServerChannel : public Channel {};

}  // namespace sluice::tls
