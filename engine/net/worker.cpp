#include "engine/net/worker.hpp"

#include <sys/socket.h>

#include "engine/base/limits.hpp"
#include "engine/tls/connection.hpp"

namespace sluice::net {

using asio::ip::tcp;

Worker::~Worker() { join(); }

void Worker::add(tcp::acceptor acceptor, const Listener& listener) {
    doors_.push_back({std::move(acceptor), listener});
}

std::optional<BindError> Worker::listen() {
    for (Door& door : doors_) {
        if (auto error = net::listen(door.acceptor)) return error;
    }
    return std::nullopt;
}

void Worker::run() {
    work_.emplace(context_.get_executor());
    for (Door& door : doors_) asio::co_spawn(context_, accept_from(door), asio::detached);
    thread_ = std::thread([this] {
        context_.run();
        done_.set_value();
    });
}

asio::awaitable<void> Worker::accept_from(Door& door) {
    asio::steady_timer retry(context_);
    while (door.acceptor.is_open()) {
        tcp::socket socket(context_);
        const auto [error] = co_await door.acceptor.async_accept(socket, asio::as_tuple(asio::use_awaitable));
        if (!error) {
            admit(std::move(socket), door);
        } else if (error != asio::error::connection_aborted && error != asio::error::operation_aborted) {
            // Out of descriptors or memory: trying at once would only spin until something is freed.
            retry.expires_after(limits::accept_retry);
            (void)co_await retry.async_wait(asio::as_tuple(asio::use_awaitable));
        }
    }
}

void Worker::admit(tcp::socket socket, const Door& door) {
    std::shared_ptr<const smtp::Snapshot> snapshot = shared_.snapshots();
    const int limit = snapshot->settings->client_count_max;
    // Counted first, so that threads that accept at the same time cannot pass the limit together.
    const int open = shared_.open.fetch_add(1, std::memory_order_relaxed) + 1;
    if (stopping_ || (limit >= 0 && open > limit)) {
        shared_.open.fetch_sub(1, std::memory_order_relaxed);
        if (!stopping_) shared_.refused.fetch_add(1, std::memory_order_relaxed);
        refuse(socket, door, *snapshot, stopping_ ? smtp::ReplyId::ShuttingDown : smtp::ReplyId::ConnectionMaxReached);
        return;
    }
    shared_.accepted.fetch_add(1, std::memory_order_relaxed);
    auto session = std::make_shared<smtp::Session>(
        std::make_unique<tls::Connection>(std::move(socket)),
        smtp::SessionContext{std::move(snapshot), shared_.sink, shared_.observer, door.listener.kind, door.listener.id,
                             &attempts_, &shared_.handshake_failures});
    sessions_.insert(session);
    // However a session ends, the count goes down.
    asio::co_spawn(context_, session->run(), [this, session](std::exception_ptr) {
        sessions_.erase(session);
        shared_.open.fetch_sub(1, std::memory_order_relaxed);
    });
}

// One attempt to say why, without waiting for anybody. On an implicit-TLS listener nothing can be said in clear.
void Worker::refuse(tcp::socket& socket, const Door& door, const smtp::Snapshot& snapshot, smtp::ReplyId why) {
    error_code ignored;
    if (door.listener.kind != smtp::ListenerKind::submissions) {
        const smtp::Settings& settings = *snapshot.settings;
        const std::string text = settings.replies.get(why, {.name = settings.server_name}).print();
        (void)!::send(socket.native_handle(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        socket.shutdown(tcp::socket::shutdown_send, ignored);
    }
    smtp::SessionFacts facts;
    facts.id = SessionId::random();
    facts.client = socket.remote_endpoint(ignored);
    facts.server = socket.local_endpoint(ignored);
    facts.listener = door.listener.kind;
    facts.listener_id = door.listener.id;
    shared_.observer.on_event(smtp::SessionEvent::refused_connection, facts, smtp::reply_name(why));
    socket.close(ignored);
}

// Connections the kernel has accepted for us would be reset by the close: they get a 421 instead.
void Worker::close_doors() {
    for (Door& door : doors_) {
        error_code error;
        door.acceptor.non_blocking(true, error);
        while (!error) {
            tcp::socket socket(context_);
            door.acceptor.accept(socket, error);
            if (!error) admit(std::move(socket), door);
        }
        door.acceptor.close(error);
    }
}

void Worker::stop() {
    asio::post(context_, [this] {
        stopping_ = true;
        close_doors();
        for (const auto& session : sessions_) session->stop();
        work_.reset();
    });
}

void Worker::abort() {
    asio::post(context_, [this] {
        for (const auto& session : sessions_) session->abort();
    });
}

bool Worker::finished_by(std::chrono::steady_clock::time_point deadline) {
    return finished_.wait_until(deadline) == std::future_status::ready;
}

void Worker::join() {
    context_.stop();
    if (thread_.joinable()) thread_.join();
}

}  // namespace sluice::net
