// BoringSSL on a non-blocking descriptor, one call at a time, without any waiting: each step says what it needs next.
// Private to engine/tls (it shows BoringSSL types); socket_stream.cpp waits and repeats.
// Guarantees: after a step that failed or closed, every later step says the same; the thread's error queue is left
// empty.
#pragma once

#include <openssl/base.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "engine/tls/link.hpp"
#include "engine/tls/step.hpp"

namespace sluice::tls {

class Channel {
  public:
    // The descriptor is not owned. `owner` is what holds the context and everything that callbacks hand to the SSL; it
    // outlives the SSL.
    Channel(SSL_CTX* context, int descriptor, std::shared_ptr<const void> owner);
    virtual ~Channel();
    Channel(const Channel&) = delete;
    Channel& operator=(const Channel&) = delete;

    // done: established.
    [[nodiscard]] Step handshake();
    [[nodiscard]] Step read(std::span<char> into);
    [[nodiscard]] Step write(std::string_view bytes);

    // Decrypted bytes are waiting, or can be decrypted from what the kernel holds.
    [[nodiscard]] bool readable_now();
    // Established, and a read would have to wait: no bytes, no end, no error.
    [[nodiscard]] bool quiet_now();
    // Says close_notify if the handshake was completed and no error happened; never waits.
    void close_notify() noexcept;

    [[nodiscard]] bool established() const noexcept { return established_; }
    // The first alert sent or received before the end of the handshake.
    [[nodiscard]] std::optional<int> handshake_alert() const noexcept { return alert_; }

  protected:
    // Of an established channel: what both roles know.
    [[nodiscard]] Facts session_facts(bool implicit, std::chrono::milliseconds took) const;
    // The step's error as the user of the connection sees it, and its words.
    [[nodiscard]] static std::string failure_text(HandshakeError kind, const error_code& why);
    [[nodiscard]] SSL* ssl() const noexcept { return ssl_.get(); }

  private:
    static void note_alert(const SSL* ssl, int type, int value);
    [[nodiscard]] Step judge(int result);

    std::shared_ptr<const void> owner_;  // before ssl_, so that it goes after it
    bssl::UniquePtr<SSL> ssl_;
    std::optional<Step> ended_;
    std::optional<int> alert_;
    bool established_ = false;
};

}  // namespace sluice::tls
