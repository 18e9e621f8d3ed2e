#include "engine/migrate/postfix_listeners.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "engine/base/asio.hpp"
#include "engine/migrate/tls_values.hpp"

namespace sluice::migrate::postfix {

namespace {

// Postfix' own parts: what they do is done by the server itself.
constexpr std::array internal_services = {"pickup", "cleanup", "qmgr",   "oqmgr",   "tlsmgr",   "rewrite",    "bounce",
                                          "defer",  "trace",   "verify", "flush",   "proxymap", "proxywrite", "smtp",
                                          "relay",  "showq",   "error",  "retry",   "discard",  "local",      "virtual",
                                          "lmtp",   "anvil",   "scache", "postlog", "dnsblog",  "tlsproxy",   "smtpd"};

struct Port {
    const char* name;
    const char* number;
};
constexpr auto ports = std::to_array<Port>(
    {{"smtp", "25"}, {"submission", "587"}, {"submissions", "465"}, {"smtps", "465"}, {"ssmtp", "465"}});

std::string port_of(const std::string& written) {
    for (const auto& [name, number] : ports)
        if (written == name) return number;
    const bool digits = !written.empty() && written.size() <= 5 &&
                        written.find_first_not_of("0123456789") == std::string::npos && std::stoul(written) <= 65535;
    return digits ? written : "";
}

bool is_address(const std::string& text) {
    boost::system::error_code error;
    (void)asio::ip::make_address(text, error);
    return !error;
}

std::string with_port(const std::string& host, const std::string& port) {
    return host.find(':') == std::string::npos || host.starts_with('[') ? fmt::format("{}:{}", host, port)
                                                                        : fmt::format("[{}]:{}", host, port);
}

class Services {
  public:
    Services(const Parameters& main, const Keys& server, Settings::Told& told, Model& model, Report& report)
        : main_(main), server_(server), told_(told), model_(model), report_(report) {}

    void read(const Service& service) {
        const bool listens = service.command == "smtpd" || service.command == "postscreen";
        if (!listens || service.type != "inet") return refuse_other(service);
        const auto colon = service.name.rfind(':');
        const auto port = port_of(colon == std::string::npos ? service.name : service.name.substr(colon + 1));
        if (port.empty())
            return report_.not_carried(service.place, shown(service), "the port of this service is not known here",
                                       "write its number and migrate again");
        const auto hosts = colon == std::string::npos ? interfaces() : Strings{service.name.substr(0, colon)};
        const Settings settings(main_, service.overrides, told_, report_);
        const bool implicit = settings.is_yes("smtpd_tls_wrappermode");
        for (const auto& host : hosts) add(service, settings, with_port(host, port), implicit);
        if (service.command == "postscreen")
            report_.notice(service.place, shown(service), "this port is postscreen's; it became a listener like others",
                           "early talkers are refused (config.server.smtp.early_talker)");
        refuse_rest(service, settings);
    }

  private:
    static std::string shown(const Service& service) {
        return fmt::format("{} {} … {}", service.name, service.type, service.command);
    }

    void refuse_other(const Service& service) {
        // postscreen hands its connections to this one.
        const bool handed_over = service.command == "smtpd" && service.type == "pass";
        const bool internal =
            std::find(internal_services.begin(), internal_services.end(), service.name) != internal_services.end();
        if ((internal || handed_over) && service.overrides.empty() && service.other_arguments.empty()) return;
        if (handed_over) {
            const Settings settings(main_, service.overrides, told_, report_);
            return refuse_rest(service, settings);
        }
        report_.not_carried(service.place, shown(service), "only smtpd services are carried over",
                            "transports are config.delivery.transport and rules; filters are services of rules");
    }

    // inet_interfaces and inet_protocols.
    Strings interfaces() {
        const Parameters none;
        const Settings settings(main_, none, told_, report_);
        const auto names = split(settings.value("inet_interfaces").value_or("all"), ", \t");
        const auto protocols = settings.value("inet_protocols").value_or("all");
        const bool v4 = protocols.find("ipv4") != std::string::npos || protocols == "all";
        const bool v6 = protocols.find("ipv6") != std::string::npos || protocols == "all";
        Strings hosts;
        const auto add_both = [&](const char* four, const char* six) {
            if (v4) hosts.emplace_back(four);
            if (v6) hosts.emplace_back(six);
        };
        for (const auto& name : names) {
            if (name == "all")
                add_both("0.0.0.0", "::");
            else if (name == "loopback-only" || name == "localhost")
                add_both("127.0.0.1", "::1");
            else if (is_address(name))
                hosts.push_back(name);
            else
                settings.refuse("inet_interfaces", fmt::format("'{}' is a name, not an address", name),
                                "add its address to config.server.interfaces");
        }
        settings.carried("inet_interfaces", "config.server.interfaces");
        settings.carried("inet_protocols", "config.server.interfaces");
        return hosts;
    }

