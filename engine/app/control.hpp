// The control socket: <run dir>/sluice.sock, mode 0660 (decisions.md, "Names"). One request line, an answer text, and
// as last line "exit N". Requests for a stream (trace, shadow) are answered with the line "streaming", then with lines
// until the client closes its end or the server ends the stream, and as last line "exit N", too.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "engine/base/asio.hpp"
#include "engine/watch/line_stream.hpp"

namespace sluice::app {

struct ControlAnswer {
    int exit_code = 0;
    std::string text;
    std::shared_ptr<watch::LineStream> stream = nullptr;  // not null: it is the answer
};
using ControlHandler = std::function<ControlAnswer(const std::string& request)>;

class ControlServer {
  public:
    // Error text if the socket cannot be made. A stale socket of a server that is gone is replaced.
    [[nodiscard]] static std::string open(asio::io_context& context, const std::string& run_dir, ControlHandler handler,
                                          std::unique_ptr<ControlServer>& server);
    ~ControlServer();

  private:
    ControlServer(asio::io_context& context, std::string path, ControlHandler handler);
    [[nodiscard]] asio::awaitable<void> accept();
    [[nodiscard]] static asio::awaitable<void> serve(asio::local::stream_protocol::socket socket,
                                                     std::shared_ptr<const ControlHandler> handler);

    std::string path_;
    asio::local::stream_protocol::acceptor acceptor_;
    std::shared_ptr<const ControlHandler> handler_;  // shared with requests that are being answered
};

// For subcommands: exit code 3 and a hint if no server listens there.
[[nodiscard]] ControlAnswer ask_server(const std::string& run_dir, const std::string& request);

// control_stream.cpp. Hands over what the server sends as it comes, until the server ends the stream or the user
// interrupts (SIGINT, SIGTERM): then the server is told, and what it still sends is handed over, too. Exit code 0 or
// what the server says; 3 and a text if there is no server, or not any more. A refused request is an ordinary answer.
struct StreamSink {
    std::function<void()> begins;  // the server has agreed
    std::function<void(std::string_view lines)> lines;
};
[[nodiscard]] ControlAnswer stream_from_server(const std::string& run_dir, const std::string& request,
                                               const StreamSink& sink);

// control_commands.cpp. Where the server of this configuration has its socket; `given` on the command line wins.
[[nodiscard]] std::string run_dir_of(const std::string& config, const std::string& given);
// control.cpp. Of a server that is not there.
[[nodiscard]] std::string socket_path(const std::string& run_dir);
[[nodiscard]] ControlAnswer no_server(const std::string& run_dir, const error_code& error);

}  // namespace sluice::app
