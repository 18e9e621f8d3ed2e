#include "dsl/tools/disasm.hpp"

#include <filesystem>
#include <ostream>

#include <fmt/format.h>

#include "dsl/code/compiler.hpp"
#include "dsl/code/verifier.hpp"
#include "dsl/diag/render.hpp"
#include "dsl/host/host.hpp"
#include "dsl/value/operations.hpp"

namespace sluice::dsl::tools {

namespace {

std::string path_text(const Function& function, const code::Path& path) {
    static constexpr std::string_view roots[] = {"r", "cell r", "capture ", "this"};
    std::string text(roots[static_cast<int>(path.root)]);
    if (path.root != code::Path::Root::this_) text += std::to_string(path.index);
    for (const auto& step : path.steps) {
        const auto key = step.key_const ? brief(function.constants[step.key]) : fmt::format("r{}", step.key);
        text += step.property
                    ? fmt::format("{}.{}", step.null_safe ? "?" : "", function.constants[step.key].as_string())
                    : fmt::format("{}[{}]", step.null_safe ? "?" : "", key);
    }
    return text;
}

std::string table_text(const code::SwitchTable& table, std::size_t at) {
    std::string text;
    for (std::size_t i = 0; i < table.labels.size(); ++i)
        text += fmt::format("{} -> {}, ", brief(table.labels[i]), at + 1 + static_cast<std::size_t>(table.targets[i]));
    return text + fmt::format("else -> {}", at + 1 + static_cast<std::size_t>(table.otherwise));
}

std::string operand(const Function& function, char kind, std::uint16_t value, const code::Instruction& in,
                    std::size_t at) {
    const auto& unit = *function.unit;
    switch (kind) {
        case 'R':
        case 'W':
        case 'N': return fmt::format("r{}", value);
        case 'K': return brief(function.constants[value]);
        case 'U': return fmt::format("capture {}", value);
        case 'F': return unit.functions[value]->name;
        case 'Q':
            return fmt::format("{}::{}", unit.qualified[value].unit->path,
                               unit.qualified[value].unit->functions[unit.qualified[value].function]->name);
        case 'G': return unit.natives[value]->name;
        case 'S': return fmt::format(".{}/{}", function.methods[value].name.as_string(), function.methods[value].count);
        case 'P': return fmt::format(".{}", function.properties[value].name.as_string());
        case 'T': return path_text(function, function.paths[value]);
        case 'M':
            return fmt::format("module {}", unit.imports[value]->path.empty() ? "global" : unit.imports[value]->path);
        case 'H': return table_text(function.switches[value], at);
        case 'V': return fmt::format("slot {}", value);
        case 'J': return fmt::format("-> {}", static_cast<std::int64_t>(at) + 1 + in.bc());
        case 'I': return std::to_string(in.bc());
        case 'n': return std::to_string(value);
        default: return "";
    }
}

void instruction(const Function& function, std::size_t at, std::ostream& out) {
    const auto& in = function.code[at];
    const auto& about = code::info(in.op);
    std::string text = fmt::format("    {:>4}  {:<18}", at, about.name);
    bool first = true;
    const auto add = [&](const std::string& part) {
        if (part.empty()) return;
        text += first ? part : ", " + part;
        first = false;
    };
    add(operand(function, about.a, in.a, in, at));
    add(operand(function, about.b, in.b, in, at));
    add(operand(function, about.c, in.c, in, at));
    if (about.x == 'o')
        add(std::string(symbol(static_cast<Op>(in.x))) + "=");
    else if (about.x != '-' && about.x != 'N')
        add(fmt::format("#{}", in.x));
    out << text << '\n';
}

void show(const Function& function, std::ostream& out) {
    const auto& source = *function.unit->source;
    const auto start = source.position(function.span.begin);
    out << fmt::format("{} ({}:{}), {} parameter(s), {} register(s)\n", function.name, source.name(), start.line,
                       function.params, function.registers);
    std::uint32_t shown = 0;
    for (std::size_t at = 0; at < function.code.size(); ++at) {
        const auto line = source.position(function.offsets[at]).line;
        if (line != shown) out << fmt::format("  {:>4} | {}\n", line, source.line(line));
        shown = line;
        instruction(function, at, out);
    }
    for (const auto& handler : function.handlers)
        out << fmt::format("    catch [{}, {}) -> {} error in r{}\n", handler.begin, handler.end, handler.target,
                           handler.error_register);
    out << '\n';
}

}  // namespace

void disassemble(const code::Program& program, std::ostream& out) {
    for (const auto& unit : program.units)
        for (const auto& function : unit->functions) show(*function, out);
}

int disassemble_file(const std::string& path, std::ostream& out, std::ostream& err) {
    FileLoader loader;
    auto text = loader.load(path);
    if (!text) {
        err << fmt::format("Cannot read file at \"{}\"\n", path);
        return 1;
    }
    code::CompileOptions options;
    options.natives = &rule_library();
    options.loader = &loader;
    options.base_directory = std::filesystem::absolute(path).parent_path().string();
    Diagnostics diagnostics;
    const auto program = code::compile(std::make_shared<SourceFile>(path, std::move(*text)), options, diagnostics);
    err << render(diagnostics.all());
    if (!program) return 1;
    disassemble(*program, out);
    return 0;
}

}  // namespace sluice::dsl::tools
