// The connection of a session whose client is played in memory: bytes are put in with say(), replies taken out, and a
// handshake gives the facts it was told to give. Everything on one thread, deadlines never pass.
#pragma once

#include <string>
#include <string_view>

#include "engine/tls/link.hpp"

namespace sluice::rehearsal {

class ScriptedClient final : public tls::Link {
  public:
    struct Ends {
        asio::ip::tcp::endpoint peer;
        asio::ip::tcp::endpoint local;
    };

    // `has_certificate`: whether TLS can be offered.
    ScriptedClient(const asio::any_io_executor& executor, Ends ends, bool has_certificate, tls::Facts handshake);

    void say(std::string_view bytes);
    void hang_up();
    // The session has read everything and waits for more.
    [[nodiscard]] bool is_waited_for() const noexcept {
        return waiting_ && unread_.empty() && !hung_up_ && !cancelled_;
    }
    [[nodiscard]] bool closed() const noexcept { return closed_; }
    [[nodiscard]] std::string take_replies() { return std::exchange(replies_, {}); }
    // For the next handshake.
    void set_handshake(tls::Facts facts) { handshake_ = std::move(facts); }

    [[nodiscard]] asio::awaitable<tls::IoResult> read_some(std::span<char> into, Clock::time_point deadline) override;
    [[nodiscard]] asio::awaitable<tls::IoResult> write_all(std::string_view bytes, Clock::time_point deadline) override;
    [[nodiscard]] bool can_handshake(const tls::ServerSnapshot*) const noexcept override { return has_certificate_; }
    [[nodiscard]] asio::awaitable<tls::HandshakeResult> handshake(std::shared_ptr<const tls::ServerSnapshot> snapshot,
                                                                  const tls::ListenerPolicy& policy,
                                                                  std::chrono::milliseconds timeout,
                                                                  bool implicit) override;
    [[nodiscard]] bool secured() const noexcept override { return secured_; }
    [[nodiscard]] bool readable_now() override { return !unread_.empty(); }
    void close() noexcept override;
    void cancel() noexcept override;
    [[nodiscard]] asio::any_io_executor executor() override { return wake_.get_executor(); }
    [[nodiscard]] asio::ip::tcp::endpoint peer() const noexcept override { return ends_.peer; }
    [[nodiscard]] asio::ip::tcp::endpoint local() const noexcept override { return ends_.local; }

  private:
    asio::steady_timer wake_;
    Ends ends_;
    bool has_certificate_;
    tls::Facts handshake_;
    std::string unread_;
    std::string replies_;
    bool waiting_ = false;
    bool secured_ = false;
    bool closed_ = false;   // by the session
    bool hung_up_ = false;  // by the client
    bool cancelled_ = false;
};

}  // namespace sluice::rehearsal
