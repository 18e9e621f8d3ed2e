#include "engine/mail/field_text.hpp"

#include <fmt/format.h>

#include "engine/base/limits.hpp"
#include "engine/mail/header_lines.hpp"

namespace sluice::mail {
namespace {

constexpr std::string_view crlf = "\r\n";

bool all_blank(std::string_view line) { return line.find_first_not_of(" \t") == std::string_view::npos; }

EditError line_break(std::string_view name) {
    return {EditProblem::line_break,
            fmt::format("the value of {} holds a line break that is no fold (CRLF, then a blank, then text): what is "
                        "behind it would become a header field of its own",
                        shown(name))};
}

std::optional<EditError> check_value(std::string_view name, std::string_view value) {
    if (value.find('\0') != std::string_view::npos) {
        return EditError{EditProblem::nul, fmt::format("the value of {} holds a NUL character", shown(name))};
    }
    for (std::size_t begin = 0;;) {
        const std::size_t end = std::min(value.find_first_of(crlf, begin), value.size());
        if (begin > 0 && all_blank(value.substr(begin, end - begin))) return line_break(name);
        if (end == value.size()) return std::nullopt;
        if (value.substr(end, 2) != crlf || end + 2 == value.size() || !is_blank(value[end + 2])) {
            return line_break(name);
        }
        begin = end + 2;
    }
}

// Where to cut `line`, which is longer than `most`: in front of the last blanks that leave a first part of at most
// `most` octets, else of the first ones there are. `from`: nothing in front of this may be cut. npos: no place.
std::size_t fold_place(std::string_view line, std::size_t from, std::size_t most) {
    std::size_t best = std::string_view::npos;
    for (std::size_t i = from; i < line.size(); ++i) {
        if (!is_blank(line[i]) || is_blank(line[i - 1])) continue;
        if (i > most && best != std::string_view::npos) break;
        best = i;
        if (i > most) break;
    }
    return best;
}

// Appends `line` to `out` in lines of at most `most` octets where that is possible. False: one exceeds the hard limit.
// `fixed`: the first octets, which stay together with the word behind them.
bool append_folded(std::string& out, std::string_view line, std::size_t fixed, std::size_t most) {
    std::size_t text = line.find_last_not_of(" \t") + 1;  // blanks behind the last word stay with it
    while (line.size() > most) {
        std::size_t word = fixed;
        while (word < text && is_blank(line[word])) ++word;
        const std::size_t place = fold_place(line.substr(0, text), word + 1, most);
        if (place == std::string_view::npos) break;
        if (place > limits::field_line) return false;
        out += line.substr(0, place);
        out += crlf;
        line.remove_prefix(place);
        text -= place;
        fixed = 0;
    }
    out += line;
    return line.size() <= limits::field_line;
}

}  // namespace

std::string shown(std::string_view text) {
    std::string out = "'";
    for (const char c : text.substr(0, limits::field_name)) out += c >= ' ' && c != 127 ? c : '?';
    return out += text.size() > limits::field_name ? "…'" : "'";
}

std::optional<EditError> check_field_name(std::string_view name) {
    if (name.empty()) return EditError{EditProblem::name_empty, "the name of a header field is empty"};
    if (name.size() > limits::field_name) {
        return EditError{EditProblem::name_too_long,
                         fmt::format("the name of a header field has {} characters, more than {}: {}", name.size(),
                                     limits::field_name, shown(name))};
    }
    for (const char c : name) {
        if (is_ftext(c)) continue;
        return EditError{EditProblem::name_character,
                         fmt::format("{} cannot be the name of a header field: names are printable ASCII characters "
                                     "without blanks and colons",
                                     shown(name))};
    }
    return std::nullopt;
}

Result<std::string, EditError> field_text(std::string_view name, std::string_view value) {
    if (auto error = check_field_name(name)) return Failure{*std::move(error)};
    if (auto error = check_value(name, value)) return Failure{*std::move(error)};
    const bool folded = value.find('\r') != std::string_view::npos;
    std::string lines = fmt::format("{}: {}", name, value);
    std::string out;
    out.reserve(lines.size() + lines.size() / 32 + crlf.size());
    for (std::size_t begin = 0; begin < lines.size();) {
        const Line line = line_at(lines, begin);
        if (!append_folded(out, std::string_view(lines).substr(begin, line.text_end - begin),
                           begin == 0 ? name.size() + 1 : 0,
                           folded ? limits::field_line : limits::field_line_preferred)) {
            return Failure{EditError{EditProblem::line_too_long,
                                     fmt::format("the value of {} has more than {} characters without a blank: such a "
                                                 "line cannot be folded",
                                                 shown(name), limits::field_line)}};
        }
        out += crlf;
        begin = line.end;
    }
    return out;
}

}  // namespace sluice::mail
