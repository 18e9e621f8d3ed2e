#include "engine/migrate/momentum_listeners.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>

#include "engine/base/asio.hpp"
#include "engine/config/syntax.hpp"
#include "engine/migrate/momentum_auth.hpp"
#include "engine/migrate/momentum_options.hpp"
#include "engine/migrate/tls_values.hpp"
#include "grammar/mail/parameters.hpp"

namespace sluice::migrate::momentum {

namespace {

using grammar::mail::lower_case;

// What read_listeners looks at itself; everything else goes through momentum_options.def.
constexpr std::array own_options = {"enable", "use_ssl", "smtp_extensions", "tls_certificate", "tls_key"};
// Written once for all listeners if they agree, because that is how one would write it.
constexpr std::array common_options = {"tls_ciphers", "tls_protocols"};

constexpr const char* by_sni = "certificates are chosen by SNI; put it into domain-available/default/config.vsl";

bool is_in(const auto& list, const std::string& key) {
    return std::find(std::begin(list), std::end(list), key) != std::end(list);
}

// ":25", "*:25", "[*]:25", "10.0.0.1:25" -> "0.0.0.0:25", "[::]:25", "10.0.0.1:25".
std::optional<std::string> address_of(const std::string& written) {
    const auto colon = written.rfind(':');
    if (colon == std::string::npos || written.starts_with('/')) return std::nullopt;
    const auto port = written.substr(colon + 1);
    if (port.empty() || port.size() > 5 || port.find_first_not_of("0123456789") != std::string::npos ||
        std::stoul(port) > 65535)
        return std::nullopt;
    const auto host = written.substr(0, colon);
    if (host.empty() || host == "*") return "0.0.0.0:" + port;
    if (host == "[*]") return "[::]:" + port;
    boost::system::error_code error;
    const bool bracketed = host.starts_with('[') && host.ends_with(']');
    (void)asio::ip::make_address(bracketed ? host.substr(1, host.size() - 2) : host, error);
    if (error && !config::canonical_domain(host)) return std::nullopt;
    return written;
}

// "10.0.0.1" -> "10.0.0.1/32"; networks stay. Nothing for what is neither.
std::optional<std::string> network_of(const std::string& written) {
    boost::system::error_code error;
    const auto address = asio::ip::make_address(written, error);
    if (!error) return fmt::format("{}/{}", written, address.is_v4() ? 32 : 128);
    (void)asio::ip::make_network_v4(written, error);
    if (!error) return written;
    (void)asio::ip::make_network_v6(written, error);
    if (!error) return written;
    return std::nullopt;
}

struct Listen {
    const Node* node;
    Scope own;
    std::size_t outer;  // index of the ESMTP_Listener
    Listener listener;
    bool enabled = true;
    bool uses_tls = false;
};

class Reader {
  public:
    Reader(const Scope& global, Model& model, Report& report) : global_(global), model_(model), report_(report) {}

    void read(const std::vector<const Node*>& stanzas) {
        for (const auto* stanza : stanzas) outer_.emplace_back(stanza->body, report_);
        for (std::size_t i = 0; i < outer_.size(); ++i)
            for (const auto* inner : outer_[i].stanzas()) sort_out(*inner, i);
        for (auto& listen : listens_)
            if (listen.enabled) read_kind(listen);
        for (auto& listen : listens_)
            if (listen.enabled) read_options(listen);
        read_outer_leftovers();
        read_certificates();
        read_peers();
        for (auto& listen : listens_)
            if (listen.enabled) model_.listeners.push_back(std::move(listen.listener));
    }

  private:
    struct Peer {
        const Node* node;
        bool inside_listen;
    };

    void sort_out(const Node& inner, std::size_t outer) {
        if (inner.key == "listen") return add_listen(inner, outer);
        if (inner.key == "peer") return peers_.push_back({&inner, false});
        refuse_unknown(inner, report_);
    }

    [[nodiscard]] const Node* find(const Listen& listen, std::string_view key) const {
        if (const auto* own = listen.own.find(key)) return own;
        return outer_[listen.outer].find(key);
    }

    // The flag of an option; a value that is none is reported and counts as the default.
    bool flag(const Listen& listen, std::string_view key, bool otherwise) {
        const auto* option = find(listen, key);
        if (option == nullptr) return otherwise;
        if (const auto value = flag_of(option->value.text)) return *value;
        report_.not_carried(option->place, option->shown, "the value is neither true nor false", "write true or false");
        return otherwise;
    }

