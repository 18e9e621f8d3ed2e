// EXTERNAL and ANONYMOUS: one message without a password. Not by libgsasl, which takes octets that are not UTF-8 in
// both and refuses the empty token that RFC 4505 allows.
#include "engine/base/limits.hpp"
#include "engine/sasl/dialogue.hpp"
#include "engine/sasl/prepare.hpp"

namespace sluice::sasl {
namespace {

// RFC 4422 appendix A: the message is the authzid.
class External : public Exchange::Dialogue {
  public:
    explicit External(const std::string& identity) : identity_(identity) {}

    Step step(std::string_view message, Credentials& credentials) override {
        if (message.size() > limits::sasl_name) return fail(FailureKind::malformed, "the name is too long");
        if (!same_identity(message, identity_))
            return fail(FailureKind::another_identity, "authzid is not the identity in the certificate");
        credentials.kind = CredentialKind::external;
        credentials.proven = true;
        credentials.authid = identity_;
        credentials.authzid = message;
        return {.kind = StepKind::success};
    }

  private:
    const std::string& identity_;
};

class Anonymous : public Exchange::Dialogue {
  public:
    Step step(std::string_view message, Credentials& credentials) override {
        if (message.size() > limits::sasl_token) return fail(FailureKind::malformed, "the token is too long");
        if (!message.empty() && !prepare_password(message, Use::query))
            return fail(FailureKind::malformed, "the token is not valid UTF-8 text");
        credentials.kind = CredentialKind::anonymous;
        credentials.anonymous_token = message;
        return {.kind = StepKind::needs_verdict};
    }
};

}  // namespace

std::unique_ptr<Exchange::Dialogue> make_external(const ExchangeContext& context) {
    if (!context.external_identity || context.external_identity->empty()) return nullptr;
    return std::make_unique<External>(*context.external_identity);
}

std::unique_ptr<Exchange::Dialogue> make_anonymous() { return std::make_unique<Anonymous>(); }

}  // namespace sluice::sasl
