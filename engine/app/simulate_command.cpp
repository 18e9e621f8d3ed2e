// `sluice simulate`: one conversation, played against the rules without any effect, with everything the rules did.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

#include <fmt/format.h>

#include "engine/app/commands.hpp"
#include "engine/app/generation.hpp"
#include "engine/dns/resolver_service.hpp"
#include "engine/rehearsal/simulation.hpp"

namespace sluice::app {

namespace {

struct Options {
    std::string config;
    std::string session_file;
    std::string helo = "client.example";
    std::optional<std::string> from;
    std::vector<std::string> recipients;
    std::string message_file;
    std::string client_ip = "192.0.2.1";
    std::string listener = "relay";
    std::optional<std::string> tls;  // name of the server, maybe empty
    std::string verified;            // name in the certificate that the client shows; empty: it shows none
    std::string unverified;
    bool json = false;
};

// False after a message. Pipes will do, for --message <(…): that is why this is not dsl::FileLoader.
bool read(const std::string& path, std::string& text) {
    std::ifstream in(path, std::ios::binary);
    std::error_code error;
    if (in && !std::filesystem::is_directory(path, error)) {
        text.assign(std::istreambuf_iterator<char>(in), {});
        return true;
    }
    std::cerr << fmt::format("cannot read the file '{}'\n", path);
    return false;
}

std::vector<rehearsal::ClientAction> conversation(const Options& options, std::string message) {
    std::vector<rehearsal::ClientAction> actions{{"EHLO " + options.helo, {}}};
    if (options.tls && options.listener != "submissions") {
        actions.push_back({"STARTTLS", {}});
        actions.push_back(actions.front());
    }
    if (!options.from) return actions;
    actions.push_back({fmt::format("MAIL FROM:<{}>", *options.from == "<>" ? "" : *options.from), {}});
    for (const auto& recipient : options.recipients) actions.push_back({fmt::format("RCPT TO:<{}>", recipient), {}});
    if (message.empty())
        message =
            fmt::format("From: <{}>\nSubject: simulated\n\nThis message was made by sluice simulate.\n", *options.from);
    if (!options.recipients.empty()) actions.push_back({"DATA", std::move(message)});
    return actions;
}

// Exit code 2 after a message.
bool read_role(const Options& options, rehearsal::Role& role) {
    error_code error;
    const auto address = asio::ip::make_address(options.client_ip, error);
    if (error) {
        std::cerr << fmt::format("--client-ip: '{}' is not an IP address\n", options.client_ip);
        return false;
    }
    role.client.address(address);
    role.listener = options.listener == "submission"    ? smtp::ListenerKind::submission
                    : options.listener == "submissions" ? smtp::ListenerKind::submissions
                                                        : smtp::ListenerKind::relay;
    role.has_certificate = options.tls.has_value() || role.listener == smtp::ListenerKind::submissions;
    role.tls = rehearsal::ordinary_tls(options.tls.value_or(""));
    if (!options.verified.empty()) rehearsal::show_certificate(role.tls, options.verified, true);
    if (!options.unverified.empty()) rehearsal::show_certificate(role.tls, options.unverified, false);
    return true;
}

int simulate(const Options& options) {
    rehearsal::Role role;
    if (!read_role(options, role)) return 2;
    std::string text;
    if (!options.session_file.empty() && !read(options.session_file, text)) return 1;
    std::string message;
    if (!options.message_file.empty() && !read(options.message_file, message)) return 1;
    const auto generation = load_for_trial(options.config, "the rules cannot be loaded: nothing was simulated");
    if (!generation.rules) return 1;
    dns::ResolverService dns;
    role.resolver = dns.open(generation.configuration->dns);
    rehearsal::Rehearsal rehearsal(generation.configuration, generation.rules, generation.users);
    const auto actions =
        options.session_file.empty() ? conversation(options, std::move(message)) : rehearsal::parse_session(text);
    rehearsal::simulate(rehearsal, std::move(role), actions,
                        options.json ? rehearsal::Form::json : rehearsal::Form::text, std::cout);
    return 0;
}

}  // namespace

void add_simulate(CLI::App& app, int& exit_code) {
    auto options = std::make_shared<Options>();
    auto* command = app.add_subcommand(
        "simulate", "Play a conversation against the rules, without any effect, and show what every rule did");
    command->add_option("-c,--config", options->config, "configuration directory or root script (default /etc/sluice)");
    auto* session = command->add_option("--session", options->session_file, "file with the client's commands");
    command->add_option("--helo", options->helo, "name of the client")->excludes(session);
    command->add_option("--from", options->from, "reverse-path; <> for the null reverse-path")->excludes(session);
    command->add_option("--rcpt", options->recipients, "recipient; may be given more than once")->excludes(session);
    command->add_option("--message", options->message_file, "file with the message")->excludes(session);
    command->add_option("--client-ip", options->client_ip, "address of the client");
    command->add_option("--listener", options->listener, "relay, submission or submissions")
        ->check(CLI::IsMember({"relay", "submission", "submissions"}));
    command->add_option("--tls", options->tls, "use TLS, with this server name if one is given")
        ->expected(0, 1)
        ->default_str("");
    auto* verified = command->add_option("--client-certificate", options->verified,
                                         "the client shows a certificate of this name, and it is verified");
    command
        ->add_option("--unverified-certificate", options->unverified,
                     "the client shows a certificate of this name, signed by nobody")
        ->excludes(verified);
    command->add_flag("--json", options->json, "print one JSON object for each command");
    command->callback([options, &exit_code] { exit_code = simulate(*options); });
}

}  // namespace sluice::app
