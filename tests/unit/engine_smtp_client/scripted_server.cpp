#include "tests/unit/engine_smtp_client/scripted_server.hpp"

#include <map>
#include <utility>

namespace sluice::smtp_client {

namespace {

constexpr auto kForever = tls::Link::Clock::time_point::max();

}  // namespace

std::string unstuff(std::string_view lines) {
    std::string content;
    while (!lines.empty()) {
        const std::size_t end = lines.find("\r\n");
        std::string_view line = lines.substr(0, end);
        lines.remove_prefix(end == std::string_view::npos ? lines.size() : end + 2);
        if (line.starts_with('.')) line.remove_prefix(1);
        content.append(line).append("\r\n");
    }
    return content;
}

class ScriptedServer::Session {
  public:
    Session(ScriptedServer& server, std::shared_ptr<tls::Connection> connection)
        : server_(server), script_(server.script_), connection_(std::move(connection)) {}

    asio::awaitable<void> serve() {
        if (script_.tunnel && !co_await handshake(true)) co_return;
        if (!co_await say("greeting", "220 peer.test ready")) co_return;
        while (const auto line = co_await read_line()) {
            server_.commands.push_back(*line);
            if (!co_await obey(*line)) break;
        }
        connection_->close();
    }

  private:
    asio::awaitable<bool> obey(const std::string& line) {
        const std::string verb = line.substr(0, line.find(' '));
        if (verb == "EHLO" || verb == "LHLO") co_return co_await say("EHLO", hello());
        if (verb == "HELO") co_return co_await say(verb, "250 peer.test");
        if (verb == "STARTTLS") co_return co_await start_tls();
        if (verb == "AUTH") co_return co_await authenticate();
        if (verb == "RSET") {
            reset();
            co_return co_await say(verb, "250 2.0.0 Ok");
        }
        if (verb == "MAIL") {
            const bool spoken = co_await say(verb, "250 2.1.0 Ok");
            in_mail_ = last_code_ == '2';
            current_.mail = line;
            co_return spoken;
        }
        if (verb == "RCPT") {
            const bool spoken = co_await say(verb, in_mail_ ? "250 2.1.5 Ok" : "503 5.5.1 MAIL first");
            if (last_code_ == '2') current_.rcpts.push_back(line);
            co_return spoken;
        }
        if (verb == "DATA") co_return co_await data();
        if (verb == "BDAT") co_return co_await bdat(line);
        if (verb == "QUIT") {
            (void)co_await say(verb, "221 2.0.0 Bye");
            (void)co_await flush();
            co_return false;
        }
        co_return co_await say(verb, "500 5.5.2 What?");
    }

    std::string hello() {
        const auto& offers =
            connection_->secured() && script_.offers_under_tls ? *script_.offers_under_tls : script_.offers;
        std::string text = "250-peer.test";
        for (std::size_t i = 0; i < offers.size(); ++i) {
            text += (i + 1 < offers.size() ? "\r\n250-" : "\r\n250 ") + offers[i];
        }
        return offers.empty() ? "250 peer.test" : text;
    }

    void reset() {
        current_ = {};
        in_mail_ = false;
    }

    asio::awaitable<bool> handshake(bool implicit) {
        const tls::ListenerPolicy policy{"127.0.0.1:25"};
        const tls::HandshakeResult result =
            co_await connection_->handshake(script_.certificates, policy, std::chrono::seconds(30), implicit);
        if (!result.facts) co_return false;
        server_.server_names.push_back(result.facts->sni.value_or(""));
        co_return true;
    }

    asio::awaitable<bool> start_tls() {
        if (!co_await say("STARTTLS", "220 2.0.0 Go ahead") || !co_await flush()) co_return false;
        if (last_code_ != '2') co_return true;
        const bool established = co_await handshake(false);
        co_return established;
    }

    asio::awaitable<bool> authenticate() {
        if (!co_await say("AUTH", "235 2.7.0 Hello")) co_return false;
        while (last_code_ == '3') {
            const auto line = co_await read_line();
            if (!line) co_return false;
            server_.commands.push_back(*line);
            if (!co_await say("AUTH+", "235 2.7.0 Hello")) co_return false;
        }
        co_return true;
    }

