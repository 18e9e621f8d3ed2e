#include "engine/app/domain_templates.hpp"

#include <fmt/format.h>

#include "dsl/format/format.hpp"

namespace sluice::app {

namespace {

// A path may hold anything a file name may.
std::string quoted(const std::string& text) {
    std::string result = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') result += '\\';
        result += c;
    }
    return result + '"';
}

std::string tls_lines(const std::string& indent, const std::string& certificate, const std::string& private_key) {
    return fmt::format("{0}config.tls = #{{\n{0}    certificate: {1},\n{0}    private_key: {2},\n{0}}};\n", indent,
                       quoted(certificate), quoted(private_key));
}

// A long name of a domain needs more lines.
std::string formatted(const std::string& script) {
    dsl::Diagnostics diagnostics;
    return dsl::format::format(std::make_shared<dsl::SourceFile>("template", script), {}, diagnostics).value_or(script);
}

}  // namespace

std::string incoming_template(const std::string& domain) {
    return formatted(fmt::format(R"(// Mail from elsewhere for recipients at {0}: stages rcpt to delivery.
#{{
    rcpt: [
        // Takes every recipient of the domain. To take some only, compare ctx::rcpt().local_part and end in
        // state::deny(code::c550_1_1()).
        rule "accept mail for {0}" || state::accept(),
    ],
}}
)",
                                 domain));
}

std::string outgoing_template(const std::string& domain) {
    return formatted(
        fmt::format(R"(// Mail with a sender at {0}: stage mail, and the later ones if a recipient is elsewhere.
#{{
    mail: [
        // Anybody can claim such a sender, so nobody may use one before senders can authenticate. To let your own hosts
        // send, begin with: if ip4(ctx::client_ip()) in rg4("192.0.2.0/24") {{ return state::accept(); }}
        rule "senders at {0} must authenticate" || state::deny(code(530, "5.7.0", "Authentication required")),
    ],
}}
)",
                    domain));
}

std::string internal_template(const std::string& domain) {
    return formatted(fmt::format(
        R"(// Mail with sender and recipient at {0}: stages rcpt to delivery. Stage mail is decided in outgoing.vsl.
#{{
    rcpt: [
        rule "senders at {0} must authenticate" || state::deny(code(530, "5.7.0", "Authentication required")),
    ],
}}
)",
        domain));
}

std::string config_template(const std::string& domain, const std::string& certificate, const std::string& private_key) {
    return fmt::format(
        "// Settings of {}. Relative paths start at the configuration directory.\nfn on_domain_config(config) {{\n{}   "
        " config\n}}\n",
        domain, tls_lines("    ", certificate, private_key));
}

std::string config_template_without_tls(const std::string& domain, const std::string& certificate,
                                        const std::string& private_key) {
    return fmt::format(
        "// Settings of {0}. Relative paths start at the configuration directory.\nfn on_domain_config(config) {{\n"
        "    // Without a certificate there is no TLS under this name. For a first one: sluice cert self-signed "
        "{0}\n{1}    config\n}}\n",
        domain, tls_lines("    // ", certificate, private_key));
}

}  // namespace sluice::app
