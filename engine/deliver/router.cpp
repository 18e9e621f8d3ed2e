#include "engine/deliver/router.hpp"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <utility>

#include "engine/deliver/forward_target.hpp"
#include "engine/deliver/lmtp_target.hpp"
#include "engine/deliver/local_transport.hpp"
#include "engine/deliver/mailbox_path.hpp"
#include "engine/deliver/mailbox_transport.hpp"
#include "engine/deliver/pipe.hpp"
#include "engine/deliver/user_mailboxes.hpp"
#include "engine/tls/name_table.hpp"
#include "engine/tls_policy/rule_keys.hpp"

namespace sluice::deliver {

namespace {

constexpr std::string_view deliver_prefix = "deliver ";

// The way to write each transport, the part up to its argument first.
struct Form {
    std::string_view prefix;
    std::string_view argument;
};
constexpr Form kForms[] = {{"deliver", ""},
                           {forward_prefix, "TARGET"},
                           {maildir_prefix, "/srv/mail/%d/%u"},
                           {mbox_prefix, "/var/mail/%u"},
                           {lmtp_prefix, "HOST:PORT or lmtp:/path/of/socket"},
                           {pipe_prefix, "/path/of/program arguments"}};

// "mbox", "mbox /var/mail", "Maildir:x": what somebody means who writes it differently.
std::string not_a_transport(std::string_view text) {
    std::string word(text.substr(0, text.find_first_of(": ")));
    for (char& c : word) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    for (const Form& form : kForms) {
        if (word != form.prefix.substr(0, form.prefix.find_first_of(": "))) continue;
        return fmt::format("'{}' is no transport: this one is written {}{}", shown_method(text), form.prefix,
                           form.argument);
    }
    return fmt::format(
        "'{}' is no transport (there are deliver, forward TARGET, maildir:PATH, mbox:PATH, lmtp:HOST:PORT, "
        "lmtp:/SOCKET and pipe:COMMAND)",
        shown_method(text));
}

// Null: the argument is not right. It was checked when it was configured, but another version may have stored it.
std::shared_ptr<RecipientDelivery> mailbox(std::string_view transport) {
    auto parsed = mailbox_path(transport);
    return parsed.path ? make_mailbox(transport, *std::move(parsed.path)) : nullptr;
}

std::shared_ptr<RecipientDelivery> pipe(std::string_view transport) {
    auto parsed = PipeCommand::parse(transport.substr(pipe_prefix.size()));
    return parsed.command ? std::make_shared<Pipe>(*std::move(parsed.command)) : nullptr;
}

bool is_smtp(std::string_view method) {
    return method.starts_with(deliver_prefix) || method.starts_with(forward_prefix);
}

// What a URL says about TLS counts like a rule (tls.md 4.10).
std::string rules_of(const ForwardTarget& target) {
    boost::json::object keys;
    if (target.tls && *target.tls != ForwardTls::tunnel) {
        static constexpr std::string_view modes[] = {"none", "opportunistic", "required", "required", "dane-only"};
        keys["mode"] = modes[static_cast<std::size_t>(*target.tls)];
    }
    if (!target.verify.empty()) keys["verify"] = target.verify;
    if (!target.sni.empty()) keys["sni"] = target.sni;
    return keys.empty() ? std::string() : boost::json::serialize(keys);
}

}  // namespace

Router::Router(Settings settings, RouterSurroundings around)
    : settings_(std::move(settings)),
      around_(std::move(around)),
      hops_{.strategy = around_.strategy,
            .mx_port = settings_.port,
            .loopback = settings_.loopback,
            .is_own = around_.is_own_listener} {}

std::string Router::problem(std::string_view transport) {
    if (transport == "deliver") return {};
    if (transport.starts_with(forward_prefix))
        return parse_forward_target(transport.substr(forward_prefix.size())).error;
    if (is_mailbox(transport)) return mailbox_path(transport).error;
    if (transport.starts_with(lmtp_prefix)) return parse_lmtp_target(transport.substr(lmtp_prefix.size())).error;
    if (transport.starts_with(pipe_prefix)) return PipeCommand::parse(transport.substr(pipe_prefix.size())).error;
    return not_a_transport(transport);
}

std::string Router::destination(const queue::Envelope& envelope, const queue::Recipient& recipient) const {
    const std::string domain = split_address(recipient.address).domain;
    std::string_view method = recipient.transport;
    if (method.empty()) {
        const bool here = domain.empty() || (around_.is_ours && around_.is_ours(domain));
        method = here ? settings_.transport : settings_.remote_transport;
    }
    if (method == "maildir") return maildir_transport(settings_);
    if (method == "mbox") return mbox_transport(settings_);
    Destination destination;
    destination.method = method == "deliver" ? std::string(deliver_prefix) + domain : std::string(method);
    if (!is_smtp(destination.method)) return destination.method;
    destination.binding = envelope.binding;
    destination.requiretls = envelope.requiretls;
    destination.tls_not_required = envelope.tls_not_required && !envelope.requiretls;
    destination.tls = tls_policy::merged(envelope.delivery_tls, recipient.tls);
    return destination.text();
}

std::shared_ptr<Transport> Router::transport(const std::string& destination) const {
    const Destination how = Destination::parse(destination);
    const std::string_view text = how.method;
    if (text.starts_with(deliver_prefix)) return to_domain(how.method.substr(deliver_prefix.size()), how);
    if (text.starts_with(forward_prefix)) return forwarded(text.substr(forward_prefix.size()), how);
    if (text.starts_with(lmtp_prefix)) return handed_over(text.substr(lmtp_prefix.size()));
    std::shared_ptr<RecipientDelivery> delivery;
    if (is_mailbox(text))
        delivery = settings_.system_users ? deliver_to_users(around_.user_mailboxes, how.method) : mailbox(text);
    else if (text.starts_with(pipe_prefix))
        delivery = pipe(text);
    return delivery ? std::make_shared<LocalTransport>(std::move(delivery), around_.pool) : nullptr;
}

// Rules were checked when they spoke; what another version stored and cannot be read now says nothing.
std::shared_ptr<const TlsPlanner> Router::planner(TlsPlanner::Target target, const Destination& how,
                                                  const std::string& rules) const {
    const auto& scopes = around_.tls->scopes();
    tls_policy::Effective policy;
    if (how.tls_not_required) {
        policy = resolve_without_policies(scopes, target.domain, how.binding);
    } else if (rules.empty()) {
        policy = resolve(scopes, target.domain, how.binding);
    } else {
        const auto parsed = tls_policy::parse_rule_keys(rules);
        policy = resolve(scopes, target.domain, how.binding, &parsed.keys);
    }
    target.requiretls = how.requiretls;
    return std::make_shared<TlsPlanner>(
        TlsPlanner::Surroundings{around_.tls, around_.tls_memory, around_.resolver, around_.find_sts},
        std::move(target), std::move(policy));
}

SmtpSettings Router::smtp_settings() const {
    SmtpSettings smtp;
    smtp.options.hello_name = settings_.hello_name.empty() ? around_.server_name : settings_.hello_name;
    smtp.on_connection = around_.on_connection;
    smtp.options.timeouts = settings_.timeouts;
    smtp.idle = settings_.idle;
    smtp.messages = settings_.messages_per_connection;
    return smtp;
}

std::shared_ptr<Transport> Router::to_domain(std::string domain, const Destination& how) const {
    SmtpSettings smtp = smtp_settings();
    smtp.tls = planner({.domain = domain}, how, how.tls);
    auto find = [resolver = around_.resolver, hops = hops_, domain = std::move(domain)]() -> asio::awaitable<NextHops> {
        co_return co_await mail_hops(*resolver, hops, domain);
    };
    return std::make_shared<SmtpTransport>(std::move(find), std::move(smtp));
}

std::shared_ptr<Transport> Router::forwarded(std::string_view text, const Destination& how) const {
    const auto parsed = parse_forward_target(text);
    // Checked when the rule said it; but another version may have stored it.
    if (!parsed.target) return nullptr;
    const ForwardTarget& target = *parsed.target;
    auto smtp = smtp_settings();
    smtp.tls = planner(
        {.domain = tls::normalised_name(target.host), .by_mx = false, .tunnel = target.tls == ForwardTls::tunnel}, how,
        tls_policy::merged(rules_of(target), how.tls));
    if (!target.user.empty())
        smtp.options.credentials = smtp_client::Credentials{
            target.user, target.password, target.tls == ForwardTls::none, smtp.tls->policy().auth_over_unverified};
    auto find = [resolver = around_.resolver, hops = hops_, host = target.host,
                 port = target.port]() -> asio::awaitable<NextHops> {
        co_return co_await host_hops(*resolver, hops, host, port);
    };
    return std::make_shared<SmtpTransport>(std::move(find), std::move(smtp));
}

std::shared_ptr<Transport> Router::handed_over(std::string_view text) const {
    const auto parsed = parse_lmtp_target(text);
    if (!parsed.target) return nullptr;
    auto smtp = smtp_settings();
    smtp.options.protocol = smtp_client::Protocol::lmtp;
    smtp.options.tls.mode = smtp_client::TlsMode::none;
    auto find = [resolver = around_.resolver, hops = hops_, target = *parsed.target,
                 here = around_.server_name]() -> asio::awaitable<NextHops> {
        if (!target.socket.empty()) co_return socket_hops(here, target.socket);
        co_return co_await host_hops(*resolver, hops, target.host, target.port);
    };
    return std::make_shared<SmtpTransport>(std::move(find), std::move(smtp));
}

}  // namespace sluice::deliver
