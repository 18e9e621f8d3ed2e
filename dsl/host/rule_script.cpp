#include "dsl/host/rule_script.hpp"

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

}  // namespace

class RuleScriptLoading {
  public:
    RuleScriptLoading(SourcePtr source, const RuleScriptOptions& options, Diagnostics& diagnostics)
        : source_(std::move(source)), options_(options), diagnostics_(diagnostics), script_(new RuleScript) {}

    std::shared_ptr<const RuleScript> run() {
        script_->name_ = source_->name();
        code::CompileOptions compile_options;
        compile_options.natives = &rule_library();
        compile_options.strict = true;
        compile_options.loader = options_.loader;
        compile_options.base_directory = options_.base_directory;
        script_->program_ = code::compile(source_, compile_options, diagnostics_);
        if (!script_->program_) return nullptr;
        script_->globals_ = std::make_unique<vm::Globals>(*script_->program_);
        Value stages;
        if (!evaluate(stages)) return nullptr;
        const auto before = diagnostics_.errors();
        read_stages(stages);
        if (diagnostics_.errors() != before) return nullptr;
        script_->globals_->freeze();
        check_stages(*script_, diagnostics_);
        check_verdicts(*script_, diagnostics_);
        return diagnostics_.errors() == before ? std::shared_ptr<const RuleScript>(std::move(script_)) : nullptr;
    }

  private:
    // The main script, then modules that only a function imports: rules must find them evaluated.
    bool evaluate(Value& stages) {
        Limits limits;
        limits.operations = 50'000'000;  // loading is not a stage run: large tables are built here
        vm::Vm machine(*script_->program_, *script_->globals_, limits);
        machine.set_printer(options_.printer, options_.printer_context);
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
        diagnostics_.add(Code::script_failed, error->source ? error->source : source_, error->span,
                         fmt::format("failed to compile your rules: {}: {}", name(error->kind), error->message));
        return false;
    }

    void read_stages(const Value& stages) {
        if (!stages.is_map()) {
            diagnostics_.add(Code::no_stage_map, source_, last_character(),
                             fmt::format("the script's last value must be a map of stages, but it is of type {}",
                                         type_name(stages)));
            return;
        }
        for (const auto* entry : stages.as_map().sorted())
            read_stage(std::string(entry->key.as_string()), entry->value);
    }

    Span last_character() const {
        const auto end = static_cast<std::uint32_t>(source_->text().size());
        return {end == 0 ? 0 : end - 1, end};
    }

    // The key as it is written in the source, for the marker.
    Span key_span(const std::string& key) const {
        const auto at = source_->text().rfind(key + ":");
        if (at == std::string_view::npos) return last_character();
        return {static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(at + key.size())};
    }

    void read_stage(const std::string& key, const Value& list) {
        const auto index = stage_index(key);
        if (index == stage_count) {
            std::vector<std::string_view> known;
            for (std::size_t i = 0; i < stage_count; ++i) known.push_back(to_string(static_cast<Stage>(i)));
            const auto near = did_you_mean(key, known);
            diagnostics_.add(
                Code::unknown_stage, source_, key_span(key), fmt::format("the '{}' smtp stage does not exist.", key),
                near.empty() ? "stages are connect, helo, tls, authenticate, mail, rcpt, preq, postq and delivery"
                             : fmt::format("did you mean '{}'?", near));
            return;
        }
        if (!list.is_array()) {
            diagnostics_.add(Code::stage_not_array, source_, key_span(key),
                             fmt::format("the stage '{}' must be declared using the array syntax", key),
                             fmt::format("write {}: [ rule \"name\" || ..., ]", key));
            return;
        }
        for (const auto& item : list.as_array().items) read_directive(static_cast<Stage>(index), item);
    }

    void problem(Code code, Stage stage, std::string message, std::string hint = {}) {
        diagnostics_.add(code, source_, key_span(std::string(to_string(stage))), std::move(message), std::move(hint));
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
            return problem(Code::duplicate_directive, stage,
                           fmt::format("found duplicate rule '{}': a rule must have a unique name", title));
        if (kind == "delegate")
            return problem(
                Code::not_available, stage,
                fmt::format(
                    "the delegation '{}' cannot be used: delegation to SMTP services is not available in this version",
                    title));
        add(stage, kind == "rule" ? DirectiveKind::rule : DirectiveKind::action, title, *body);
    }

    void add(Stage stage, DirectiveKind kind, const std::string& name, const Value& body) {
        const auto& fn = body.as_fn();
        const auto* unit = static_cast<const code::Unit*>(fn.unit);
        const auto* function = fn.function ? fn.function
                               : unit      ? unit->find(fn.name.as_string(), fn.curried.size())
                                           : nullptr;
        if (!function)
            return problem(Code::directive_function, stage,
                           fmt::format("the directive '{}' names the function '{}' that does not exist", name,
                                       fn.name.as_string()));
        if (function->params != fn.curried.size())
            return diagnostics_.add(Code::directive_function, function->unit->source, function->span,
                                    fmt::format("the function of the directive '{}' must not take parameters", name));
        for (std::size_t i = 0; i < function->capture_mutable.size(); ++i) {
            if (!function->capture_mutable[i]) continue;
            diagnostics_.add(
                Code::captures_mutable, function->unit->source, function->span,
                fmt::format("a rule may not capture the mutable variable '{}'", function->capture_names[i]),
                "rules run for many sessions at once; declare the variable with `const`, or do not change it after its "
                "initialisation");
        }
        Directive directive{kind, name, body, place_of(*function->unit->source, function->span)};
        script_->globals_->frozen.freeze(directive.body);
        script_->stages_[static_cast<std::size_t>(stage)].push_back(std::move(directive));
    }

    SourcePtr source_;
    const RuleScriptOptions& options_;
    Diagnostics& diagnostics_;
    std::shared_ptr<RuleScript> script_;
    std::set<std::string> names_;
};

std::shared_ptr<const RuleScript> RuleScript::load(SourcePtr source, const RuleScriptOptions& options,
                                                   Diagnostics& diagnostics) {
    return RuleScriptLoading(std::move(source), options, diagnostics).run();
}

}  // namespace sluice::dsl
