#include "engine/rehearsal/scripted_client.hpp"

#include <algorithm>

namespace sluice::rehearsal {

ScriptedClient::ScriptedClient(const asio::any_io_executor& executor, Ends ends, bool has_certificate,
                               tls::Facts handshake)
    : wake_(executor, Clock::time_point::max()),
      ends_(std::move(ends)),
      has_certificate_(has_certificate),
      handshake_(std::move(handshake)) {}

void ScriptedClient::say(std::string_view bytes) {
    unread_ += bytes;
    wake_.cancel();
}

void ScriptedClient::hang_up() {
    hung_up_ = true;
    wake_.cancel();
}

asio::awaitable<tls::IoResult> ScriptedClient::read_some(std::span<char> into, Clock::time_point) {
    while (unread_.empty() && !hung_up_ && !cancelled_) {
        waiting_ = true;
        (void)co_await wake_.async_wait(asio::as_tuple(asio::use_awaitable));
        waiting_ = false;
    }
    if (cancelled_) co_return tls::IoResult{tls::IoStatus::cancelled, 0};
    if (unread_.empty()) co_return tls::IoResult{tls::IoStatus::closed, 0};
    const auto size = std::min(into.size(), unread_.size());
    std::copy_n(unread_.begin(), size, into.begin());
    unread_.erase(0, size);
    co_return tls::IoResult{tls::IoStatus::ok, size};
}

asio::awaitable<tls::IoResult> ScriptedClient::write_all(std::string_view bytes, Clock::time_point) {
    replies_ += bytes;
    co_return tls::IoResult{tls::IoStatus::ok, bytes.size()};
}

asio::awaitable<tls::HandshakeResult> ScriptedClient::handshake(std::shared_ptr<const tls::ServerSnapshot>,
                                                                const tls::ListenerPolicy&, std::chrono::milliseconds,
                                                                bool implicit) {
    secured_ = true;
    tls::HandshakeResult result;
    result.facts = handshake_;
    result.facts->implicit = implicit;
    co_return result;
}

void ScriptedClient::close() noexcept {
    closed_ = true;
    wake_.cancel();
}

void ScriptedClient::cancel() noexcept {
    cancelled_ = true;
    wake_.cancel();
}

}  // namespace sluice::rehearsal
