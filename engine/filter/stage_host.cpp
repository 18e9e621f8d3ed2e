#include "engine/filter/stage_host.hpp"

#include <algorithm>

#include <fmt/chrono.h>

#include "dsl/lib/mail_objects.hpp"
#include "engine/net/bind.hpp"

namespace sluice::filter {

using dsl::HostFunction;
using dsl::Value;

static_assert(static_cast<int>(dsl::Stage::delivery) == static_cast<int>(smtp::Stage::delivery),
              "both lists of stages have one order");

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

}  // namespace

Value StageHost::connection(HostFunction function) const {
    switch (function) {
        case HostFunction::ctx_client_address: return text(net::to_string(session_.client));
        case HostFunction::ctx_client_ip: return text(session_.client.address().to_string());
        case HostFunction::ctx_client_port: return Value::integer(session_.client.port());
        case HostFunction::ctx_server_address: return text(net::to_string(session_.server));
        case HostFunction::ctx_server_ip: return text(session_.server.address().to_string());
        case HostFunction::ctx_server_port: return Value::integer(session_.server.port());
        case HostFunction::ctx_connection_timestamp: return text(rfc3339(session_.connected_at));
        case HostFunction::ctx_server_name: return text(session_.server_name);
        case HostFunction::ctx_is_secured: return Value::boolean(session_.tls.has_value());
        case HostFunction::ctx_tls: return tls();
        default: return text(session_.helo);
    }
}

// tls.md 2.8; `client` is always a map.
Value StageHost::tls() const {
    if (!session_.tls) return {};
    const auto& facts = *session_.tls;
    Value result = dsl::make_map();
    auto& map = result.as_map();
    map.set("implicit", Value::boolean(facts.implicit));
    map.set("version", text(facts.version));
    map.set("cipher", text(facts.cipher));
    map.set("cipher_std", text(facts.cipher_std));
    map.set("cipher_algbits", Value::integer(facts.cipher_algbits));
    map.set("cipher_usebits", Value::integer(facts.cipher_usebits));
    map.set("group", text(facts.group));
    map.set("sni", facts.sni ? text(*facts.sni) : Value());
    map.set("domain", text(facts.domain));
    map.set("alpn", facts.alpn ? text(*facts.alpn) : Value());
    map.set("resumed", Value::boolean(facts.resumed));
    map.set("handshake_ms", Value::integer(facts.handshake_ms));
    Value client = dsl::make_map();
    client.as_map().set("presented", Value::boolean(false));
    client.as_map().set("verified", Value::boolean(session_.verified_peer));
    map.set("client", std::move(client));
    return result;
}

dsl::Outcome StageHost::transaction(HostFunction function, dsl::NativeCall& call) const {
    if (!transaction_) return call.fail("state is not in correct state");
    switch (function) {
        case HostFunction::ctx_mail_from: return call.ok(address_of(transaction_->reverse_path));
        case HostFunction::ctx_is_null_sender: return call.ok(Value::boolean(transaction_->reverse_path.null()));
        case HostFunction::ctx_mail_timestamp: return call.ok(text(rfc3339(transaction_->mail_time)));
        case HostFunction::ctx_message_id: return call.ok(text(transaction_->id.to_string()));
        case HostFunction::ctx_rcpt_list: {
            dsl::Values items;
            for (const auto& recipient : transaction_->recipients) items.push_back(address_of(recipient.address));
            return call.ok(dsl::make_array(std::move(items)));
        }
        case HostFunction::ctx_rcpt:
            if (transaction_->recipients.empty()) return call.fail("there is no recipient yet");
            return call.ok(address_of(transaction_->recipients.back().address));
        default: return call.ok(text(smtp::to_string(transaction_->type)));
    }
}

dsl::Outcome StageHost::log(dsl::NativeCall& call) {
    auto level_text = dsl::lib::text_of(call.args[0]);
    std::transform(level_text.begin(), level_text.end(), level_text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const auto message = dsl::lib::text_of(call.args[1]);
    static constexpr std::string_view levels[] = {"trace", "debug", "info", "warn", "error"};
    const auto found = std::find(std::begin(levels), std::end(levels), level_text);
    const auto stage_name = std::string(dsl::to_string(stage()));
    if (found == std::end(levels)) {
        log_.app(obs::Level::warn, fmt::format("log level '{}' does not exist: {}", level_text, message),
                 {{"session", session_.id.to_string()}, {"stage", stage_name}});
    } else {
        log_.app(static_cast<obs::Level>(found - std::begin(levels)), message,
                 {{"session", session_.id.to_string()}, {"stage", stage_name}});
    }
    return call.ok();
}

dsl::Outcome StageHost::call(HostFunction function, dsl::NativeCall& call) {
    if (function <= HostFunction::ctx_helo) return call.ok(connection(function));
    if (function <= HostFunction::ctx_transaction_type) return transaction(function, call);
    return log(call);
}

}  // namespace sluice::filter
