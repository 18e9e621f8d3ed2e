#include "engine/deliver/forward_target.hpp"

#include <charconv>

#include <fmt/format.h>

#include "engine/base/asio.hpp"
#include "engine/tls/name_table.hpp"
#include "engine/tls_policy/types.hpp"
#include "grammar/smtp/command_line.hpp"

namespace sluice::deliver {

namespace {

ParsedTarget wrong(std::string why) { return {std::nullopt, std::move(why)}; }

bool is_address(const std::string& host) {
    error_code error;
    asio::ip::make_address(host, error);
    return !error;
}

std::optional<std::uint16_t> port_of(std::string_view digits) {
    std::uint16_t port = 0;
    const auto* end = digits.data() + digits.size();
    const auto [at, error] = std::from_chars(digits.data(), end, port);
    if (error != std::errc() || at != end || port == 0) return std::nullopt;
    return port;
}

std::optional<std::string> percent_decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        unsigned value = 0;
        const auto digits = text.substr(i + 1, 2);
        const auto [at, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
        if (digits.size() != 2 || error != std::errc() || at != digits.data() + 2) return std::nullopt;
        out += static_cast<char>(value);
        i += 2;
    }
    return out;
}

// "host", "host:port", "[addr]", "[addr]:port" into `target`; the error, or nothing.
std::string host_and_port(std::string_view text, ForwardTarget& target) {
    std::string_view rest;
    if (text.starts_with('[')) {
        const auto end = text.find(']');
        if (end == std::string_view::npos) return fmt::format("'{}' has a '[' without ']'", text);
        target.host = text.substr(1, end - 1);
        rest = text.substr(end + 1);
        if (!is_address(target.host)) return fmt::format("'{}' is not an address", target.host);
    } else {
        const auto colon = text.find(':');
        target.host = text.substr(0, colon);
        rest = colon == std::string_view::npos ? std::string_view() : text.substr(colon);
    }
    if (target.host.empty()) return "missing host";
    if (!rest.empty()) {
        const auto port = rest.front() == ':' ? port_of(rest.substr(1)) : std::nullopt;
        if (!port) return fmt::format("'{}' is not a port", rest.starts_with(':') ? rest.substr(1) : rest);
        target.port = *port;
    }
    target.is_address = is_address(target.host);
    if (!target.is_address && !grammar::smtp::parse_helo_domain(target.host))
        return fmt::format("'{}' is neither a host name nor an address", target.host);
    return {};
}

std::string read_tls(std::string_view value, bool tunnel, ForwardTarget& target) {
    if (tunnel) return "cannot specify both 'smtps://' and '?tls='";
    static constexpr std::string_view words[] = {"none", "opportunistic", "required", "tunnel", "dane-only"};
    std::size_t i = 0;
    while (i < std::size(words) && words[i] != value) ++i;
    if (i == std::size(words))
        return fmt::format(
            "invalid value '{}' for parameter 'tls'; expected: 'none, opportunistic, required, tunnel, dane-only'",
            value);
    target.tls = static_cast<ForwardTls>(i);
    return {};
}

std::string read_verify(std::string_view value, ForwardTarget& target) {
    const auto verify = tls_policy::verify_of(value);
    if (!verify || *verify == tls_policy::Verify::pin)
        return fmt::format("invalid value '{}' for parameter 'verify'; expected: 'no, optional, ca, host'", value);
    target.verify = value;
    return {};
}

std::string read_sni(std::string_view value, ForwardTarget& target) {
    if (!tls::is_sni_name(tls::normalised_name(value)))
        return fmt::format("'{}' for parameter 'sni' is not a host name", value);
    target.sni = value;
    return {};
}

std::string read_query(std::string_view query, bool tunnel, ForwardTarget& target) {
    while (!query.empty()) {
        const auto end = query.find('&');
        const auto pair = query.substr(0, end);
        query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
        const auto equals = pair.find('=');
        const auto key = pair.substr(0, equals);
        const auto value = equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1);
        std::string problem = key == "tls"      ? read_tls(value, tunnel, target)
                              : key == "verify" ? read_verify(value, target)
                              : key == "sni"    ? read_sni(value, target)
                                                : fmt::format("parameter '{}'/'{}' is not supported", key, value);
        if (!problem.empty()) return problem;
    }
    return {};
}

std::string read_credentials(std::string_view text, ForwardTarget& target) {
    const auto colon = text.find(':');
    const auto user = percent_decoded(text.substr(0, colon));
    const auto password =
        colon == std::string_view::npos ? std::optional<std::string>() : percent_decoded(text.substr(colon + 1));
    if (!user || user->empty() || !password) return "credentials are written user:password@, percent-encoded";
    target.user = *user;
    target.password = *password;
    return {};
}

ParsedTarget parse_url(std::string_view scheme, std::string_view rest) {
    const bool tunnel = scheme == "smtps";
    if (!tunnel && scheme != "smtp") return wrong(fmt::format("scheme {} is not supported", scheme));
    ForwardTarget target;
    const auto question = rest.find('?');
    auto authority = rest.substr(0, question);
    if (authority.ends_with('/')) authority.remove_suffix(1);
    if (authority.find('/') != std::string_view::npos)
        return wrong(fmt::format("'{}' holds a path, and a server has none", authority));
    if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
        if (auto error = read_credentials(authority.substr(0, at), target); !error.empty()) return wrong(error);
        authority.remove_prefix(at + 1);
    }
    target.port = tunnel ? 465 : target.user.empty() ? 25 : 587;
    if (tunnel) target.tls = ForwardTls::tunnel;
    if (auto error = host_and_port(authority, target); !error.empty()) return wrong(error);
    if (question != std::string_view::npos)
        if (auto error = read_query(rest.substr(question + 1), tunnel, target); !error.empty()) return wrong(error);
    return {target, {}};
}

}  // namespace

ParsedTarget parse_forward_target(std::string_view text) {
    if (const auto scheme = text.find("://"); scheme != std::string_view::npos)
        return parse_url(text.substr(0, scheme), text.substr(scheme + 3));
    ForwardTarget target;
    target.host = text;
    if (is_address(target.host)) {
        target.is_address = true;
        return {target, {}};
    }
    if (auto error = host_and_port(text, target); !error.empty()) return wrong(error);
    if (!target.is_address && text.find(':') != std::string_view::npos)
        return wrong(fmt::format("a name with a port is written as a URL: smtp://{}", text));
    return {target, {}};
}

std::string shown_method(std::string_view method) {
    const auto scheme = method.find("://");
    const auto at = method.rfind('@');
    if (!method.starts_with(forward_prefix) || scheme == std::string_view::npos || at == std::string_view::npos ||
        at < scheme)
        return std::string(method);
    const auto colon = method.find(':', scheme + 3);
    const auto user = method.substr(0, std::min(colon, at));
    return fmt::format("{}:***{}", user, method.substr(at));
}

}  // namespace sluice::deliver
