// One AUTH exchange as a state machine without I/O, from the server's side (RFC 4422, RFC 4954). The session decodes
// lines (wire.hpp), feeds the bytes, and turns steps into replies:
//
//   Exchange exchange(mechanism, context);
//   Step step = exchange.start(initial_response);      // of AUTH itself; nullopt: there was none
//   while (step.kind == StepKind::challenge) step = exchange.step(bytes of the next line);
//
//   challenge      334 with the base64 of step.challenge
//   needs_verdict  credentials() hold what the client claims; the rules or UserTable::verify() (worker thread!) decide
//   success        proven by the exchange itself; 235
//   failure        by kind, see FailureKind
//
// Nothing here blocks or costs more than a few hashes, whatever the client sends. Objects are not shared between
// threads.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engine/sasl/credential_source.hpp"
#include "engine/sasl/mechanism.hpp"
#include "engine/sasl/secret.hpp"

namespace sluice::sasl {

struct ExchangeContext {
    std::string host_name;  // in the challenge of CRAM-MD5
    // RFC 9266: 32 bytes of the exporter "EXPORTER-Channel-Binding", without context; for -PLUS. TLS 1.2 needs the
    // extended master secret for it. Wherever -PLUS is offered it must be given for plain SCRAM, too: that is how a
    // list somebody cut short on its way is noticed. (libgsasl knows no tls-server-end-point.)
    std::optional<std::string> tls_exporter;
    std::optional<std::string> external_identity;         // that the peer's certificate was verified to have
    std::shared_ptr<const CredentialSource> credentials;  // null: no SCRAM, no CRAM-MD5
};

enum class CredentialKind : std::uint8_t {
    password,   // PLAIN, LOGIN: authid and password, unchecked ("Verify" in rules)
    anonymous,  // a token, unchecked by nature ("AnonymousToken" in rules)
    keys,       // SCRAM, CRAM-MD5: authid, proven against the credential source
    external,   // EXTERNAL: authid is the verified identity
};

struct Credentials {
    CredentialKind kind = CredentialKind::password;
    Mechanism mechanism = Mechanism::plain;
    bool proven = false;          // by the exchange itself; else somebody has to decide
    std::string authid;           // prepared (SASLprep); empty for anonymous
    std::string authzid;          // as sent: empty, or after preparation the same as authid
    Secret password;              // kind password only; prepared
    std::string anonymous_token;  // kind anonymous only; may be empty
};

enum class StepKind : std::uint8_t { challenge, needs_verdict, success, failure };

enum class FailureKind : std::uint8_t {
    none,
    rejected,          // 535: wrong password, unknown user, altered proof, other TLS channel: the client learns no more
    malformed,         // 501 5.5.2: no message of this mechanism
    must_not_start,    // 501 5.7.0, AuthClientMustNotStart: an initial response where the server speaks first
    another_identity,  // 535: authzid is not the identity of authid; nobody may act for others here
    channel_binding,   // 535: not by tls-exporter; or the client was made to believe that there is no -PLUS
    internal,          // 454: the library failed, or step() after the end
};

struct Step {
    StepKind kind = StepKind::failure;
    FailureKind failure = FailureKind::none;
    std::string_view reason;  // of a failure, for logs; holds nothing the client sent
    std::string challenge;    // raw bytes, may be empty
};

class Exchange {
  public:
    class Dialogue;  // one mechanism: dialogue.hpp

    // What the mechanism needs must be in the context (refusal() says so beforehand); else start() fails: internal.
    Exchange(Mechanism mechanism, ExchangeContext context);
    ~Exchange();
    Exchange(Exchange&&) noexcept;
    Exchange& operator=(Exchange&&) noexcept;

    // Once, first.
    [[nodiscard]] Step start(std::optional<std::string_view> initial_response);
    // After a challenge.
    [[nodiscard]] Step step(std::string_view response);

    // Complete after needs_verdict and success, empty after a failure.
    [[nodiscard]] const Credentials& credentials() const noexcept { return credentials_; }
    // The caller then owns the password and ends it as soon as it was checked.
    [[nodiscard]] Credentials take_credentials() noexcept { return std::move(credentials_); }

  private:
    enum class State : std::uint8_t { fresh, running, over };

    [[nodiscard]] Step advance(std::string_view response);

    Credentials credentials_;
    std::unique_ptr<ExchangeContext> context_;  // at an address that stays when the exchange moves
    std::unique_ptr<Dialogue> dialogue_;
    State state_ = State::fresh;
};

}  // namespace sluice::sasl
