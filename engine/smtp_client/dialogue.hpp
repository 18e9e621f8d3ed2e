// Commands out and replies in, over one connection: what connection.cpp, opening.cpp and authentication.cpp have in
// common. Once something has gone wrong the dialogue is over, and every later question gets the same answer.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "engine/base/asio.hpp"
#include "engine/smtp_client/options.hpp"
#include "engine/smtp_client/recipient_result.hpp"
#include "engine/smtp_client/reply.hpp"
#include "engine/tls/client_connection.hpp"

namespace sluice::smtp_client {

// Our own words, temporary.
[[nodiscard]] RecipientResult own_result(Cause cause, Command command, std::string_view status, std::string text);

struct Answer {
    Reply reply;
    std::optional<RecipientResult> trouble;  // no reply, and why; temporary
};

class Dialogue {
  public:
    Dialogue(asio::any_io_executor executor, const Timeouts& timeouts)
        : connection_(std::move(executor)), timeouts_(timeouts) {}

    [[nodiscard]] asio::awaitable<std::optional<RecipientResult>> connect(tls::Endpoint endpoint,
                                                                          std::optional<asio::ip::address> source);
    // False if not all of it was taken. If the server has gone, what it said before can still be read.
    [[nodiscard]] asio::awaitable<bool> write(std::span<const std::string_view> pieces, Command command,
                                              std::chrono::milliseconds timeout);
    [[nodiscard]] asio::awaitable<Answer> read(Command command);
    // One command, one reply. Bytes that wait before the command are trouble.
    [[nodiscard]] asio::awaitable<Answer> ask(std::string_view line, Command command);

    // The server has said nothing since the last reply and has not gone. If it has: over, with what it said.
    [[nodiscard]] asio::awaitable<bool> quiet(Command command);
    [[nodiscard]] bool quiet_now() { return !over_ && reader_.empty() && connection_.quiet_now(); }
    // Bytes were read beyond the last reply.
    [[nodiscard]] bool ahead() const noexcept { return !reader_.empty(); }

    // Ends the dialogue: a reply that makes no sense there.
    RecipientResult nonsense(const Reply& reply, Command command);
    // Ends the dialogue for the reason given.
    void end(const RecipientResult& why);
    [[nodiscard]] const std::optional<RecipientResult>& over() const noexcept { return over_; }

    [[nodiscard]] tls::ClientConnection& connection() noexcept { return connection_; }
    [[nodiscard]] const Timeouts& timeouts() const noexcept { return timeouts_; }

  private:
    using Clock = tls::ClientConnection::Clock;

    [[nodiscard]] std::chrono::milliseconds timeout_of(Command command) const noexcept;
    // As the result of the mail at hand, which says if the message may have been delivered; `why` itself does not.
    RecipientResult end_with(RecipientResult why);
    RecipientResult trouble(tls::IoStatus status, Command command, std::chrono::milliseconds waited);

    tls::ClientConnection connection_;
    const Timeouts& timeouts_;
    ReplyReader reader_;
    std::optional<RecipientResult> over_;
    bool gone_ = false;  // a write has failed
};

}  // namespace sluice::smtp_client
