// One handshake between a Connection and a TlsClient, and what both sides saw of it.
#pragma once

#include <memory>
#include <string>

#include "tests/unit/engine_tls/loopback.hpp"
#include "tests/unit/engine_tls/test_files.hpp"
#include "tests/unit/engine_tls/tls_client.hpp"

namespace sluice::tls {

inline asio::awaitable<HandshakeResult> serve(Connection& connection, std::shared_ptr<const ServerSnapshot> snapshot,
                                              ListenerPolicy policy, std::chrono::milliseconds timeout) {
    HandshakeResult result = co_await connection.handshake(std::move(snapshot), policy, timeout, true);
    if (result.facts) (void)co_await connection.write_all("220 hello\r\n", in_ms(10'000));
    if (result.failure) connection.close();
    co_return result;
}

struct Meeting {
    bool client_done = false;
    std::optional<int> client_alert;
    std::string greeting;
    HandshakeResult server;
    CertificateInfo certificate;
    bool resumed = false;
    std::size_t authorities = 0;
    std::string version;
    std::string cipher;
    bssl::UniquePtr<SSL_SESSION> session;
};

inline Meeting meet(const std::shared_ptr<const ServerSnapshot>& snapshot, const ClientOptions& options,
                    const ListenerPolicy& policy = {"127.0.0.1:465"}) {
    Loopback pair;
    auto server = pair.server(serve(pair.connection(), snapshot, policy, std::chrono::seconds(10)));
    TlsClient client(pair.client_descriptor(), options);
    Meeting meeting;
    meeting.client_done = client.handshake();
    if (meeting.client_done) meeting.greeting = client.read();
    meeting.server = server.get();
    meeting.client_alert = client.alert();
    meeting.certificate = client.certificate();
    meeting.resumed = client.resumed();
    meeting.authorities = client.authorities();
    meeting.version = client.version();
    if (meeting.client_done) meeting.cipher = client.cipher();
    if (client.session() != nullptr) meeting.session = bssl::UpRef(client.session());
    return meeting;
}

// Files and ticket keys for one test.
class HandshakeTest : public ::testing::Test {
  protected:
    // Loads and expects no error.
    std::shared_ptr<const ServerSnapshot> load(const std::vector<DomainSettings>& domains,
                                               const RootSettings& root = {}) {
        auto loaded = ServerSnapshot::load(root, domains, tickets_);
        EXPECT_TRUE(loaded.snapshot) << texts_of(loaded.problems);
        return loaded.snapshot;
    }

    TestFiles files_;
    std::shared_ptr<TicketKeys> tickets_ = make_ticket_keys(std::chrono::hours(12));
};

}  // namespace sluice::tls
