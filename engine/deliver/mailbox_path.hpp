// Templates of mailbox paths, "/srv/mail/%d/%u" (decisions.md, virtual mailboxes). Pure.
//   %d  domain, lower case      %u  local part as written      %%  a percent sign      ~/ at the start: a user's home
// What comes from an address is one path component or a part of one, and is made safe before it is put in: "/", "%",
// control bytes and a dot at the start are written %XX (upper-case hex), an empty value as "%". So two addresses never
// share a path by accident, and nothing ever leaves the root.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::deliver {

struct MailboxAddress {
    std::string local_part;  // without quotes and backslashes of a quoted string
    std::string domain;      // lower case, empty if there is none
};
// "joe@Example.com", "\"joe doe\"@example.com", "postmaster"
[[nodiscard]] MailboxAddress split_address(std::string_view address);

[[nodiscard]] std::string safe_component(std::string_view value);

// A system user to whom the mailboxes of a local part belong.
struct MailboxOwner {
    std::string name;
    std::filesystem::path home;
};

class MailboxPath {
  public:
    struct Parsed;
    // The path part of the transport, without "maildir:".
    [[nodiscard]] static Parsed parse(std::string_view text);

    // The user's: his name takes the place of the local part.
    [[nodiscard]] MailboxPath of(MailboxOwner owner) &&;
    [[nodiscard]] bool is_in_home() const noexcept { return in_home_; }
    // nullopt: a component would be longer than a file name may be, or it begins with ~/ and belongs to nobody.
    [[nodiscard]] std::optional<std::filesystem::path> expand(const MailboxAddress& address) const;
    [[nodiscard]] const std::string& text() const { return text_; }

  private:
    std::string text_;
    std::vector<std::string> components_;  // as written, placeholders inside
    bool in_home_ = false;
    std::optional<MailboxOwner> owner_;
};

struct MailboxPath::Parsed {
    std::optional<MailboxPath> path;
    std::string error;  // set exactly if path is not
};

}  // namespace sluice::deliver
