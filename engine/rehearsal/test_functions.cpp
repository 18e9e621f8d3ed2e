#include "engine/rehearsal/test_functions.hpp"

#include <filesystem>

#include <fmt/format.h>

#include "dsl/lib/library.hpp"
#include "dsl/lib/mail_objects.hpp"
#include "dsl/source/script_loader.hpp"
#include "engine/mail/header_fields.hpp"
#include "engine/rehearsal/expectations.hpp"
#include "engine/rehearsal/line_ends.hpp"
#include "engine/rehearsal/role_reader.hpp"
#include "engine/rehearsal/step_value.hpp"
#include "engine/sasl/wire.hpp"

namespace sluice::rehearsal {

using dsl::NativeCall;
using dsl::Outcome;
using dsl::Value;
namespace accepts = dsl::accepts;

Outcome TestHost::not_met(NativeCall& call, std::string text) {
    failure_ = std::move(text);
    return call.fail(failure_);
}

Outcome TestHost::call(dsl::HostFunction function, NativeCall& call) {
    return call.fail(fmt::format("{}() is for rules: a test sees what came of a step", dsl::info(function).name));
}

namespace {

struct SessionObject final : dsl::HostObject {
    std::shared_ptr<RehearsedSession> session;
    explicit SessionObject(std::shared_ptr<RehearsedSession> s) : session(std::move(s)) {}
    [[nodiscard]] std::string_view type() const noexcept override { return "session"; }
    [[nodiscard]] std::string text() const override { return "session"; }
    [[nodiscard]] Answer equals(const Value&, std::string&) const override { return Answer::undefined; }
};

TestHost* host_of(NativeCall& call) { return static_cast<TestHost*>(call.host); }

RehearsedSession* session_of(NativeCall& call) {
    const auto* object = dsl::host_as<SessionObject>(call.args[0]);
    return object ? object->session.get() : nullptr;
}

Outcome open_session(NativeCall& call) {
    auto* host = host_of(call);
    if (!host) return call.fail("a session is played inside of a test: \"what it shows\": || { let s = session(); … }");
    Role role;
    const auto description = call.count == 0 ? dsl::make_map() : call.args[0];
    if (const auto wrong = read_role(description, role); !wrong.empty()) return call.fail("session: " + wrong);
    return call.ok(
        dsl::make_object<SessionObject>(std::make_shared<RehearsedSession>(host->rehearsal(), std::move(role))));
}

Outcome greeting(NativeCall& call) {
    auto* session = session_of(call);
    if (!session) return call.fail("greeting is of sessions");
    return call.ok(to_value(session->greeting()));
}

Outcome ended(NativeCall& call, const RehearsedSession& session, std::string_view command) {
    return call.fail(fmt::format("'{}': the server has closed this session before ({})", command, session.why_ended()));
}

Outcome say(NativeCall& call, std::string_view command) {
    auto* session = session_of(call);
    if (!session) return call.fail(fmt::format("this is of sessions, not of {}", dsl::type_name(call.args[0])));
    if (session->ended()) return ended(call, *session, command);
    if (command.find_first_of("\r\n") != std::string_view::npos)
        return call.fail("a command is one line; a message is given to data()");
    return call.ok(to_value(session->line(command)));
}

std::string path_of(const Value& value) {
    auto text = dsl::lib::text_of(value);
    return text.find('<') == std::string::npos ? "<" + text + ">" : text;
}

Outcome ehlo(NativeCall& call) { return say(call, "EHLO " + dsl::lib::text_of(call.args[1])); }
Outcome helo(NativeCall& call) { return say(call, "HELO " + dsl::lib::text_of(call.args[1])); }
Outcome mail_command(NativeCall& call) { return say(call, "MAIL FROM:" + path_of(call.args[1])); }
Outcome rcpt_command(NativeCall& call) { return say(call, "RCPT TO:" + path_of(call.args[1])); }
Outcome rset(NativeCall& call) { return say(call, "RSET"); }
Outcome quit(NativeCall& call) { return say(call, "QUIT"); }
Outcome any_command(NativeCall& call) { return say(call, call.args[1].as_string()); }

Outcome auth(NativeCall& call) {
    std::string plain;
    for (const auto i : {1, 2}) (plain += '\0') += call.args[i].as_string();
    return say(call, "AUTH PLAIN " + sasl::encode_base64(plain));
}

Outcome starttls(NativeCall& call) {
    auto* session = session_of(call);
    if (!session) return call.fail("starttls() is of sessions");
    if (session->ended()) return ended(call, *session, "STARTTLS");
    if (call.count == 1) return call.ok(to_value(session->line("STARTTLS")));
    tls::Facts facts;
    if (const auto wrong = read_tls(call.args[1], facts); !wrong.empty()) return call.fail("starttls: " + wrong);
    return call.ok(to_value(session->starttls(std::move(facts))));
}

Outcome data(NativeCall& call) {
    auto* session = session_of(call);
    if (!session) return call.fail("data() is of sessions");
    if (session->ended()) return ended(call, *session, "DATA");
    const auto message = with_crlf(call.args[1].as_string());
    return call.ok(to_value(session->data(message), message));
}

Outcome expect(NativeCall& call) {
    auto* host = host_of(call);
    if (!host) return call.fail("expect() belongs inside of a test");
    auto text = difference(call.args[0], call.args[1]);
    return text.empty() ? call.ok(call.args[0]) : host->not_met(call, std::move(text));
}

Outcome header(NativeCall& call) {
    const auto* text = call.args[0].as_map().find("text");
    if (!text || !text->is_string()) return call.fail("header() is of the messages of a step: step.messages[0]");
    const mail::HeaderFields fields(std::make_shared<const std::string>(text->as_string()));
    const auto value = fields.first(call.args[1].as_string());
    if (!value) return call.ok();
    std::string unfolded;
    for (const char c : *value)
        if (c != '\r' && c != '\n') unfolded += c;
    return call.ok(Value::string(unfolded));
}

Outcome read_file(NativeCall& call) {
    const auto root = call.host ? call.host->base_directory() : std::string_view();
    const auto path = std::filesystem::path(root) / call.args[0].as_string();
    const auto content = dsl::FileLoader().load(path.string());
    if (!content) return call.fail(fmt::format("cannot read the file '{}'", path.string()));
    if (call.limits.string_bytes != 0 && content->size() > call.limits.string_bytes)
        return call.fail(fmt::format("'{}' is larger than a string may be", path.string()));
    return call.ok(Value::string(*content));
}

void add_test_functions(dsl::NativeTable& table) {
    using dsl::host_only;
    constexpr auto text_or_object = accepts::string | accepts::host;
    table.add("session", {}, open_session, host_only);
    table.add("session", {accepts::map}, open_session, host_only);
    table.add("greeting", {accepts::host}, greeting, host_only | dsl::property);
    table.add("ehlo", {accepts::host, text_or_object}, ehlo, host_only);
    table.add("helo", {accepts::host, text_or_object}, helo, host_only);
    table.add("starttls", {accepts::host}, starttls, host_only);
    table.add("starttls", {accepts::host, accepts::any}, starttls, host_only);
    table.add("auth", {accepts::host, accepts::string, accepts::string}, auth, host_only);
    table.add("mail", {accepts::host, text_or_object}, mail_command, host_only);
    table.add("rcpt", {accepts::host, text_or_object}, rcpt_command, host_only);
    table.add("data", {accepts::host, accepts::string}, data, host_only);
    table.add("rset", {accepts::host}, rset, host_only);
    table.add("quit", {accepts::host}, quit, host_only);
    table.add("say", {accepts::host, accepts::string}, any_command, host_only);
    table.add("expect", {accepts::any, accepts::any}, expect, host_only);
    table.add("header", {accepts::map, accepts::string}, header, host_only);
    table.add("read_file", {accepts::string}, read_file, host_only);
}

}  // namespace

const dsl::NativeTable& test_library() {
    static const dsl::NativeTable table = [] {
        dsl::NativeTable t;
        dsl::lib::add_base(t);
        dsl::add_unix_functions(t);
        dsl::add_object_files(t);
        dsl::add_small_modules(t);
        add_test_functions(t);
        return t;
    }();
    return table;
}

}  // namespace sluice::rehearsal
