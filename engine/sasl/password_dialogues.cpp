// PLAIN and LOGIN: the client hands out its password. Not by libgsasl, which leaves copies of the password in memory it
// has freed, and whose LOGIN challenges lack the NUL of configuration.md section 8.
#include <array>
#include <optional>

#include "engine/base/limits.hpp"
#include "engine/sasl/dialogue.hpp"
#include "engine/sasl/prepare.hpp"

namespace sluice::sasl {
namespace {

using namespace std::string_view_literals;

// The end of both mechanisms.
Step claim(std::string_view authzid, std::string_view authid, std::string_view password, Credentials& credentials) {
    if (authid.size() > limits::sasl_name || authzid.size() > limits::sasl_name)
        return fail(FailureKind::malformed, "the name is too long");
    if (password.size() > limits::sasl_password) return fail(FailureKind::malformed, "the password is too long");
    auto name = prepare_name(authid, Use::query);
    auto prepared = prepare_password(password, Use::query);
    if (!name || !prepared) return fail(FailureKind::malformed, "name or password is empty or not valid UTF-8 text");
    if (!same_identity(authzid, *name)) return fail(FailureKind::another_identity, "authzid is not authid");
    credentials.kind = CredentialKind::password;
    credentials.authid = std::move(*name);
    credentials.authzid = authzid;
    credentials.password = std::move(*prepared);
    return {.kind = StepKind::needs_verdict};
}

// RFC 4616: [authzid] NUL authcid NUL passwd
class Plain : public Exchange::Dialogue {
  public:
    Step step(std::string_view message, Credentials& credentials) override {
        std::array<std::string_view, 3> fields;
        for (std::size_t i = 0; i < 2; ++i) {
            const auto end = message.find('\0');
            if (end == std::string_view::npos) return fail(FailureKind::malformed, "a field is missing");
            fields[i] = message.substr(0, end);
            message.remove_prefix(end + 1);
        }
        fields[2] = message;
        if (message.find('\0') != std::string_view::npos) return fail(FailureKind::malformed, "a field too many");
        return claim(fields[0], fields[1], fields[2], credentials);
    }
};

// draft-murchison-sasl-login-00
class Login : public Exchange::Dialogue {
  public:
    std::optional<Step> open() override { return challenge(std::string("User Name\0"sv)); }

    Step step(std::string_view message, Credentials& credentials) override {
        if (name_) return claim({}, *name_, message, credentials);
        if (message.size() > limits::sasl_name) return fail(FailureKind::malformed, "the name is too long");
        name_ = message;
        return challenge(std::string("Password\0"sv));
    }

  private:
    std::optional<std::string> name_;
};

}  // namespace

std::unique_ptr<Exchange::Dialogue> make_plain() { return std::make_unique<Plain>(); }
std::unique_ptr<Exchange::Dialogue> make_login() { return std::make_unique<Login>(); }

}  // namespace sluice::sasl
