// How often the branches of scripts were reached (`sluice test --coverage`). For one thread.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "dsl/host/rule_script.hpp"

namespace sluice::filter {

class BranchCounts {
  public:
    // One for each of script.program().marks; zeros for a script that has not run. The script outlives this.
    [[nodiscard]] std::span<std::uint64_t> of(const dsl::RuleScript& script) {
        auto& counts = counts_[&script];
        counts.resize(script.program().marks.size());
        return counts;
    }

  private:
    std::unordered_map<const dsl::RuleScript*, std::vector<std::uint64_t>> counts_;
};

}  // namespace sluice::filter
