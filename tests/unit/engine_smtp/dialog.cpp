#include "tests/unit/engine_smtp/dialog.hpp"
#include "engine/tls/connection.hpp"

#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstring>
#include <regex>

namespace sluice::smtp::test {

Client::Client(const asio::ip::tcp::endpoint& server) {
    fd_ = ::socket(server.protocol().family(), SOCK_STREAM | SOCK_CLOEXEC, 0);
    const timeval limit{10, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    if (::connect(fd_, server.data(), static_cast<socklen_t>(server.size())) != 0) {
        ADD_FAILURE() << "connect: " << std::strerror(errno);
    }
}

Client::~Client() { ::close(fd_); }

void Client::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0) return;  // the next receive tells the test
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

std::size_t Client::receive(char* into, std::size_t room) {
    const ssize_t got = ::recv(fd_, into, room, 0);
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) ADD_FAILURE() << "the server says nothing";
    return got <= 0 ? 0 : static_cast<std::size_t>(got);
}

std::optional<std::string> Client::line() {
    char block[4096];
    std::size_t end;
    while ((end = buffer_.find("\r\n")) == std::string::npos) {
        const std::size_t got = receive(block, sizeof block);
        if (got == 0) return std::nullopt;
        buffer_.append(block, got);
    }
    std::string text = buffer_.substr(0, end);
    buffer_.erase(0, end + 2);
    return text;
}

bool Client::at_end() { return buffer_.empty() && rest().empty(); }

std::string Client::rest() {
    char block[4096];
    for (std::size_t got; (got = receive(block, sizeof block)) > 0;) buffer_.append(block, got);
    return std::exchange(buffer_, {});
}

void Client::shut() { ::shutdown(fd_, SHUT_WR); }

namespace {

void expect(Client& client, std::string_view how, std::string_view wanted, std::string_view source) {
    const std::optional<std::string> line = client.line();
    if (!line) {
        ADD_FAILURE() << "connection closed instead of: " << source;
        return;
    }
    bool fits = false;
    if (how == "S:") fits = line->starts_with(wanted);
    if (how == "S.") fits = *line == wanted;
    if (how == "S~") fits = std::regex_match(*line, std::regex(std::string(wanted)));
    EXPECT_TRUE(fits) << "  said:   " << *line << "\n  wanted: " << source;
}

}  // namespace

void talk(Client& client, std::string_view dialog) {
    std::string flight;
    while (!dialog.empty() && !testing::Test::HasFatalFailure()) {
        const std::size_t end = std::min(dialog.find('\n'), dialog.size());
        std::string_view line = dialog.substr(0, end);
        dialog.remove_prefix(std::min(end + 1, dialog.size()));
        line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
        if (line.empty()) continue;
        const std::string_view how = line.substr(0, 2);
        const std::string_view text = line.size() > 3 ? line.substr(3) : std::string_view{};
        if (how == "C:") {
            flight.append(text).append("\r\n");
            continue;
        }
        client.send(std::exchange(flight, {}));
        if (line == "END") {
            EXPECT_EQ(client.rest(), "") << "instead of the end";
        } else {
            expect(client, how, text, line);
        }
    }
    client.send(flight);
}

Fixture::Fixture() {
    settings.server_name = "mx.test";
    settings.error.delay = std::chrono::milliseconds{1};
    rules->domains = {"example.com", "example.org", "mta.example.com"};
}

Fixture::~Fixture() { finish(); }

void Fixture::open() {
    // The sanitizer does not know that a connection orders what both threads do: what the test changed is seen from
    // here.
    { const std::lock_guard lock(mutex_); }
    if (snapshot_) return;
    snapshot_ =
        std::make_shared<const Snapshot>(Snapshot{std::make_shared<const Settings>(settings), rules, tls_snapshot});
    const asio::ip::tcp::endpoint any(asio::ip::address_v4::loopback(), 0);
    acceptor_.open(any.protocol());
    acceptor_.bind(any);
    acceptor_.listen();
    asio::co_spawn(io_, accept(), asio::detached);
    thread_ = std::thread([this] { io_.run(); });
}

asio::awaitable<void> Fixture::accept() {
    for (;;) {
        auto [error, socket] = co_await acceptor_.async_accept(asio::as_tuple(asio::use_awaitable));
        if (error) co_return;
        auto session = std::make_shared<Session>(std::make_unique<tls::Connection>(std::move(socket)),
                                                 SessionContext{snapshot_, sink, events, listener, "127.0.0.1:25"});
        {
            const std::lock_guard lock(mutex_);
            sessions_.insert(session);
        }
        asio::co_spawn(io_, session->run(), [this, session](std::exception_ptr thrown) {
            EXPECT_FALSE(thrown);
            const std::lock_guard lock(mutex_);
            sessions_.erase(session);
            changed_.notify_all();
        });
    }
}

std::unique_ptr<Client> Fixture::connect() {
    open();
    return std::make_unique<Client>(endpoint());
}

void Fixture::converse(std::string_view dialog) {
    const std::unique_ptr<Client> client = connect();
    talk(*client, dialog);
    client->shut();
    (void)client->rest();
    wait_until_idle();
}

void Fixture::on_server(std::function<void(Session&)> what) {
    std::promise<void> done;
    asio::post(io_, [&] {
        for (const auto& session : sessions_) what(*session);
        done.set_value();
    });
    done.get_future().wait();
}

void Fixture::wait_until_idle() {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, std::chrono::seconds(10), [this] { return sessions_.empty(); }));
}

void Fixture::finish() {
    if (!thread_.joinable()) return;
    asio::post(io_, [this] {
        acceptor_.close();
        for (const auto& session : sessions_) session->abort();
    });
    wait_until_idle();
    io_.stop();
    thread_.join();
}

}  // namespace sluice::smtp::test