    void add_listen(const Node& node, std::size_t outer) {
        const auto address = address_of(node.header);
        if (!address)
            return report_.not_carried(
                node.place, node.shown,
                "it is no address and port; there are no listeners of sockets in the file system",
                "give it an address and a port, as in \"127.0.0.1:2525\"");
        if (std::ranges::any_of(listens_, [&](const auto& other) { return other.listener.address == *address; }))
            return report_.not_carried(node.place, node.shown, fmt::format("{} is listed twice", *address),
                                       "put its options into one stanza");
        Listen listen{&node, Scope(node.body, report_), outer, {.address = *address}};
        listen.enabled = flag(listen, "enable", true);
        listen.listener.kind = flag(listen, "use_ssl", false) ? ListenerKind::submissions
                               : address->ends_with(":587")   ? ListenerKind::submission
                                                              : ListenerKind::relay;
        for (const auto* inner : listen.own.stanzas())
            if (inner->key == "peer" && listen.enabled)
                peers_.push_back({inner, true});
            else if (listen.enabled)
                refuse_unknown(*inner, report_);
        if (!listen.enabled) leave_out(listen);
        listens_.push_back(std::move(listen));
    }

    static const char* interfaces_key(ListenerKind kind) {
        return kind == ListenerKind::relay        ? "addr"
               : kind == ListenerKind::submission ? "addr_submission"
                                                  : "addr_submissions";
    }

    void leave_out(const Listen& listen) {
        const auto* enable = find(listen, "enable");
        const auto key = interfaces_key(listen.listener.kind);
        report_.notice(enable->place, enable->shown,
                       fmt::format("{} is switched off and left out, with its options", listen.listener.address),
                       fmt::format("to have it, remove Enable and migrate again, or add the address to "
                                   "config.server.interfaces.{}",
                                   key));
        model_.listener_notes.push_back(
            fmt::format("Switched off, so left out: {} ({})", listen.listener.address, key));
    }

    // Address, kind, and whether STARTTLS is listed.
    void read_kind(Listen& listen) {
        auto& [address, kind, tls] = listen.listener;
        report_.carried(listen.node->place, listen.node->shown,
                        fmt::format("config.server.interfaces.{}", interfaces_key(kind)));
        for (const auto* key : {"enable", "use_ssl"})
            if (const auto* option = find(listen, key); option != nullptr && flag_of(option->value.text))
                report_.carried(option->place, option->shown,
                                fmt::format("config.server.interfaces.{}", interfaces_key(kind)));
        if (address.starts_with("0.0.0.0:"))
            report_.notice(listen.node->place, listen.node->shown, "IPv4 only, as with most kernels",
                           fmt::format("add \"[::]{}\" for IPv6", address.substr(7)));
        const auto* extensions = find(listen, "smtp_extensions");
        const bool listed = extensions != nullptr && read_extensions(*extensions, model_, report_);
        const bool implicit = kind == ListenerKind::submissions;
        listen.uses_tls = listed || implicit;
        if (implicit && listed)
            report_.notice(extensions->place, extensions->shown,
                           "STARTTLS is never listed where TLS begins at once (Use_SSL)");
        if (implicit) {
            if (extensions != nullptr)
                report_.carried(extensions->place, extensions->shown, "extensions are listed where they work");
            return;
        }
        tls["security"] = std::string(listed ? "opportunistic" : "none");
        const auto path = fmt::format("config.server.listener[\"{}\"].tls.security", address);
        if (extensions != nullptr)
            report_.carried(extensions->place, extensions->shown, path);
        else
            report_.notice(listen.node->place, listen.node->shown,
                           "SMTP_Extensions does not list STARTTLS, so it is not offered: security is \"none\"",
                           "set security to \"opportunistic\" to offer it");
    }

    // Whether all listeners with TLS have the same value, and there is one.
    [[nodiscard]] bool is_common(std::string_view key) const {
        const Node* first = nullptr;
        for (const auto& listen : listens_) {
            if (!listen.enabled) continue;
            const auto* option = find(listen, key);
            if (option == nullptr && listen.uses_tls) return false;
            if (option == nullptr) continue;
            if (first != nullptr && option->value.text != first->value.text) return false;
            first = option;
        }
        return first != nullptr;
    }

    void apply_to(Listen& listen, const Node& option) {
        const Target own{Direction::inbound, listen.listener.tls,
                         fmt::format("config.server.listener[\"{}\"].tls", listen.listener.address)};
        const Target all{Direction::inbound, model_.server_tls, "config.server.tls"};
        const auto& target = is_in(common_options, option.key) && is_common(option.key) ? all : own;
        apply(option, {&target, 1}, report_);
    }

    void read_options(Listen& listen) {
        for (const auto* option : outer_[listen.outer].options())
            if (!is_in(own_options, option->key) && listen.own.find(option->key) == nullptr &&
                is_tls_option(option->key))
                apply_to(listen, *option);
        for (const auto* option : listen.own.options())
            if (!is_in(own_options, option->key)) apply_to(listen, *option);
        // Not specified means with Momentum: ask, verify, and leave the rest to policy.
        if (find(listen, "tls_client_ca") != nullptr && find(listen, "tls_verify_mode") == nullptr)
            listen.listener.tls["verify_mode"] = std::string("optional");
    }

