#include "engine/deliver/destination.hpp"

namespace sluice::deliver {

namespace {

constexpr std::string_view kBinding = "binding=";
constexpr std::string_view kRequireTls = "requiretls";
constexpr std::string_view kNotRequired = "tls-required-no";
constexpr std::string_view kTls = "tls=";

}  // namespace

std::string Destination::text() const {
    std::string text = method;
    const auto add = [&](std::string_view name, std::string_view value) {
        text += '\t';
        text += name;
        text += value;
    };
    if (!binding.empty()) add(kBinding, binding);
    if (requiretls) add(kRequireTls, {});
    if (tls_not_required) add(kNotRequired, {});
    if (!tls.empty()) add(kTls, tls);
    return text;
}

Destination Destination::parse(std::string_view text) {
    Destination parsed;
    parsed.method = text.substr(0, text.find('\t'));
    text.remove_prefix(parsed.method.size());
    while (!text.empty()) {
        text.remove_prefix(1);
        const auto part = text.substr(0, text.find('\t'));
        text.remove_prefix(part.size());
        if (part.starts_with(kBinding)) parsed.binding = part.substr(kBinding.size());
        if (part == kRequireTls) parsed.requiretls = true;
        if (part == kNotRequired) parsed.tls_not_required = true;
        if (part.starts_with(kTls)) parsed.tls = part.substr(kTls.size());
    }
    return parsed;
}

}  // namespace sluice::deliver
