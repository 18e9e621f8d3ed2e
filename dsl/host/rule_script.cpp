#include "dsl/host/rule_script.hpp"

#include <optional>
#include <set>

#include <fmt/format.h>

#include "dsl/host/stage_check.hpp"
#include "dsl/host/verdict_check.hpp"
#include "dsl/vm/vm.hpp"

namespace sluice::dsl {

RuleScript::~RuleScript() = default;

namespace {

std::string place_of(const SourceFile& source, Span span) {
    const auto at = source.position(span.begin);
    return fmt::format("{}:{}:{}", source.name(), at.line, at.column);
}

// The host of loading, but that marks are counted.
class CountingHost final : public Host {
  public:
    CountingHost(Host& host, std::vector<std::uint64_t>& counts)
        : Host(host.stage(), host.base_directory()), host_(host), counts_(counts) {}
    [[nodiscard]] Outcome call(HostFunction function, NativeCall& call) override { return host_.call(function, call); }
    void reached(std::uint32_t mark) noexcept override {
        ++counts_[mark];
        host_.reached(mark);
    }

  private:
    Host& host_;
    std::vector<std::uint64_t>& counts_;
};

}  // namespace

class RuleScriptLoading {
  public:
    RuleScriptLoading(SourcePtr source, const RuleScriptOptions& options, Diagnostics& diagnostics)
        : source_(std::move(source)),
          options_(options),
          trees_(options.trees ? *options.trees : own_trees_),
          diagnostics_(diagnostics),
          script_(new RuleScript) {}

    std::shared_ptr<const RuleScript> run() {
        script_->name_ = source_->name();
        code::CompileOptions compile_options;
        compile_options.natives = &rule_library();
        compile_options.strict = true;
        compile_options.loader = options_.loader;
        compile_options.base_directory = options_.base_directory;
        compile_options.trees = &trees_;
        if (options_.marks) compile_options.marks = &mark_function();
        script_->program_ = code::compile(source_, compile_options, diagnostics_);
        if (!script_->program_) return nullptr;
        places_.emplace(trees_, source_);
        script_->globals_ = std::make_unique<vm::Globals>(*script_->program_);
        Value stages;
        if (!evaluate(stages)) return nullptr;
        const auto before = diagnostics_.errors();
        read_stages(stages);
        if (diagnostics_.errors() != before) return nullptr;
        script_->globals_->freeze();
        check_stages(*script_, diagnostics_);
        check_verdicts(*script_, *places_, diagnostics_);
        return diagnostics_.errors() == before ? std::shared_ptr<const RuleScript>(std::move(script_)) : nullptr;
    }

  private:
    // The main script, then modules that only a function imports: rules must find them evaluated.
    bool evaluate(Value& stages) {
        Limits limits;
        limits.operations = 50'000'000;  // loading is not a stage run: large tables are built here
        vm::Vm machine(*script_->program_, *script_->globals_, limits);
        machine.set_printer(options_.printer, options_.printer_context);
        std::optional<CountingHost> counting;
        if (options_.marks && options_.host) {
            script_->reached_by_loading_.resize(script_->program_->marks.size());
            counting.emplace(*options_.host, script_->reached_by_loading_);
        }
        machine.set_host(counting ? &*counting : options_.host);
        if (machine.run_unit(*script_->program_->main) != vm::Status::done) return failed(machine);
        stages = std::move(machine.result());
        for (const auto& unit : script_->program_->units) {
            if (script_->globals_->units[unit->index].state != vm::Globals::State::untouched) continue;
            if (machine.run_unit(*unit) != vm::Status::done) return failed(machine);
        }
        return true;
    }

    bool failed(vm::Vm& machine) {
        const auto& error = machine.error();
        if (!error) {
            diagnostics_.add(Code::script_failed, source_, {}, "the script waits for something while it is loaded");
            return false;
        }
        const bool here = !error->source || error->source == source_;
        if (const auto* directive = here ? places_->directive_at(error->span.begin) : nullptr;
            directive && not_a_function(*directive))
            return false;
        diagnostics_.add(Code::script_failed, error->source ? error->source : source_, error->span,
                         fmt::format("failed to compile your rules: {}: {}", name(error->kind), error->message));
        return false;
    }

