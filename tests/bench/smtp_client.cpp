// Load for the benchmarks accept and refuse: CONNECTIONS sessions, THREADS at a time, each sending MESSAGES messages of
// SIZE bytes; MAIL, RCPT and DATA go out in one write (the server offers PIPELINING). REPLY is the first digit of the
// one to each message. Prints JSON. Usage: bench_smtp_client ADDRESS PORT THREADS CONNECTIONS MESSAGES SIZE REPLY
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

[[noreturn]] void fail(const std::string& what) {
    std::fprintf(stderr, "%s\n", what.c_str());
    std::exit(1);
}

class Session {
  public:
    Session(const char* address, int port) : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(static_cast<std::uint16_t>(port));
        if (inet_pton(AF_INET, address, &to.sin_addr) != 1) fail("not an IPv4 address");
        const int on = 1;
        setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) fail("cannot connect");
        expect('2');
    }
    ~Session() { close(fd_); }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    void send(const std::string& text) {
        for (std::size_t at = 0; at < text.size();) {
            const auto n = ::write(fd_, text.data() + at, text.size() - at);
            if (n <= 0) fail("connection lost while sending");
            at += static_cast<std::size_t>(n);
        }
    }
    // One reply, all its lines.
    void expect(char first) {
        for (;;) {
            const auto line = read_line();
            if (line.empty() || line[0] != first) fail("unexpected reply: " + line);
            if (line.size() < 4 || line[3] != '-') return;
        }
    }

  private:
    std::string read_line() {
        for (;;) {
            if (const auto end = buffer_.find('\n'); end != std::string::npos) {
                auto line = buffer_.substr(0, end);
                buffer_.erase(0, end + 1);
                return line;
            }
            char chunk[4096];
            const auto n = ::read(fd_, chunk, sizeof chunk);
            if (n <= 0) fail("connection lost while reading");
            buffer_.append(chunk, static_cast<std::size_t>(n));
        }
    }
    int fd_;
    std::string buffer_;
};

}  // namespace

int main(int count, char** args) {
    if (count != 8 || std::string_view(args[7]).size() != 1)
        fail("usage: bench_smtp_client ADDRESS PORT THREADS CONNECTIONS MESSAGES SIZE REPLY");
    const int port = std::atoi(args[2]);
    const int threads = std::atoi(args[3]);
    const int connections = std::atoi(args[4]);
    const int messages = std::atoi(args[5]);
    const auto size = static_cast<std::size_t>(std::atoll(args[6]));
    const char reply = args[7][0];
    std::string body = "From: <a@client.test>\r\nTo: <b@example.com>\r\nSubject: load\r\n\r\n";
    while (body.size() < size) body += "0123456789012345678901234567890123456789012345678901234567890123456789\r\n";
    body += ".\r\n";

    std::atomic<int> next{0};
    const auto start = std::chrono::steady_clock::now();
    std::vector<std::thread> workers;
    for (int t = 0; t < threads; ++t)
        workers.emplace_back([&] {
            while (next++ < connections) {
                Session session(args[1], port);
                session.send("EHLO client.test\r\n");
                session.expect('2');
                for (int i = 0; i < messages; ++i) {
                    session.send("MAIL FROM:<a@client.test>\r\nRCPT TO:<b@example.com>\r\nDATA\r\n");
                    session.expect('2');
                    session.expect('2');
                    session.expect('3');
                    session.send(body);
                    session.expect(reply);
                }
                session.send("QUIT\r\n");
                session.expect('2');
            }
        });
    for (auto& worker : workers) worker.join();
    const auto seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    std::printf(
        "{\"concurrent\": %d, \"connections\": %d, \"messages_each\": %d, \"bytes\": %zu, \"seconds\": %.3f, "
        "\"connections_per_second\": %.0f, \"messages_per_second\": %.0f}\n",
        threads, connections, messages, size, seconds, connections / seconds,
        static_cast<double>(connections) * messages / seconds);
    return 0;
}