    void read_outer_leftovers() {
        for (std::size_t i = 0; i < outer_.size(); ++i) {
            const bool used = std::ranges::any_of(
                listens_, [&](const Listen& listen) { return listen.outer == i && listen.enabled; });
            for (const auto* option : outer_[i].options()) {
                if (!is_in(own_options, option->key) && !is_tls_option(option->key))
                    refuse_unknown(*option, report_);
                else if (!used)
                    report_.not_carried(option->place, option->shown, "no Listen of this listener is in use",
                                        "enable one and migrate again");
                else if (is_overridden(*option, i))
                    report_.notice(option->place, option->shown, "every Listen has a value of its own");
            }
        }
    }

    [[nodiscard]] bool is_overridden(const Node& option, std::size_t outer) const {
        return std::ranges::none_of(listens_, [&](const Listen& listen) {
            return listen.outer == outer && listen.enabled && listen.own.find(option.key) == nullptr;
        });
    }

    void tell_no_certificate(const Listen& listen, const Node* certificate, const Node* key) {
        if (certificate != nullptr)
            report_.notice(certificate->place, certificate->shown, "listeners have no certificates of their own here");
        if (key != nullptr && global_.find("tls_key") != key)
            report_.notice(key->place, key->shown, "there is no certificate for this key");
        if (listen.uses_tls)
            report_.notice(listen.node->place, listen.node->shown,
                           "it has no TLS_Certificate, so TLS is offered once a domain has a certificate",
                           "`sluice domain add NAME`, `sluice cert self-signed NAME`, `sluice domain enable NAME`");
    }

    void read_certificates() {
        std::optional<CertificatePair> chosen;
        for (const auto& listen : listens_) {
            if (!listen.enabled) continue;
            const auto fallback = [&](std::string_view key) {
                const auto* option = find(listen, key);
                return option != nullptr ? option : global_.find(key);
            };
            const auto* certificate = fallback("tls_certificate");
            const auto* key = fallback("tls_key");
            if (certificate == nullptr || lower_case(certificate->value.text) == "none") {
                tell_no_certificate(listen, certificate, key);
                continue;
            }
            const CertificatePair pair{certificate->value.text, key == nullptr ? "" : key->value.text};
            if (!chosen) {
                chosen = pair;
                model_.hosted["default"].certificates = {pair};
            }
            for (const auto* option : {certificate, key}) {
                if (option == nullptr) continue;
                if (const auto note = path_note(option->value.text); !note.empty())
                    report_.notice(option->place, option->shown, note);
                if (pair == *chosen)
                    report_.carried(option->place, option->shown,
                                    fmt::format("domain-available/default/config.vsl: config.tls.{}",
                                                option == key ? "private_key" : "certificate"));
                else
                    report_.not_carried(
                        option->place, option->shown,
                        fmt::format("{}; there stands '{}' of another listener already", by_sni, chosen->certificate),
                        "make a domain of the names in this certificate: `sluice domain add NAME`, and "
                        "name it in domain-available/NAME/config.vsl");
            }
        }
    }

    void read_peers() {
        const auto enabled = std::ranges::count_if(listens_, [](const Listen& listen) { return listen.enabled; });
        for (const auto& [node, inside_listen] : peers_) {
            const auto network = network_of(node->header);
            if (!network) {
                report_.not_carried(node->place, node->shown, "peers are named by address or network",
                                    "write \"192.0.2.1\" or \"192.0.2.0/24\"");
                continue;
            }
            if (inside_listen && enabled > 1) {
                report_.not_carried(node->place, node->shown,
                                    "settings of a peer count for all listeners here, and these are for one of several",
                                    fmt::format("if that is meant, write config.server.peer[\"{}\"]; else decide it "
                                                "in a rule",
                                                *network));
                continue;
            }
            read_peer(*node, *network);
        }
    }

    void read_peer(const Node& node, const std::string& network) {
        const Scope scope(node.body, report_);
        const auto path = fmt::format("config.server.peer[\"{}\"].tls", network);
        Keys keys;
        const Target target{Direction::inbound, keys, path};
        for (const auto* option : scope.options()) {
            if (option->key == "smtp_extensions") {
                const bool listed = read_extensions(*option, model_, report_);
                keys["security"] = std::string(listed ? "opportunistic" : "none");
                report_.carried(option->place, option->shown, path + ".security");
            } else if (is_in(own_options, option->key)) {
                report_.not_carried(option->place, option->shown,
                                    option->key.starts_with("tls_") ? by_sni : "it cannot differ between peers",
                                    "write it for the listener");
            } else {
                apply(*option, {&target, 1}, report_);
            }
        }
        for (const auto* inner : scope.stanzas()) refuse_unknown(*inner, report_);
        if (keys.empty()) return;
        model_.peers[network] = keys;
        report_.carried(node.place, node.shown, fmt::format("config.server.peer[\"{}\"]", network));
    }

    const Scope& global_;
    Model& model_;
    Report& report_;
    std::vector<Scope> outer_;
    std::vector<Listen> listens_;
    std::vector<Peer> peers_;
};

}  // namespace

void read_listeners(const std::vector<const Node*>& stanzas, const Scope& global, Model& model, Report& report) {
    Reader(global, model, report).read(stanzas);
}

}  // namespace sluice::migrate::momentum
