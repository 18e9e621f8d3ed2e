// The mechanisms without SCRAM, message by message, and what holds for all of them.
#include "engine/sasl/exchange.hpp"

#include <gtest/gtest.h>

#include "engine/base/limits.hpp"
#include "one_user.hpp"

namespace sluice::sasl {
namespace {

constexpr auto no_initial = std::nullopt;

FailureKind plain_failure(std::string_view message) {
    Exchange exchange(Mechanism::plain, {});
    return exchange.start(message).failure;
}

TEST(Plain, WithInitialResponse) {
    Exchange exchange(Mechanism::plain, {});
    EXPECT_EQ(exchange.start(bytes("\0tim\0tanstaaftanstaaf")).kind, StepKind::needs_verdict);
    const Credentials credentials = exchange.take_credentials();
    EXPECT_EQ(credentials.kind, CredentialKind::password);
    EXPECT_EQ(credentials.mechanism, Mechanism::plain);
    EXPECT_EQ(credentials.authid, "tim");
    EXPECT_EQ(credentials.authzid, "");
    EXPECT_EQ(credentials.password.view(), "tanstaaftanstaaf");
    EXPECT_FALSE(credentials.proven);
    EXPECT_TRUE(exchange.credentials().password.empty());
}

TEST(Plain, WithoutInitialResponse) {
    Exchange exchange(Mechanism::plain, {});
    const Step first = exchange.start(no_initial);
    EXPECT_EQ(first.kind, StepKind::challenge);
    EXPECT_EQ(first.challenge, "");
    EXPECT_EQ(exchange.step(bytes("tim\0tim\0secret")).kind, StepKind::needs_verdict);
    EXPECT_EQ(exchange.credentials().authzid, "tim");
}

TEST(Plain, NamesAndPasswordsArePrepared) {
    Exchange exchange(Mechanism::plain, {});
    EXPECT_EQ(exchange.start(bytes("u\xC2\xADser\0user\0p\xC2\xAA")).kind, StepKind::needs_verdict);
    EXPECT_EQ(exchange.credentials().authid, "user");
    EXPECT_EQ(exchange.credentials().password.view(), "pa");
}

TEST(Plain, Malformed) {
    for (const std::string& message :
         {std::string(), bytes("\0"), bytes("\0\0"), bytes("tim"), bytes("tim\0secret"), bytes("\0tim\0"),
          bytes("\0\0secret"), bytes("\0tim\0sec\0ret"), bytes("\0tim\0secret\0"), bytes("\0\0\0\0"),
          bytes("\0t\xff\0secret"), bytes("\0tim\0s\xffret"), bytes("\0t\nm\0secret")})
        EXPECT_EQ(plain_failure(message), FailureKind::malformed) << testing::PrintToString(message);
}

TEST(Plain, AnotherIdentity) {
    EXPECT_EQ(plain_failure(bytes("root\0tim\0secret")), FailureKind::another_identity);
    EXPECT_EQ(plain_failure(bytes("TIM\0tim\0secret")), FailureKind::another_identity);
    EXPECT_EQ(plain_failure(bytes("\xff\0tim\0secret")), FailureKind::another_identity);
}

TEST(Plain, Limits) {
    const std::string name(limits::sasl_name, 'n');
    const std::string password(limits::sasl_password, 'p');
    const auto message = [](const std::string& authzid, const std::string& authid, const std::string& secret) {
        return authzid + '\0' + authid + '\0' + secret;
    };
    Exchange exchange(Mechanism::plain, {});
    EXPECT_EQ(exchange.start(message(name, name, password)).kind, StepKind::needs_verdict);
    EXPECT_EQ(plain_failure(message("", name + "n", password)), FailureKind::malformed);
    EXPECT_EQ(plain_failure(message(name + "n", name, password)), FailureKind::malformed);
    EXPECT_EQ(plain_failure(message("", name, password + "p")), FailureKind::malformed);
    EXPECT_EQ(plain_failure(std::string(limits::sasl_message, 'a')), FailureKind::malformed);
    EXPECT_EQ(plain_failure(std::string(limits::sasl_message + 1, 'a')), FailureKind::malformed);
}

TEST(Login, ChallengesAsVsmtpSendsThem) {
    Exchange exchange(Mechanism::login, {});
    EXPECT_EQ(exchange.start(no_initial).challenge, bytes("User Name\0"));
    EXPECT_EQ(exchange.step("tim").challenge, bytes("Password\0"));
    EXPECT_EQ(exchange.step("secret").kind, StepKind::needs_verdict);
    EXPECT_EQ(exchange.credentials().mechanism, Mechanism::login);
    EXPECT_EQ(exchange.credentials().kind, CredentialKind::password);
    EXPECT_EQ(exchange.credentials().authid, "tim");
    EXPECT_EQ(exchange.credentials().password.view(), "secret");
}

TEST(Login, NoInitialResponse) {
    Exchange exchange(Mechanism::login, {});
    EXPECT_EQ(exchange.start("tim").failure, FailureKind::must_not_start);
    EXPECT_EQ(exchange.step("secret").failure, FailureKind::internal);
}

TEST(Login, MalformedAtEachStep) {
    const auto failure = [](const std::string& name, const std::string& password) {
        Exchange exchange(Mechanism::login, {});
        (void)exchange.start(no_initial);
        const Step second = exchange.step(name);
        return second.kind == StepKind::challenge ? exchange.step(password).failure : second.failure;
    };
    const std::string name(limits::sasl_name, 'n');
    const std::string password(limits::sasl_password, 'p');
    EXPECT_EQ(failure(name, password), FailureKind::none);
    EXPECT_EQ(failure(name + "n", password), FailureKind::malformed);
    EXPECT_EQ(failure(name, password + "p"), FailureKind::malformed);
    EXPECT_EQ(failure("", "secret"), FailureKind::malformed);
    EXPECT_EQ(failure("tim", ""), FailureKind::malformed);
    EXPECT_EQ(failure(bytes("t\0m"), "secret"), FailureKind::malformed);
    EXPECT_EQ(failure("tim", bytes("sec\0ret")), FailureKind::malformed);
    EXPECT_EQ(failure("\xff", "secret"), FailureKind::malformed);
}

TEST(CramMd5, ChallengeIsAMessageIdOfThisHostAndNew) {
    std::string last;
    for (int i = 0; i < 3; ++i) {
        Exchange exchange(Mechanism::cram_md5, context_for("tim", "secret"));
        const Step first = exchange.start(no_initial);
        EXPECT_EQ(first.kind, StepKind::challenge);
        EXPECT_TRUE(first.challenge.starts_with('<') && first.challenge.ends_with("@mx.test>")) << first.challenge;
        EXPECT_NE(first.challenge, last);
        last = first.challenge;
    }
}

class CramMd5Answer : public testing::Test {
  protected:
    Exchange exchange{Mechanism::cram_md5, context_for("tim t", "tanstaaftanstaaf")};
    std::string challenge = exchange.start(no_initial).challenge;
    std::string digest = cram_md5_digest(derive_cram_md5_state("tanstaaftanstaaf"), challenge);
};

TEST_F(CramMd5Answer, Right) {
    EXPECT_EQ(exchange.step("tim t " + digest).kind, StepKind::success);
    EXPECT_EQ(exchange.credentials().kind, CredentialKind::keys);
    EXPECT_EQ(exchange.credentials().authid, "tim t");
    EXPECT_TRUE(exchange.credentials().proven);
    EXPECT_TRUE(exchange.credentials().password.empty());
}

TEST_F(CramMd5Answer, WrongPassword) {
    EXPECT_EQ(exchange.step("tim t " + cram_md5_digest(derive_cram_md5_state("other"), challenge)).failure,
              FailureKind::rejected);
    EXPECT_FALSE(exchange.credentials().proven);
    EXPECT_EQ(exchange.credentials().authid, "");
    EXPECT_EQ(exchange.step("tim t " + digest).failure, FailureKind::internal);  // there is no second guess
}

TEST_F(CramMd5Answer, UnknownUser) { EXPECT_EQ(exchange.step("tom " + digest).failure, FailureKind::rejected); }

TEST_F(CramMd5Answer, AlteredDigest) {
    digest[0] = digest[0] == '0' ? '1' : '0';
    EXPECT_EQ(exchange.step("tim t " + digest).failure, FailureKind::rejected);
}

TEST_F(CramMd5Answer, AnswerToAnotherChallenge) {
    Exchange again(Mechanism::cram_md5, context_for("tim t", "tanstaaftanstaaf"));
    (void)again.start(no_initial);
    EXPECT_EQ(again.step("tim t " + digest).failure, FailureKind::rejected);
}

TEST(CramMd5, Malformed) {
    const std::string digest(32, '0');
    for (const std::string& message :
         {std::string(), std::string("tim"), digest, " " + digest, "tim " + digest + "0", "tim " + digest.substr(1),
          "tim " + digest + " ", "tim " + std::string(32, 'A'), "tim " + std::string(32, 'g'), "t\xffm " + digest,
          bytes("t\0m ") + digest, std::string(limits::sasl_name + 1, 'n') + " " + digest}) {
        Exchange exchange(Mechanism::cram_md5, context_for("tim", "secret"));
        (void)exchange.start(no_initial);
        EXPECT_EQ(exchange.step(message).failure, FailureKind::malformed) << message;
    }
    Exchange longest(Mechanism::cram_md5, context_for("tim", "secret"));
    (void)longest.start(no_initial);
    EXPECT_EQ(longest.step(std::string(limits::sasl_name, 'n') + " " + digest).failure, FailureKind::rejected);
    Exchange early(Mechanism::cram_md5, context_for("tim", "secret"));
    EXPECT_EQ(early.start("tim " + digest).failure, FailureKind::must_not_start);
}

Step external(std::optional<std::string_view> authzid, Credentials* credentials = nullptr) {
    Exchange exchange(Mechanism::external, {.external_identity = "tim@example.com"});
    Step step = exchange.start(authzid);
    if (credentials) *credentials = exchange.take_credentials();
    return step;
}

TEST(External, EmptyOrTheSame) {
    Credentials credentials;
    EXPECT_EQ(external("", &credentials).kind, StepKind::success);
    EXPECT_EQ(credentials.kind, CredentialKind::external);
    EXPECT_EQ(credentials.authid, "tim@example.com");
    EXPECT_TRUE(credentials.proven);
    EXPECT_EQ(external("tim@example.com", &credentials).kind, StepKind::success);
    EXPECT_EQ(credentials.authzid, "tim@example.com");
}

TEST(External, WithoutInitialResponse) {
    Exchange exchange(Mechanism::external, {.external_identity = "tim@example.com"});
    EXPECT_EQ(exchange.start(no_initial).challenge, "");
    EXPECT_EQ(exchange.step("").kind, StepKind::success);
}

TEST(External, AnotherIdentity) {
    for (const std::string& authzid : {std::string("tom@example.com"), bytes("tim@example.com\0"), std::string("\xff"),
                                       std::string(limits::sasl_name, 'n')})
        EXPECT_EQ(external(authzid).failure, FailureKind::another_identity) << authzid;
    EXPECT_EQ(external(std::string(limits::sasl_name + 1, 'n')).failure, FailureKind::malformed);
}

TEST(Anonymous, Token) {
    const auto failure = [](const std::string& token) {
        Exchange exchange(Mechanism::anonymous, {});
        const Step step = exchange.start(token);
        EXPECT_TRUE(step.kind != StepKind::needs_verdict || exchange.credentials().anonymous_token == token);
        EXPECT_TRUE(step.kind != StepKind::needs_verdict || exchange.credentials().kind == CredentialKind::anonymous);
        EXPECT_FALSE(exchange.credentials().proven);
        return step.failure;
    };
    EXPECT_EQ(failure("sirhc@example.com"), FailureKind::none);
    EXPECT_EQ(failure(""), FailureKind::none);
    EXPECT_EQ(failure("\xC3\xA9"), FailureKind::none);
    EXPECT_EQ(failure(std::string(limits::sasl_token, 't')), FailureKind::none);
    EXPECT_EQ(failure(std::string(limits::sasl_token + 1, 't')), FailureKind::malformed);
    EXPECT_EQ(failure("\xC3"), FailureKind::malformed);
    EXPECT_EQ(failure(bytes("a\0b")), FailureKind::malformed);
}

TEST(Exchange, WhatTheMechanismNeedsIsNotThere) {
    for (const auto mechanism : {Mechanism::external, Mechanism::cram_md5, Mechanism::scram_sha_1,
                                 Mechanism::scram_sha_256, Mechanism::scram_sha_1_plus}) {
        Exchange exchange(mechanism, {});
        EXPECT_EQ(exchange.start(no_initial).failure, FailureKind::internal) << to_string(mechanism);
    }
    Exchange unbound(Mechanism::scram_sha_256_plus, context_for("tim", "secret"));
    EXPECT_EQ(unbound.start(no_initial).failure, FailureKind::internal);
}

TEST(Exchange, StartsOnceAndEnds) {
    Exchange exchange(Mechanism::plain, {});
    EXPECT_EQ(exchange.step("early").failure, FailureKind::internal);
    EXPECT_EQ(exchange.start(bytes("\0tim\0secret")).kind, StepKind::needs_verdict);
    EXPECT_EQ(exchange.start(bytes("\0tim\0secret")).failure, FailureKind::internal);
    EXPECT_EQ(exchange.step(bytes("\0tim\0secret")).failure, FailureKind::internal);
}

TEST(Exchange, MovesInTheMiddle) {
    Exchange exchange(Mechanism::cram_md5, context_for("tim", "secret"));
    const std::string challenge = exchange.start(no_initial).challenge;
    Exchange moved(std::move(exchange));
    EXPECT_EQ(moved.step("tim " + cram_md5_digest(derive_cram_md5_state("secret"), challenge)).kind, StepKind::success);
}

}  // namespace
}  // namespace sluice::sasl
