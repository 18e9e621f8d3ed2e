#include "engine/app/control.hpp"

#include <sys/stat.h>

#include <array>
#include <filesystem>

#include <fmt/format.h>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>

#include "engine/base/limits.hpp"

namespace sluice::app {

using Local = asio::local::stream_protocol;

namespace {

std::string socket_path(const std::string& run_dir) { return run_dir + "/sluice.sock"; }

bool somebody_listens(asio::io_context& context, const std::string& path) {
    Local::socket probe(context);
    error_code error;
    probe.connect(Local::endpoint(path), error);
    return !error;
}

std::string end_text(int exit_code) { return fmt::format("exit {}\n", exit_code); }

// The client sends nothing more: what comes is its end. Answers that are written to somebody who has gone fail by
// themselves; this is for streams that have nothing to write.
asio::awaitable<void> watch_for_end(std::shared_ptr<Local::socket> socket, std::shared_ptr<watch::LineStream> stream) {
    std::array<char, 64> ignored;
    for (;;) {
        auto [error, size] =
            co_await socket->async_read_some(asio::buffer(ignored), asio::as_tuple(asio::use_awaitable));
        if (error) break;
    }
    stream->leave();
}

asio::awaitable<void> stream_lines(Local::socket given, std::shared_ptr<watch::LineStream> stream) {
    auto socket = std::make_shared<Local::socket>(std::move(given));
    asio::co_spawn(co_await asio::this_coro::executor, watch_for_end(socket, stream), asio::detached);
    std::string text = "streaming\n";
    for (bool last = false; !last;) {
        const auto [error, size] =
            co_await asio::async_write(*socket, asio::buffer(text), asio::as_tuple(asio::use_awaitable));
        if (error) break;
        auto chunk = co_await stream->next();
        text = std::move(chunk.lines);
        last = chunk.exit_code.has_value();
        if (last) text += end_text(*chunk.exit_code);
        if (last) (void)co_await asio::async_write(*socket, asio::buffer(text), asio::as_tuple(asio::use_awaitable));
    }
    stream->leave();
    error_code ignored;
    socket->close(ignored);
}

}  // namespace

ControlServer::ControlServer(asio::io_context& context, std::string path, ControlHandler handler)
    : path_(std::move(path)), acceptor_(context), handler_(std::move(handler)) {}

ControlServer::~ControlServer() { close(); }

void ControlServer::close() {
    if (!acceptor_.is_open()) return;
    error_code ignored;
    acceptor_.close(ignored);
    std::error_code error;
    std::filesystem::remove(path_, error);
}

std::string ControlServer::open(asio::io_context& context, const std::string& run_dir, ControlHandler handler,
                                std::unique_ptr<ControlServer>& server) {
    const auto path = socket_path(run_dir);
    std::error_code failed;
    std::filesystem::create_directories(run_dir, failed);
    if (failed) return fmt::format("cannot create the run directory '{}': {}", run_dir, failed.message());
    if (path.size() > 100) return fmt::format("the path of the control socket is too long: '{}'", path);
    if (std::filesystem::exists(path, failed)) {
        if (somebody_listens(context, path)) return fmt::format("another server is running: it answers on '{}'", path);
        std::filesystem::remove(path, failed);
    }
    std::unique_ptr<ControlServer> made(new ControlServer(context, path, std::move(handler)));
    error_code error;
    made->acceptor_.open(Local(), error);
    const auto before = ::umask(0117);  // 0660
    if (!error) made->acceptor_.bind(Local::endpoint(path), error);
    ::umask(before);
    if (!error) made->acceptor_.listen(16, error);
    if (error) return fmt::format("cannot make the control socket '{}': {}", path, error.message());
    asio::co_spawn(context, made->accept(), asio::detached);
    server = std::move(made);
    return "";
}

asio::awaitable<void> ControlServer::accept() {
    for (;;) {
        auto [error, socket] = co_await acceptor_.async_accept(asio::as_tuple(asio::use_awaitable));
        if (error == asio::error::operation_aborted || !acceptor_.is_open()) co_return;
        if (error) continue;
        asio::co_spawn(acceptor_.get_executor(), serve(std::move(socket), handler_), asio::detached);
    }
}

asio::awaitable<void> ControlServer::serve(Local::socket socket, const ControlHandler& handler) {
    std::string request;
    auto [error, size] = co_await asio::async_read_until(socket, asio::dynamic_buffer(request, limits::control_request),
                                                         '\n', asio::as_tuple(asio::use_awaitable));
    if (error && error != asio::error::not_found) co_return;
    ControlAnswer answer{2, "the request is too long\n"};
    if (!error) answer = handler(request.substr(0, size - 1));
    if (answer.stream) {
        co_await stream_lines(std::move(socket), answer.stream);
        co_return;
    }
    const auto text = fmt::format("{}{}{}", answer.text, answer.text.empty() || answer.text.back() == '\n' ? "" : "\n",
                                  end_text(answer.exit_code));
    co_await asio::async_write(socket, asio::buffer(text), asio::as_tuple(asio::use_awaitable));
}

std::optional<ControlAnswer> send_request(Local::socket& socket, const std::string& run_dir,
                                          const std::string& request) {
    error_code error;
    socket.connect(Local::endpoint(socket_path(run_dir)), error);
    if (error)
        return ControlAnswer{3,
                             fmt::format("no server answers on '{}': {}\n  hint: start it with `sluice run`, or name "
                                         "its configuration with -c\n",
                                         socket_path(run_dir), error.message())};
    const auto line = request + "\n";
    asio::write(socket, asio::buffer(line), error);
    return std::nullopt;  // a server that goes away meanwhile shows when its answer is read
}

ControlAnswer ask_server(const std::string& run_dir, const std::string& request) {
    asio::io_context context;
    Local::socket socket(context);
    if (auto nobody = send_request(socket, run_dir, request)) return *nobody;
    error_code error;
    std::string text;
    asio::read(socket, asio::dynamic_buffer(text), error);
    const auto last = text.rfind("exit ");
    if (last == std::string::npos) return {3, "the server closed the connection without an answer\n"};
    return {std::atoi(text.c_str() + last + 5), text.substr(0, last)};
}

}  // namespace sluice::app
