#include "engine/config/script.hpp"

#include <cctype>
#include <iostream>

#include <fmt/format.h>

#include "dsl/code/compiler.hpp"
#include "dsl/host/host.hpp"
#include "dsl/vm/vm.hpp"

namespace sluice::config {

namespace {

struct Kept {
    std::shared_ptr<dsl::code::Program> program;
    std::unique_ptr<dsl::vm::Globals> globals;
};

void print_to_stderr(void*, std::string_view text) { std::cerr << text << '\n'; }

// For "config.server.smpt.codes = ...", which fails because there is no `smpt`: what there is instead. `defaults` is
// the map that the function was given.
std::string missing_key_hint(std::string_view text, std::size_t at, const dsl::Value& defaults) {
    const auto segment = [&] {
        const auto begin = at;
        while (at < text.size() && (std::isalnum(static_cast<unsigned char>(text[at])) || text[at] == '_')) ++at;
        return text.substr(begin, at - begin);
    };
    std::string path(segment());
    const auto* map = &defaults;
    while (at < text.size() && text[at] == '.' && map->is_map()) {
        ++at;
        const auto key = segment();
        const auto* found = map->as_map().find(key);
        if (!found) {
            std::vector<std::string_view> keys;
            for (const auto* entry : map->as_map().sorted()) keys.push_back(entry->key.as_string());
            const auto near = dsl::did_you_mean(key, keys);
            return near.empty() ? fmt::format("'{}' has no key '{}'", path, key)
                                : fmt::format("'{}' has no key '{}'; did you mean '{}'?", path, key, near);
        }
        if (found->is_unit())
            return fmt::format("'{}.{}' is () until it is set: write {}.{} = #{{ ... }}", path, key, path, key);
        path += '.';
        path += key;
        map = found;
    }
    return {};
}

void report(const dsl::ScriptError& error, const dsl::SourcePtr& source, std::string_view doing,
            dsl::Diagnostics& diagnostics, const dsl::Value& defaults = {}) {
    const auto& place = error.source ? error.source : source;
    std::string hint;
    if (error.kind == dsl::ErrorKind::dot_expr) hint = missing_key_hint(place->text(), error.span.begin, defaults);
    diagnostics.add(dsl::Code::config_failed, place, error.span,
                    fmt::format("{}: {}: {}", doing, dsl::name(error.kind), error.message), std::move(hint));
}

}  // namespace

std::optional<ScriptResult> run_script(const std::string& path, const std::string& shown_name,
                                       const std::string& base_directory, std::string_view function,
                                       dsl::Value argument, dsl::Diagnostics& diagnostics) {
    dsl::FileLoader loader;
    auto text = loader.load(path);
    if (!text) {
        diagnostics.add(dsl::Code::config_path, nullptr, {}, fmt::format("Cannot read file at \"{}\"", path),
                        "check that it exists and may be read");
        return std::nullopt;
    }
    auto source = std::make_shared<dsl::SourceFile>(shown_name, std::move(*text));
    dsl::code::CompileOptions options;
    options.natives = &dsl::configuration_library();
    options.strict = true;
    options.loader = &loader;
    options.base_directory = base_directory;
    auto kept = std::make_shared<Kept>();
    kept->program = dsl::code::compile(source, options, diagnostics);
    if (!kept->program) return std::nullopt;
    kept->globals = std::make_unique<dsl::vm::Globals>(*kept->program);
    dsl::Limits limits;
    limits.operations = 50'000'000;
    dsl::vm::Vm machine(*kept->program, *kept->globals, limits);
    machine.set_printer(print_to_stderr, nullptr);
    if (machine.run_unit(*kept->program->main) != dsl::vm::Status::done) {
        report(*machine.error(), source, "the configuration script failed", diagnostics);
        return std::nullopt;
    }
    if (!kept->program->main->find(function, 1)) {
        diagnostics.add(
            dsl::Code::config_no_entry, source, {},
            fmt::format("Could not get main configuration: the script does not define fn {}(config)", function),
            fmt::format("write fn {}(config) {{ ...; config }}", function));
        return std::nullopt;
    }
    const dsl::Value defaults = argument;  // stays as it is: the script changes its own copy
    const dsl::Value arguments[] = {std::move(argument)};
    if (machine.call(*kept->program->main, function, arguments) != dsl::vm::Status::done) {
        report(*machine.error(), source, fmt::format("{} failed", function), diagnostics, defaults);
        return std::nullopt;
    }
    if (!machine.result().is_map()) {
        diagnostics.add(
            dsl::Code::config_failed, source, kept->program->main->find(function, 1)->span,
            fmt::format("Could not get main configuration: {} returned a value of type {} instead of the configuration",
                        function, dsl::type_name(machine.result())),
            "end the function with the line `config`");
        return std::nullopt;
    }
    ScriptResult result;
    result.value = std::move(machine.result());
    result.sources.push_back(source);
    for (const auto& unit : kept->program->units)
        if (unit.get() != kept->program->main) result.sources.push_back(unit->source);
    result.keeps = kept;
    return result;
}

}  // namespace sluice::config
