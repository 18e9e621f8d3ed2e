// A dialog client that can go over to TLS, and a server fixture with certificates for mx.test and other.test.
#pragma once

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <memory>

#include "tests/unit/engine_smtp/dialog.hpp"
#include "tests/unit/engine_tls/test_files.hpp"
#include "tests/unit/engine_tls/tls_client.hpp"

namespace sluice::smtp::test {

class SecureClient : public Client {
  public:
    using Client::Client;

    // The bytes of the server that the clear-text side has not looked at must be none.
    bool start_tls(const std::string& sni = "mx.test") {
        EXPECT_EQ(buffer_, "") << "clear text behind the reply to STARTTLS";
        tls::ClientOptions options;
        options.sni = sni;
        tls_ = std::make_unique<tls::TlsClient>(fd_, options);
        return tls_->handshake();
    }
    void send(std::string_view bytes) override {
        if (!tls_) return Client::send(bytes);
        if (!bytes.empty()) tls_->write(std::string(bytes));
    }
    std::size_t receive(char* into, std::size_t room) override {
        if (!tls_) return Client::receive(into, room);
        const std::string got = tls_->read();
        EXPECT_LE(got.size(), room);
        got.copy(into, room);
        return got.size();
    }
    void no_delay() {
        const int on = 1;
        ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
    tls::TlsClient& tls() { return *tls_; }

  private:
    std::unique_ptr<tls::TlsClient> tls_;
};

class SecureFixture : public Fixture {
  public:
    SecureFixture() {
        const auto loaded =
            tls::load_with({tls::domain_of("mx.test", {files_.self_signed("mx", {"mx.test"})}),
                            tls::domain_of("other.test", {files_.self_signed("other", {"other.test"})})});
        EXPECT_TRUE(loaded.snapshot) << tls::texts_of(loaded.problems);
        tls_snapshot = loaded.snapshot;
    }
    std::unique_ptr<SecureClient> connect() {
        open();
        return std::make_unique<SecureClient>(endpoint());
    }

  private:
    tls::TestFiles files_;
};

}  // namespace sluice::smtp::test
