// `sluice queue …`: sees and changes what is stored. A running server is asked; without one the command opens the spool
// itself.
#include <iostream>

#include <fmt/format.h>

#include "engine/app/commands.hpp"
#include "engine/app/queue_operations.hpp"
#include "engine/config/configuration.hpp"
#include "engine/queue/dsn.hpp"

namespace sluice::app {

namespace {

struct Options {
    std::string config;
    std::string run_dir;
    std::string queue;
    std::string destination;
    std::int64_t older_minutes = 0;
    QueueRequest request;
};

std::string queue_names() {
    std::string names;
    for (const auto queue : queue::kAllQueues)
        if (queue != queue::Queue::corrupt) names += (names.empty() ? "" : ", ") + std::string(queue_name(queue));
    return names;
}

bool read_queue(const std::string& name, std::optional<queue::Queue>& into) {
    if (name.empty()) return true;
    into = queue::queue_of_name(name);
    if (into && *into != queue::Queue::corrupt) return true;
    std::cerr << fmt::format(
        "error: '{}' is not a queue\n  hint: the queues are {}; what could not be read is in the "
        "spool's directory corrupt/\n",
        name, queue_names());
    return false;
}

// No server has the spool.
ControlAnswer run_alone(const Options& options) {
    dsl::Diagnostics ignored;
    const auto configuration = config::load_with_errors(options.config, ignored);
    if (!configuration || configuration->queue_dir.empty())
        return {1, "error: the configuration does not tell where the spool is\n  hint: `sluice check` says why\n"};
    if (!std::filesystem::exists(configuration->queue_dir))
        return {1, fmt::format("error: there is no spool '{}'\n", configuration->queue_dir)};
    auto opened = queue::Spool::open(configuration->queue_dir);
    if (opened.failed == std::errc::resource_unavailable_try_again)
        return {3, fmt::format("error: a server uses the spool '{}' and does not answer at its control socket\n  hint: "
                               "--run-dir names another directory of the socket\n",
                               configuration->queue_dir)};
    if (!opened.spool)
        return {1, fmt::format("error: cannot open the spool: '{}': {}\n  hint: run it as root or as the user of the "
                               "server (config.server.system.user)\n",
                               opened.path, opened.failed.message())};
    QueueOperations operations(
        *opened.spool, nullptr, [&](const auto& envelope, std::string_view text, const auto& recipients) {
            const queue::DsnOrigin origin{
                .server_name = configuration->smtp.server_name, .now = std::chrono::system_clock::now(), .expires = {}};
            return queue::make_dsn(envelope, text, recipients, origin);
        });
    return operations.run(options.request);
}

int run(Options& options) {
    auto& filter = options.request.filter;
    if (!read_queue(options.queue, filter.queue) || !read_queue(options.destination, options.request.destination))
        return 2;
    if (options.older_minutes > 0) filter.older = std::chrono::minutes(options.older_minutes);
    auto answer = ask_server(run_dir_of(options.config, options.run_dir), "queue " + options.request.print());
    if (answer.exit_code == 3) answer = run_alone(options);
    (answer.exit_code == 0 ? std::cout : std::cerr) << answer.text;
    return answer.exit_code;
}

class Adder {
  public:
    Adder(CLI::App& parent, int& exit_code) : parent_(parent), exit_code_(exit_code) {}

    CLI::App* add(const std::string& operation, const std::string& description, std::shared_ptr<Options> options) {
        options->request.operation = operation;
        auto* command = parent_.add_subcommand(operation, description);
        command->add_option("-c,--config", options->config,
                            "configuration directory or root script (default /etc/sluice)");
        command->add_option("--run-dir", options->run_dir, "directory of the control socket (default: as configured)");
        command->callback([options, exit_code = &exit_code_] { *exit_code = run(*options); });
        return command;
    }

    static void add_filter(CLI::App& command, Options& options) {
        command.add_option("--queue", options.queue, "only of this queue: " + queue_names());
        command.add_option("--from", options.request.filter.from, "only from this sender, with * and ?; <> is none");
        command.add_option("--to", options.request.filter.to, "only with such a recipient left, with * and ?");
        command.add_option("--older", options.older_minutes, "only received more than so many minutes ago")
            ->check(CLI::PositiveNumber);
    }

    void change(const std::string& operation, const std::string& description, bool with_reason) {
        auto options = std::make_shared<Options>();
        auto* command = add(operation, description, options);
        if (operation == "move") command->add_option("DESTINATION", options->destination, queue_names())->required();
        command->add_option("ID", options->request.filter.ids, "messages");
        add_filter(*command, *options);
        command->add_flag("--all", options->request.all, "every message");
        if (with_reason) command->add_option("--reason", options->request.reason, "why; stored, or told to the sender");
    }

  private:
    CLI::App& parent_;
    int& exit_code_;
};

}  // namespace

void add_queue(CLI::App& app, int& exit_code) {
    auto* queue = app.add_subcommand("queue", "See and change the messages that are stored");
    queue->require_subcommand(1);
    Adder adder(*queue, exit_code);
    auto list = std::make_shared<Options>();
    auto* listing = adder.add("list", "Show what is stored", list);
    Adder::add_filter(*listing, *list);
    listing->add_flag("--json", list->request.json, "an array of objects");
    listing->add_option("--limit", list->request.limit, "at most so many");
    auto show = std::make_shared<Options>();
    auto* showing = adder.add("show", "Show one message", show);
    showing->add_option("ID", show->request.filter.ids, "the message")->required()->expected(1);
    showing->add_flag("--json", show->request.json, "an object, without the message's text");
    showing->add_flag("--raw", show->request.raw, "the message's text, and nothing else");
    adder.change("hold", "Keep messages from being delivered", true);
    adder.change("release", "Deliver messages that were held, quarantined or given up", false);
    adder.change("retry", "Try again now", false);
    adder.change("move", "Put messages into another queue", false);
    adder.change("remove", "Delete messages; nobody is told", false);
    adder.change("bounce", "Return messages to their senders", true);
}

}  // namespace sluice::app
