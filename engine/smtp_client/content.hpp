// The content of a mail between its pieces and the wire: what it is made of, and dot-stuffing (RFC 5321 4.5.2) as a
// list of views, so that no octet is copied.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace sluice::smtp_client {

struct ContentFacts {
    std::uint64_t octets = 0;
    bool lone_newline = false;    // a CR without LF or a LF without CR
    bool nul = false;             // an octet 0, which only BDAT may carry (RFC 3030)
    bool leading_dots = false;    // some line begins with a dot
    bool ends_with_line = false;  // CRLF at the end, or no content at all
};

[[nodiscard]] ContentFacts examine(std::span<const std::string_view> pieces);

// Gives the pieces again in lists for SocketStream::write_pieces, stuffed if asked. The content must have no lone
// newline.
class ContentViews {
  public:
    static constexpr std::size_t kViews = 60;  // of one list: with command and end they fit one system call

    ContentViews(std::span<const std::string_view> pieces, bool stuff) : pieces_(pieces), stuff_(stuff) {
        skip_empty();
    }

    // Appends at most kViews views of together at most limits::client_block octets, and at least one unless done().
    void fill(std::vector<std::string_view>& into);
    [[nodiscard]] bool done() const noexcept { return pieces_.empty(); }

  private:
    [[nodiscard]] std::string_view next(std::size_t room);
    void skip_empty() noexcept;

    std::span<const std::string_view> pieces_;
    std::size_t offset_ = 0;  // in the first of them
    bool stuff_;
    bool line_start_ = true;  // and a dot that stands here has not been doubled yet
};

}  // namespace sluice::smtp_client
