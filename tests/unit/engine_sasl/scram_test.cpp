// SCRAM message by message: the dialogues of RFC 5802 section 5 and RFC 7677 section 3, and what is altered in them.
#include <dlfcn.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>

#include "engine/base/limits.hpp"
#include "engine/sasl/exchange.hpp"
#include "engine/sasl/wire.hpp"
#include "one_user.hpp"

namespace {

// The nonce that the server of the RFC sent; empty: a random one.
std::string server_nonce;

}  // namespace

// libgsasl draws 18 random bytes and writes them in base64; the nonces of the RFCs cannot come out of that. Its call of
// this function finds the one of the program first.
extern "C" int gsasl_base64_to(const char* in, std::size_t size, char** out, std::size_t* out_size) {
    if (size == 18 && !server_nonce.empty()) {
        *out = ::strdup(server_nonce.c_str());
        if (out_size) *out_size = server_nonce.size();
        return 0;
    }
    using Function = int (*)(const char*, std::size_t, char**, std::size_t*);
    static const auto original = reinterpret_cast<Function>(::dlsym(RTLD_NEXT, "gsasl_base64_to"));
    return original(in, size, out, out_size);
}

namespace sluice::sasl {
namespace {

struct Dialogue {
    Mechanism mechanism;
    const char* nonce;  // the server's part
    const char* salt;
    const char* client_first;
    const char* server_first;
    const char* client_final;
    const char* server_final;
};

const Dialogue rfc_5802 = {Mechanism::scram_sha_1,
                           "3rfcNHYJY1ZVvWVs7j",
                           "QSXCR+Q6sek8bf92",
                           "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL",
                           "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
                           "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
                           "v=rmF9pqV8S7suAoZWja4dJRkFsKQ="};

const Dialogue rfc_7677 = {
    Mechanism::scram_sha_256,
    "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
    "W22ZaJ0SNY7soEsUEjb6gQ==",
    "n,,n=user,r=rOprNGfwEbeRWgbNEkqO",
    "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
    "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
    "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="};

// The same users, salts and nonces, bound to the bytes 0 to 31; proofs computed with Python's hashlib.
const Dialogue bound_sha_1 = {Mechanism::scram_sha_1_plus,
                              rfc_5802.nonce,
                              rfc_5802.salt,
                              "p=tls-exporter,,n=user,r=fyko+d2lbbFgONRv9qkxdawL",
                              rfc_5802.server_first,
                              "c=cD10bHMtZXhwb3J0ZXIsLAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f,r="
                              "fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=i0z2xFi+ITaJvbLXpcWyruGx26U=",
                              "v=YgmPUhdXTCPY9I7+PKzEdnp1cdo="};

const Dialogue bound_sha_256 = {
    Mechanism::scram_sha_256_plus,
    rfc_7677.nonce,
    rfc_7677.salt,
    "p=tls-exporter,,n=user,r=rOprNGfwEbeRWgbNEkqO",
    rfc_7677.server_first,
    "c=cD10bHMtZXhwb3J0ZXIsLAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f,r="
    "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=QC6CS20quADQRb3mT99YUH+n3VJxUvzuK0K0E1Vrs2M=",
    "v=2GiAgapEppLVlUXbxUDksL3VgYHzuqiK5tR4mhJGgvs="};

std::string fixed_exporter() {
    std::string bytes(32, '\0');
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i);
    return bytes;
}

class Scram : public testing::TestWithParam<const Dialogue*> {
  protected:
    Scram() { server_nonce = dialogue.nonce; }
    ~Scram() override { server_nonce.clear(); }

    ExchangeContext context(const std::string& name = "user", const std::string& password = "pencil") const {
        auto user = std::make_shared<OneUser>(name, password, 4096);
        user->salt = std::string(decode_base64(dialogue.salt)->view());
        ExchangeContext result{.host_name = "mx.test", .credentials = user};
        if (plus()) result.tls_exporter = fixed_exporter();
        return result;
    }
    [[nodiscard]] bool plus() const { return std::string_view(dialogue.client_first).starts_with('p'); }

    // The failure of a client's last message that follows its first.
    FailureKind after_first(const std::string& last) const {
        Exchange exchange(dialogue.mechanism, context());
        EXPECT_EQ(exchange.start(dialogue.client_first).challenge, dialogue.server_first);
        return exchange.step(last).failure;
    }
    FailureKind first(const std::string& message) const {
        Exchange exchange(dialogue.mechanism, context());
        return exchange.start(message).failure;
    }

