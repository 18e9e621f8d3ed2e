// The control socket: <run dir>/sluice.sock, mode 0660 (decisions.md, "Names"). One request line, an answer text, and
// as last line "exit N". Requests for a stream (trace, shadow) are answered with the line "streaming", then with lines
// until the client closes its end or the server ends the stream, and as last line "exit N", too.
#pragma once

#include <functional>
#include <memory>
#include <optional>
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
    // Nobody can connect any more. Requests that are being answered go on, as long as this lives.
    void close();

  private:
    ControlServer(asio::io_context& context, std::string path, ControlHandler handler);
    [[nodiscard]] asio::awaitable<void> accept();
    [[nodiscard]] static asio::awaitable<void> serve(asio::local::stream_protocol::socket socket,
                                                     const ControlHandler& handler);

    std::string path_;
    asio::local::stream_protocol::acceptor acceptor_;
    ControlHandler handler_;
};

// For subcommands: exit code 3 and a hint if no server listens there.
[[nodiscard]] ControlAnswer ask_server(const std::string& run_dir, const std::string& request);

// control_stream.cpp. Prints what the server sends as it comes, until the server ends the stream or the user interrupts
// (SIGINT, SIGTERM): then the server is told, and what it still says is printed, too. `begins` goes to standard error
// once the server has agreed. Exit code: 0, what the server says, or 3 if there is none, or not any more.
[[nodiscard]] int print_stream(const std::string& run_dir, const std::string& request, std::string_view begins);
// The same with whole lines handed to `lines`, and `begins` called. The answer's text is for standard error; a refused
// request is an ordinary answer.
struct StreamSink {
    std::function<void()> begins;
    std::function<void(std::string_view lines)> lines;
};
[[nodiscard]] ControlAnswer stream_from_server(const std::string& run_dir, const std::string& request,
                                               const StreamSink& sink);

// control_commands.cpp. Where the server of this configuration has its socket; `given` on the command line wins.
[[nodiscard]] std::string run_dir_of(const std::string& config, const std::string& given);
// control.cpp. Connects and sends the request line; an answer if no server listens there.
[[nodiscard]] std::optional<ControlAnswer> send_request(asio::local::stream_protocol::socket& socket,
                                                        const std::string& run_dir, const std::string& request);

}  // namespace sluice::app
