// TLS of delivery: config.delivery.tls and its scopes, config.tls_policy (tls.md 1.2, 4.3, 4.6).
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/config/loading.hpp"
#include "engine/config/old_names.hpp"
#include "engine/config/syntax.hpp"
#include "engine/tls/verify.hpp"

namespace sluice::config {

namespace {

using tls_policy::Domains;
using tls_policy::Keys;

// One `tls` map; what is read goes into the optional of the same name.
class KeyReader {
  public:
    KeyReader(Reader& reader, Keys& to) : reader_(reader), to_(to) {}

    void read(std::string_view key, std::optional<bool>& to) {
        if (!is_there(key)) return;
        bool value = false;
        reader_.boolean(key, value);
        to = value;
    }
    void read(std::string_view key, std::optional<tls_policy::Duration>& to) {
        if (!is_there(key)) return;
        tls_policy::Duration value{0};
        // "0" turns a time off, as for other keys without a unit.
        if (const auto* v = reader_.value(key); !v->is_string() || v->as_string() != "0") reader_.duration(key, value);
        if (value.count() < 0) reader_.problem(key, "a time cannot be negative");
        to = value;
    }
    void read(std::string_view key, std::optional<tls_policy::Strings>& to) {
        if (!is_there(key)) return;
        tls_policy::Strings values;
        reader_.strings(key, values);
        to = std::move(values);
    }
    void read(std::string_view key, std::optional<std::string>& to) {
        if (!is_there(key)) return;
        std::string value;
        reader_.string(key, value);
        to = std::move(value);
    }
    void read(std::string_view key, std::optional<tls_policy::Mode>& to) {
        word(key, to, tls_policy::mode_of, "none, opportunistic, required, dane, dane-only, mta-sts");
    }
    void read(std::string_view key, std::optional<tls_policy::Verify>& to) {
        word(key, to, tls_policy::verify_of, "no, optional, ca, host, pin");
    }
    void read(std::string_view key, std::optional<tls_policy::Extra>& to) {
        word(key, to, tls_policy::extra_of, "off, optional, require");
    }
    void read(std::string_view key, std::optional<tls_policy::RequireTls>& to) {
        word(key, to, tls_policy::require_tls_of, "enforce, starttls, opportunistic, off");
    }

  private:
    // Set, even if to a wrong type, which is then reported; remembers where.
    bool is_there(std::string_view key) {
        if (reader_.value(key) == nullptr) return false;
        const auto [source, span] = reader_.place(key);
        if (source) {
            const auto at = source->position(span.begin);
            to_.origins.emplace(key, tls::Origin{source->name(), at.line, at.column});
        }
        return true;
    }