    const Dialogue& dialogue = *GetParam();
};

TEST_P(Scram, TheDialogue) {
    Exchange exchange(dialogue.mechanism, context());
    EXPECT_EQ(exchange.start(dialogue.client_first).challenge, dialogue.server_first);
    const Step proof = exchange.step(dialogue.client_final);
    EXPECT_EQ(proof.kind, StepKind::challenge);
    EXPECT_EQ(proof.challenge, dialogue.server_final);
    EXPECT_FALSE(exchange.credentials().proven);
    EXPECT_EQ(exchange.step("").kind, StepKind::success);
    EXPECT_EQ(exchange.credentials().kind, CredentialKind::keys);
    EXPECT_EQ(exchange.credentials().mechanism, dialogue.mechanism);
    EXPECT_EQ(exchange.credentials().authid, "user");
    EXPECT_TRUE(exchange.credentials().proven);
}

TEST_P(Scram, WithoutInitialResponse) {
    Exchange exchange(dialogue.mechanism, context());
    const Step ask = exchange.start(std::nullopt);
    EXPECT_EQ(ask.kind, StepKind::challenge);
    EXPECT_EQ(ask.challenge, "");
    EXPECT_EQ(exchange.step(dialogue.client_first).challenge, dialogue.server_first);
}

TEST_P(Scram, WrongPassword) {
    Exchange exchange(dialogue.mechanism, context("user", "pen"));
    EXPECT_EQ(exchange.start(dialogue.client_first).challenge, dialogue.server_first);
    EXPECT_EQ(exchange.step(dialogue.client_final).failure, FailureKind::rejected);
    EXPECT_EQ(exchange.credentials().authid, "");
    EXPECT_EQ(exchange.step("").failure, FailureKind::internal);
}

TEST_P(Scram, UnknownUserLooksLikeAWrongPassword) {
    Exchange exchange(dialogue.mechanism, context("nobody"));
    EXPECT_EQ(exchange.start(dialogue.client_first).challenge, dialogue.server_first);
    EXPECT_EQ(exchange.step(dialogue.client_final).failure, FailureKind::rejected);
}

TEST_P(Scram, AlteredProof) {
    std::string last = dialogue.client_final;
    auto& letter = last[last.find(",p=") + 3];
    letter = letter == 'A' ? 'B' : 'A';
    EXPECT_EQ(after_first(last), FailureKind::rejected);
}

TEST_P(Scram, ReplayedDialogue) {
    server_nonce.clear();  // the server draws another one than in the dialogue that was overheard
    Exchange exchange(dialogue.mechanism, context());
    const Step step = exchange.start(dialogue.client_first);
    EXPECT_EQ(step.kind, StepKind::challenge);
    EXPECT_NE(step.challenge, dialogue.server_first);
    EXPECT_EQ(exchange.step(dialogue.client_final).failure, FailureKind::rejected);
}

TEST_P(Scram, ReplayedNonce) {
    std::string last = dialogue.client_final;
    const auto end = last.find(",p=");
    last.erase(end - 1, 1);
    EXPECT_EQ(after_first(last), FailureKind::rejected);
}

TEST_P(Scram, AlteredChannelBinding) {
    std::string last = dialogue.client_final;
    const auto begin = last.find("c=") + 2;
    const std::string header = plus() ? "p=tls-exporter,," + std::string(32, 'x') : "y,,";
    last.replace(begin, last.find(',') - begin, encode_base64(header));
    EXPECT_EQ(after_first(last), FailureKind::rejected);
}

TEST_P(Scram, AnswerToTheServersProof) {
    Exchange exchange(dialogue.mechanism, context());
    (void)exchange.start(dialogue.client_first);
    (void)exchange.step(dialogue.client_final);
    EXPECT_EQ(exchange.step("x").failure, FailureKind::malformed);
    EXPECT_FALSE(exchange.credentials().proven);
}

TEST_P(Scram, GarbageAtEachStep) {
    const std::string gs2 = plus() ? "p=tls-exporter" : "n";
    for (const std::string& message :
         {std::string(), gs2, gs2 + ",", gs2 + ",,", gs2 + ",,n=user", gs2 + ",,n=user,", gs2 + ",,n=,r=abcdefgh",
          gs2 + ",,r=abcdefgh,n=user", gs2 + ",x,n=user,r=abcdefgh", gs2 + ",,m=x,n=user,r=abcdefgh",
          gs2 + ",,n=\xff\xff,r=abcdefgh", gs2 + ",,n=u\nser,r=abcdefgh", dialogue.client_first + bytes("\0"),
          std::string(limits::sasl_message + 1, 'n'),
          gs2 + ",,n=" + std::string(limits::sasl_name + 1, 'u') + ",r=abc"})
        EXPECT_EQ(first(message), FailureKind::malformed) << message;
    for (const std::string& message :
         {std::string(), std::string("c=biws"), std::string("x"), dialogue.client_final + bytes("\0"),
          std::string(dialogue.client_final).substr(0, std::strlen(dialogue.client_final) - 8),
          dialogue.client_final + std::string("AAAA"), std::string(limits::sasl_message + 1, 'c')})
        EXPECT_EQ(after_first(message), FailureKind::malformed) << message;
}

TEST_P(Scram, TheLongestMessage) {
    const std::string gs2 = plus() ? "p=tls-exporter" : "n";
    const std::string begin = gs2 + ",,n=" + std::string(limits::sasl_name, 'u') + ",r=";
    EXPECT_EQ(first(begin + std::string(limits::sasl_message - begin.size(), 'r')), FailureKind::none);
    EXPECT_EQ(first(begin + std::string(limits::sasl_message - begin.size() + 1, 'r')), FailureKind::malformed);
}

TEST_P(Scram, AnotherIdentity) {
    std::string message = dialogue.client_first;
    message.insert(message.find(",,") + 1, "a=root");
    EXPECT_EQ(first(message), FailureKind::another_identity);
    message = dialogue.client_first;
    message.insert(message.find(",,") + 1, "a=user");
    EXPECT_EQ(first(message), FailureKind::none);
}

INSTANTIATE_TEST_SUITE_P(Rfc, Scram, testing::Values(&rfc_5802, &rfc_7677, &bound_sha_1, &bound_sha_256),
                         [](const auto& info) {
                             std::string name(to_string(info.param->mechanism));
                             std::erase(name, '-');
                             return name;
                         });

FailureKind first_message(Mechanism mechanism, bool exporter, std::string_view message) {
    auto context = context_for("user", "pencil");
    if (exporter) context.tls_exporter = fixed_exporter();
    Exchange exchange(mechanism, context);
    return exchange.start(message).failure;
}

TEST(ScramBinding, TheFlagMustFitTheMechanism) {
    using enum Mechanism;
    constexpr auto rest = ",,n=user,r=abcdefgh";
    const auto message = [&](const char* flag) { return std::string(flag) + rest; };
    EXPECT_EQ(first_message(scram_sha_256_plus, true, message("p=tls-exporter")), FailureKind::none);
    EXPECT_EQ(first_message(scram_sha_256_plus, true, message("p=tls-server-end-point")), FailureKind::channel_binding);
    EXPECT_EQ(first_message(scram_sha_256_plus, true, message("p=tls-unique")), FailureKind::channel_binding);
    EXPECT_EQ(first_message(scram_sha_256_plus, true, message("n")), FailureKind::channel_binding);
    EXPECT_EQ(first_message(scram_sha_256_plus, true, message("y")), FailureKind::channel_binding);
    EXPECT_EQ(first_message(scram_sha_256, true, message("n")), FailureKind::none);
    EXPECT_EQ(first_message(scram_sha_256, true, message("p=tls-exporter")), FailureKind::malformed);
    // "I could bind, but you do not offer it": we did, so somebody took it out of the list.
    EXPECT_EQ(first_message(scram_sha_256, true, message("y")), FailureKind::channel_binding);
    EXPECT_EQ(first_message(scram_sha_256, false, message("y")), FailureKind::none);
}

TEST(ScramName, EscapedCommaAndEqualsSign) {
    Exchange exchange(Mechanism::scram_sha_1, context_for("a,b=c", "pencil"));
    const Step step = exchange.start("n,,n=a=2Cb=3Dc,r=abcdefgh");
    EXPECT_EQ(step.kind, StepKind::challenge);
    EXPECT_TRUE(step.challenge.starts_with("r=abcdefgh")) << step.challenge;
}

}  // namespace
}  // namespace sluice::sasl
