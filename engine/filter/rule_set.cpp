#include "engine/filter/rule_set.hpp"

#include <filesystem>
#include <iostream>

#include <fmt/format.h>

#include "dsl/host/host.hpp"
#include "dsl/lib/mail_objects.hpp"
#include "dsl/lint/lint.hpp"
#include "engine/config/shown_values.hpp"
#include "engine/config/syntax.hpp"
#include "engine/filter/text_handle.hpp"

namespace sluice::filter {

namespace fs = std::filesystem;

namespace {

// Used where a file is missing (vsl-rules.md 1.2).
constexpr std::string_view deny_connect = "#{ connect: [ rule \"no filter: deny\" || state::deny() ] }";
constexpr std::string_view deny_rcpt = "#{ rcpt: [ rule \"no incoming rules: deny\" || state::deny() ] }";
constexpr std::string_view deny_mail = "#{ mail: [ rule \"no outgoing rules: deny\" || state::deny() ] }";
constexpr std::string_view pass_all = "#{}";
constexpr std::string_view deny_all =
    "#{ connect: [ rule \"1\" || state::deny() ], helo: [ rule \"2\" || state::deny() ], tls: [ rule \"3\" || "
    "state::deny() ],"
    "   authenticate: [ rule \"4\" || state::deny() ], mail: [ rule \"5\" || state::deny() ], rcpt: [ rule \"6\" || "
    "state::deny() ],"
    "   preq: [ rule \"7\" || state::deny() ], postq: [ rule \"8\" || state::deny() ], delivery: [ rule \"9\" || "
    "state::deny() ] }";

void print_to_stderr(void*, std::string_view text) { std::cerr << text << '\n'; }

// While scripts are loaded there is no session and no log yet.
class LoadHost final : public dsl::Host {
  public:
    explicit LoadHost(const config::Configuration& configuration)
        : Host(dsl::Stage::load, configuration.root), configuration_(configuration) {}
    [[nodiscard]] dsl::Outcome call(dsl::HostFunction function, dsl::NativeCall& call) override {
        using dsl::HostFunction;
        switch (function) {
            case HostFunction::cfg_server: return call.ok(configuration_.shown->server);
            case HostFunction::cfg_app: return call.ok(configuration_.shown->app);
            case HostFunction::srv_handle: return call.ok(make_text_handle("server", configuration_.smtp.server_name));
            case HostFunction::log:
            case HostFunction::logging_log:
                std::cerr << fmt::format("{}: {}\n", dsl::lib::text_of(call.args[0]), dsl::lib::text_of(call.args[1]));
                return call.ok();
            default: return call.fail(fmt::format("`{}` needs a running server", dsl::info(function).name));
        }
    }

  private:
    const config::Configuration& configuration_;
};

class Loader {
  public:
    Loader(const config::Configuration& configuration, dsl::Diagnostics& diagnostics, Lints lints, Marks marks)
        : configuration_(configuration), diagnostics_(diagnostics), lints_(lints), host_(configuration) {
        options_.base_directory = configuration.root;
        options_.host = &host_;
        options_.loader = &loader_;
        options_.printer = print_to_stderr;
        options_.marks = marks == Marks::yes;
    }

    Script built_in(std::string_view name, std::string_view text) {
        return dsl::RuleScript::load(std::make_shared<dsl::SourceFile>(std::string(name), std::string(text)), options_,
                                     diagnostics_);
    }

    // Null and a diagnostic if the script is wrong; `missing` if there is no file.
    Script file(const std::string& path, const Script& missing) {
        std::error_code error;
        if (!fs::exists(path, error)) return missing;
        auto text = loader_.load(path);
        if (!text) {
            diagnostics_.add(dsl::Code::config_path, nullptr, {}, fmt::format("Cannot read file at \"{}\"", path),
                             "check that it is a file and may be read");
            return nullptr;
        }
        const auto relative = fs::path(path).lexically_relative(configuration_.root).string();
        const auto shown = relative.empty() || relative.starts_with("..") ? path : relative;
        auto source = std::make_shared<dsl::SourceFile>(shown, std::move(*text));
        auto script = lints_ == Lints::yes ? linted(std::move(source))
                                           : dsl::RuleScript::load(std::move(source), options_, diagnostics_);
        if (script) files_.push_back(script);
        return script;
    }

