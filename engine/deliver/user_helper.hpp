// The helper that writes the mailboxes of system users with their own rights (decisions.md, privileges). The server
// starts it while it is still root (`sluice deliver-as-users`, standard input is a local socket), becomes somebody
// else, and gives it one job for each delivery (user_job.hpp). For each job the helper makes a process that becomes the
// user before it reads anything but his name and which mailbox is meant, writes it, answers and ends. What a server
// that was taken over could make it do: put a message into the mailbox of a user, where the configuration at the start
// has it. Never as root, nowhere else.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace sluice::deliver {

struct UserHelperOptions {
    std::vector<std::string> transports;  // those that may be asked for: "maildir:~/Maildir", "mbox:/var/mail/%u"
    // Of the files outside homes; empty: the user's own. In his home a user could lead it to what only the group may.
    std::string group;
    bool operator==(const UserHelperOptions&) const = default;
};

// Serves the socket until the server has gone. Exit code.
[[nodiscard]] int run_user_helper(int socket, const UserHelperOptions& options);

// Then the delivery is ended: what hangs is a file system or a lock.
inline constexpr std::chrono::seconds kUserDeliveryTime{300};

}  // namespace sluice::deliver
