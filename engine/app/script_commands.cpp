// Subcommands for scripts alone: eval, disasm.
#include <filesystem>
#include <iostream>

#include "dsl/source/script_loader.hpp"
#include "dsl/tools/disasm.hpp"
#include "dsl/tools/eval.hpp"
#include "engine/app/commands.hpp"

namespace sluice::app {

namespace {

struct EvalArguments {
    std::string expression;
    std::string file;
    bool json_lines = false;
    bool json = false;
};

int run_eval(const EvalArguments& arguments) {
    if (arguments.json_lines) return dsl::tools::eval_json_lines(std::cin, std::cout, std::cerr);
    if (arguments.expression.empty() == arguments.file.empty()) {
        std::cerr << "give an expression, or a file with -f\n";
        return 2;
    }
    dsl::tools::EvalOptions options;
    options.json = arguments.json;
    if (arguments.file.empty())
        return dsl::tools::eval("expression", arguments.expression, options, std::cout, std::cerr);
    const auto text = dsl::FileLoader().load(arguments.file);
    if (!text) {
        std::cerr << "Cannot read file at \"" << arguments.file << "\"\n";
        return 1;
    }
    options.base_directory = std::filesystem::absolute(arguments.file).parent_path().string();
    return dsl::tools::eval(arguments.file, *text, options, std::cout, std::cerr);
}

}  // namespace

void add_eval(CLI::App& app, int& exit_code) {
    auto arguments = std::make_shared<EvalArguments>();
    auto* eval = app.add_subcommand("eval", "Run a script of the base language and print its value");
    eval->add_option("EXPR", arguments->expression, "script text");
    eval->add_option("-f,--file", arguments->file, "script file");
    eval->add_flag("--json", arguments->json, "print diagnostics as JSON");
    eval->add_flag("--json-lines", arguments->json_lines, "answer JSON requests from standard input, one a line");
    eval->callback([arguments, &exit_code] { exit_code = run_eval(*arguments); });

    auto file = std::make_shared<std::string>();
    auto* disasm = app.add_subcommand("disasm", "Show the bytecode of a script with its source lines");
    disasm->add_option("FILE", *file, "script file")->required();
    disasm->callback([file, &exit_code] { exit_code = dsl::tools::disassemble_file(*file, std::cout, std::cerr); });
}

}  // namespace sluice::app