    [[nodiscard]] std::vector<Script> take_files() { return std::move(files_); }

  private:
    Script linted(dsl::SourcePtr source) {
        dsl::Trees trees;
        auto options = options_;
        options.trees = &trees;
        auto script = dsl::RuleScript::load(std::move(source), options, diagnostics_);
        if (script) dsl::lint::rules(*script, trees, diagnostics_);
        return script;
    }

    std::vector<Script> files_;
    const config::Configuration& configuration_;
    dsl::Diagnostics& diagnostics_;
    Lints lints_;
    LoadHost host_;
    dsl::FileLoader loader_;
    dsl::RuleScriptOptions options_;
};

}  // namespace

std::shared_ptr<const RuleSet> RuleSet::load(const config::Configuration& configuration, dsl::Diagnostics& diagnostics,
                                             Lints lints, Marks marks) {
    const auto before = diagnostics.errors();
    std::shared_ptr<RuleSet> rules(new RuleSet);
    Loader loader(configuration, diagnostics, lints, marks);
    const auto no_root = loader.built_in("built-in root filter", deny_connect);
    const auto no_incoming = loader.built_in("built-in incoming rules", deny_rcpt);
    const auto no_outgoing = loader.built_in("built-in outgoing rules", deny_mail);
    const auto no_internal = loader.built_in("built-in internal rules", pass_all);
    rules->fallback_ = loader.built_in("built-in fallback", deny_all);
    std::error_code error;
    if (configuration.filter_path.empty() || !fs::exists(configuration.filter_path, error)) {
        const auto path =
            configuration.filter_path.empty() ? configuration.root + "/filter.vsl" : configuration.filter_path;
        diagnostics.add(dsl::Code::no_filter, nullptr, {},
                        fmt::format("there are no rules at '{}': every connection is refused with 554", path),
                        fmt::format("write {}", path));
        rules->root_ = no_root;
        return diagnostics.errors() == before ? rules : nullptr;
    }
    rules->root_ = loader.file(configuration.filter_path, no_root);
    for (const auto& domain : configuration.domains) {
        if (configuration.domain_dir.empty()) break;
        DomainScripts scripts{no_incoming, no_outgoing, no_internal};
        if (!domain.directory.empty()) {
            scripts.incoming = loader.file(domain.directory + "/incoming.vsl", no_incoming);
            scripts.outgoing = loader.file(domain.directory + "/outgoing.vsl", no_outgoing);
            scripts.internal = loader.file(domain.directory + "/internal.vsl", no_internal);
        }
        rules->domains_[domain.name] = std::move(scripts);
    }
    rules->files_ = loader.take_files();
    const bool sound = diagnostics.errors() == before;
    diagnostics.remove_repeated();
    return sound ? rules : nullptr;
}

const std::string* RuleSet::lookup(std::string_view domain) const {
    if (domains_.empty() || domain.empty() || domain.front() == '[') return nullptr;
    const auto canonical = config::canonical_domain(domain);
    if (!canonical) return nullptr;
    std::string_view rest = *canonical;
    for (;;) {
        if (const auto found = domains_.find(std::string(rest)); found != domains_.end()) return &found->first;
        const auto dot = rest.find('.');
        if (dot == std::string_view::npos) return nullptr;
        rest.remove_prefix(dot + 1);
    }
}

const Script& RuleSet::select(smtp::Stage stage, const smtp::Transaction* transaction) const {
    using smtp::Stage;
    using smtp::TransactionType;
    if (stage <= Stage::authenticate) return root_;
    if (!transaction) return fallback_;
    const auto* sender = transaction->reverse_path.null() ? nullptr : lookup(transaction->reverse_path.domain);
    if (stage == Stage::mail) return sender ? domains_.at(*sender).outgoing : root_;
    switch (transaction->type) {
        case TransactionType::internal: return sender ? domains_.at(*sender).internal : fallback_;
        case TransactionType::outgoing: return sender ? domains_.at(*sender).outgoing : fallback_;
        case TransactionType::incoming: {
            if (sender) return fallback_;  // a rule made the sender one of ours
            if (transaction->domain.empty()) return root_;
            const auto found = domains_.find(transaction->domain);
            return found == domains_.end() ? fallback_ : found->second.incoming;
        }
        case TransactionType::undecided: return fallback_;
    }
    return fallback_;
}

}  // namespace sluice::filter
