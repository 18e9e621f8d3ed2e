// The program: reads the command line and hands over to one file per subcommand.
#include <fstream>
#include <iostream>
#include <iterator>

#include <CLI/CLI.hpp>

#include "dsl/tools/eval.hpp"

int main(int argc, char** argv) {
    CLI::App app{"Sluice, a programmable SMTP gateway"};
    auto* eval = app.add_subcommand("eval", "");
    std::string expr, file; bool jl=false;
    eval->add_option("EXPR", expr); eval->add_option("-f", file); eval->add_flag("--json-lines", jl);
    CLI11_PARSE(app, argc, argv);
    if (jl) return sluice::dsl::tools::eval_json_lines(std::cin, std::cout, std::cerr);
    std::string text = expr;
    if (!file.empty()) { std::ifstream in(file); text.assign(std::istreambuf_iterator<char>(in), {}); }
    return sluice::dsl::tools::eval(file.empty()?"expression":file, text, {}, std::cout, std::cerr);
}
