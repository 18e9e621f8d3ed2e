#include <algorithm>
#include <vector>

#include "dsl/diag/diagnostic.hpp"

namespace sluice::dsl {

namespace {

// Edit distance where exchanging two neighbours is one step, or limit + 1 if it is larger than limit.
std::size_t distance(std::string_view a, std::string_view b, std::size_t limit) {
    if (std::max(a.size(), b.size()) - std::min(a.size(), b.size()) > limit) return limit + 1;
    std::vector<std::size_t> before_last(b.size() + 1), last(b.size() + 1), current(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        current[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t change = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            current[j] = std::min({last[j] + 1, current[j - 1] + 1, change});
            const bool exchanged = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (exchanged) current[j] = std::min(current[j], before_last[j - 2] + 1);
        }
        std::swap(before_last, last);
        std::swap(last, current);
    }
    return std::min(last[b.size()], limit + 1);
}

}  // namespace

std::string did_you_mean(std::string_view name, const std::vector<std::string_view>& candidates) {
    std::size_t limit = name.size() / 3;
    std::string_view best;
    for (const auto candidate : candidates) {
        if (candidate.empty() || candidate == name) continue;
        const std::size_t d = distance(name, candidate, limit);
        if (d > limit) continue;
        best = candidate;
        if (d <= 1) break;
        limit = d - 1;
    }
    return std::string(best);
}

}  // namespace sluice::dsl
