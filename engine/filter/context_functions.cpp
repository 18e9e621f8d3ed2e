// ctx:: (vsl-rules.md 9.6); what is about TLS is in tls_functions.cpp.
#include <fmt/chrono.h>
#include <boost/json.hpp>

#include "dsl/lib/mail_objects.hpp"
#include "engine/deliver/forward_target.hpp"
#include "engine/filter/stage_context.hpp"
#include "engine/filter/text_handle.hpp"
#include "engine/net/bind.hpp"

namespace sluice::filter {

using dsl::NativeCall;
using dsl::Outcome;
using dsl::Value;

namespace {

Value text(std::string_view s) { return Value::string(s); }

std::string rfc3339(std::chrono::system_clock::time_point time) {
    const auto seconds = std::chrono::system_clock::to_time_t(time);
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", parts);
}

Value address_of(const smtp::Address& address) {
    return dsl::lib::make_address(address.text, address.local_part, address.domain);
}

boost::json::object describe_session(const smtp::SessionFacts& session) {
    boost::json::object all;
    all["session_id"] = session.id.to_string();
    all["client_address"] = net::to_string(session.client);
    all["server_address"] = net::to_string(session.server);
    all["connection_timestamp"] = rfc3339(session.connected_at);
    all["server_name"] = session.server_name;
    all["helo"] = session.helo;
    all["tls"] = nullptr;
    if (session.tls)
        all["tls"] = {
            {"version", session.tls->version}, {"cipher", session.tls->cipher}, {"domain", session.tls->domain}};
    all["authenticated_as"] = nullptr;
    if (session.authenticated_as) all["authenticated_as"] = *session.authenticated_as;
    return all;
}

}  // namespace

std::string describe(const StageContext& context) {
    auto all = describe_session(context.session);
    all["stage"] = dsl::to_string(context.stage);
    if (const auto* transaction = context.transaction) {
        all["message_id"] = transaction->id.to_string();
        all["mail_timestamp"] = rfc3339(transaction->mail_time);
        all["reverse_path"] = transaction->reverse_path.text;
        all["transaction_type"] = smtp::to_string(transaction->type);
        boost::json::array recipients;
        for (const auto& recipient : transaction->recipients)
            recipients.push_back(
                {{"address", recipient.address.text}, {"transport", deliver::shown_method(recipient.transport)}});
        all["recipients"] = std::move(recipients);
    }
    return boost::json::serialize(all);
}

namespace functions {

Outcome ctx_client_address(StageContext& c, NativeCall& call) {
    return call.ok(text(net::to_string(c.session.client)));
}
Outcome ctx_client_ip(StageContext& c, NativeCall& call) {
    return call.ok(text(c.session.client.address().to_string()));
}
Outcome ctx_client_port(StageContext& c, NativeCall& call) { return call.ok(Value::integer(c.session.client.port())); }
Outcome ctx_server_address(StageContext& c, NativeCall& call) {
    return call.ok(text(net::to_string(c.session.server)));
}
Outcome ctx_server_ip(StageContext& c, NativeCall& call) {
    return call.ok(text(c.session.server.address().to_string()));
}
Outcome ctx_server_port(StageContext& c, NativeCall& call) { return call.ok(Value::integer(c.session.server.port())); }
Outcome ctx_connection_timestamp(StageContext& c, NativeCall& call) {
    return call.ok(text(rfc3339(c.session.connected_at)));
}
Outcome ctx_server_name(StageContext& c, NativeCall& call) { return call.ok(text(c.session.server_name)); }
Outcome ctx_is_secured(StageContext& c, NativeCall& call) { return call.ok(Value::boolean(c.session.tls.has_value())); }
Outcome ctx_helo(StageContext& c, NativeCall& call) { return call.ok(text(c.session.helo)); }

Outcome ctx_mail_from(StageContext& c, NativeCall& call) { return call.ok(address_of(c.transaction->reverse_path)); }
Outcome ctx_is_null_sender(StageContext& c, NativeCall& call) {
    return call.ok(Value::boolean(c.transaction->reverse_path.null()));
}
Outcome ctx_mail_timestamp(StageContext& c, NativeCall& call) {
    return call.ok(text(rfc3339(c.transaction->mail_time)));
}
Outcome ctx_message_id(StageContext& c, NativeCall& call) { return call.ok(text(c.transaction->id.to_string())); }
Outcome ctx_rcpt_list(StageContext& c, NativeCall& call) {
    dsl::Values items;
    for (const auto& recipient : c.transaction->recipients) items.push_back(address_of(recipient.address));
    return call.ok(dsl::make_array(std::move(items)));
}
Outcome ctx_rcpt(StageContext& c, NativeCall& call) {
    if (c.transaction->recipients.empty()) return call.fail("there is no recipient: a rule took all of them away");
    return call.ok(address_of(c.transaction->recipients.back().address));
}
Outcome ctx_transaction_type(StageContext& c, NativeCall& call) {
    return call.ok(text(smtp::to_string(c.transaction->type)));
}

Outcome ctx_is_authenticated(StageContext& c, NativeCall& call) {
    return call.ok(Value::boolean(c.session.authenticated_as.has_value()));
}
Outcome ctx_auth_user(StageContext& c, NativeCall& call) {
    return call.ok(c.session.authenticated_as ? text(*c.session.authenticated_as) : Value());
}
Outcome ctx_can_relay(StageContext& c, NativeCall& call) { return call.ok(Value::boolean(c.session.may_relay())); }
Outcome ctx_handle(StageContext& c, NativeCall& call) { return call.ok(make_text_handle("context", describe(c))); }

}  // namespace functions

}  // namespace sluice::filter
