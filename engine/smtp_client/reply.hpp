// Replies of a server (RFC 5321 4.2) out of a stream of bytes, without sockets.
//
// What is a reply: lines of three digits, the first of them 2 to 5, followed by "-" if there are more lines, by a blank
// or by the end of the line if not. Lines end with CRLF or LF. The code of the last line counts. Everything else, and
// what exceeds limits::client_reply_line, client_reply_lines or client_reply, is malformed.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "engine/smtp_client/recipient_result.hpp"

namespace sluice::smtp_client {

struct Reply {
    int code = 0;
    std::string text;  // as sent, codes included, lines joined by LF

    [[nodiscard]] bool positive() const noexcept { return code / 100 == 2; }
    [[nodiscard]] bool intermediate() const noexcept { return code / 100 == 3; }
    // The server ends the connection (RFC 5321 3.8).
    [[nodiscard]] bool closing() const noexcept { return code == 421; }
    // The enhanced code at the beginning of the first line (RFC 2034), if its class is that of the reply; else empty.
    [[nodiscard]] std::string_view enhanced() const noexcept;
};

// A reply other than 3yz as the result of a command, with what RFC 5321 and 2034 say about particular codes: 452 and
// 552 to RCPT are "too many recipients", so temporary (4.5.3.1.10), unless a 552 has an enhanced code that says
// otherwise ("552 5.2.2 mailbox full").
[[nodiscard]] RecipientResult result_of(const Reply& reply, Command command);

class ReplyReader {
  public:
    enum class Input : std::uint8_t { need_more, reply, malformed };

    ReplyReader();

    // Where the next bytes go; never empty before next() has said need_more, nor after.
    [[nodiscard]] std::span<char> space();
    void filled(std::size_t bytes) noexcept { end_ += bytes; }

    // Takes one reply out. After malformed it is always malformed.
    [[nodiscard]] Input next(Reply& into);

    // Nothing was read beyond the last reply.
    [[nodiscard]] bool empty() const noexcept { return begin_ == end_ && lines_ == 0; }
    // For a message about what is malformed: the line at fault, cut.
    [[nodiscard]] std::string_view rest() const noexcept;

  private:
    [[nodiscard]] Input malformed() noexcept;

    std::unique_ptr<char[]> buffer_;  // limits::client_reply_line octets
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    std::size_t searched_ = 0;  // up to here there is no LF
    Reply partial_;             // the lines before the last one
    std::size_t lines_ = 0;     // in partial_
    bool malformed_ = false;
};

}  // namespace sluice::smtp_client
