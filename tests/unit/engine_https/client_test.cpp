// Whole exchanges over TLS with a server on 127.0.0.1.
#include "engine/https/client.hpp"

#include <gmock/gmock.h>

#include "engine/base/limits.hpp"
#include "tests/unit/engine_https/https_fixture.hpp"

namespace sluice::https {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kHost = "mta-sts.example.test";

class ClientTest : public HttpsTest {
  protected:
    ClientTest() { address(kHost, {"127.0.0.1"}); }

    [[nodiscard]] Request request() const {
        Request request{.host = kHost, .target = "/a/b?c=d", .expectation = {1000, "text/plain"}};
        if (server_) request.port = server_->port();
        return request;
    }
    [[nodiscard]] Client client() const { return client(authority_.trust()); }
    [[nodiscard]] Client client(std::shared_ptr<const tls::TrustStore> trust) const {
        return Client(resolver_, {.trust = std::move(trust), .user_agent = "test/1"});
    }
    Result<Response, Error> send(const Client& client, Request asked) { return run(client.send(std::move(asked))); }
    Error error_of(const Client& client, Request asked) {
        auto result = send(client, std::move(asked));
        EXPECT_FALSE(result.ok());
        return result.ok() ? Error{} : result.error();
    }
    tls::CertificatePair right() const { return authority_.sign("right", "subjectAltName=DNS:mta-sts.example.test"); }
};

TEST_F(ClientTest, Get) {
    HttpsServer& server = serve(right(), [](const std::string&) { return ok("hello\n"); });
    Request asked = request();
    asked.host = "MTA-STS.Example.test.";
    const auto result = send(client(), asked);
    ASSERT_TRUE(result.ok()) << result.error().text;
    EXPECT_EQ(result.value().status, 200u);
    EXPECT_EQ(result.value().media_type, "text/plain");
    EXPECT_EQ(result.value().body, "hello\n");
    EXPECT_THAT(server.server_names, ElementsAre(kHost));
    const std::string port = std::to_string(server.port());
    EXPECT_THAT(server.requests, ElementsAre("GET /a/b?c=d HTTP/1.1\r\nHost: mta-sts.example.test:" + port +
                                             "\r\nUser-Agent: test/1\r\nAccept-Encoding: identity\r\n"
                                             "Accept: text/plain\r\nConnection: close\r\n\r\n"));
}

TEST_F(ClientTest, Post) {
    HttpsServer& server =
        serve(right(), [](const std::string&) { return "HTTP/1.1 202 Fine\r\nContent-Length: 0\r\n\r\n"; });
    Request asked = request();
    asked.content = Content{"application/tlsrpt+gzip", std::string(300'000, 'x')};
    asked.expectation = {1000, ""};
    const auto result = send(client(), asked);
    ASSERT_TRUE(result.ok()) << result.error().text;
    EXPECT_EQ(result.value().status, 202u);
    ASSERT_EQ(server.requests.size(), 1u);
    EXPECT_THAT(server.requests[0], StartsWith("POST /a/b?c=d HTTP/1.1\r\n"));
    EXPECT_THAT(server.requests[0],
                HasSubstr("\r\nContent-Type: application/tlsrpt+gzip\r\nContent-Length: 300000\r\n"));
    EXPECT_TRUE(server.requests[0].ends_with("\r\n\r\n" + asked.content->octets));
}

TEST_F(ClientTest, TheServerMustProveToBeTheHost) {
    const Authority other(files_, "other");
    const struct {
        tls::CertificatePair certificate;
        tls::PeerFault fault;
    } table[] = {
        {authority_.sign("elsewhere", "subjectAltName=DNS:example.test"), tls::PeerFault::name_mismatch},
        {authority_.sign("deeper", "subjectAltName=DNS:*.test"), tls::PeerFault::name_mismatch},
        {authority_.sign(kHost, "extendedKeyUsage=serverAuth"), tls::PeerFault::name_mismatch},  // nothing but a CN
        {other.sign("foreign", "subjectAltName=DNS:mta-sts.example.test"), tls::PeerFault::not_trusted},
        {files_.self_signed("self", {kHost}), tls::PeerFault::not_trusted},
        {authority_.sign("old", "subjectAltName=DNS:mta-sts.example.test", "-days -1"), tls::PeerFault::expired},
    };
    for (const auto& [certificate, fault] : table) {
        HttpsServer& server = serve(certificate, [](const std::string&) { return ok("secret"); });
        const Error error = error_of(client(), request());
        EXPECT_EQ(to_string(error.fault), "certificate") << certificate.certificate;
        EXPECT_EQ(to_string(error.peer), to_string(fault)) << certificate.certificate << ' ' << error.text;
        EXPECT_THAT(error.text, StartsWith("certificate " + std::string(to_string(fault)))) << error.text;
        EXPECT_TRUE(server.requests.empty()) << "nothing is said to a server that is not believed";
    }
}

TEST_F(ClientTest, AWildcardOfOneLabelWillDo) {
    serve(authority_.sign("wild", "subjectAltName=DNS:*.example.test"), [](const std::string&) { return ok("x"); });
    const auto result = send(client(), request());
    EXPECT_TRUE(result.ok()) << result.error().text;
}

TEST_F(ClientTest, WithoutTrustNobodyIsBelieved) {
    serve(right(), [](const std::string&) { return ok("x"); });
    EXPECT_EQ(to_string(error_of(client(nullptr), request()).fault), "certificate");
}

TEST_F(ClientTest, WhatTheServerAnswersIsToldApart) {
    const struct {
        std::string answer;
        Fault fault;
        std::string text;
    } table[] = {
        {"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", Fault::status, "status 404"},
        {"HTTP/1.1 302 Found\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n", Fault::redirect,
         "status 302, a redirect to /other, which is not followed"},
        {ok(std::string(1001, 'x')), Fault::too_large, "the body has more than 1000 octets"},
        {ok("x", "text/html"), Fault::content_type, "content type 'text/html' instead of text/plain"},
        {"220 mail.example.test ESMTP\r\n\r\n", Fault::response, "no HTTP response: bad version"},
        {"", Fault::response, "the connection ended without a response"},
        {ok("12345").substr(0, 60), Fault::response, "the connection ended without a response"},
    };
    for (const auto& [answer, fault, text] : table) {
        HttpsServer& server = serve(right(), [&](const std::string&) { return answer; });
        const Error error = error_of(client(), request());
        EXPECT_EQ(to_string(error.fault), to_string(fault)) << answer;
        EXPECT_EQ(error.text, text) << answer;
        EXPECT_EQ(server.connections, 1) << "no second try, no redirect followed";
    }
}

TEST_F(ClientTest, TheBodyMayHaveAllThatIsAllowed) {
    Request asked = request();
    serve(right(), [](const std::string&) { return ok(std::string(64 * 1024, 'x')); });
    asked.port = server_->port();
    asked.expectation.max_body = 64 * 1024;
    const auto result = send(client(), asked);
    ASSERT_TRUE(result.ok()) << result.error().text;
    EXPECT_EQ(result.value().body.size(), 64u * 1024);
}

TEST_F(ClientTest, ASlowServerEndsAtTheDeadline) {
    serve(right(), [](const std::string&) { return std::string(HttpsServer::kSilent); });
    Request asked = request();
    asked.timeout = std::chrono::milliseconds(300);
    const Error error = error_of(client(), asked);
    EXPECT_EQ(to_string(error.fault), "timeout") << error.text;
}

TEST_F(ClientTest, ADeadlineInTheHandshake) {
    asio::ip::tcp::acceptor deaf(io_, {asio::ip::address_v4::loopback(), 0});
    Request asked = request();
    asked.port = deaf.local_endpoint().port();
    asked.timeout = std::chrono::milliseconds(50);
    const Error error = error_of(client(), asked);
    EXPECT_EQ(to_string(error.fault), "timeout");
    EXPECT_EQ(error.text, "timeout in the TLS handshake");
}

TEST_F(ClientTest, ADeadlineInTheDns) {
    resolver_->delay(std::chrono::hours(1));
    Request asked = request();
    asked.timeout = std::chrono::milliseconds(50);
    const Error error = error_of(client(), asked);
    EXPECT_EQ(to_string(error.fault), "timeout");
    EXPECT_EQ(error.text, "timeout while asking the DNS");
}

TEST_F(ClientTest, NoAddress) {
    Request asked = request();
    asked.host = "nowhere.test";
    Error error = error_of(client(), asked);
    EXPECT_EQ(to_string(error.fault), "resolution");
    EXPECT_EQ(error.text, "no address of nowhere.test: no_domain");
    resolver_->set(dns_name("nowhere.test"), dns::RecordType::a, dns::failed_answer("SERVFAIL"));
    error = error_of(client(), asked);
    EXPECT_EQ(error.text, "no address of nowhere.test: temporary: SERVFAIL");
}

TEST_F(ClientTest, NobodyListens) {
    Request asked = request();
    {
        asio::ip::tcp::acceptor gone(io_, {asio::ip::address_v4::loopback(), 0});
        asked.port = gone.local_endpoint().port();
    }
    const Error error = error_of(client(), asked);
    EXPECT_EQ(to_string(error.fault), "connection");
    EXPECT_EQ(error.text, "Connection refused while connecting to 127.0.0.1");
}

TEST_F(ClientTest, TheNextAddressIsTried) {
    address(kHost, {"127.0.0.99", "127.0.0.98", "127.0.0.1"});
    serve(right(), [](const std::string&) { return ok("x"); });
    const auto result = send(client(), request());
    EXPECT_TRUE(result.ok()) << result.error().text;
}

TEST_F(ClientTest, AServerWithoutTls) {
    asio::ip::tcp::acceptor acceptor(io_, {asio::ip::address_v4::loopback(), 0});
    const auto clear = [&]() -> asio::awaitable<void> {
        auto socket = co_await acceptor.async_accept(asio::use_awaitable);
        (void)co_await asio::async_write(socket, asio::buffer(std::string_view("HTTP/1.1 200 OK\r\n\r\n")),
                                         asio::as_tuple(asio::use_awaitable));
        char rest[1000];
        while (true) {
            const auto [failed, octets] =
                co_await socket.async_read_some(asio::buffer(rest), asio::as_tuple(asio::use_awaitable));
            if (failed) co_return;
        }
    };
    asio::co_spawn(io_, clear(), asio::detached);
    Request asked = request();
    asked.port = acceptor.local_endpoint().port();
    const Error error = error_of(client(), asked);
    EXPECT_EQ(to_string(error.fault), "tls");
    EXPECT_THAT(error.text, StartsWith("TLS handshake failed: "));
}

TEST_F(ClientTest, RequestsThatCannotBeSent) {
    const auto text_of = [&](auto change) {
        Request asked = request();
        change(asked);
        const Error error = error_of(client(), asked);
        EXPECT_EQ(to_string(error.fault), "request");
        return error.text;
    };
    EXPECT_EQ(text_of([](Request& r) { r.host = "127.0.0.1"; }), "the host is no host name");
    EXPECT_EQ(text_of([](Request& r) { r.host = "a b.test"; }), "the host is no host name");
    EXPECT_EQ(text_of([](Request& r) { r.host = ""; }), "the host is no host name");
    EXPECT_EQ(text_of([](Request& r) { r.target = "x"; }), "the target is no path");
    EXPECT_EQ(text_of([](Request& r) { r.target = "/a b"; }), "the target is no path");
    EXPECT_EQ(text_of([](Request& r) { r.target = "/a\r\nX: y"; }), "the target is no path");
    EXPECT_EQ(text_of([](Request& r) { r.content = Content{"a\r\nb", ""}; }), "the media type of the content is none");
    EXPECT_EQ(text_of([](Request& r) { r.target.append(limits::https_target + 1 - r.target.size(), 'x'); }),
              "the target has more than 8192 octets");
}

TEST_F(ClientTest, TheLongestTarget) {
    HttpsServer& server = serve(right(), [](const std::string&) { return ok("x"); });
    Request asked = request();
    asked.target.append(limits::https_target - asked.target.size(), 'x');
    EXPECT_TRUE(send(client(), asked).ok());
    ASSERT_EQ(server.requests.size(), 1u);
    EXPECT_THAT(server.requests[0], StartsWith("GET " + asked.target + " HTTP/1.1\r\n"));
}

TEST_F(ClientTest, CancellationEndsIt) {
    serve(right(), [](const std::string&) { return std::string(HttpsServer::kSilent); });
    asio::cancellation_signal cancel;
    const Client client = this->client();
    bool ended = false;
    const auto send = [&]() -> asio::awaitable<void> {
        const auto result = co_await client.send(request());
        EXPECT_FALSE(result.ok());
    };
    asio::co_spawn(io_, send(), asio::bind_cancellation_slot(cancel.slot(), [&](const std::exception_ptr&) {
                       ended = true;
                       server_->stop();
                   }));
    while (server_->requests.empty()) io_.run_one();
    cancel.emit(asio::cancellation_type::terminal);
    io_.run();
    EXPECT_TRUE(ended);
}

}  // namespace
}  // namespace sluice::https
