// `sluice tls ciphers|explain|publish`: what a cipher string comes to, and which TLS policy counts for a destination
// (publish is in tls_publish_command.cpp).
#include <iostream>
#include <memory>

#include <fmt/format.h>
#include <boost/json.hpp>

#include "engine/app/commands.hpp"
#include "engine/app/generation.hpp"
#include "engine/app/tls_publish_command.hpp"
#include "engine/config/syntax.hpp"
#include "engine/tls/cipher_list.hpp"
#include "engine/tls_policy/scopes.hpp"

namespace sluice::app {

namespace {

namespace json = boost::json;

struct Arguments {
    std::string config;
    std::string ciphers;
    std::string domain;
    std::string binding;
    bool as_json = false;
};

// True if one of them is an error.
bool tell(const std::vector<tls::Problem>& problems) {
    for (const auto& problem : problems) {
        std::cerr << fmt::format("{}[{}]: {}\n", to_string(problem.severity), problem.code, problem.text);
        if (!problem.hint.empty()) std::cerr << fmt::format("  hint: {}\n", problem.hint);
    }
    return tls::has_error(problems);
}

// The counterpart of `openssl ciphers -v`.
int ciphers(const Arguments& arguments) {
    const auto translated = tls::translate_ciphers(arguments.ciphers, {});
    if (tell(translated.problems)) return 1;
    json::array all;
    for (const auto& cipher : tls::expand_cipher_list(translated.strict)) {
        if (arguments.as_json)
            all.push_back({{"name", cipher.name},
                           {"iana", cipher.iana_name},
                           {"bits", cipher.bits},
                           {"key_exchange", cipher.key_exchange}});
        else
            std::cout << fmt::format("{:<30} {:<46} {:>3} bits  {}\n", cipher.name, cipher.iana_name, cipher.bits,
                                     cipher.key_exchange);
    }
    if (arguments.as_json)
        std::cout << json::serialize(all) << '\n';
    else
        std::cout << "TLS 1.3: AES-128-GCM, AES-256-GCM and ChaCha20-Poly1305, always on with that version\n";
    return 0;
}

std::string place_of(const tls_policy::Source& source) {
    if (source.scope == tls_policy::Scope::built_in) return "built in";
    std::string text = fmt::format("{} ({})", source.entry, to_string(source.scope));
    if (source.floor) text += ", floor";
    if (!source.origin.file.empty()) text += fmt::format(", {}:{}", source.origin.file, source.origin.line);
    return text;
}

int explain(const Arguments& arguments) {
    const auto domain = config::canonical_domain(arguments.domain);
    if (!domain) {
        std::cerr << fmt::format("error: '{}' is not a domain\n", arguments.domain);
        return 2;
    }
    Report report;
    const auto configuration = config::load(arguments.config, report.diagnostics);
    if (!configuration) {
        std::cerr << report.text();
        return 1;
    }
    if (!arguments.binding.empty() && !configuration->smtp.bindings.contains(arguments.binding)) {
        std::cerr << fmt::format("error: there is no binding '{}' in config.delivery\n", arguments.binding);
        return 1;
    }
    const auto policy = resolve(configuration->delivery.tls_scopes, *domain, arguments.binding);
    json::object all;
    for (const auto& key : tls_policy::shown_keys(policy)) {
        const auto& source = policy.sources.find(key.name)->second;
        if (arguments.as_json)
            all[key.name] = json::object{{"value", json::parse(key.value)}, {"scope", to_string(source.scope)},
                                         {"entry", source.entry},           {"floor", source.floor},
                                         {"file", source.origin.file},      {"line", source.origin.line}};
        else
            std::cout << fmt::format("{:<24} {:<28} {}\n", key.name, key.value, place_of(source));
    }
    if (arguments.as_json) std::cout << json::serialize(all) << '\n';
    return 0;
}

}  // namespace

void add_tls(CLI::App& app, int& exit_code) {
    auto* tls = app.add_subcommand("tls", "TLS: cipher lists, policies of delivery");
    tls->require_subcommand(1);
    auto arguments = std::make_shared<Arguments>();

    auto* list = tls->add_subcommand("ciphers", "what a cipher string comes to here (as `openssl ciphers -v`)");
    list->add_option("STRING", arguments->ciphers, "as in tls.ciphers: \"DEFAULT:!3DES\"")->required();
    list->add_flag("--json", arguments->as_json, "JSON");
    list->callback([arguments, &exit_code] { exit_code = ciphers(*arguments); });

    add_tls_publish(*tls, exit_code);

    auto* why = tls->add_subcommand("explain", "the TLS policy of delivery to a domain, and where each key comes from");
    why->add_option("DOMAIN", arguments->domain, "of recipients, or the host of a forward")->required();
    why->add_option("--binding", arguments->binding, "as transport::binding chooses it");
    why->add_option("-c,--config", arguments->config, "configuration directory or root script");
    why->add_flag("--json", arguments->as_json, "JSON");
    why->callback([arguments, &exit_code] { exit_code = explain(*arguments); });
}

}  // namespace sluice::app
