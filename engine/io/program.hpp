// Programs that this server starts: no shell, no descriptor inherited but the three standard ones, signals as a new
// program expects them. run_program() does not block: the end of the program is a readable descriptor (pidfd_open).
// Whatever happens, the program has ended and was waited for when it has ended.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "engine/base/asio.hpp"
#include "engine/io/descriptor.hpp"

namespace sluice::io {

struct Program {
    std::vector<std::string> words;  // the program, looked for in PATH if it has no slash, and its arguments
    std::optional<std::vector<std::string>> environment;  // "NAME=value"; nullopt: ours
    std::chrono::milliseconds timeout{30'000};
    // From SIGTERM to SIGKILL, when the time is over or the awaiting coroutine is cancelled; 0: SIGKILL at once.
    std::chrono::milliseconds grace{0};
    bool own_group = false;       // of processes; signals are for all of it
    Descriptor input;             // standard input; not open: /dev/null
    std::size_t output_kept = 0;  // octets of standard output and error, the last ones; 0: both are inherited
};

enum class ProgramEnd : std::uint8_t { by_itself, timeout, cancelled };

struct ProgramResult {
    std::string error;          // why it was not run; empty: it was, and one of these is set
    std::optional<int> code;    // it exited
    std::optional<int> signal;  // it was ended by one
    ProgramEnd end = ProgramEnd::by_itself;
    std::string output;
};

// Starts it, with our output, and leaves it alone: for what lives as long as this process. 0 or an errno.
[[nodiscard]] int start_program(const Program& program);

// Does not throw for a cancellation: the result says it, at the latest after `grace`.
[[nodiscard]] asio::awaitable<ProgramResult> run_program(Program program);

// For Program::input: a file in memory with all parts, one behind the other, that nobody can change. Such a program
// need not read it all, nor at once.
struct ProgramInput {
    Descriptor file;  // open unless failed
    std::error_code failed;
};
[[nodiscard]] ProgramInput program_input(std::span<const std::string_view> parts);

}  // namespace sluice::io
