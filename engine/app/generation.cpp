#include "engine/app/generation.hpp"

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <iterator>

#include <fmt/format.h>
#include <boost/json.hpp>

#include "dsl/diag/render.hpp"
#include "engine/sasl/password_file.hpp"

namespace sluice::app {

namespace {

std::string render(const tls::Problem& problem) {
    std::string place = problem.origin.file;
    if (problem.origin.line != 0)
        place += fmt::format(":{}:{}", problem.origin.line, std::max(1u, problem.origin.column));
    auto text = fmt::format("{}{}{}[{}]: {}\n", place, place.empty() ? "" : ": ", to_string(problem.severity),
                            problem.code, problem.text);
    if (!problem.hint.empty()) text += fmt::format("  hint: {}\n", problem.hint);
    return text;
}

// tls.md D3: most senders give no SNI, so without a default domain their opportunistic TLS fails.
void warn_without_default(const config::Configuration& configuration, const tls::ServerSnapshot& tls, Report& report) {
    if (tls.empty() || tls.has_default()) return;
    for (const auto& listener : configuration.listeners) {
        if (listener.kind != smtp::ListenerKind::relay || listener.endpoint.port() != 25) continue;
        report.diagnostics.add(dsl::Code::config_notice, nullptr, {},
                               fmt::format("listener {} offers STARTTLS, but there is no domain called `default`: "
                                           "clients that send no server name cannot use TLS",
                                           listener.id),
                               "most mail servers send none; link one domain as domain-enabled/default");
    }
}

bool is_private(const asio::ip::address& address) {
    if (address.is_loopback()) return true;
    if (address.is_v6()) return address.to_v6().is_link_local() || (address.to_v6().to_bytes()[0] & 0xfe) == 0xfc;
    const auto octets = address.to_v4().to_bytes();
    return octets[0] == 10 || (octets[0] == 172 && (octets[1] & 0xf0) == 16) || (octets[0] == 192 && octets[1] == 168);
}

// RFC 3207 4: a publicly referenced MX must not ask for TLS.
void warn_about_required_tls(const config::Configuration& configuration, Report& report) {
    for (const auto& listener : configuration.listeners) {
        if (listener.kind != smtp::ListenerKind::relay || listener.endpoint.port() != 25) continue;
        if (configuration.smtp.tls_for(listener.id).security != smtp::TlsSecurity::required) continue;
        if (is_private(listener.endpoint.address())) continue;
        report.diagnostics.add(
            dsl::Code::config_notice, nullptr, {},
            fmt::format("listener {} requires TLS. RFC 3207 forbids this for a publicly referenced MX; "
                        "senders without TLS will bounce",
                        listener.id),
            "use \"opportunistic\"");
    }
}

// The file that config.server.smtp.auth.users names must be there; the one of the default name may be.
std::shared_ptr<const sasl::UserTable> load_users(const config::Configuration& configuration,
                                                  dsl::Diagnostics& diagnostics) {
    if (!configuration.smtp.auth) return nullptr;
    auto path = configuration.users_file;
    if (path.empty()) {
        path = configuration.root + "/" + std::string(sasl::kUsersFileName);
        std::error_code error;
        if (!std::filesystem::exists(path, error)) return nullptr;
    }
    auto loaded = sasl::load_users(path);
    if (loaded) return *loaded;
    for (const auto& problem : loaded.error())
        diagnostics.add(dsl::Code::config_path, nullptr, {},
                        problem.line == 0
                            ? fmt::format("password file '{}': {}", path, problem.text)
                            : fmt::format("password file '{}', line {}: {}", path, problem.line, problem.text),
                        problem.hint);
    return nullptr;
}

void warn_without_users(const config::Configuration& configuration, const Generation& generation, Report& report) {
    if (!configuration.smtp.auth || generation.users || generation.rules->authenticates()) return;
    report.diagnostics.add(
        dsl::Code::config_notice, nullptr, {},
        fmt::format("config.server.smtp.auth is on, but nobody can log in: there is no password file "
                    "'{}/{}', and no rule of the stage 'authenticate'",
                    configuration.root, sasl::kUsersFileName),
        fmt::format("`sluice user add NAME -c {}` makes the file", configuration.root));
}

}  // namespace

bool Report::has_errors() const { return errors() != 0; }

std::size_t Report::errors() const {
    return diagnostics.errors() + static_cast<std::size_t>(std::count_if(tls.begin(), tls.end(), [](const auto& p) {
               return p.severity == tls::Problem::Severity::error;
           }));
}

std::size_t Report::warnings() const {
    return diagnostics.warnings() + static_cast<std::size_t>(std::count_if(tls.begin(), tls.end(), [](const auto& p) {
               return p.severity == tls::Problem::Severity::warning;
           }));
}

std::string Report::first_code() const {
    for (const bool errors : {true, false}) {
        for (const auto& problem : diagnostics.all()) {
            const auto& code = dsl::info(problem.code);
            if ((code.severity == dsl::Severity::error) == errors) return std::string(code.code);
        }
        for (const auto& problem : tls)
            if ((problem.severity == tls::Problem::Severity::error) == errors) return std::string(problem.code);
    }
    return {};
}

std::string Report::text() const {
    auto text = dsl::render(diagnostics.all());
    for (const auto& problem : tls) text += render(problem);
    return text;
}

std::string Report::json() const {
    auto all = boost::json::parse(dsl::render_json(diagnostics.all())).as_array();
    for (const auto& problem : tls)
        all.push_back({{"code", problem.code},
                       {"severity", to_string(problem.severity)},
                       {"kind", "Tls"},
                       {"file", problem.origin.file},
                       {"line", problem.origin.line},
                       {"column", problem.origin.column},
                       {"message", problem.text},
                       {"hint", problem.hint}});
    return boost::json::serialize(all);
}

Generation load_generation(const std::string& path, const std::shared_ptr<tls::TicketKeys>& tickets, Report& report,
                           const LoadOptions& options) {
    Generation generation;
    const auto loaded = config::load_with_errors(path, report.diagnostics);
    if (!loaded) return generation;
    if (!report.diagnostics.has_errors()) generation.configuration = loaded;
    const auto& configuration = *loaded;
    generation.rules = filter::RuleSet::load(configuration, report.diagnostics, options.lints, options.marks);
    if (!generation.configuration) return generation;
    warn_about_required_tls(configuration, report);
    generation.users = load_users(configuration, report.diagnostics);
    if (generation.rules) warn_without_users(configuration, generation, report);
    const bool validating = configuration.dns.options.value_or(dns::Options()).dnssec;
    generation.outbound_tls = std::make_shared<deliver::OutboundTls>(configuration.delivery.tls_scopes, validating);
    report.tls = configuration.tls_problems;
    if (options.certificates == Certificates::yes) {
        auto found = generation.outbound_tls->check();
        std::move(found.begin(), found.end(), std::back_inserter(report.tls));
    }
    if (options.certificates == Certificates::yes &&
        (configuration.tls_configured || !configuration.tls_domains.empty())) {
        auto certificates = tls::ServerSnapshot::load(configuration.tls, configuration.tls_domains, tickets);
        std::move(certificates.problems.begin(), certificates.problems.end(), std::back_inserter(report.tls));
        generation.tls = std::move(certificates.snapshot);
        if (generation.tls) warn_without_default(configuration, *generation.tls, report);
    }
    return generation;
}

Generation load_for_trial(const std::string& path, std::string_view otherwise, filter::Marks marks) {
    Report report;
    auto generation = load_generation(path, nullptr, report, {.marks = marks, .certificates = Certificates::no});
    if (!report.has_errors() && generation.rules) return generation;
    std::cerr << report.text() << otherwise << '\n';
    return {};
}

}  // namespace sluice::app
