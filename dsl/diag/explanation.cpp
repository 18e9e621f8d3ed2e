#include "dsl/diag/explanation.hpp"

#include <algorithm>

namespace sluice::dsl {

// Generated from explanations/*.md (CMakeLists.txt).
extern const std::string_view explanations_book;

namespace {

std::string_view take_line(std::string_view& text) {
    const auto end = text.find('\n');
    const auto line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return line;
}

// "E0053", alone in its line: examples may hold other lines that begin with `#`.
bool is_heading(std::string_view text) {
    const auto line = take_line(text);
    return line.size() == 5 && line[0] >= 'A' && line[0] <= 'Z' &&
           line.find_first_not_of("0123456789", 1) == std::string_view::npos;
}

// "wrong file objects/net.vsl" -> "Wrong, objects/net.vsl:"
std::string title(std::string_view fence) {
    std::string out = fence.starts_with("wrong") ? "Wrong" : "Right";
    const auto kind = fence.substr(std::min<std::size_t>(fence.size(), 6));
    if (kind.starts_with("file ")) out += ", " + std::string(kind.substr(5));
    if (kind == "config") out += ", in on_config";
    return out + ":";
}

}  // namespace

std::optional<std::string_view> section(std::string_view book, std::string_view code) {
    const auto heading = "\n# " + std::string(code) + "\n";
    const auto at = book.find(heading);
    if (at == std::string_view::npos) return std::nullopt;
    const auto begin = at + heading.size();
    auto end = book.find("\n# ", begin - 1);
    while (end != std::string_view::npos && !is_heading(book.substr(end + 3))) end = book.find("\n# ", end + 1);
    return book.substr(begin, end == std::string_view::npos ? end : end - begin + 1);
}

std::optional<std::string_view> explanation(std::string_view code) { return section(explanations_book, code); }

std::string render_explanation(std::string_view section) {
    std::string out;
    bool example = false;
    while (!section.empty()) {
        const auto line = take_line(section);
        if (line.starts_with("```")) {
            if (!example) out += title(line.substr(3)) + "\n";
            example = !example;
        } else {
            out += (example && !line.empty() ? "    " : "") + std::string(line) + "\n";
        }
    }
    while (out.ends_with("\n\n")) out.pop_back();
    return out;
}

}  // namespace sluice::dsl
