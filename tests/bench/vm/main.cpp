// `bench_vm [policies | programs | compile [PART OF A NAME]]`: figures of the language as JSON.
#include <cstdio>
#include <string_view>

#include "suites.hpp"

int main(int argc, char** argv) {
    using namespace sluice::bench;
    const std::string_view only = argc > 1 ? argv[1] : "";
    const std::string_view part = argc > 2 ? argv[2] : "";
    std::vector<std::string> figures;
    const auto add = [&](std::string_view name, std::vector<std::string> (*suite)(std::string_view)) {
        if (only.empty() || only == name)
            for (auto& figure : suite(part)) figures.push_back(std::move(figure));
    };
    add("policies", policies);
    add("programs", programs);
    add("compile", compile_times);
    std::string text = "[";
    for (const auto& figure : figures) text += (&figure == figures.data() ? "\n  " : ",\n  ") + figure;
    std::puts((text + "\n]").c_str());
    return 0;
}