    // Momentum writes "CA" and "Required" as well.
    template <class Enum>
    void word(std::string_view key, std::optional<Enum>& to, std::optional<Enum> (*of)(std::string_view) noexcept,
              std::string_view words) {
        if (!is_there(key)) return;
        std::string text;
        reader_.string(key, text);
        std::transform(text.begin(), text.end(), text.begin(),
                       [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
        to = of(text);
        if (!to && !text.empty()) reader_.problem(key, fmt::format("'{}' is not one of {}", text, words));
    }

    Reader& reader_;
    Keys& to_;
};

void resolve_path(Loading& loading, Reader& reader, std::string_view key, std::optional<std::string>& path) {
    if (!path || *path == "none") return;
    if (path->starts_with("store:")) return reader.not_available(key, "the certificate store");
    path = loading.resolve(reader, key, *path);
}

void read_keys(Loading& loading, Reader& reader, Keys& keys, bool may_have_floor) {
    accept_old_names(loading, reader, TlsDirection::out);
    KeyReader each(reader, keys);
#define OUTBOUND_KEY(type, name, ...) each.read(#name, keys.name);
#include "engine/tls_policy/keys.def"
#undef OUTBOUND_KEY
    reader.boolean("floor", keys.floor);
    if (keys.floor && !may_have_floor)
        reader.problem("floor", "only an entry for a domain can be a floor",
                       "write it as config.delivery.domain[\"example.com\"] = #{ tls: #{ floor: true, … } }");
    resolve_path(loading, reader, "ca", keys.ca);
    resolve_path(loading, reader, "certificate", keys.certificate);
    resolve_path(loading, reader, "private_key", keys.private_key);
    if (keys.ca_crl)
        for (auto& path : *keys.ca_crl) path = loading.resolve(reader, "ca_crl", path);
    for (const auto& pin : keys.pins.value_or(tls_policy::Strings()))
        if (!tls::parse_pin(pin))
            reader.problem("pins", fmt::format("'{}' is not a digest", pin),
                           "write \"sha256:HEX\" of the certificate or \"spki-sha256:HEX\" of its public key, 64 "
                           "hexadecimal digits (`sluice cert show` prints both)");
    reader.finish();
}

std::optional<std::string> pattern_of(const std::string& written) {
    const std::size_t prefix = written.starts_with("*.") ? 2 : written.starts_with('.') ? 1 : 0;
    auto domain = canonical_domain(written.substr(prefix));
    if (domain) domain->insert(0, written, 0, prefix);
    return domain;
}

// Calls what for each entry of a map whose keys are domains.
template <class What>
void each_domain(Reader& entries, What what) {
    for (const auto& written : entries.keys()) {
        auto entry = entries.map(written);
        if (!entry) continue;
        if (const auto pattern = pattern_of(written))
            what(*pattern, *entry);
        else
            entries.problem(
                written, fmt::format("'{}' is not a domain", written),
                "write \"example.com\", \".example.com\" (it and all below) or \"*.example.com\" (one label)");
    }
}

void read_tls(Loading& loading, Reader& scope, Keys& keys, bool may_have_floor) {
    if (auto tls = scope.map("tls")) read_keys(loading, *tls, keys, may_have_floor);
}

void read_domains(Loading& loading, Reader& scope, Domains& domains) {
    auto entries = scope.map("domain");
    if (!entries) return;
    each_domain(*entries, [&](const std::string& pattern, Reader& entry) {
        read_tls(loading, entry, domains[pattern], true);
        entry.finish();
    });
}

void read_bindings(Loading& loading, Reader& scope, std::map<std::string, tls_policy::Binding, std::less<>>& to) {
    auto bindings = scope.map("binding");
    if (!bindings) return;
    for (const auto& name : bindings->keys()) {
        auto entry = bindings->map(name);
        if (!entry) continue;
        if (!tls_policy::is_binding_name(name))
            bindings->problem(name, fmt::format("'{}' cannot be the name of a binding", name),
                              "use up to 64 letters, digits, '.', '_' and '-'");
        loading.config.smtp.bindings.insert(name);
        auto& binding = to[name];
        read_tls(loading, *entry, binding.keys, false);
        read_domains(loading, *entry, binding.domains);
        entry->finish();
    }
}

void read_groups(Loading& loading, Reader& delivery, tls_policy::Scopes& scopes) {
    auto groups = delivery.map("binding_group");
    if (!groups) return;
    std::map<std::string, std::string> group_of;
    for (const auto& name : groups->keys()) {
        auto entry = groups->map(name);
        if (!entry) continue;
        auto& group = scopes.groups[name];
        read_tls(loading, *entry, group.keys, false);
        read_domains(loading, *entry, group.domains);
        read_bindings(loading, *entry, group.bindings);
        for (const auto& [binding, unused] : group.bindings)
            if (const auto [at, fresh] = group_of.emplace(binding, name); !fresh)
                entry->problem("binding",
                               fmt::format("the binding '{}' is in the group '{}' already", binding, at->second),
                               "a binding is in one group at most");
        entry->finish();
    }
}

}  // namespace

void read_delivery_tls(Loading& loading, Reader& delivery) {
    auto& settings = loading.config.delivery;
    auto& scopes = settings.tls_scopes;
    read_tls(loading, delivery, scopes.global, false);
    read_domains(loading, delivery, scopes.domains);
    read_bindings(loading, delivery, scopes.bindings);
    read_groups(loading, delivery, scopes);
    delivery.boolean("note_starttls_offer", settings.note_starttls_offer);
    delivery.string("mta_sts_store", settings.mta_sts_store);
    settings.mta_sts_store = loading.below_root(settings.mta_sts_store);
    delivery.string("mta_sts_ca", settings.mta_sts_ca);
    settings.mta_sts_ca = loading.resolve(delivery, "mta_sts_ca", settings.mta_sts_ca);
    std::int64_t port = settings.mta_sts_port;
    delivery.integer("mta_sts_port", port, 1, 65535);
    settings.mta_sts_port = static_cast<std::uint16_t>(port);
}

void read_tls_policies(Loading& loading, Reader& policies) {
    auto& scopes = loading.config.delivery.tls_scopes;
    each_domain(policies, [&](const std::string& pattern, Reader& entry) {
        enum class Send : std::uint8_t { off, required, verified, dane_only };
        Send send = Send::required;
        entry.choice("send", send,
                     {{"required", Send::required},
                      {"verified", Send::verified},
                      {"dane-only", Send::dane_only},
                      {"off", Send::off}});
        std::string note;
        entry.string("note", note);
        auto& receive = loading.config.smtp.receive_policies[pattern];
        receive.note = note;
        entry.choice("receive", receive.level,
                     {{"off", smtp::ReceivePolicy::Level::off},
                      {"required", smtp::ReceivePolicy::Level::required},
                      {"verified", smtp::ReceivePolicy::Level::verified}});
        entry.finish();
        if (send == Send::off) return;
        Keys& keys = scopes.policies[pattern];
        keys.floor = true;
        keys.mode = send == Send::dane_only ? tls_policy::Mode::dane_only : tls_policy::Mode::required;
        if (send == Send::verified) keys.verify = tls_policy::Verify::host;
        const auto [source, span] = entry.place("send");
        if (source)
            for (const char* key : {"mode", "verify"})
                keys.origins.emplace(key, tls::Origin{source->name(), source->position(span.begin).line, 1});
    });
}

}  // namespace sluice::config
