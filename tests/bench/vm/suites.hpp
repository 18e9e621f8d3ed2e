// The suites of `./dev bench vm`; each gives its figures as JSON objects, of the items whose name contains `only`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sluice::bench {

[[nodiscard]] std::vector<std::string> policies(std::string_view only);       // policy.cpp
[[nodiscard]] std::vector<std::string> programs(std::string_view only);       // programs.cpp
[[nodiscard]] std::vector<std::string> compile_times(std::string_view only);  // compile_times.cpp

}  // namespace sluice::bench
