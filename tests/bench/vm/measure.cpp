#include "measure.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include <fmt/format.h>

namespace sluice::bench {

namespace {

double seconds(const std::function<void()>& work) {
    const auto start = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

}  // namespace

void fail(const std::string& what) {
    std::fprintf(stderr, "%s\n", what.c_str());
    std::exit(1);
}

std::string compare(const std::string& name, int rounds, double per, const std::string& unit,
                    const std::vector<Side>& sides) {
    std::vector<std::vector<double>> times(sides.size());
    for (const auto& side : sides) side.work();  // warms up
    for (int round = 0; round < rounds; ++round)
        for (std::size_t i = 0; i < sides.size(); ++i) {
            const auto which = (i + static_cast<std::size_t>(round)) % sides.size();
            times[which].push_back(seconds(sides[which].work));
        }
    std::string text = fmt::format("{{\"name\": \"{}\", \"unit\": \"{}\"", name, unit);
    for (std::size_t i = 0; i < sides.size(); ++i)
        text += fmt::format(", \"{}\": {:.4g}", sides[i].name, median(times[i]) / per);
    for (std::size_t i = 1; i < sides.size(); ++i) {
        std::vector<double> ratios;
        for (std::size_t r = 0; r < times[i].size(); ++r) ratios.push_back(times[i][r] / times[0][r]);
        text += fmt::format(", \"{}_over_{}\": {:.3f}", sides[i].name, sides[0].name, median(ratios));
    }
    return text + "}";
}

}  // namespace sluice::bench
