// One thread of the server: its io_context, its acceptors, its sessions. Used by server.cpp only.
#pragma once

#include <future>
#include <list>
#include <memory>
#include <string_view>
#include <thread>
#include <unordered_set>
#include <vector>

#include "engine/base/asio.hpp"
#include "engine/net/server.hpp"
#include "engine/smtp/session.hpp"

namespace sluice::net {

class Worker {
  public:
    explicit Worker(Server::Shared& shared) : shared_(shared) {}
    ~Worker();

    [[nodiscard]] asio::io_context& context() noexcept { return context_; }
    void add(asio::ip::tcp::acceptor acceptor, const Listener& listener);
    [[nodiscard]] std::optional<BindError> listen();

    void run();    // starts the thread
    void stop();   // from any thread: see Server::stop
    void abort();  // from any thread
    // True once every session has ended.
    [[nodiscard]] bool finished_by(std::chrono::steady_clock::time_point deadline);
    void join();  // ends whatever is left

  private:
    struct Door {
        asio::ip::tcp::acceptor acceptor;
        Listener listener;
    };

    asio::awaitable<void> accept_from(Door& door);
    void admit(asio::ip::tcp::socket socket, const Door& door);
    void refuse(asio::ip::tcp::socket& socket, const Door& door, const smtp::Snapshot& snapshot, smtp::ReplyId why);
    void close_doors();

    Server::Shared& shared_;
    asio::io_context context_{1};
    std::list<Door> doors_;  // a list: accept_from holds references
    std::unordered_set<std::shared_ptr<smtp::Session>> sessions_;
    std::optional<asio::executor_work_guard<asio::io_context::executor_type>> work_;
    std::thread thread_;
    std::promise<void> done_;
    std::future<void> finished_ = done_.get_future();
    bool stopping_ = false;
    sasl::AttemptLimits attempts_;
};

}  // namespace sluice::net
