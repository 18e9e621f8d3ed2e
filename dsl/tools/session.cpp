#include "dsl/tools/session.hpp"

#include <algorithm>

#include "dsl/host/host.hpp"

namespace sluice::dsl::tools {

void Session::set_loader(ScriptLoader* loader, std::string base, std::vector<std::string> preload) {
    loader_ = loader;
    base_ = std::move(base);
    preload_ = std::move(preload);
}

void Session::set_printer(Printer printer, void* context) {
    printer_ = printer;
    printer_context_ = context;
}

Loaded Session::compile(const std::string& name, const std::string& text, bool expression, bool keep_scope,
                        Diagnostics& diagnostics) {
    code::CompileOptions options;
    options.natives = &natives_;
    options.parse = parse_;
    options.parse.expression_only = expression;
    options.strict = strict_;
    options.restrictions = restrictions_;
    options.loader = loader_;
    options.base_directory = base_;
    options.inherited = names_;
    options.keep_scope = keep_scope;
    options.preload = preload_;
    if (marks_) options.marks = &mark_function();
    Loaded loaded;
    loaded.program = code::compile(std::make_shared<SourceFile>(name, text), options, diagnostics);
    if (loaded.program) loaded.globals = std::make_unique<vm::Globals>(*loaded.program);
    return loaded;
}

ErrorPtr Session::run(Loaded& loaded, Value& result) {
    vm::Vm machine(*loaded.program, *loaded.globals, limits_);
    machine.set_printer(printer_, printer_context_);
    const auto& main = *loaded.program->main;
    Values captures;
    for (const auto& name : main.functions[0]->capture_names) {
        const auto at =
            std::find_if(names_.rbegin(), names_.rend(), [&](const auto& known) { return known.name == name; });
        if (at == names_.rend())
            return make_error(ErrorKind::terminated, "the bytecode is damaged: no variable " + name);
        captures.push_back(cells_[static_cast<std::size_t>(names_.rend() - at - 1)]);
    }
    if (machine.run_unit(main, std::move(captures)) != vm::Status::done)
        return machine.error() ? std::move(machine.error())
                               : make_error(ErrorKind::terminated, "the script waits for a host");
    result = std::move(machine.result());
    for (const auto& [name, slot] : main.globals) {
        const auto& state = loaded.globals->units[main.index];
        const bool kept = name.front() == code::kept_variable || name.front() == code::kept_constant;
        if (!kept || !state.ready[slot]) continue;
        names_.push_back({name.substr(1), name.front() == code::kept_constant});
        cells_.push_back(state.values[slot]);
    }
    return nullptr;
}

}  // namespace sluice::dsl::tools
