#include "engine/migrate/vsl_writer.hpp"

#include <fmt/format.h>

#include "dsl/format/format.hpp"
#include "grammar/vsl/words.hpp"

namespace sluice::migrate {

namespace {

// How many octets a UTF-8 character has here; 0 if there is none.
std::size_t utf8_length(std::string_view text) {
    const auto octet = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const std::size_t length = octet(0) < 0x80   ? 1
                               : octet(0) < 0xC2 ? 0
                               : octet(0) < 0xE0 ? 2
                               : octet(0) < 0xF0 ? 3
                               : octet(0) < 0xF5 ? 4
                                                 : 0;
    if (length == 0 || length > text.size()) return 0;
    for (std::size_t i = 1; i < length; ++i)
        if ((octet(i) & 0xC0) != 0x80) return 0;
    if (length == 3 && ((octet(0) == 0xE0 && octet(1) < 0xA0) || (octet(0) == 0xED && octet(1) >= 0xA0))) return 0;
    if (length == 4 && ((octet(0) == 0xF0 && octet(1) < 0x90) || (octet(0) == 0xF4 && octet(1) >= 0x90))) return 0;
    return length;
}

std::string printed(const Strings& list) {
    std::string out;
    for (const auto& item : list) out += (out.empty() ? "" : ", ") + quoted(item);
    return "[" + out + "]";
}

std::string printed(const Value& value) {
    if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
    if (const auto* text = std::get_if<std::string>(&value)) return quoted(*text);
    return printed(std::get<Strings>(value));
}

// Entries of a map, each with its comma.
class MapText {
  public:
    // Keys that are words of the language (`match`) stand in quotes.
    void add(std::string_view key, std::string_view value) {
        const bool name = grammar::vsl::classify(key) == grammar::vsl::WordClass::name;
        text_ += fmt::format("{}: {}, ", name ? std::string(key) : quoted(key), value);
    }
    void add_quoted(std::string_view key, std::string_view value) {
        text_ += fmt::format("{}: {}, ", quoted(key), value);
    }
    [[nodiscard]] std::string str() const { return "#{ " + text_ + "}"; }
    [[nodiscard]] bool empty() const noexcept { return text_.empty(); }

