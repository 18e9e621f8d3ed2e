#include "engine/deliver/router.hpp"

#include <fmt/format.h>

#include <utility>

#include "engine/deliver/forward_target.hpp"
#include "engine/deliver/local_transport.hpp"
#include "engine/deliver/mailbox_path.hpp"
#include "engine/deliver/maildir.hpp"
#include "engine/deliver/missing_transport.hpp"

namespace sluice::deliver {

namespace {

constexpr std::string_view maildir_prefix = "maildir:";
constexpr std::string_view deliver_prefix = "deliver ";

smtp_client::TlsMode tls_mode(ForwardTls tls) {
    switch (tls) {
        case ForwardTls::none: return smtp_client::TlsMode::none;
        case ForwardTls::opportunistic: return smtp_client::TlsMode::opportunistic;
        case ForwardTls::required: return smtp_client::TlsMode::required;
        case ForwardTls::tunnel: break;
    }
    return smtp_client::TlsMode::tunnel;
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
    if (transport.starts_with(maildir_prefix)) return MailboxPath::parse(transport.substr(maildir_prefix.size())).error;
    return fmt::format("'{}' is not a transport of this version", transport);
}

std::string Router::destination(const queue::Envelope&, const queue::Recipient& recipient) const {
    const auto at = recipient.address.rfind('@');
    std::string domain = at == std::string::npos ? std::string() : recipient.address.substr(at + 1);
    for (char& c : domain) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    std::string_view method = recipient.transport;
    if (method.empty()) {
        const bool here = domain.empty() || (around_.is_ours && around_.is_ours(domain));
        method = here ? settings_.transport : settings_.remote_transport;
    }
    if (method == "deliver") return std::string(deliver_prefix) + domain;
    if (method == "maildir")
        return std::string(settings_.transport.starts_with(maildir_prefix) ? settings_.transport
                                                                           : Settings().transport);
    return std::string(method);
}

std::shared_ptr<Transport> Router::transport(const std::string& destination) const {
    const std::string_view text = destination;
    if (text.starts_with(deliver_prefix)) return to_domain(destination.substr(deliver_prefix.size()));
    if (text.starts_with(forward_prefix)) return forwarded(text.substr(forward_prefix.size()));
    if (text.starts_with(maildir_prefix)) return mailboxes(text.substr(maildir_prefix.size()));
    return local(std::make_shared<MissingTransport>(destination));
}

std::shared_ptr<Transport> Router::local(std::shared_ptr<LocalDelivery> delivery) const {
    return std::make_shared<LocalTransport>(std::move(delivery), around_.pool);
}

std::shared_ptr<Transport> Router::mailboxes(std::string_view path) const {
    auto parsed = MailboxPath::parse(path);
    return parsed.path ? local(std::make_shared<Maildir>(*std::move(parsed.path))) : nullptr;
}

SmtpSettings Router::smtp_settings() const {
    SmtpSettings smtp;
    smtp.options.hello_name = settings_.hello_name.empty() ? around_.server_name : settings_.hello_name;
    smtp.options.tls.context = around_.tls;
    smtp.idle = settings_.idle;
    smtp.messages = settings_.messages_per_connection;
    return smtp;
}

std::shared_ptr<Transport> Router::to_domain(std::string domain) const {
    auto find = [resolver = around_.resolver, hops = hops_, domain = std::move(domain)]() -> asio::awaitable<NextHops> {
        co_return co_await mail_hops(*resolver, hops, domain);
    };
    return std::make_shared<SmtpTransport>(std::move(find), smtp_settings());
}

std::shared_ptr<Transport> Router::forwarded(std::string_view text) const {
    const auto parsed = parse_forward_target(text);
    // Checked when the rule said it; but another version may have stored it.
    if (!parsed.target) return nullptr;
    const ForwardTarget& target = *parsed.target;
    auto smtp = smtp_settings();
    smtp.options.tls.mode = tls_mode(target.tls);
    if (!target.user.empty())
        smtp.options.credentials =
            smtp_client::Credentials{target.user, target.password, target.tls == ForwardTls::none};
    auto find = [resolver = around_.resolver, hops = hops_, host = target.host,
                 port = target.port]() -> asio::awaitable<NextHops> {
        co_return co_await host_hops(*resolver, hops, host, port);
    };
    return std::make_shared<SmtpTransport>(std::move(find), std::move(smtp));
}

}  // namespace sluice::deliver
