// One generation of everything a session depends on. Taken once when a connection is accepted and kept until it ends,
// so that a reload is one swap of a shared_ptr and no session ever sees half of it.
#pragma once

#include <memory>

#include "engine/sasl/password_check.hpp"
#include "engine/sasl/user_table.hpp"
#include "engine/smtp/rules.hpp"
#include "engine/smtp/settings.hpp"
#include "engine/tls/server_snapshot.hpp"

namespace sluice::smtp {

struct Snapshot {
    std::shared_ptr<const Settings> settings;        // never null
    std::shared_ptr<Rules> rules;                    // never null
    std::shared_ptr<const tls::ServerSnapshot> tls;  // null: no TLS configured
    std::shared_ptr<const sasl::UserTable> users;    // null: no password file
    sasl::PasswordCheck check_password;              // against `users`, on another thread; empty without
};

}  // namespace sluice::smtp
