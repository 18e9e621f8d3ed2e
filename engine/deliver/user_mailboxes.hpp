// The server's side of the helper that writes the mailboxes of system users (user_helper.hpp). One for the life of the
// process; thread-safe.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include "engine/deliver/local_transport.hpp"
#include "engine/deliver/settings.hpp"
#include "engine/deliver/user_helper.hpp"
#include "engine/io/descriptor.hpp"

namespace sluice::deliver {

// nullopt: the settings have no system users.
[[nodiscard]] std::optional<UserHelperOptions> user_helper_options(const Settings& settings);

class UserMailboxes {
  public:
    struct Started {
        std::shared_ptr<UserMailboxes> mailboxes;  // null exactly if failed is set
        std::error_code failed;
    };
    // Starts this program once more, as the user of now, which must be root: call it before the server becomes somebody
    // else. The helper ends when the object goes.
    [[nodiscard]] static Started start(const UserHelperOptions& options);
    explicit UserMailboxes(io::Descriptor socket) : socket_(std::move(socket)) {}

    // Blocks until the user's mailbox has it, or not.
    [[nodiscard]] Outcome deliver(const std::string& transport, const Attempt& attempt);

  private:
    io::Descriptor socket_;
};

// By the helper; null: there is none, because the configuration had no system users when the server was started.
[[nodiscard]] std::shared_ptr<RecipientDelivery> deliver_to_users(std::shared_ptr<UserMailboxes> helper,
                                                                  std::string transport);

}  // namespace sluice::deliver
