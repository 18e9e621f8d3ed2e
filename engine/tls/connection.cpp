#include "engine/tls/connection.hpp"

#include <sys/ioctl.h>
#include <sys/socket.h>

#include <array>
#include <utility>

#include "engine/tls/server_channel.hpp"
#include "engine/tls/server_snapshot.hpp"
#include "engine/tls/step.hpp"

namespace sluice::tls {

namespace {

// A peer that never lets the socket run dry must not keep its thread from the other sessions.
constexpr int kReadsBeforeYield = 32;
// What close() reads and throws away, so that unread bytes do not turn our last reply or alert into a reset.
constexpr std::size_t kDrainLimit = 64 * 1024;

Step receive(int descriptor, std::span<char> into) {
    ssize_t got = 0;
    do {
        got = ::recv(descriptor, into.data(), into.size(), 0);
    } while (got < 0 && errno == EINTR);
    if (got == 0) return {Step::Next::closed, 0, {}};
    return Step::of_system_call(got, errno, Step::Next::wait_readable);
}

Step send(int descriptor, std::string_view bytes) {
    ssize_t sent = 0;
    do {
        sent = ::send(descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    return Step::of_system_call(sent, errno, Step::Next::wait_writable);
}

}  // namespace

Connection::Connection(asio::ip::tcp::socket socket)
    : socket_(std::move(socket)), read_wait_(socket_.get_executor()), write_wait_(socket_.get_executor()) {
    error_code ignored;  // a peer that is gone already shows at the first read
    socket_.native_non_blocking(true, ignored);
    socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
    peer_ = socket_.remote_endpoint(ignored);
    local_ = socket_.local_endpoint(ignored);
}

Connection::~Connection() { close(); }

bool Connection::can_handshake(const ServerSnapshot* snapshot) const noexcept { return snapshot && !snapshot->empty(); }

bool Connection::secured() const noexcept { return channel_ && channel_->established(); }

// After a failed handshake the connection has a channel that is not established: no clear text again.
Step Connection::read_step(std::span<char> into) {
    return channel_ ? channel_->read(into) : receive(socket_.native_handle(), into);
}

Step Connection::write_step(std::string_view bytes) {
    return channel_ ? channel_->write(bytes) : send(socket_.native_handle(), bytes);
}

// Waits as `step` asks. Anything but ok ends the operation.
asio::awaitable<IoStatus> Connection::settle(Step step, Readiness& wait, Clock::time_point deadline) {
    switch (step.next) {
        case Step::Next::done: co_return IoStatus::ok;
        case Step::Next::closed: last_error_ = step.why; co_return IoStatus::closed;
        case Step::Next::failed: last_error_ = step.why; co_return IoStatus::error;
        case Step::Next::wait_readable:
        case Step::Next::wait_writable: break;
    }
    const auto what = step.next == Step::Next::wait_readable ? Readiness::Wait::wait_read : Readiness::Wait::wait_write;
    co_return co_await wait.until(socket_, what, deadline);
}

asio::awaitable<IoResult> Connection::read_some(std::span<char> into, Clock::time_point deadline) {
    if (++reads_without_wait_ >= kReadsBeforeYield) {
        reads_without_wait_ = 0;
        co_await asio::post(socket_.get_executor(), asio::use_awaitable);
    }
    for (;;) {
        if (cancelled_) co_return IoResult{IoStatus::cancelled, 0};
        const Step step = read_step(into);
        if (step.next == Step::Next::done) co_return IoResult{IoStatus::ok, step.bytes};
        reads_without_wait_ = 0;
        const IoStatus status = co_await settle(step, read_wait_, deadline);
        if (status != IoStatus::ok) co_return IoResult{status, 0};
    }
}

asio::awaitable<IoResult> Connection::write_all(std::string_view bytes, Clock::time_point deadline) {
    std::size_t written = 0;
    while (written < bytes.size()) {
        const Step step = write_step(bytes.substr(written));
        written += step.bytes;
        const IoStatus status = co_await settle(step, write_wait_, deadline);
        if (status != IoStatus::ok) co_return IoResult{status, written};
    }
    co_return IoResult{IoStatus::ok, written};
}

asio::awaitable<HandshakeResult> Connection::handshake(std::shared_ptr<const ServerSnapshot> snapshot,
                                                       const ListenerPolicy& policy, std::chrono::milliseconds timeout,
                                                       bool implicit) {
    const Clock::time_point begin = Clock::now();
    channel_ = std::make_unique<ServerChannel>(socket_.native_handle(), snapshot, policy);
    Step step;
    IoStatus status = cancelled_ ? IoStatus::cancelled : IoStatus::ok;
    while (status == IoStatus::ok) {
        step = channel_->handshake();
        status = co_await settle(step, read_wait_, begin + timeout);
        if (status == IoStatus::ok && step.next == Step::Next::done) {
            const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin);
            co_return HandshakeResult{channel_->facts(implicit, took), std::nullopt};
        }
    }
    HandshakeError kind = channel_->kind_of(step);
    if (status == IoStatus::timeout) kind = HandshakeError::timeout;
    if (status == IoStatus::cancelled) kind = HandshakeError::cancelled;
    co_return HandshakeResult{std::nullopt, channel_->failure(kind, step.why)};
}

bool Connection::readable_now() {
    if (!socket_.is_open()) return false;
    if (channel_) return channel_->readable_now();
    int waiting = 0;
    return ::ioctl(socket_.native_handle(), FIONREAD, &waiting) == 0 && waiting > 0;
}

void Connection::drain() noexcept {
    std::array<char, 4096> rubbish;
    for (std::size_t total = 0; total < kDrainLimit;) {
        const Step step = receive(socket_.native_handle(), rubbish);
        if (step.next != Step::Next::done) return;
        total += step.bytes;
    }
}

void Connection::close() noexcept {
    if (!socket_.is_open()) return;
    if (channel_) channel_->close_notify();
    ::shutdown(socket_.native_handle(), SHUT_WR);
    drain();
    error_code ignored;
    socket_.close(ignored);
}

void Connection::cancel() noexcept {
    cancelled_ = true;
    read_wait_.cancel();
    write_wait_.cancel();
}

}  // namespace sluice::tls