    void add(const Service& service, const Settings& settings, const std::string& address, bool implicit) {
        if (std::ranges::any_of(model_.listeners, [&](const Listener& other) { return other.address == address; }))
            return report_.not_carried(service.place, shown(service), fmt::format("{} is listed twice", address), "");
        Listener listener{address, ListenerKind::relay, {}};
        if (implicit)
            listener.kind = ListenerKind::submissions;
        else if (address.ends_with(":587"))
            listener.kind = ListenerKind::submission;
        const auto inbound = inbound_keys(settings, implicit);
        const auto path = fmt::format("config.server.listener[\"{}\"].tls", address);
        for (const auto& [key, value] : inbound.keys) {
            const auto* inherited = server_.find(key);
            const bool same = inherited != nullptr ? *inherited == value : is_default(key, value);
            if (!same) listener.tls[key] = value;
            settings.carried(inbound, key, same ? "config.server.tls" : path);
        }
        const std::string interfaces_key = implicit                                    ? "addr_submissions"
                                           : listener.kind == ListenerKind::submission ? "addr_submission"
                                                                                       : "addr";
        report_.carried(service.place, shown(service), "config.server.interfaces." + interfaces_key);
        settings.carried("smtpd_tls_wrappermode", "config.server.interfaces." + interfaces_key);
        model_.listeners.push_back(std::move(listener));
    }

    static bool is_default(std::string_view key, const Value& value) {
        if (key == "protocol_version") return value == Value(Strings{"TLSv1.2", "TLSv1.3"});
        return key == "ciphers" && value == Value(std::string("DEFAULT"));
    }

    // What -o says beside what inbound_keys reads.
    void refuse_rest(const Service& service, const Settings& settings) {
        static constexpr std::array read_elsewhere = {"smtpd_tls_security_level",
                                                      "smtpd_use_tls",
                                                      "smtpd_enforce_tls",
                                                      "smtpd_tls_protocols",
                                                      "smtpd_tls_mandatory_protocols",
                                                      "smtpd_tls_ciphers",
                                                      "smtpd_tls_mandatory_ciphers",
                                                      "smtpd_tls_exclude_ciphers",
                                                      "smtpd_tls_mandatory_exclude_ciphers",
                                                      "smtpd_tls_CAfile",
                                                      "smtpd_tls_ask_ccert",
                                                      "smtpd_tls_req_ccert",
                                                      "smtpd_starttls_timeout",
                                                      "smtpd_tls_wrappermode"};
        const bool is_listener = service.type == "inet";
        for (const auto& [name, parameter] : service.overrides) {
            const bool read = std::find(read_elsewhere.begin(), read_elsewhere.end(), name) != read_elsewhere.end();
            if (is_listener && read) {
                if (!told(parameter.place, name)) settings.notice(name, "it counts at another security level only");
                continue;
            }
            if (name.starts_with("smtpd_tls_") && (name.ends_with("_file") || name.ends_with("_files")))
                settings.refuse(name, "certificates are chosen by SNI; put it into domain-available/default/config.vsl",
                                "make a domain of the names in this certificate, and name it there");
            else
                settings.refuse(name, "there is no counterpart for one listener", "decide it in a rule, or for all");
        }
        for (const auto& argument : service.other_arguments)
            report_.not_carried(service.place, fmt::format("{} {}", service.command, argument),
                                "there is no counterpart of this argument", "");
    }

    [[nodiscard]] bool told(const Place& place, std::string_view name) const {
        const auto start = fmt::format("-o {}=", name);
        return std::ranges::any_of(report_.all(), [&](const Remark& remark) {
            return remark.place == place && remark.option.starts_with(start);
        });
    }

    const Parameters& main_;
    const Keys& server_;
    Settings::Told& told_;
    Model& model_;
    Report& report_;
};

}  // namespace

void read_services(const std::vector<Service>& services, const Parameters& main, const Keys& server,
                   Settings::Told& told, Model& model, Report& report) {
    Services reader(main, server, told, model, report);
    for (const auto& service : services) reader.read(service);
}

}  // namespace sluice::migrate::postfix
