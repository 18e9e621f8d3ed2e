// An ecelerity.conf as a whole: the global scope, delivery scopes; listeners are in momentum_listeners.hpp.
#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "engine/migrate/migration.hpp"
#include "engine/migrate/momentum_listeners.hpp"
#include "engine/migrate/momentum_options.hpp"
#include "engine/migrate/names.hpp"

namespace sluice::migrate {

namespace {

using namespace momentum;

class Reader {
  public:
    Reader(Model& model, Report& report) : model_(model), report_(report) {}

    void read(const std::string& file, const std::vector<Node>& nodes) {
        const Scope global(nodes, report_);
        std::vector<const Node*> listeners;
        bool delivers = false;
        for (const auto* stanza : global.stanzas()) {
            if (stanza->key == "esmtp_listener")
                listeners.push_back(stanza);
            else if (stanza->key == "listen")
                adopt(*stanza);
            else if (stanza->key == "tls_macros")
                report_.notice(stanza->place, stanza->shown, "always loaded: the log of deliveries has these fields");
            else
                delivers = read_scope(*stanza, model_.domains, "config.delivery", nullptr) || delivers;
        }
        for (const auto* option : global.options()) delivers = read_global(*option) || delivers;
        if (!adopted_.body.empty()) listeners.push_back(&adopted_);
        read_listeners(listeners, global, model_, report_);
        set_default_mode(file, delivers);
    }

  private:
    // Examples and notes show Listen alone; it can only belong into an ESMTP_Listener.
    void adopt(const Node& listen) {
        report_.notice(listen.place, listen.shown,
                       "it stands outside of any listener; taken for one of ESMTP_Listener");
        adopted_.body.push_back(listen);
    }

    // True if the option has to do with delivery.
    bool read_global(const Node& option) {
        if (option.key == "tls_verified_peer_is_authorized") {
            report_.not_carried(option.place, option.shown, "it has no meaning in this scope",
                                "write it for a listener or a peer");
            return false;
        }
        if (!is_tls_option(option.key)) {
            refuse_unknown(option, report_);
            return false;
        }
        const bool certificate = option.key == "tls_certificate" || option.key == "tls_key";
        const Target targets[] = {{Direction::outbound, model_.delivery_tls, "config.delivery.tls"},
                                  {Direction::inbound, model_.server_tls, "config.server.tls"}};
        // The certificate of listeners stands with a domain: read_listeners falls back to this one.
        apply(option, std::span(targets).first(certificate ? 1 : 2), report_);
        return !model_.delivery_tls.empty();
    }

    // A domain, binding or binding_group stanza of a scope with these domains; false for any other, which is reported.
    bool read_scope(const Node& stanza, Named<Keys>& domains, const std::string& path, BindingGroup* group) {
        if (stanza.key == "domain") return read_domain(stanza, domains, path);
        const bool top = path == "config.delivery";
        if (stanza.key == "binding" && (top || group != nullptr))
            return read_binding(stanza, group == nullptr ? model_.bindings : group->bindings, path);
        if (stanza.key == "binding_group" && top) return read_group(stanza);
        if (stanza.key == "host")
            report_.not_carried(stanza.place, stanza.shown, "there is no scope for single hosts",
                                "write config.delivery.domain[…] for the domains whose mail goes there");
        else
            refuse_unknown(stanza, report_);
        return false;
    }

    bool read_domain(const Node& stanza, Named<Keys>& domains, const std::string& scope) {
        const auto pattern = domain_pattern(stanza.header);
        if (!pattern) {
            report_.not_carried(stanza.place, stanza.shown, fmt::format("'{}' is no domain", stanza.header),
                                "name a domain, \".domain\" for it and all below, or \"*.domain\" for one label");
            return false;
        }
        const auto path = fmt::format("{}.domain[\"{}\"]", scope, *pattern);
        const Scope inside(stanza.body, report_);
        Keys keys;
        if (const auto* known = domains.find(*pattern)) keys = *known;
        read_options(inside, keys, path);
        for (const auto* inner : inside.stanzas()) refuse_unknown(*inner, report_);
        if (!keys.empty()) domains[*pattern] = keys;
        report_.carried(stanza.place, stanza.shown, path);
        return true;
    }

    bool read_binding(const Node& stanza, Named<Binding>& bindings, const std::string& scope) {
        const auto path = fmt::format("{}.binding[\"{}\"]", scope, stanza.header);
        const Scope inside(stanza.body, report_);
        auto& binding = bindings[stanza.header];
        read_options(inside, binding.tls, path);
        for (const auto* inner : inside.stanzas()) read_scope(*inner, binding.domains, path, nullptr);
        report_.carried(stanza.place, stanza.shown, path);
        return true;
    }

    // A group may be written in several stanzas, each with some of its bindings.
    bool read_group(const Node& stanza) {
        const auto path = fmt::format("config.delivery.binding_group[\"{}\"]", stanza.header);
        const Scope inside(stanza.body, report_);
        auto& group = model_.groups[stanza.header];
        read_options(inside, group.tls, path);
        for (const auto* inner : inside.stanzas()) read_scope(*inner, group.domains, path, &group);
        report_.carried(stanza.place, stanza.shown, path);
        return true;
    }

    void read_options(const Scope& scope, Keys& keys, const std::string& path) {
        const Target target{Direction::outbound, keys, path + ".tls"};
        for (const auto* option : scope.options()) apply(*option, {&target, 1}, report_);
    }

    // Momentum delivers in clear text unless told otherwise; Sluice is opportunistic.
    void set_default_mode(const std::string& file, bool delivers) {
        if (model_.delivery_tls.find("mode") != nullptr) return;
        if (!delivers)
            return report_.notice({file, 0}, "TLS",
                                  "no delivery is configured: Momentum uses no TLS then, Sluice is "
                                  "opportunistic",
                                  "config.delivery.tls.mode = \"none\" restores that");
        Keys keys;
        keys["mode"] = std::string("none");
        for (const auto& [key, value] : model_.delivery_tls) keys[key] = value;
        model_.delivery_tls = std::move(keys);
        model_.delivery_notes.push_back(
            "TLS is not set globally, and Momentum's default is no. \"opportunistic\" is the default here, and "
            "better.");
        report_.notice({file, 0}, "TLS",
                       "not set globally; Momentum's default \"no\" became config.delivery.tls.mode = "
                       "\"none\"",
                       "consider \"opportunistic\", the default here");
    }

    Model& model_;
    Report& report_;
    Node adopted_;  // an ESMTP_Listener for Listen stanzas without one
};

}  // namespace

std::optional<Migration> migrate_momentum(const std::string& file, dsl::Diagnostics& diagnostics) {
    Migration result;
    const auto nodes = momentum::load(file, result.report, diagnostics);
    if (!nodes) return std::nullopt;
    Reader(result.model, result.report).read(file, *nodes);
    result.report.sort();
    result.files = write_vsl(result.model, "momentum", std::filesystem::path(file).filename().string());
    result.next_steps = next_steps(result.model);
    return result;
}

}  // namespace sluice::migrate
