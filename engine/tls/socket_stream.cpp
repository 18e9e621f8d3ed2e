#include "engine/tls/socket_stream.hpp"

#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "engine/tls/channel.hpp"

namespace sluice::tls {

namespace {

// A peer that never lets the socket run dry must not keep its thread from the other sessions.
constexpr int kReadsBeforeYield = 32;
// What close() reads and throws away, so that unread bytes do not turn our last reply or alert into a reset.
constexpr std::size_t kDrainLimit = 64 * 1024;
constexpr std::size_t kGathered = 64;       // pieces of one system call
constexpr std::size_t kRecord = 16 * 1024;  // the longest TLS record (RFC 8446 5.1)

Step receive(int descriptor, std::span<char> into) {
    ssize_t got = 0;
    do {
        got = ::recv(descriptor, into.data(), into.size(), 0);
    } while (got < 0 && errno == EINTR);
    if (got == 0) return {Step::Next::closed, 0, {}};
    return Step::of_system_call(got, errno, Step::Next::wait_readable);
}

Step send(int descriptor, std::span<iovec> pieces) {
    msghdr message{};
    message.msg_iov = pieces.data();
    message.msg_iovlen = pieces.size();
    ssize_t sent = 0;
    do {
        sent = ::sendmsg(descriptor, &message, MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    return Step::of_system_call(sent, errno, Step::Next::wait_writable);
}

iovec vector_of(std::string_view bytes) { return {const_cast<char*>(bytes.data()), bytes.size()}; }

// What is left of a list of pieces.
struct Rest {
    std::span<const std::string_view> pieces;
    std::size_t offset = 0;  // in the first of them

    [[nodiscard]] std::string_view front() const { return pieces.front().substr(offset); }
    void skip(std::size_t bytes) {
        offset += bytes;
        while (!pieces.empty() && offset >= pieces.front().size()) {
            offset -= pieces.front().size();
            pieces = pieces.subspan(1);
        }
    }
};

Step send_rest(int descriptor, const Rest& rest) {
    std::array<iovec, kGathered> batch;
    const std::size_t count = std::min(rest.pieces.size(), batch.size());
    batch[0] = vector_of(rest.front());
    for (std::size_t i = 1; i < count; ++i) batch[i] = vector_of(rest.pieces[i]);
    return send(descriptor, {batch.data(), count});
}

}  // namespace

SocketStream::SocketStream(Socket socket)
    : socket_(std::move(socket)), read_wait_(socket_.get_executor()), write_wait_(socket_.get_executor()) {
    error_code ignored;  // a peer that is gone already shows at the first read; a local socket has no TCP_NODELAY
    socket_.native_non_blocking(true, ignored);
    socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
}

SocketStream::~SocketStream() { close(); }

bool SocketStream::secured() const noexcept { return channel_ && channel_->established(); }

// After a failed handshake the stream has a channel that is not established: no clear text again.
Step SocketStream::read_step(std::span<char> into) {
    return channel_ ? channel_->read(into) : receive(socket_.native_handle(), into);
}

Step SocketStream::write_step(std::string_view bytes) {
    if (channel_) return channel_->write(bytes);
    iovec one = vector_of(bytes);
    return send(socket_.native_handle(), {&one, 1});
}

// Waits as `step` asks. Anything but ok ends the operation.
asio::awaitable<IoStatus> SocketStream::settle(Step step, Readiness& wait, Clock::time_point deadline) {
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

asio::awaitable<IoStatus> SocketStream::connect(asio::generic::stream_protocol::endpoint endpoint,
                                                Clock::time_point deadline) {
    if (cancelled_) co_return IoStatus::cancelled;
    const int result = ::connect(socket_.native_handle(), endpoint.data(), static_cast<socklen_t>(endpoint.size()));
    if (result == 0) co_return IoStatus::ok;
    if (errno != EINPROGRESS && errno != EINTR) {
        last_error_ = error_code(errno, boost::system::system_category());
        co_return IoStatus::error;
    }
    const IoStatus status = co_await write_wait_.until(socket_, Readiness::Wait::wait_write, deadline);
    if (status != IoStatus::ok) co_return status;
    int failed = 0;
    socklen_t size = sizeof failed;
    if (::getsockopt(socket_.native_handle(), SOL_SOCKET, SO_ERROR, &failed, &size) != 0) failed = errno;
    last_error_ = error_code(failed, boost::system::system_category());
    co_return failed == 0 ? IoStatus::ok : IoStatus::error;
}

asio::awaitable<IoResult> SocketStream::read_some(std::span<char> into, Clock::time_point deadline) {
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

asio::awaitable<IoResult> SocketStream::write_all(std::string_view bytes, Clock::time_point deadline) {
    std::size_t written = 0;
    while (written < bytes.size()) {
        const Step step = write_step(bytes.substr(written));
        written += step.bytes;
        const IoStatus status = co_await settle(step, write_wait_, deadline);
        if (status != IoStatus::ok) co_return IoResult{status, written};
    }
    co_return IoResult{IoStatus::ok, written};
}

asio::awaitable<IoResult> SocketStream::write_pieces(std::span<const std::string_view> pieces,
                                                     Clock::time_point deadline) {
    return channel_ ? write_records(pieces, deadline) : write_gathered(pieces, deadline);
}

asio::awaitable<IoResult> SocketStream::write_gathered(std::span<const std::string_view> pieces,
                                                       Clock::time_point deadline) {
    std::size_t written = 0;
    Rest rest{pieces};
    rest.skip(0);
    while (!rest.pieces.empty()) {
        const Step step = send_rest(socket_.native_handle(), rest);
        written += step.bytes;
        rest.skip(step.bytes);
        if (step.next == Step::Next::done) continue;
        const IoStatus status = co_await settle(step, write_wait_, deadline);
        if (status != IoStatus::ok) co_return IoResult{status, written};
    }
    co_return IoResult{IoStatus::ok, written};
}

asio::awaitable<IoResult> SocketStream::write_records(std::span<const std::string_view> pieces,
                                                      Clock::time_point deadline) {
    std::size_t written = 0;
    std::string record;
    Rest rest{pieces};
    rest.skip(0);
    while (!rest.pieces.empty()) {
        std::string_view next = rest.front();
        if (next.size() < kRecord) {
            record.clear();
            while (!rest.pieces.empty() && record.size() < kRecord) {
                const std::string_view part = rest.front().substr(0, kRecord - record.size());
                record += part;
                rest.skip(part.size());
            }
            next = record;
        } else {
            rest.skip(next.size());
        }
        const IoResult result = co_await write_all(next, deadline);
        written += result.bytes;
        if (result.status != IoStatus::ok) co_return IoResult{result.status, written};
    }
    co_return IoResult{IoStatus::ok, written};
}

void SocketStream::secure(std::unique_ptr<Channel> channel) noexcept { channel_ = std::move(channel); }

asio::awaitable<SocketStream::HandshakeEnd> SocketStream::handshake(Clock::time_point deadline) {
    HandshakeEnd end{cancelled_ ? IoStatus::cancelled : IoStatus::ok, {}};
    while (end.status == IoStatus::ok) {
        end.last = channel_->handshake();
        end.status = co_await settle(end.last, read_wait_, deadline);
        if (end.last.next == Step::Next::done) break;
    }
    co_return end;
}

bool SocketStream::readable_now() {
    if (!socket_.is_open()) return false;
    if (channel_) return channel_->readable_now();
    int waiting = 0;
    return ::ioctl(socket_.native_handle(), FIONREAD, &waiting) == 0 && waiting > 0;
}

bool SocketStream::quiet_now() {
    if (!socket_.is_open()) return false;
    if (channel_) return channel_->quiet_now();
    char first = 0;
    return ::recv(socket_.native_handle(), &first, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
           (errno == EAGAIN || errno == EWOULDBLOCK);
}

void SocketStream::drain() noexcept {
    std::array<char, 4096> rubbish;
    for (std::size_t total = 0; total < kDrainLimit;) {
        const Step step = receive(socket_.native_handle(), rubbish);
        if (step.next != Step::Next::done) return;
        total += step.bytes;
    }
}

void SocketStream::close() noexcept {
    if (!socket_.is_open()) return;
    if (channel_) channel_->close_notify();
    ::shutdown(socket_.native_handle(), SHUT_WR);
    drain();
    error_code ignored;
    socket_.close(ignored);
}

void SocketStream::cancel() noexcept {
    cancelled_ = true;
    read_wait_.cancel();
    write_wait_.cancel();
}

}  // namespace sluice::tls
