// `sluice why`: what was refused, by whom and why, from the trace the server keeps. Needs no server.
#include <iostream>

#include <fmt/format.h>

#include "engine/app/commands.hpp"
#include "engine/config/configuration.hpp"
#include "engine/refusals/refusal_files.hpp"
#include "engine/refusals/search.hpp"
#include "engine/refusals/text.hpp"

namespace sluice::app {

namespace {

constexpr std::size_t default_count = 20;

struct Options {
    std::string id;
    std::string config;
    std::string directory;  // of the files; empty: as configured
    std::string client_ip;
    std::size_t count = default_count;
    refusals::ListFilter filter;
    bool json = false;
};

int fail(const std::string& text, const std::string& hint = {}) {
    std::cerr << "error: " << text << '\n';
    if (!hint.empty()) std::cerr << "  hint: " << hint << '\n';
    return 1;
}

struct Trace {
    std::filesystem::path directory;
    std::filesystem::path root;
    bool enabled = true;
    refusals::Contents contents;
};

// Exit code. Errors of the configuration do not matter as long as it says where the spool is.
int open(const Options& options, Trace& trace) {
    dsl::Diagnostics ignored;
    const auto configuration = config::load_with_errors(options.config, ignored);
    if (configuration) {
        trace.root = configuration->root;
        trace.enabled = configuration->refusals.enabled;
        trace.directory = refusals::directory_in(configuration->queue_dir);
    }
    if (!options.directory.empty()) trace.directory = options.directory;
    if (trace.directory.empty())
        return fail("the configuration does not tell where the spool is",
                    "`sluice check` says why; or name the directory of the files with --dir");
    trace.contents = refusals::read(trace.directory);
    const auto& contents = trace.contents;
    if (contents.failed == std::errc::no_such_file_or_directory)
        return fail(fmt::format("nothing has been refused yet: there is no '{}'", contents.path.string()),
                    trace.enabled ? "--dir names another directory than the configured one"
                                  : "config.server.refusals.enabled is false");
    if (contents.failed)
        return fail(fmt::format("cannot read '{}': {}", contents.path.string(), contents.failed.message()),
                    "run it as root or as the user of the server (config.server.system.user)");
    if (contents.damaged != 0)
        std::cerr << fmt::format("note: {} damaged line(s) skipped, as a crash leaves them\n", contents.damaged);
    if (contents.later != 0)
        std::cerr << fmt::format("note: {} line(s) of a later version of sluice skipped\n", contents.later);
    return 0;
}

std::string reach(const Trace& trace) {
    const auto& records = trace.contents.records;
    if (records.empty()) return fmt::format("the files in '{}' are empty", trace.directory.string());
    return fmt::format("the {} record(s) in '{}' reach back to {}", records.size(), trace.directory.string(),
                       records.front().time);
}

int one(const Options& options, const Trace& trace) {
    const auto found = refusals::find(trace.contents.records, options.id);
    if (found.ids.size() > 1) {
        std::string all;
        for (const auto& id : found.ids) all += "\n    " + id;
        return fail(fmt::format("several ids begin with '{}':{}", options.id, all));
    }
    if (found.records.empty())
        return fail(fmt::format("nothing was refused in a session or for a message of id '{}'", options.id),
                    reach(trace) + "; `sluice why --last` lists the latest");
    bool first = true;
    for (const auto* record : found.records) {
        if (options.json) {
            std::cout << refusals::print(*record);
        } else {
            std::cout << (first ? "" : "\n") << refusals::long_text(*record, trace.root);
        }
        first = false;
    }
    return 0;
}

int list(const Options& options, const Trace& trace) {
    const auto found = refusals::latest(trace.contents.records, options.filter, options.count);
    if (found.empty()) return fail("no such refusal", reach(trace));
    for (const auto* record : found)
        std::cout << (options.json ? refusals::print(*record) : refusals::short_text(*record));
    return 0;
}

int why(Options& options, bool listing) {
    if (listing == !options.id.empty()) {
        std::cerr << (listing ? "an id and a list exclude each other\n" : "give an id, or --last for a list\n");
        return 2;
    }
    if (!listing && options.id.size() < refusals::shortest_id) {
        std::cerr << fmt::format("'{}' is too short: give at least {} characters of an id\n", options.id,
                                 refusals::shortest_id);
        return 2;
    }
    if (!options.client_ip.empty()) {
        error_code failed;
        options.filter.client = asio::ip::make_address(options.client_ip, failed);
        if (failed) {
            std::cerr << fmt::format("--ip: '{}' is not an IP address\n", options.client_ip);
            return 2;
        }
    }
    Trace trace;
    if (const int failed = open(options, trace)) return failed;
    return listing ? list(options, trace) : one(options, trace);
}

}  // namespace

void add_why(CLI::App& app, int& exit_code) {
    auto options = std::make_shared<Options>();
    auto* command = app.add_subcommand("why", "Tell why a message or a session was refused");
    command->add_option("ID", options->id,
                        "id of a message or of a session, as in the log, or its beginning (8 characters or more)");
    command->add_option("-c,--config", options->config, "configuration directory or root script (default /etc/sluice)");
    command->add_option("--dir", options->directory, "directory of the trace (default: refusals in the spool)");
    auto* last = command
                     ->add_option("--last", options->count,
                                  fmt::format("list the latest refusals, so many (default {})", default_count))
                     ->expected(0, 1)
                     ->default_str(std::to_string(default_count))
                     ->check(CLI::Range(1, 1'000'000));
    auto* ip = command->add_option("--ip", options->client_ip, "list those of this client address");
    auto* from = command->add_option("--from", options->filter.from,
                                     "list those whose reverse-path contains this; <> for the null reverse-path");
    auto* rcpt = command->add_option("--rcpt", options->filter.rcpt, "list those with a recipient that contains this");
    command->add_flag("--json", options->json, "print one JSON object for each refusal");
    command->callback([options, last, ip, from, rcpt, &exit_code] {
        const bool listing = last->count() + ip->count() + from->count() + rcpt->count() != 0;
        exit_code = why(*options, listing);
    });
}

}  // namespace sluice::app
