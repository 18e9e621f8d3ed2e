// transport::tls and transport::binding (tls.md 4.10): TLS of the delivery of this message.
#include <filesystem>

#include <fmt/format.h>
#include <boost/json.hpp>

#include "dsl/lib/mail_objects.hpp"
#include "dsl/value/operations.hpp"
#include "engine/filter/stage_context.hpp"
#include "engine/tls_policy/rule_keys.hpp"

namespace sluice::filter {

using dsl::NativeCall;
using dsl::Outcome;

namespace {

bool is_path(std::string_view key) {
    return key == "ca" || key == "ca_crl" || key == "certificate" || key == "private_key";
}

std::string below(const std::string& root, std::string_view path) {
    if (path.empty() || path == "none" || path.front() == '/') return std::string(path);
    return (std::filesystem::path(root) / path).lexically_normal().string();
}

// False: keys of TLS have no values of this type.
bool add(boost::json::object& keys, std::string_view key, const dsl::Value& value, const std::string& root) {
    const auto text_of = [&](const dsl::Value& text) {
        return is_path(key) ? below(root, text.as_string()) : std::string(text.as_string());
    };
    if (value.is_bool()) {
        keys[key] = value.as_bool();
    } else if (value.is_string()) {
        keys[key] = text_of(value);
    } else if (value.is_array()) {
        boost::json::array items;
        for (const auto& item : value.as_array().items) {
            if (!item.is_string()) return false;
            items.emplace_back(text_of(item));
        }
        keys[key] = std::move(items);
    } else {
        return false;
    }
    return true;
}

// Empty: the call has failed.
std::string keys_argument(StageContext& context, NativeCall& call, std::size_t index) {
    boost::json::object keys;
    for (const auto* entry : call.args[index].as_map().sorted()) {
        if (add(keys, entry->key.as_string(), entry->value, context.around.root)) continue;
        call.error = dsl::make_thrown(dsl::Value::string(fmt::format(
            "transport::tls: {}: {} is not a value of this key", entry->key.as_string(), dsl::brief(entry->value))));
        return {};
    }
    std::string text = boost::json::serialize(keys);
    const auto parsed = tls_policy::parse_rule_keys(text);
    if (parsed.error.empty()) return text;
    call.error = dsl::make_thrown(dsl::Value::string("transport::tls: " + parsed.error));
    return {};
}

}  // namespace

namespace functions {

Outcome transport_tls(StageContext& context, NativeCall& call) {
    const std::string keys = keys_argument(context, call, 0);
    if (keys.empty()) return Outcome::error;
    auto& all = context.transaction->delivery_tls;
    all = tls_policy::merged(all, keys);
    return call.ok();
}

Outcome transport_tls_of(StageContext& context, NativeCall& call) {
    smtp::Address address;
    if (!address_argument(call, 0, address)) return Outcome::error;
    const std::string keys = keys_argument(context, call, 1);
    if (keys.empty()) return Outcome::error;
    bool found = false;
    for (auto& recipient : context.transaction->recipients) {
        if (!(recipient.address == address)) continue;
        recipient.tls = tls_policy::merged(recipient.tls, keys);
        found = true;
    }
    return found ? call.ok() : call.fail(fmt::format("'{}' is not a recipient of this message", address.text));
}

Outcome transport_binding(StageContext& context, NativeCall& call) {
    const std::string name(dsl::lib::text_of(call.args[0]));
    const auto& settings = context.around.settings;
    if (!tls_policy::is_binding_name(name) || (settings && !settings->bindings.contains(name)))
        return call.fail(fmt::format("there is no binding '{}' in config.delivery", name));
    context.transaction->binding = name;
    return call.ok();
}

Outcome ctx_requiretls(StageContext& context, NativeCall& call) {
    return call.ok(dsl::Value::boolean(context.transaction != nullptr && context.transaction->requiretls));
}

}  // namespace functions

}  // namespace sluice::filter
