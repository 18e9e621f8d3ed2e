// Load for the benchmarks accept, refuse and queue: CONNECTIONS sessions, AT_ONCE at a time, each sending MESSAGES
// messages of SIZE bytes; MAIL, RCPT and DATA go out in one write (the server offers PIPELINING). REPLY is the first
// digit of the one to each message. One thread waits for all of them, so that the processors are the server's. Prints
// JSON. Usage: bench_smtp_client ADDRESS PORT AT_ONCE CONNECTIONS MESSAGES SIZE REPLY
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace {

[[noreturn]] void fail(const std::string& what) {
    std::fprintf(stderr, "%s\n", what.c_str());
    std::exit(1);
}

struct Load {
    sockaddr_in to{};
    int messages = 0;
    std::string body;
    std::string replies_to_body;
};

// A dialogue: each step is a text to send and the first digits of the replies that follow it.
class Session {
  public:
    Session(const Load& load, int events) : load_(load), events_(events), fd_(socket(AF_INET, SOCK_STREAM, 0)) {
        const int on = 1;
        setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (connect(fd_, reinterpret_cast<const sockaddr*>(&load.to), sizeof load.to) != 0) fail("cannot connect");
        watch(EPOLL_CTL_ADD, EPOLLIN);
    }
    ~Session() { close(fd_); }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    // False: it is over.
    bool go_on(std::uint32_t happened) {
        if ((happened & EPOLLOUT) != 0) send();
        return (happened & ~std::uint32_t{EPOLLOUT}) == 0 || receive();
    }

  private:
    enum class Step : std::uint8_t { greeting, ehlo, envelope, body, quit };

    void watch(int operation, std::uint32_t events) {
        epoll_event event{.events = events, .data = {.ptr = this}};
        if (epoll_ctl(events_, operation, fd_, &event) != 0) fail("cannot watch a connection");
    }
    bool receive() {
        std::array<char, 4096> chunk;
        const auto n = recv(fd_, chunk.data(), chunk.size(), MSG_DONTWAIT);
        if (n < 0 && errno == EAGAIN) return true;
        if (n <= 0) fail("connection lost while reading");
        line_.append(chunk.data(), static_cast<std::size_t>(n));
        std::size_t at = 0;
        for (auto end = line_.find('\n'); end != std::string::npos; end = line_.find('\n', at)) {
            const auto line = std::string_view(line_).substr(at, end - at);
            at = end + 1;
            if (expected_.empty() || line.size() < 4 || line[0] != expected_[0])
                fail("unexpected reply: " + std::string(line));
            if (line[3] == '-') continue;
            expected_.remove_prefix(1);
            if (expected_.empty() && !next_step()) return false;
        }
        line_.erase(0, at);
        return true;
    }
    bool next_step() {
        switch (step_) {
            case Step::greeting: return begin(Step::ehlo, "EHLO client.test\r\n", "2");
            case Step::envelope: return begin(Step::body, load_.body, load_.replies_to_body);
            case Step::quit: return false;
            case Step::ehlo:
            case Step::body: break;
        }
        if (sent_++ == load_.messages) return begin(Step::quit, "QUIT\r\n", "2");
        return begin(Step::envelope, "MAIL FROM:<a@client.test>\r\nRCPT TO:<b@example.com>\r\nDATA\r\n", "223");
    }
    bool begin(Step step, std::string_view text, std::string_view expected) {
        step_ = step;
        left_ = text;
        expected_ = expected;
        send();
        return true;
    }
    void send() {
        const auto n = ::send(fd_, left_.data(), left_.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n < 0 && errno != EAGAIN) fail("connection lost while sending");
        left_.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
        if (left_.empty() == !blocked_) return;
        blocked_ = !left_.empty();
        watch(EPOLL_CTL_MOD, blocked_ ? EPOLLIN | EPOLLOUT : EPOLLIN);
    }

    const Load& load_;
    int events_;
    int fd_;
    Step step_ = Step::greeting;
    int sent_ = 0;
    std::string line_;
    std::string_view expected_ = "2";
    std::string_view left_;
    bool blocked_ = false;
};

double run(const Load& load, int at_once, int connections) {
    const int events = epoll_create1(0);
    std::vector<std::unique_ptr<Session>> sessions;
    const auto start = std::chrono::steady_clock::now();
    int begun = 0;
    for (; begun < std::min(at_once, connections); ++begun) sessions.push_back(std::make_unique<Session>(load, events));
    for (int open = begun; open > 0;) {
        std::array<epoll_event, 128> happened;
        const int count = epoll_wait(events, happened.data(), static_cast<int>(happened.size()), -1);
        if (count < 0 && errno != EINTR) fail("cannot wait");
        for (int i = 0; i < count; ++i) {
            auto* const session = static_cast<Session*>(happened[static_cast<std::size_t>(i)].data.ptr);
            if (session->go_on(happened[static_cast<std::size_t>(i)].events)) continue;
            const auto ended = std::find_if(sessions.begin(), sessions.end(),
                                            [session](const auto& each) { return each.get() == session; });
            ended->reset();
            if (begun++ < connections)
                *ended = std::make_unique<Session>(load, events);
            else
                --open;
        }
    }
    close(events);
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

int main(int count, char** args) {
    if (count != 8 || std::string_view(args[7]).size() != 1)
        fail("usage: bench_smtp_client ADDRESS PORT AT_ONCE CONNECTIONS MESSAGES SIZE REPLY");
    Load load;
    load.to.sin_family = AF_INET;
    load.to.sin_port = htons(static_cast<std::uint16_t>(std::atoi(args[2])));
    if (inet_pton(AF_INET, args[1], &load.to.sin_addr) != 1) fail("not an IPv4 address");
    const int at_once = std::atoi(args[3]);
    const int connections = std::atoi(args[4]);
    load.messages = std::atoi(args[5]);
    const auto size = static_cast<std::size_t>(std::atoll(args[6]));
    load.body = "From: <a@client.test>\r\nTo: <b@example.com>\r\nSubject: load\r\n\r\n";
    while (load.body.size() < size)
        load.body += "0123456789012345678901234567890123456789012345678901234567890123456789\r\n";
    load.body += ".\r\n";
    load.replies_to_body = args[7];

    const double seconds = run(load, at_once, connections);
    std::printf(
        "{\"concurrent\": %d, \"connections\": %d, \"messages_each\": %d, \"bytes\": %zu, \"seconds\": %.3f, "
        "\"connections_per_second\": %.0f, \"messages_per_second\": %.0f}\n",
        at_once, connections, load.messages, size, seconds, connections / seconds,
        static_cast<double>(connections) * load.messages / seconds);
    return 0;
}
