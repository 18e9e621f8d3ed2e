// The suites of `./dev bench vm`; each gives its figures as JSON objects.
#pragma once

#include <string>
#include <vector>

namespace sluice::bench {

[[nodiscard]] std::vector<std::string> policies();       // policy.cpp
[[nodiscard]] std::vector<std::string> programs();       // programs.cpp
[[nodiscard]] std::vector<std::string> compile_times();  // compile_times.cpp

}  // namespace sluice::bench
