#include "dsl/diag/render.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "dsl/source/utf8.hpp"

namespace sluice::dsl {

namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";
constexpr std::string_view reset = "\x1b[0m";
constexpr std::string_view bold = "\x1b[1m";

std::string_view color_of(Severity severity) {
    switch (severity) {
        case Severity::error: return "\x1b[1;31m";
        case Severity::warning: return "\x1b[1;33m";
        case Severity::note: break;
    }
    return "\x1b[1;36m";
}

// One scalar of a text as it may be shown; `keep_layout` lets line breaks and tabs through.
std::string_view shown(std::string_view sequence, bool keep_layout) {
    if (sequence.size() != 1) return sequence;
    const auto c = static_cast<unsigned char>(sequence.front());
    if (keep_layout && (c == '\t' || c == '\n')) return sequence;
    return c < 0x20 || c >= 0x7F ? replacement : sequence;
}

// U+0080 … U+009F are control characters for terminals too.
bool is_c1_control(std::string_view sequence) {
    return sequence.size() == 2 && sequence[0] == '\xC2' && static_cast<unsigned char>(sequence[1]) < 0xA0;
}

std::string harmless(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const std::size_t n = std::max<std::size_t>(1, utf8_sequence_length(text));
        out += is_c1_control(text.substr(0, n)) ? replacement : shown(text.substr(0, n), true);
        text.remove_prefix(n);
    }
    return out;
}

struct Quote {
    std::string line;
    std::string marker;
};

// The line of the span's first byte, cut to a window around the span if it is too long, and the marks below it.
Quote quote(const SourceFile& source, Span span, std::uint32_t max_width) {
    const Position begin = source.position(span.begin);
    const Position end = source.position(std::max(span.begin, span.end));
    std::string_view line = source.line(begin.line);
    const std::size_t width = count_scalars(line);
    const std::size_t first = begin.column - 1;
    const std::size_t last = std::max(first + 1, end.line == begin.line ? std::size_t{end.column} - 1 : width);

    const std::size_t from = width <= max_width || first < max_width / 2 ? 0 : first - max_width / 2;
    const std::size_t to = std::min(width, from + max_width);
    Quote quote;
    if (from > 0) {
        quote.line = "… ";
        quote.marker = "  ";
    }
    std::size_t column = 0;
    for (; !line.empty(); ++column) {
        const std::size_t n = std::max<std::size_t>(1, utf8_sequence_length(line));
        const auto scalar = line.substr(0, n);
        line.remove_prefix(n);
        if (column < from || column >= to) continue;
        quote.line += harmless(scalar);
        if (column < first)
            quote.marker += scalar == "\t" ? '\t' : ' ';
        else if (column < last)
            quote.marker += '^';
    }
    if (first >= column) quote.marker += '^';
    if (to < width) quote.line += " …";
    return quote;
}

std::string json_string(std::string_view text) {
    std::string out = "\"";
    while (!text.empty()) {
        const std::size_t n = std::max<std::size_t>(1, utf8_sequence_length(text));
        const auto scalar = text.substr(0, n);
        text.remove_prefix(n);
        const auto c = static_cast<unsigned char>(scalar.front());
        if (n > 1)
            out += scalar;
        else if (c >= 0x80)
            out += replacement;
        else if (c == '"' || c == '\\')
            (out += '\\') += scalar;
        else if (c == '\n')
            out += "\\n";
        else if (c == '\t')
            out += "\\t";
        else if (c < 0x20 || c == 0x7F)
            out += fmt::format("\\u{:04x}", c);
        else
            out += scalar;
    }
    return out + '"';
}

}  // namespace

std::string_view message_of(const Diagnostic& d) noexcept {
    return d.message.empty() ? info(d.code).text : std::string_view(d.message);
}

std::string_view hint_of(const Diagnostic& d) noexcept {
    return d.hint.empty() ? info(d.code).hint : std::string_view(d.hint);
}

std::string render(const Diagnostic& d, const RenderOptions& options) {
    const CodeInfo& code = info(d.code);
    const auto color = color_of(code.severity);
    const auto paint = [&](std::string_view with, std::string text) {
        return options.color ? fmt::format("{}{}{}", with, text, reset) : text;
    };
    std::string out;
    if (d.source != nullptr) {
        const Position at = d.source->position(d.span.begin);
        out += paint(bold, fmt::format("{}:{}:{}:", harmless(d.source->name()), at.line, at.column)) + " ";
    }
    out += paint(color, fmt::format("{}[{}]:", to_string(code.severity), code.code)) + " ";
    out += paint(bold, harmless(message_of(d))) + "\n";
    if (d.source != nullptr) {
        const Quote quoted = quote(*d.source, d.span, options.max_width);
        out += fmt::format("{:>5} | {}\n", d.source->position(d.span.begin).line, quoted.line);
        const auto mark = quoted.marker.find('^');
        out += fmt::format("      | {}{}\n", quoted.marker.substr(0, mark), paint(color, quoted.marker.substr(mark)));
    }
    const std::string_view hint = hint_of(d);
    if (!hint.empty()) out += fmt::format("      = hint: {}\n", harmless(hint));
    return out;
}

std::string render(const std::vector<Diagnostic>& diagnostics, const RenderOptions& options) {
    std::string out;
    for (const auto& d : diagnostics) out += render(d, options);
    return out;
}

std::string render_json(const std::vector<Diagnostic>& diagnostics) {
    std::string out = "[";
    for (const auto& d : diagnostics) {
        const CodeInfo& code = info(d.code);
        const Position begin = d.source == nullptr ? Position{} : d.source->position(d.span.begin);
        const Position end = d.source == nullptr ? Position{} : d.source->position(d.span.end);
        if (out.size() > 1) out += ',';
        out += fmt::format(R"({{"code":"{}","kind":"{}","severity":"{}","file":{},"line":{},"column":{},)", code.code,
                           code.kind, to_string(code.severity),
                           json_string(d.source == nullptr ? std::string_view() : d.source->name()), begin.line,
                           begin.column);
        out += fmt::format(R"("end_line":{},"end_column":{},"message":{},"hint":{}}})", end.line, end.column,
                           json_string(message_of(d)), json_string(hint_of(d)));
    }
    return out + "]";
}

}  // namespace sluice::dsl
