#include "engine/deliver/pipe.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <string.h>
#include <sysexits.h>

#include <algorithm>
#include <array>

#include "engine/base/enhanced_code.hpp"
#include "engine/deliver/local_message.hpp"
#include "engine/deliver/mailbox_path.hpp"

namespace sluice::deliver {

namespace {

struct ExitStatus {
    int code;
    std::string_view status;
    std::string_view text;
};

// The table of Postfix, and what a shell says that could not run what it was told to.
constexpr auto kExitStatuses = std::to_array<ExitStatus>({
    {EX_USAGE, "5.3.0", "command line usage error"},
    {EX_DATAERR, "5.6.0", "data format error"},
    {EX_NOINPUT, "5.3.0", "cannot open input"},
    {EX_NOUSER, "5.1.1", "user unknown"},
    {EX_NOHOST, "5.1.2", "host name unknown"},
    {EX_UNAVAILABLE, "5.3.0", "service unavailable"},
    {EX_SOFTWARE, "5.3.0", "internal software error"},
    {EX_OSERR, "4.3.0", "system resource problem"},
    {EX_OSFILE, "5.3.0", "critical system file missing"},
    {EX_CANTCREAT, "5.2.0", "cannot create the user's output file"},
    {EX_IOERR, "5.3.0", "input or output error"},
    {EX_TEMPFAIL, "4.3.0", "temporary failure"},
    {EX_PROTOCOL, "5.5.0", "remote error in protocol"},
    {EX_NOPERM, "5.7.0", "permission denied"},
    {EX_CONFIG, "5.3.5", "local configuration error"},
    {126, "4.3.5", "cannot be run"},
    {127, "4.3.5", "not found, or a part of it"},
});

std::size_t failure_code_length(std::string_view text) {
    return text.starts_with('2') ? 0 : enhanced_code_length(text);
}

Outcome said(std::string_view status, const std::string& text) {
    std::string whole = fmt::format("{} {}", status, text);
    return status.front() == '4' ? Outcome::temporary(std::move(whole)) : Outcome::permanent(std::move(whole));
}

std::vector<std::string> environment_of(const Attempt& attempt) {
    const MailboxAddress address = split_address(attempt.recipient.address);
    std::vector<std::string> all = {"PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C"};
    for (const auto& [name, value] : {std::pair<const char*, std::string_view>("SENDER", attempt.envelope.reverse_path),
                                      {"RECIPIENT", attempt.recipient.address},
                                      {"LOCAL_PART", address.local_part},
                                      {"DOMAIN", address.domain},
                                      {"QUEUE_ID", attempt.envelope.id},
                                      {"CLIENT_ADDRESS", attempt.envelope.client_ip}})
        all.push_back(fmt::format("{}={}", name, one_line(value)));
    return all;
}

io::ProgramInput input_of(const Attempt& attempt) {
    const std::string top = trace_fields(attempt.envelope, attempt.recipient);
    const std::string prefix = with_local_line_ends(attempt.prefix);
    const std::string body = with_local_line_ends(attempt.body);
    return io::program_input(std::array<std::string_view, 3>{top, prefix, body});
}

}  // namespace

std::string Pipe::diagnostic(std::string_view output) {
    const auto is_blank = [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == 0x7f; };
    while (!output.empty() && is_blank(output.back())) output.remove_suffix(1);
    if (output.size() > limits::pipe_diagnostic) {
        output.remove_prefix(output.size() - limits::pipe_diagnostic);
        // Whole lines, unless the last one alone is too long.
        if (const std::size_t end = output.find('\n'); end != std::string_view::npos) output.remove_prefix(end + 1);
    }
    std::string line;
    for (const char c : output) {
        if (!is_blank(c))
            line += c;
        else if (!line.empty() && line.back() != ' ')
            line += ' ';
    }
    return line;
}

Outcome Pipe::outcome_of(const std::string& program, const io::ProgramResult& result, const PipePatience& patience) {
    if (!result.error.empty()) return Outcome::temporary("4.3.5 " + result.error);
    const std::string words = diagnostic(result.output);
    const auto failure = [&](std::string_view status, const std::string& what) {
        return said(status, fmt::format("{}: {}{}{}", program, what, words.empty() ? "" : ": ", words));
    };
    if (result.end == io::ProgramEnd::timeout)
        return failure("4.3.0", fmt::format("did not end within {} s",
                                            std::chrono::duration_cast<std::chrono::seconds>(patience.time).count()));
    if (result.end == io::ProgramEnd::cancelled) return failure("4.3.2", "ended because the server stops");
    if (result.signal)
        return failure("4.3.0",
                       fmt::format("ended by signal {} ({})", *result.signal,
                                   ::sigabbrev_np(*result.signal) ? ::sigabbrev_np(*result.signal) : "unknown"));
    if (*result.code == EX_OK) return Outcome::delivered();
    const bool whole = result.output.size() <= limits::pipe_diagnostic;  // so that its beginning is there
    if (const std::size_t length = whole ? failure_code_length(words) : 0; length > 0)
        return said(words.substr(0, length),
                    fmt::format("{}: {}", program,
                                length < words.size() ? words.substr(length + 1)
                                                      : fmt::format("exit status {}", *result.code)));
    const auto* const known = std::find_if(kExitStatuses.begin(), kExitStatuses.end(),
                                           [&](const ExitStatus& each) { return each.code == *result.code; });
    if (known == kExitStatuses.end()) return failure("5.3.0", fmt::format("exit status {}", *result.code));
    return failure(known->status, std::string(known->text));
}

asio::awaitable<Outcome> Pipe::attempt(const Attempt& attempt, io::BlockingPool& pool) {
    auto expanded = command_.expand(attempt.envelope, attempt.recipient);
    if (!expanded.refused.empty()) co_return Outcome::permanent(std::move(expanded.refused));
    auto input = co_await pool.run([&] { return input_of(attempt); });
    if (input.failed)
        co_return Outcome::temporary(
            fmt::format("4.3.1 no memory for what {} is to read: {}", command_.program(), input.failed.message()));
    io::Program program;
    program.words = std::move(expanded.words);
    program.environment = environment_of(attempt);
    program.timeout = patience_.time;
    program.grace = patience_.grace;
    program.own_group = true;
    program.input = std::move(input.file);
    program.output_kept = limits::pipe_output;
    const auto result = co_await io::run_program(std::move(program));
    co_return outcome_of(command_.program(), result, patience_);
}

}  // namespace sluice::deliver
