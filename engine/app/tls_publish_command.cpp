#include "engine/app/tls_publish_command.hpp"

#include <exception>
#include <iostream>
#include <memory>

#include <fmt/format.h>

#include "engine/app/generation.hpp"
#include "engine/config/syntax.hpp"
#include "engine/dns/lookup.hpp"
#include "engine/dns/resolver_service.hpp"
#include "engine/https/client.hpp"
#include "engine/sts/publish.hpp"
#include "grammar/sts/limits.hpp"

namespace sluice::app {

namespace {

struct Arguments {
    std::string config;
    std::string domain;
    std::string mode = "testing";
    std::uint32_t max_age = 604'800;
    std::string reports;
};

asio::awaitable<std::optional<std::vector<std::string>>> texts_of(dns::Resolver& resolver, const std::string& name) {
    const auto parsed = dns::Name::parse(name);
    if (!parsed) co_return std::nullopt;
    const auto found = co_await dns::texts(resolver, *parsed);
    if (found.failed()) std::cerr << fmt::format("note: cannot look up TXT of {}: {}\n", name, found.why);
    if (found.failed()) co_return std::nullopt;
    co_return found.texts;
}

asio::awaitable<std::vector<std::string>> exchanges_of(dns::Resolver& resolver, const std::string& domain) {
    std::vector<std::string> hosts;
    const auto parsed = dns::Name::parse(domain);
    if (!parsed) co_return hosts;
    const auto found = co_await dns::mail_exchangers(resolver, *parsed);
    if (found.failed()) std::cerr << fmt::format("note: cannot look up MX of {}: {}\n", domain, found.why);
    if (!found.implicit)
        for (const auto& host : found.hosts) hosts.push_back(host.exchange.without_final_dot());
    co_return hosts;
}

asio::awaitable<std::optional<std::string>> policy_file_of(std::shared_ptr<dns::Resolver> resolver,
                                                           const config::Configuration& configuration,
                                                           const std::string& domain) {
    const auto& settings = configuration.delivery;
    auto trust =
        settings.mta_sts_ca.empty() ? tls::TrustStore::system() : tls::TrustStore::load(settings.mta_sts_ca, {}, {});
    const https::Client client(std::move(resolver), {.trust = std::move(trust.store)});
    https::Request request;
    request.host = "mta-sts." + domain;
    request.port = settings.mta_sts_port;
    request.target = "/.well-known/mta-sts.txt";
    request.expectation = {.max_body = grammar::sts::max_policy, .media_type = "text/plain"};
    request.timeout = limits::sts_fetch;
    auto answer = co_await client.send(std::move(request));
    if (answer) co_return std::move(answer->body);
    std::cerr << fmt::format("note: no policy is served at https://mta-sts.{}: {}\n", domain, answer.error().text);
    co_return std::nullopt;
}

asio::awaitable<void> look_up(std::shared_ptr<dns::Resolver> resolver, const config::Configuration& configuration,
                              sts::OwnDomain& own, sts::Published& published) {
    own.mx = co_await exchanges_of(*resolver, own.domain);
    published.sts_texts = co_await texts_of(*resolver, "_mta-sts." + own.domain);
    published.report_texts = co_await texts_of(*resolver, "_smtp._tls." + own.domain);
    published.policy_file = co_await policy_file_of(resolver, configuration, own.domain);
}

int publish(const Arguments& arguments) {
    const auto domain = config::canonical_domain(arguments.domain);
    if (!domain) {
        std::cerr << fmt::format("error: '{}' is not a domain\n", arguments.domain);
        return 2;
    }
    Report report;
    const auto generation = load_generation(arguments.config, tls::make_ticket_keys(std::chrono::hours(1)), report);
    if (!generation.configuration) {
        std::cerr << report.text();
        return 1;
    }
    sts::OwnDomain own;
    own.domain = *domain;
    own.mode = arguments.mode == "enforce"   ? sts::PolicyMode::enforce
               : arguments.mode == "testing" ? sts::PolicyMode::testing
                                             : sts::PolicyMode::none;
    own.max_age = arguments.max_age;
    own.reports = arguments.reports;
    if (generation.tls) own.certificates = generation.tls->certificates();
    sts::Published published;
    dns::ResolverService service([](const std::string& problem) { std::cerr << "note: " << problem << '\n'; });
    asio::io_context io;
    asio::co_spawn(io, look_up(service.open(generation.configuration->dns), *generation.configuration, own, published),
                   [](const std::exception_ptr& thrown) {
                       if (thrown) std::rethrow_exception(thrown);
                   });
    io.run();
    const auto publication = sts::publication(own, published);
    std::cout << sts::print(publication);
    return publication.disagreements.empty() ? 0 : 1;
}

}  // namespace

void add_tls_publish(CLI::App& tls, int& exit_code) {
    auto arguments = std::make_shared<Arguments>();
    auto* command =
        tls.add_subcommand("publish", "DNS records and policy file of MTA-STS and TLSRPT for a domain of ours");
    command->add_option("DOMAIN", arguments->domain, "a domain of ours")->required();
    command->add_option("--mode", arguments->mode, "of the policy (default: testing)")
        ->check(CLI::IsMember({"testing", "enforce", "none"}));
    command->add_option("--max-age", arguments->max_age, "seconds for which others keep the policy")
        ->check(CLI::Range(86'400U, grammar::sts::max_policy_age));
    command->add_option("--reports", arguments->reports, "where reports go: mailto:tls@example.com");
    command->add_option("-c,--config", arguments->config, "configuration directory or root script");
    command->callback([arguments, &exit_code] { exit_code = publish(*arguments); });
}

}  // namespace sluice::app
