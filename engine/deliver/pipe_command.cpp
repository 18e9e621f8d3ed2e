#include "engine/deliver/pipe_command.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/deliver/mailbox_path.hpp"

namespace sluice::deliver {

namespace {

constexpr std::string_view kBlanks = " \t";

bool has_control(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) {
        const auto octet = static_cast<unsigned char>(c);
        return octet < 0x20 || octet == 0x7f;
    });
}

// What people write who think of a shell.
std::string shell_word(std::string_view word) {
    static constexpr std::array<std::string_view, 10> kOfShells = {"|", "||", "&",  "&&", ";",
                                                                   "<", ">",  ">>", "2>", "2>&1"};
    const bool quoted = word.find_first_of("\"'`") != std::string_view::npos;
    if (!quoted && std::find(kOfShells.begin(), kOfShells.end(), word) == kOfShells.end()) return {};
    return fmt::format("{} has no meaning in the command of a pipe: there is no shell, words end at blanks", word);
}

std::string wrong_placeholder(std::string_view word, bool is_program) {
    for (std::size_t i = word.find('%'); i != std::string_view::npos; i = word.find('%', i + 2)) {
        const std::string_view kind = word.substr(i + 1, 1);
        if (kind == "%") continue;
        if (is_program) return "the program of a pipe must not depend on an address";
        if (kind.empty() || std::string_view("udas").find(kind) == std::string_view::npos)
            return fmt::format("unknown placeholder %{} in the command of a pipe (there are %u, %d, %a, %s and %%)",
                               kind);
    }
    return {};
}

// `value` in words_: "" or why not.
std::string unfit(char kind, std::string_view value, bool begins_word) {
    const bool of_sender = kind == 's';
    const auto refuse = [&](std::string_view why) {
        return fmt::format("{} {} cannot be given to a program: it {}",
                           of_sender ? "5.1.7 the sender's address" : "5.1.3 the recipient's address",
                           has_control(value) ? "" : fmt::format("({})", value), why);
    };
    if (has_control(value)) return refuse("has control characters");
    if (begins_word && value.starts_with('-')) return refuse("would be an option");
    const bool path = of_sender ? value.find("../") != std::string_view::npos
                                : value.starts_with('.') || value.find('/') != std::string_view::npos;
    return path ? refuse("would be a path") : std::string();
}

}  // namespace

PipeCommand::Parsed PipeCommand::parse(std::string_view text) {
    PipeCommand command;
    for (;;) {
        const std::size_t begin = text.find_first_not_of(kBlanks);
        if (begin == std::string_view::npos) break;
        text.remove_prefix(begin);
        const std::string word(text.substr(0, text.find_first_of(kBlanks)));
        text.remove_prefix(word.size());
        if (has_control(word)) return {std::nullopt, "the command of a pipe has control characters"};
        if (auto error = shell_word(word); !error.empty()) return {std::nullopt, std::move(error)};
        if (auto error = wrong_placeholder(word, command.words_.empty()); !error.empty())
            return {std::nullopt, std::move(error)};
        command.words_.push_back(word);
    }
    if (command.words_.empty()) return {std::nullopt, "a pipe needs a program: pipe:/path/of/program arguments"};
    std::string& program = command.words_.front();
    if (!program.starts_with('/')) return {std::nullopt, "the path of a pipe's program must be absolute"};
    for (std::size_t i = program.find('%'); i != std::string::npos; i = program.find('%', i + 1)) program.erase(i, 1);
    return {std::move(command), {}};
}

PipeCommand::Words PipeCommand::expand(const queue::Envelope& envelope, const queue::Recipient& recipient) const {
    const MailboxAddress address = split_address(recipient.address);
    Words expanded{{program()}, {}};
    for (auto word = words_.begin() + 1; word != words_.end(); ++word) {
        std::string out;
        for (std::size_t i = 0; i < word->size(); ++i) {
            if ((*word)[i] != '%') {
                out += (*word)[i];
                continue;
            }
            const char kind = (*word)[++i];
            if (kind == '%') {
                out += '%';
                continue;
            }
            const std::string& value = kind == 'u'   ? address.local_part
                                       : kind == 'd' ? address.domain
                                       : kind == 'a' ? recipient.address
                                                     : envelope.reverse_path;
            if (auto refused = unfit(kind, value, out.empty()); !refused.empty()) return {{}, std::move(refused)};
            out += value;
        }
        expanded.words.push_back(std::move(out));
    }
    return expanded;
}

}  // namespace sluice::deliver
