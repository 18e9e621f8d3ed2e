// Rounds in which every side runs once, in turns, so that noise of the machine hits all of them. Medians over the
// rounds of times and of ratios of times of one round.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace sluice::bench {

struct Side {
    std::string name;
    std::function<void()> work;
};

// Prints-to-be: {"name", "unit", times by side, ratios "x_over_vsl"}. The first side is ours. `per`: seconds that make
// one unit of the figures.
[[nodiscard]] std::string compare(const std::string& name, int rounds, double per, const std::string& unit,
                                  const std::vector<Side>& sides);

[[noreturn]] void fail(const std::string& what);

}  // namespace sluice::bench
