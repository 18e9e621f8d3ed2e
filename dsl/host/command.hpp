// cmd::build (vsl-rules.md 9.13): a program to run, checked when the service is built, which is usually while the rules
// are loaded. Running it is the server's business (`run` in functions.def).
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "dsl/value/native.hpp"

namespace sluice::dsl {

struct CommandObject final : HostObject {
    std::string program;
    std::vector<std::string> arguments;
    std::chrono::milliseconds timeout{30'000};
    std::string user;   // empty: the server's own
    std::string group;  // empty: the user's, or the server's own
    [[nodiscard]] std::string_view type() const noexcept override { return "cmd"; }
    [[nodiscard]] std::string text() const override { return "cmd " + program; }
    [[nodiscard]] Answer equals(const Value& other, std::string& why) const override;
};

// An array of strings, as the arguments of a program. False: `why` says what is wrong.
[[nodiscard]] bool read_arguments(const Value& array, std::vector<std::string>& arguments, std::string& why);

void add_commands(NativeTable& table);

}  // namespace sluice::dsl