    // The commonest reason why making a directive fails: its body is not behind `||`, so it runs while the script is
    // loaded.
    bool not_a_function(const ast::Directive& directive) {
        using ast::Kind;
        switch (directive.body->kind) {
            case Kind::closure:
            case Kind::map:
            case Kind::name: return false;
            default: break;
        }
        const auto kind = directive.directive == ast::DirectiveKind::rule ? "rule" : "action";
        const auto written = source_->text().substr(directive.body->span.begin, 24);
        const bool braces = written.starts_with('{');
        diagnostics_.add(
            Code::directive_function, source_, directive.body->span,
            fmt::format("the body of the {} '{}' is not a function", kind, directive.name),
            fmt::format("write `||` before it: {} \"{}\" || {}", kind, directive.name, braces ? "{ ... }" : "..."));
        return true;
    }

    void read_stages(const Value& stages) {
        if (!stages.is_map()) {
            diagnostics_.add(Code::no_stage_map, source_, places_->end(),
                             fmt::format("the script's last value must be a map of stages, but it is of type {}",
                                         type_name(stages)));
            return;
        }
        for (const auto* entry : stages.as_map().sorted())
            read_stage(std::string(entry->key.as_string()), entry->value);
    }

    void read_stage(const std::string& key, const Value& list) {
        const auto index = stage_index(key);
        if (index == stage_count) {
            std::vector<std::string_view> known;
            for (std::size_t i = 0; i < stage_count; ++i) known.push_back(to_string(static_cast<Stage>(i)));
            const auto near = did_you_mean(key, known);
            diagnostics_.add(Code::unknown_stage, source_, places_->stage(key),
                             fmt::format("the '{}' smtp stage does not exist.", key),
                             near.empty()
                                 ? "stages are connect, helo, tls, authenticate, mail, rcpt, preq, postq and delivery"
                                 : fmt::format("did you mean '{}'?", near));
            return;
        }
        if (!list.is_array()) {
            diagnostics_.add(Code::stage_not_array, source_, places_->stage(key),
                             fmt::format("the stage '{}' must be declared using the array syntax", key),
                             fmt::format("write {}: [ rule \"name\" || ..., ]", key));
            return;
        }
        const auto& items = list.as_array().items;
        for (item_ = 0; item_ < items.size(); ++item_) read_directive(static_cast<Stage>(index), items[item_]);
    }

    // About the item that is read now: marked where it is written in the stage's list, if it is.
    void problem(Code code, Stage stage, std::string message, std::string hint = {}) {
        const auto key = to_string(stage);
        const auto* node = places_->item(key, item_);
        diagnostics_.add(code, source_, node ? node->span : places_->stage(key), std::move(message), std::move(hint));
    }

    // The same about a part of the directive, if it is written with its keyword.
    void problem_of(Code code, Stage stage, const std::string& name, Span ast::Directive::*part, std::string message,
                    std::string hint = {}) {
        const auto* node = places_->item(to_string(stage), item_);
        const auto* directive =
            node && node->kind == ast::Kind::directive ? &ast::as<ast::Directive>(*node) : places_->directive(name);
        if (!directive) return problem(code, stage, std::move(message), std::move(hint));
        diagnostics_.add(code, source_, directive->*part, std::move(message), std::move(hint));
    }

