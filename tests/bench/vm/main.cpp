// `bench_vm [policies | programs | compile]`: figures of the language as JSON.
#include <cstdio>
#include <string_view>

#include "suites.hpp"

int main(int argc, char** argv) {
    using namespace sluice::bench;
    const std::string_view only = argc > 1 ? argv[1] : "";
    std::vector<std::string> figures;
    const auto add = [&](std::string_view name, std::vector<std::string> (*suite)()) {
        if (only.empty() || only == name)
            for (auto& figure : suite()) figures.push_back(std::move(figure));
    };
    add("policies", policies);
    add("programs", programs);
    add("compile", compile_times);
    std::string text = "[";
    for (const auto& figure : figures) text += (&figure == figures.data() ? "\n  " : ",\n  ") + figure;
    std::puts((text + "\n]").c_str());
    return 0;
}
