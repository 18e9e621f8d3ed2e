// Whole exchanges with libgsasl's client, by base64 lines as on the wire.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "engine/sasl/exchange.hpp"
#include "engine/sasl/wire.hpp"
#include "gsasl_client.hpp"
#include "one_user.hpp"

namespace sluice::sasl {
namespace {

const std::string exporter(32, 'E');

struct Outcome {
    Step last;
    Credentials credentials;
    bool client_content = false;  // the client has verified what it wanted
    int lines = 0;
};

Outcome talk(Mechanism mechanism, GsaslClient& client, bool initial_response, ExchangeContext context) {
    Exchange exchange(mechanism, std::move(context));
    Outcome outcome;
    if (initial_response) {
        const auto message = client.step("");
        EXPECT_TRUE(message) << gsasl_strerror(client.code);
        if (!message) return outcome;
        const auto line = message->empty() ? "=" : encode_base64(*message);
        const auto decoded = decode_initial_response(line);
        outcome.last = exchange.start(decoded.value()->view());
    } else {
        outcome.last = exchange.start(std::nullopt);
    }
    while (outcome.last.kind == StepKind::challenge && ++outcome.lines < 10) {
        const auto challenge = decode_response(encode_base64(outcome.last.challenge));
        const auto message = client.step(challenge->view());
        if (!message) break;
        const auto response = decode_response(encode_base64(*message));
        outcome.last = exchange.step(response->view());
    }
    outcome.client_content = client.code == GSASL_OK;
    outcome.credentials = exchange.take_credentials();
    return outcome;
}

struct Case {
    Mechanism mechanism;
    bool initial_response;
    StepKind end;
};

class ClientServer : public testing::TestWithParam<Case> {
  protected:
    GsaslClient client{to_string(GetParam().mechanism)};
    ExchangeContext context = context_for("jane doe@example.com", "p\xC3\xA4ssword, = x");

    ClientServer() {
        client.authid = "jane doe@example.com";
        client.password = "p\xC3\xA4ssword, = x";
        client.token = "sirhc";
        // (libgsasl's client cannot say `y`: its own check of its message refuses that.)
        const auto mechanism = GetParam().mechanism;
        if (mechanism == Mechanism::scram_sha_1_plus || mechanism == Mechanism::scram_sha_256_plus)
            client.tls_exporter = *(context.tls_exporter = exporter);
        context.external_identity = "jane doe@example.com";
    }
    Outcome run() { return talk(GetParam().mechanism, client, GetParam().initial_response, context); }
};

TEST_P(ClientServer, RightPassword) {
    const Outcome outcome = run();
    EXPECT_EQ(outcome.last.kind, GetParam().end) << outcome.last.reason;
    EXPECT_TRUE(outcome.client_content);
    const auto& credentials = outcome.credentials;
    if (GetParam().mechanism == Mechanism::anonymous) {
        EXPECT_EQ(credentials.anonymous_token, "sirhc");
        return;
    }
    EXPECT_EQ(credentials.authid, "jane doe@example.com");
    EXPECT_EQ(credentials.proven, GetParam().end == StepKind::success);
    EXPECT_EQ(credentials.password.view(), credentials.proven ? "" : "p\xC3\xA4ssword, = x");
}

TEST_P(ClientServer, WrongPassword) {
    client.password = "wrong";
    const Outcome outcome = run();
    if (GetParam().mechanism == Mechanism::external || GetParam().end == StepKind::needs_verdict) {
        EXPECT_EQ(outcome.last.kind, GetParam().end);
        return;
    }
    EXPECT_EQ(outcome.last.failure, FailureKind::rejected);
    EXPECT_FALSE(outcome.credentials.proven);
}

TEST_P(ClientServer, AnotherIdentity) {
    const bool carries_authzid = GetParam().mechanism != Mechanism::login &&
                                 GetParam().mechanism != Mechanism::cram_md5 &&
                                 GetParam().mechanism != Mechanism::anonymous;
    client.authzid = "root";
    const Outcome outcome = run();
    EXPECT_EQ(outcome.last.failure, carries_authzid ? FailureKind::another_identity : FailureKind::none);
}

using enum Mechanism;
INSTANTIATE_TEST_SUITE_P(
    AllMechanisms, ClientServer,
    testing::Values(Case{plain, true, StepKind::needs_verdict}, Case{plain, false, StepKind::needs_verdict},
                    Case{login, false, StepKind::needs_verdict}, Case{cram_md5, false, StepKind::success},
                    Case{external, true, StepKind::success}, Case{external, false, StepKind::success},
                    Case{anonymous, true, StepKind::needs_verdict}, Case{anonymous, false, StepKind::needs_verdict},
                    Case{scram_sha_1, true, StepKind::success}, Case{scram_sha_1, false, StepKind::success},
                    Case{scram_sha_256, true, StepKind::success}, Case{scram_sha_256, false, StepKind::success},
                    Case{scram_sha_1_plus, true, StepKind::success}, Case{scram_sha_256_plus, true, StepKind::success}),
    [](const auto& info) {
        std::string name(to_string(info.param.mechanism));
        std::erase(name, '-');
        return name + (info.param.initial_response ? "Initial" : "");
    });

TEST(ClientServerBinding, AnotherTlsChannel) {
    GsaslClient client("SCRAM-SHA-256-PLUS");
    client.authid = "jane";
    client.password = "secret";
    client.tls_exporter = std::string(32, 'M');  // of its channel to a machine in the middle
    auto context = context_for("jane", "secret");
    context.tls_exporter = exporter;
    EXPECT_EQ(talk(scram_sha_256_plus, client, true, context).last.failure, FailureKind::rejected);
}

// A client must notice a server that does not know the password.
TEST(ClientServerProof, TheClientSeesAFalseServer) {
    class FalseServer final : public CredentialSource {
      public:
        ScramKeys scram_keys(Hash hash, std::string_view) const override {
            ScramKeys keys = derive_scram_keys(hash, "secret", "0123456789abcdef", 1);
            keys.server_key.assign(size_of(hash), 'x');
            return keys;
        }
        CramMd5State cram_md5_state(std::string_view) const override { return {}; }
        bool has_cram_md5() const override { return false; }
    };
    GsaslClient client("SCRAM-SHA-256");
    client.authid = "jane";
    client.password = "secret";
    const Outcome outcome = talk(scram_sha_256, client, true, {.credentials = std::make_shared<FalseServer>()});
    EXPECT_EQ(client.code, GSASL_AUTHENTICATION_ERROR);
    EXPECT_FALSE(outcome.credentials.proven);
}

// Sessions of all threads share the library and the table.
TEST(ClientServerThreads, ManyExchangesAtOnce) {
    const auto context = context_for("jane", "secret");
    std::vector<std::thread> threads;
    std::atomic<int> successes = 0;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            for (int round = 0; round < 20; ++round) {
                GsaslClient client("SCRAM-SHA-256");
                client.authid = "jane";
                client.password = "secret";
                successes += talk(scram_sha_256, client, true, context).last.kind == StepKind::success;
            }
        });
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(successes, 80);
}

}  // namespace
}  // namespace sluice::sasl