  private:
    std::string text_;
};

std::string printed(const Keys& keys) {
    MapText map;
    for (const auto& [key, value] : keys) map.add(key, printed(value));
    return map.str();
}

std::string tls_map(const Keys& keys) {
    MapText map;
    map.add("tls", printed(keys));
    return map.str();
}

std::string printed(const Named<Keys>& domains) {
    MapText map;
    for (const auto& [domain, keys] : domains) map.add_quoted(domain, tls_map(keys));
    return map.str();
}

MapText binding_map(const Keys& tls, const Named<Keys>& domains) {
    MapText map;
    if (!tls.empty()) map.add("tls", printed(tls));
    if (!domains.empty()) map.add("domain", printed(domains));
    return map;
}

// What stands in a comment must not end it: names of files and of listeners are anybody's.
std::string one_line(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        if (static_cast<unsigned char>(c) < ' ' || c == 127) c = ' ';
    return out;
}

std::string comments(const Strings& lines) {
    std::string out;
    for (const auto& line : lines) out += "// " + one_line(line) + "\n";
    return out;
}

std::string formatted(const std::string& path, const std::string& script) {
    dsl::Diagnostics diagnostics;
    return dsl::format::format(std::make_shared<dsl::SourceFile>(path, script), {}, diagnostics).value_or(script);
}

std::string interfaces(const Model& model) {
    static constexpr std::pair<const char*, ListenerKind> kinds[] = {{"addr", ListenerKind::relay},
                                                                     {"addr_submission", ListenerKind::submission},
                                                                     {"addr_submissions", ListenerKind::submissions}};
    MapText map;
    for (const auto& [key, kind] : kinds) {
        Strings addresses;
        for (const auto& listener : model.listeners)
            if (listener.kind == kind) addresses.push_back(listener.address);
        map.add(key, printed(addresses));
    }
    return map.str();
}

std::string listeners_body(const Model& model) {
    std::string out;
    if (!model.server_name.empty()) out += fmt::format("config.server.name = {};\n", quoted(model.server_name));
    out += comments(model.listener_notes);
    if (!model.listeners.empty()) out += fmt::format("config.server.interfaces = {};\n", interfaces(model));
    if (!model.server_tls.empty()) out += fmt::format("config.server.tls = {};\n", printed(model.server_tls));
    for (const auto& listener : model.listeners)
        if (!listener.tls.empty())
            out += fmt::format("config.server.listener[{}] = {};\n", quoted(listener.address), tls_map(listener.tls));
    for (const auto& [peer, keys] : model.peers)
        out += fmt::format("config.server.peer[{}] = {};\n", quoted(peer), tls_map(keys));
    if (!model.auth_mechanisms.empty())
        out += fmt::format("config.server.smtp.auth = #{{ mechanisms: {} }};\n", printed(model.auth_mechanisms));
    return out;
}

std::string delivery_body(const Model& model) {
    std::string out;
    if (!model.delivery_tls.empty())
        out += comments(model.delivery_notes) + fmt::format("config.delivery.tls = {};\n", printed(model.delivery_tls));
    for (const auto& [domain, keys] : model.domains)
        out += fmt::format("config.delivery.domain[{}] = {};\n", quoted(domain), tls_map(keys));
    for (const auto& [name, binding] : model.bindings)
        out += fmt::format("config.delivery.binding[{}] = {};\n", quoted(name),
                           binding_map(binding.tls, binding.domains).str());
    for (const auto& [name, group] : model.groups) {
        auto map = binding_map(group.tls, group.domains);
        MapText bindings;
        for (const auto& [binding, content] : group.bindings)
            bindings.add_quoted(binding, binding_map(content.tls, content.domains).str());
        if (!bindings.empty()) map.add("binding", bindings.str());
        out += fmt::format("config.delivery.binding_group[{}] = {};\n", quoted(name), map.str());
    }
    return out;
}

std::string policy_body(const Model& model) {
    std::string out;
    for (const auto& [domain, entry] : model.policies) {
        MapText map;
        map.add("send", quoted(entry.send));
        if (!entry.note.empty()) map.add("note", quoted(entry.note));
        out += fmt::format("config.tls_policy[{}] = {};\n", quoted(domain), map.str());
    }
    return out;
}

std::string domain_body(const HostedDomain& domain) {
    MapText tls;
    const auto pair_of = [](MapText& map, const CertificatePair& pair) {
        map.add("certificate", quoted(pair.certificate));
        if (!pair.private_key.empty()) map.add("private_key", quoted(pair.private_key));
    };
    if (domain.certificates.size() == 1) {
        pair_of(tls, domain.certificates.front());
    } else {
        std::string list;
        for (const auto& pair : domain.certificates) {
            MapText map;
            pair_of(map, pair);
            list += map.str() + ", ";
        }
        tls.add("certificates", "[" + list + "]");
    }
    if (!domain.server_names.empty()) tls.add("server_names", printed(domain.server_names));
    return fmt::format("config.tls = {};\n", tls.str());
}

}  // namespace

std::string quoted(std::string_view text) {
    std::string out = "\"";
    while (!text.empty()) {
        const auto c = static_cast<unsigned char>(text.front());
        const auto length = utf8_length(text);
        if (length == 0) {
            out += static_cast<char>(0xC0 | (c >> 6));
            out += static_cast<char>(0x80 | (c & 0x3F));
        } else if (c == '"' || c == '\\') {
            out += fmt::format("\\{}", static_cast<char>(c));
        } else if (c < ' ' || c == 127) {
            out += c == '\n' ? "\\n" : c == '\r' ? "\\r" : c == '\t' ? "\\t" : fmt::format("\\x{:02x}", c);
        } else {
            out += text.substr(0, length);
        }
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return out + '"';
}

std::vector<File> write_vsl(const Model& model, std::string_view product, std::string_view source) {
    std::vector<File> files;
    const auto add = [&](std::string path, std::string_view about, std::string_view function, std::string_view body) {
        if (body.empty()) return;
        const auto text = fmt::format("//! {}, from {} by `sluice migrate {}`.\n\nfn {}(config) {{\n{}\nconfig\n}}\n",
                                      about, one_line(source), product, function, body);
        files.push_back({path, formatted(path, text)});
    };
    const auto part = [&](std::string_view name) { return fmt::format("conf.d/{}-{}.vsl", product, name); };
    add(part("listeners"), "Listeners and TLS of clients", "on_config", listeners_body(model));
    add(part("delivery"), "TLS of delivery", "on_config", delivery_body(model));
    add(part("policy"), "TLS with single domains", "on_config", policy_body(model));
    for (const auto& [name, domain] : model.hosted)
        add(fmt::format("domain-available/{}/config.vsl", name),
            name == "default" ? "TLS of clients that send no server name" : "TLS of this domain", "on_domain_config",
            domain_body(domain));
    return files;
}

}  // namespace sluice::migrate
