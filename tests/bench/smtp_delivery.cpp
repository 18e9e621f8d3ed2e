// What a delivery costs the client: one connection, MESSAGES mails of SIZE octets for one recipient, to a server in
// another thread that does as little as SMTP permits. Prints JSON: CPU time of the client's thread per mail, once with
// one send() after the other, once with the next mail announced. Usage: bench_smtp_delivery MESSAGES SIZE
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <thread>
#include <vector>

#include "engine/smtp_client/connection.hpp"

namespace {

using namespace sluice;
using namespace sluice::smtp_client;

[[noreturn]] void fail(const char* what) {
    std::fprintf(stderr, "%s\n", what);
    std::exit(1);
}

// Blocking, gathers its replies.
class Peer {
  public:
    explicit Peer(int descriptor) : descriptor_(descriptor) {}
    ~Peer() { close(descriptor_); }

    void serve() {
        out_ = "220 peer.test\r\n";
        while (fill()) {
            for (std::size_t end = in_.find("\r\n", at_); end != std::string::npos; end = in_.find("\r\n", at_)) {
                if (data_) {
                    end = in_.find("\r\n.\r\n", at_);
                    if (end == std::string::npos) break;
                    at_ = end + 5;
                    data_ = false;
                    out_ += "250 2.0.0 Ok: queued as 4ZxK1s3Qz1\r\n";
                    continue;
                }
                command(std::string_view(in_).substr(at_, end - at_));
                at_ = end + 2;
            }
            in_.erase(0, at_);
            at_ = 0;
        }
    }

  private:
    void command(std::string_view line) {
        data_ = line == "DATA";
        if (data_) {
            out_ += "354 End data with <CR><LF>.<CR><LF>\r\n";
        } else if (line.starts_with("EHLO")) {
            out_ +=
                "250-peer.test\r\n250-PIPELINING\r\n250-SIZE 10240000\r\n250-ENHANCEDSTATUSCODES\r\n250 8BITMIME\r\n";
        } else {
            out_ += line.starts_with("MAIL") ? "250 2.1.0 Ok\r\n" : "250 2.1.5 Ok\r\n";
        }
    }
    bool fill() {
        if (!out_.empty() && ::send(descriptor_, out_.data(), out_.size(), MSG_NOSIGNAL) < 0) return false;
        out_.clear();
        char block[65536];
        const ssize_t got = ::recv(descriptor_, block, sizeof block, 0);
        if (got > 0) in_.append(block, static_cast<std::size_t>(got));
        return got > 0;
    }

    int descriptor_;
    std::string in_;
    std::size_t at_ = 0;
    std::string out_;
    bool data_ = false;
};

double thread_cpu() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

asio::awaitable<void> send_all(Connection& connection, const Mail& mail, int messages, bool announced) {
    // Two of them, because the next mail is told apart by where it is.
    const Mail other = mail;
    const Mail* now = &mail;
    const Mail* next = &other;
    for (int i = 0; i < messages; ++i) {
        const bool more = announced && i + 1 < messages;
        const std::vector<RecipientResult> results = co_await connection.send(*now, more ? next : nullptr);
        if (results.at(0).kind != Kind::delivered) fail(results.at(0).text.c_str());
        std::swap(now, next);
    }
}

asio::awaitable<void> measure(asio::io_context& io, asio::ip::tcp::endpoint endpoint, const Mail& mail, int messages) {
    Connection connection(io.get_executor());
    Options options;
    options.hello_name = "bench.test";
    options.tls.mode = TlsMode::none;
    if (co_await connection.open(endpoint, options)) fail("cannot open");
    co_await send_all(connection, mail, messages / 10 + 1, false);
    for (const bool announced : {false, true}) {
        const double begin = thread_cpu();
        co_await send_all(connection, mail, messages, announced);
        const double spent = thread_cpu() - begin;
        std::printf("%s\"%s\": %.2f", announced ? ", " : "{", announced ? "announced_us" : "single_us",
                    spent / messages * 1e6);
    }
    std::printf("}\n");
    co_await connection.quit();
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) fail("usage: bench_smtp_delivery MESSAGES SIZE");
    const int messages = std::atoi(argv[1]);
    std::string body = "Subject: a message\r\n\r\n";
    while (body.size() < static_cast<std::size_t>(std::atoi(argv[2]))) {
        body += "some sixty octets of text, as people have written them so far\r\n";
    }
    const std::string_view content = body;
    const Recipient recipient{.forward_path = "recipient@there.test"};
    Mail mail;
    mail.reverse_path = "sender@here.test";
    mail.recipients = {&recipient, 1};
    mail.content = {&content, 1};

    asio::io_context io;
    asio::ip::tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), 0});
    std::thread server([&] { Peer(acceptor.accept().release()).serve(); });
    asio::co_spawn(io, measure(io, acceptor.local_endpoint(), mail, messages), asio::detached);
    io.run();
    server.join();
}
