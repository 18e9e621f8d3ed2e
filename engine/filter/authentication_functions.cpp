// auth:: (vsl-rules.md 9.10).
#include <fmt/format.h>

#include "dsl/lib/status.hpp"
#include "engine/filter/stage_context.hpp"

namespace sluice::filter {

using dsl::NativeCall;
using dsl::Outcome;
using dsl::Value;

namespace {

struct CredentialsObject final : dsl::HostObject {
    smtp::Credentials credentials;
    explicit CredentialsObject(smtp::Credentials c) : credentials(std::move(c)) {}
    [[nodiscard]] std::string_view type() const noexcept override { return "credentials"; }
    [[nodiscard]] std::string_view kind() const { return credentials.anonymous ? "AnonymousToken" : "Verify"; }
    // Never a secret: texts end in logs.
    [[nodiscard]] std::string text() const override {
        return fmt::format("{} {} {}", kind(), credentials.mechanism, credentials.authid);
    }
    [[nodiscard]] Answer equals(const Value&, std::string&) const override { return Answer::undefined; }
    [[nodiscard]] bool property(std::string_view name, Value& value, std::string& why) const override;
};

bool CredentialsObject::property(std::string_view name, Value& value, std::string& why) const {
    if (name == "type") {
        value = Value::string(kind());
    } else if (name == "mechanism") {
        value = Value::string(credentials.mechanism);
    } else if (name == "authid" || name == "authpass" || name == "anonymous_token") {
        if (credentials.anonymous != (name == "anonymous_token"))
            why = fmt::format("no `{}` available in credentials of type `{}`", name, kind());
        else if (name == "authpass" && credentials.proven)
            why = fmt::format("no `authpass` available: {} proves the password without sending it",
                              credentials.mechanism);
        else
            value = Value::string(name == "authid"     ? credentials.authid
                                  : name == "authpass" ? credentials.password
                                                       : credentials.token);
    } else {
        return false;
    }
    return true;
}

Value status(bool right) {
    using Kind = dsl::lib::StatusObject::Kind;
    return dsl::lib::plain_status(right ? Kind::accept : Kind::deny);
}

// What the exchange itself has proved needs no second opinion; what has no password gets none.
bool decided(const std::optional<smtp::Credentials>& credentials, bool& right) {
    right = credentials && credentials->proven;
    return right || !credentials || credentials->anonymous;
}

asio::awaitable<Answer> status_of(asio::awaitable<sasl::PasswordVerdict> asked) {
    const auto verdict = co_await std::move(asked);
    if (!verdict.error.empty()) co_return Answer::thrown(verdict.error);
    co_return Answer::of(status(verdict.right));
}

}  // namespace

namespace functions {

Outcome auth_is_authenticated(StageContext& context, NativeCall& call) { return ctx_is_authenticated(context, call); }

Outcome auth_credentials(StageContext& context, NativeCall& call) {
    if (!context.session.credentials)
        return call.fail(
            "the field: `credentials` is not defined yet, it only is available from the `authenticate` stage");
    return call.ok(dsl::make_object<CredentialsObject>(*context.session.credentials));
}

Outcome auth_unix_users(StageContext& context, NativeCall& call) {
    const auto& given = context.session.credentials;
    if (context.around.rehearsed) context.withhold("saslauthd is not asked twice");
    if (bool right = false; decided(given, right)) return call.ok(status(right));
    if (context.around.rehearsed)
        return context.around.users
                   ? context.wait(status_of(context.around.users(given->authid, given->password)))
                   : call.fail(
                         "the users of the system are not asked while rules are only tried: give some with users: "
                         "#{ \"john\": \"secret\" }");
    return context.wait(status_of(sasl::ask_saslauthd(context.around.saslauthd, given->authid, given->password)));
}

Outcome auth_users(StageContext& context, NativeCall& call) {
    const auto& given = context.session.credentials;
    if (!context.around.users) return call.fail("there is no password file: make one with `sluice user add`");
    if (bool right = false; decided(given, right)) return call.ok(status(right));
    return context.wait(status_of(context.around.users(given->authid, given->password)));
}

}  // namespace functions

}  // namespace sluice::filter
