#include "engine/refusals/text.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <charconv>
#include <fstream>
#include <optional>

#include "dsl/source/utf8.hpp"

namespace sluice::refusals {

namespace {

std::string shown(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const auto length = std::max<std::size_t>(dsl::utf8_sequence_length(text), 1);
        const auto piece = text.substr(0, length);
        const auto first = static_cast<unsigned char>(piece.front());
        const bool c1 = length == 2 && first == 0xC2 && static_cast<unsigned char>(piece[1]) < 0xA0;
        if (first < 0x20 || first == 0x7F || c1)
            out += fmt::format("\\x{:02x}", c1 ? static_cast<unsigned char>(piece[1]) : first);
        else
            out += piece;
        text.remove_prefix(length);
    }
    return out;
}

std::string field(std::string_view name, std::string_view value) { return fmt::format("  {:<8}  {}\n", name, value); }

std::string field_if(std::string_view name, const std::string& value) {
    return value.empty() ? std::string() : field(name, shown(value));
}

// What decided: the verdict of a rule at its stage, or the event by which the server refused.
std::string what(const Record& record) {
    if (record.verdict.empty()) return shown(record.event);
    return shown(record.stage.empty() ? record.verdict : record.stage + ": " + record.verdict);
}

std::string client_text(const Record& record) {
    auto text = shown(record.client);
    if (!record.helo.empty()) text += fmt::format(", HELO {}", shown(record.helo));
    text += record.tls ? fmt::format(", {} {}", shown(record.tls->version), shown(record.tls->cipher)) : ", clear text";
    if (record.tls && record.tls->sni) text += fmt::format(" for {}", shown(*record.tls->sni));
    return text;
}

std::string recipients(const Record& record) {
    std::string text;
    for (const auto& each : record.rcpt) text += fmt::format("{}<{}>", text.empty() ? "" : ", ", shown(each));
    if (record.rcpt_more != 0) text += fmt::format(" and {} more", record.rcpt_more);
    return text;
}

struct Place {
    std::string file;
    std::size_t line = 0;
};

// "filter.vsl:12:5"
std::optional<Place> place_of(std::string_view at) {
    const auto column = at.rfind(':');
    const auto line = column == std::string_view::npos || column == 0 ? column : at.rfind(':', column - 1);
    if (line == std::string_view::npos || line == column) return std::nullopt;
    const auto digits = at.substr(line + 1, column - line - 1);
    Place place{std::string(at.substr(0, line)), 0};
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), place.line);
    return read.ec == std::errc() && place.line != 0 ? std::optional(place) : std::nullopt;
}

bool changed_since(const std::filesystem::path& file, const std::string& time) {
    struct stat facts {};
    if (::stat(file.c_str(), &facts) != 0) return false;
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}", fmt::gmtime(facts.st_mtim.tv_sec)) > time.substr(0, 19);
}

// The line of the rule as it is now; empty if it cannot be read.
std::string quote(const Record& record, const std::filesystem::path& root) {
    const auto place = place_of(record.at);
    if (!place) return {};
    const auto path = root / place->file;
    std::ifstream file(path);
    std::string line;
    for (std::size_t i = 0; i < place->line; ++i)
        if (!std::getline(file, line)) return {};
    return fmt::format("{:>16} | {}{}\n", place->line, shown(line),
                       changed_since(path, record.time) ? "   (the file has changed since)" : "");
}

std::string lines_of(std::string_view name, std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const auto end = text.find('\n');
        out += field(out.empty() ? name : "", shown(text.substr(0, end)));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return out;
}

}  // namespace

std::string long_text(const Record& record, const std::filesystem::path& root) {
    auto text = fmt::format("{}  {}\n", shown(record.time), what(record));
    text += field_if("session", record.session) + field_if("message", record.message);
    text += field("client", client_text(record)) + field_if("server", record.server) + field_if("user", record.user);
    if (record.from) text += field("from", fmt::format("<{}>", shown(*record.from)));
    if (!record.rcpt.empty()) text += field("to", recipients(record));
    if (!record.rule.empty()) {
        text += field("rule", fmt::format("\"{}\" at {}", shown(record.rule), shown(record.at)));
        text += quote(record, root);
    } else if (record.verdict.empty()) {
        text += field("rule", "none: the server refused by itself");
    }
    text += lines_of("reply", record.reply);
    text += lines_of(record.verdict.empty() ? "because" : "failure", record.failure);
    bool first = true;
    for (const auto& fact : record.facts) {
        text += field(first ? "read" : "", fmt::format("{} = {}", shown(fact.call), shown(fact.value)));
        first = false;
    }
    return text;
}

std::string short_text(const Record& record) {
    const auto or_dash = [](const std::string& text) { return text.empty() ? std::string("-") : shown(text); };
    auto text = fmt::format("{} {} {} {} ", shown(record.time), or_dash(record.session), or_dash(record.message),
                            or_dash(record.client));
    text += fmt::format("{} -> {}  {}", record.from ? fmt::format("<{}>", shown(*record.from)) : "-",
                        record.rcpt.empty() ? "-" : recipients(record), what(record));
    if (!record.reply.empty()) text += fmt::format("  {}", shown(record.reply.substr(0, record.reply.find('\n'))));
    if (!record.rule.empty()) text += fmt::format("  rule \"{}\" at {}", shown(record.rule), shown(record.at));
    return text + "\n";
}

}  // namespace sluice::refusals
