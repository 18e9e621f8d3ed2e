// A connected pair on loopback for the tests of engine/tls: a Connection on the server's side, a plain socket on the
// client's. Blocking client code runs on the test's thread, the server's coroutines on a thread of their own.
#pragma once

#include <sys/socket.h>

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "engine/base/asio.hpp"
#include "engine/tls/connection.hpp"

namespace sluice::tls {

class Loopback {
  public:
    Loopback() : server_work_(server_io_.get_executor()), client_(client_io_) {
        asio::ip::tcp::acceptor acceptor(server_io_, {asio::ip::address_v4::loopback(), 0});
        client_.connect(acceptor.local_endpoint());
        connection_ = std::make_unique<Connection>(acceptor.accept());
        thread_ = std::thread([this] { server_io_.run(); });
    }
    ~Loopback() {
        asio::post(server_io_, [this] {
            connection_.reset();
            server_work_.reset();
        });
        thread_.join();
    }

    // Starts a coroutine on the server's thread and gives its result.
    template <typename T>
    std::future<T> server(asio::awaitable<T> coroutine) {
        auto promise = std::make_shared<std::promise<T>>();
        asio::co_spawn(server_io_, std::move(coroutine), [promise](std::exception_ptr thrown, T value) {
            if (thrown) {
                promise->set_exception(thrown);
            } else {
                promise->set_value(std::move(value));
            }
        });
        return promise->get_future();
    }
    // Runs a function on the server's thread and waits for it.
    template <typename Function>
    auto on_server(Function function) {
        std::packaged_task<decltype(function())()> task(std::move(function));
        auto result = task.get_future();
        asio::post(server_io_, [&task] { task(); });
        return result.get();
    }

    Connection& connection() { return *connection_; }
    asio::ip::tcp::socket& client() { return client_; }
    int client_descriptor() { return client_.native_handle(); }
    void client_send(std::string_view bytes) { asio::write(client_, asio::buffer(bytes.data(), bytes.size())); }
    // Everything until the end of the stream; a reset ends it too.
    std::string client_read_all() {
        std::string all;
        char block[4096];
        error_code failed;
        while (!failed) {
            const std::size_t got = client_.read_some(asio::buffer(block), failed);
            all.append(block, got);
        }
        return all;
    }
    // A reset arrived, also one behind the end of the stream, which no read tells.
    bool client_was_reset() {
        int error = 0;
        socklen_t size = sizeof error;
        return ::getsockopt(client_descriptor(), SOL_SOCKET, SO_ERROR, &error, &size) != 0 || error != 0;
    }

  private:
    asio::io_context server_io_;
    asio::io_context client_io_;
    std::unique_ptr<Connection> connection_;
    std::optional<asio::executor_work_guard<asio::io_context::executor_type>> server_work_;
    asio::ip::tcp::socket client_;
    std::thread thread_;
};

inline Connection::Clock::time_point in_ms(int milliseconds) {
    return Connection::Clock::now() + std::chrono::milliseconds(milliseconds);
}

}  // namespace sluice::tls
