// A server that answers by script, over a real loopback socket on the io_context of the client under test. It knows
// just enough SMTP and LMTP to answer what the script leaves open, and notes everything it was sent.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/asio.hpp"
#include "engine/smtp_client/connection.hpp"
#include "engine/tls/connection.hpp"
#include "engine/tls/server_snapshot.hpp"

namespace sluice::smtp_client {

// What a script may answer instead of a reply.
inline const std::string kCut = "!cut";        // closes
inline const std::string kSilent = "!silent";  // never answers anything again

struct Script {
    Protocol protocol = Protocol::smtp;
    std::vector<std::string> offers = {"PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES"};
    std::optional<std::vector<std::string>> offers_under_tls;  // else as before
    // The answer to the nth (from 0, on this connection) "greeting", "EHLO", "HELO", "STARTTLS", "AUTH", "AUTH+" (lines
    // of an exchange), "RSET", "MAIL", "RCPT", "DATA", "BDAT" (before its content is read), "." (LMTP: of each
    // recipient), "QUIT", with the line last read; CRLF is added. nullopt: as a server does that has nothing against
    // anything.
    std::function<std::optional<std::string>(std::string_view event, int nth, std::string_view line)> answer;
    std::shared_ptr<const tls::ServerSnapshot> certificates;
    bool tunnel = false;
    std::size_t read_limit = 0;  // octets of content after which the server hangs up; 0: none
};

struct ReceivedMail {
    std::string mail;                // the line
    std::vector<std::string> rcpts;  // the lines of those accepted
    std::string content;             // dots unstuffed by the reference below
    std::string raw;                 // as it came
    bool bdat = false;
    bool operator==(const ReceivedMail&) const = default;
};

// RFC 5321 4.5.2, read literally.
[[nodiscard]] std::string unstuff(std::string_view lines);

class ScriptedServer {
  public:
    ScriptedServer(asio::io_context& io, Script script);
    // No more connections, and the open ones end.
    void stop();

    [[nodiscard]] asio::ip::tcp::endpoint endpoint() const { return acceptor_.local_endpoint(); }

    std::vector<std::string> commands;  // lines without CRLF, of all connections
    std::vector<std::string> reads;     // what came at once after EHLO, as the system gave it
    std::vector<ReceivedMail> mails;
    std::vector<std::string> server_names;  // SNI of the handshakes
    int connections = 0;

  private:
    class Session;

    asio::awaitable<void> accept();

    Script script_;
    asio::ip::tcp::acceptor acceptor_;
    std::vector<std::weak_ptr<tls::Connection>> open_;
};

// Runs `coroutine` on `io` to its end, then stops the server and runs what is left: nothing may be left that waits.
template <typename T>
T run_with(asio::io_context& io, ScriptedServer& server, asio::awaitable<T> coroutine) {
    std::optional<T> result;
    asio::co_spawn(io, std::move(coroutine), [&](std::exception_ptr thrown, T value) {
        server.stop();
        if (thrown) std::rethrow_exception(thrown);
        result = std::move(value);
    });
    io.run();
    io.restart();
    return std::move(*result);
}

}  // namespace sluice::smtp_client