    void read_directive(Stage stage, const Value& item) {
        if (!item.is_map()) {
            problem(Code::not_a_directive, stage,
                    fmt::format("the stage '{}' holds a value of type {}, not a directive", to_string(stage),
                                type_name(item)),
                    "write rule \"name\" || ... or action \"name\" || ...");
            return;
        }
        const auto& map = item.as_map();
        const auto* type = map.find("type");
        const auto* name = map.find("name");
        const auto* body = map.find("evaluate");
        if (!type || !type->is_string())
            return problem(Code::not_a_directive, stage,
                           fmt::format("a directive in stage '{}' does not have a valid type", to_string(stage)));
        if (!name || !name->is_string())
            return problem(Code::not_a_directive, stage,
                           fmt::format("a directive in stage '{}' does not have a name", to_string(stage)));
        const std::string title(name->as_string());
        const auto kind = type->as_string();
        if (kind != "rule" && kind != "action" && kind != "delegate")
            return problem(Code::not_a_directive, stage,
                           fmt::format("unknown directive type '{}' called '{}'", kind, title));
        if (!body)
            return problem(Code::not_a_directive, stage,
                           fmt::format("the directive '{}' in stage '{}' does not have an evaluation function", title,
                                       to_string(stage)));
        if (!body->is_fn())
            return problem(
                Code::not_a_directive, stage,
                fmt::format("the evaluation field for the directive '{}' in stage '{}' must be a function pointer",
                            title, to_string(stage)));
        if (!names_.insert(title).second)
            return problem_of(Code::duplicate_directive, stage, title, &ast::Directive::name_span,
                              fmt::format("found duplicate rule '{}': a rule must have a unique name", title));
        if (kind == "delegate")
            return problem(
                Code::not_available, stage,
                fmt::format(
                    "the delegation '{}' cannot be used: delegation to SMTP services is not available in this version",
                    title),
                "remove the directive, or pass the message on with a transport");
        add(stage, kind == "rule" ? DirectiveKind::rule : DirectiveKind::action, title, *body);
    }

    void add(Stage stage, DirectiveKind kind, const std::string& name, const Value& body) {
        const auto& fn = body.as_fn();
        const auto* unit = static_cast<const code::Unit*>(fn.unit);
        const auto* function = fn.function ? fn.function
                               : unit      ? unit->find(fn.name.as_string(), fn.curried.size())
                                           : nullptr;
        if (!function) return unknown_function(stage, name, std::string(fn.name.as_string()), unit);
        if (function->params != fn.curried.size())
            return diagnostics_.add(Code::directive_function, function->unit->source, function->span,
                                    fmt::format("the function of the directive '{}' must not take parameters", name),
                                    "nothing is passed to it: what is known of the mail is in ctx::");
        for (std::size_t i = 0; i < function->capture_mutable.size(); ++i) {
            if (!function->capture_mutable[i]) continue;
            diagnostics_.add(
                Code::captures_mutable, function->unit->source, function->span,
                fmt::format("a rule may not capture the mutable variable '{}'", function->capture_names[i]),
                "rules run for many sessions at once; declare the variable with `const`, or do not change it after its "
                "initialisation");
        }
        vm::Turn turn{body, kind != DirectiveKind::action};
        script_->globals_->frozen.freeze(turn.function);
        const auto at = static_cast<std::size_t>(stage);
        script_->turns_[at].push_back(std::move(turn));
        script_->stages_[at].push_back({kind, name, function, place_of(*function->unit->source, function->span)});
    }

    void unknown_function(Stage stage, const std::string& directive, const std::string& function,
                          const code::Unit* unit) {
        std::vector<std::string_view> candidates;
        if (unit)
            for (const auto& known : unit->functions)
                if (!known->anonymous && known->index != 0) candidates.push_back(known->name);
        const auto near = did_you_mean(function, candidates);
        problem(Code::directive_function, stage,
                fmt::format("the directive '{}' names the function '{}' that does not exist", directive, function),
                near.empty() ? fmt::format("define it in this file: fn {}() {{ ... }}", function)
                             : fmt::format("did you mean '{}'?", near));
    }

    SourcePtr source_;
    const RuleScriptOptions& options_;
    Trees own_trees_;
    Trees& trees_;
    std::optional<ScriptPlaces> places_;
    std::size_t item_ = 0;  // in the stage's list
    Diagnostics& diagnostics_;
    std::shared_ptr<RuleScript> script_;
    std::set<std::string> names_;
};

std::shared_ptr<const RuleScript> RuleScript::load(SourcePtr source, const RuleScriptOptions& options,
                                                   Diagnostics& diagnostics) {
    return RuleScriptLoading(std::move(source), options, diagnostics).run();
}

}  // namespace sluice::dsl