    asio::awaitable<bool> data() {
        const bool wanted = in_mail_ && !current_.rcpts.empty();
        if (!co_await say("DATA", wanted ? "354 Go on" : "554 5.5.1 No valid recipients")) co_return false;
        if (last_code_ != '3') co_return true;
        for (;;) {
            const auto line = co_await read_line();
            if (!line) co_return false;
            if (*line == ".") break;
            current_.raw += *line + "\r\n";
            if (script_.read_limit != 0 && current_.raw.size() > script_.read_limit) co_return false;
        }
        current_.content = unstuff(current_.raw);
        co_return co_await finish();
    }

    asio::awaitable<bool> bdat(const std::string& line) {
        current_.bdat = true;
        const std::size_t size = std::stoull(line.substr(5));
        while (in_.size() < size) {
            if (!co_await fill()) co_return false;
        }
        current_.raw += in_.substr(0, size);
        in_.erase(0, size);
        if (!line.ends_with("LAST")) co_return co_await say("BDAT", "250 2.0.0 Ok");
        current_.content = current_.raw;
        if (current_.rcpts.empty()) co_return co_await say("BDAT", "503 5.5.1 No valid recipients");
        co_return co_await finish();
    }

    asio::awaitable<bool> finish() {
        const std::size_t replies = script_.protocol == Protocol::lmtp ? current_.rcpts.size() : 1;
        server_.mails.push_back(std::exchange(current_, {}));
        in_mail_ = false;
        for (std::size_t i = 0; i < replies; ++i) {
            if (!co_await say(".", "250 2.0.0 Stored")) co_return false;
        }
        co_return true;
    }

    // False: the connection is to be closed.
    asio::awaitable<bool> say(std::string event, std::string usual) {
        const int nth = counts_[event]++;
        const std::string text = (script_.answer ? script_.answer(event, nth, line_) : std::nullopt).value_or(usual);
        last_code_ = text.front();
        if (text == kCut) {
            (void)co_await flush();
            co_return false;
        }
        if (text == kSilent) {
            (void)co_await flush();
            while (co_await fill()) {
            }
            co_return false;
        }
        out_ += text + "\r\n";
        co_return true;
    }

    asio::awaitable<bool> flush() {
        const std::string bytes = std::exchange(out_, {});
        co_return bytes.empty() || (co_await connection_->write_all(bytes, kForever)).status == tls::IoStatus::ok;
    }

    asio::awaitable<bool> fill() {
        if (!co_await flush()) co_return false;
        char block[65536];
        const tls::IoResult got = co_await connection_->read_some(block, kForever);
        in_.append(block, got.bytes);
        if (counts_.contains("EHLO")) server_.reads.emplace_back(block, got.bytes);
        co_return got.status == tls::IoStatus::ok;
    }

    asio::awaitable<std::optional<std::string>> read_line() {
        for (;;) {
            if (const std::size_t end = in_.find("\r\n"); end != std::string::npos) {
                line_ = in_.substr(0, end);
                in_.erase(0, end + 2);
                co_return line_;
            }
            if (!co_await fill()) co_return std::nullopt;
        }
    }

    ScriptedServer& server_;
    const Script& script_;
    std::shared_ptr<tls::Connection> connection_;
    std::string in_;
    std::string line_;
    std::string out_;
    std::map<std::string, int> counts_;
    ReceivedMail current_;
    bool in_mail_ = false;
    char last_code_ = '2';
};

ScriptedServer::ScriptedServer(asio::io_context& io, Script script)
    : script_(std::move(script)), acceptor_(io, {asio::ip::address_v4::loopback(), 0}) {
    asio::co_spawn(io, accept(), asio::detached);
}

asio::awaitable<void> ScriptedServer::accept() {
    for (;;) {
        auto [failed, socket] = co_await acceptor_.async_accept(asio::as_tuple(asio::use_awaitable));
        if (failed) co_return;
        ++connections;
        auto connection = std::make_shared<tls::Connection>(std::move(socket));
        open_.push_back(connection);
        asio::co_spawn(
            acceptor_.get_executor(),
            [](ScriptedServer& server, std::shared_ptr<tls::Connection> taken) -> asio::awaitable<void> {
                Session session(server, std::move(taken));
                co_await session.serve();
            }(*this, std::move(connection)),
            asio::detached);
    }
}

void ScriptedServer::stop() {
    error_code ignored;
    acceptor_.close(ignored);
    for (const auto& each : open_) {
        if (const auto connection = each.lock()) connection->cancel();
    }
}

}  // namespace sluice::smtp_client
