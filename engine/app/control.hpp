// The control socket: <run dir>/sluice.sock, mode 0660 (decisions.md, "Names"). One request line, an answer text, and
// as last line "exit N".
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "engine/base/asio.hpp"

namespace sluice::app {

struct ControlAnswer {
    int exit_code = 0;
    std::string text;
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
                                                     const ControlHandler& handler);

    std::string path_;
    asio::local::stream_protocol::acceptor acceptor_;
    ControlHandler handler_;
};

// For subcommands: exit code 3 and a hint if no server listens there.
[[nodiscard]] ControlAnswer ask_server(const std::string& run_dir, const std::string& request);

}  // namespace sluice::app
