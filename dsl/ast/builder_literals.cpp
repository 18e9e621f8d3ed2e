// Literals: decoding of numbers, escapes, doubled delimiters and back-tick text (vsl-language.md section 2).
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>

#include "dsl/ast/builder.hpp"
#include "dsl/source/utf8.hpp"

namespace sluice::dsl::ast {

namespace {

int hex_value(char c) { return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10; }

std::string without_separators(std::string_view text) {
    std::string plain;
    plain.reserve(text.size());
    std::copy_if(text.begin(), text.end(), std::back_inserter(plain), [](char c) { return c != '_'; });
    return plain;
}

// from_chars tells "out of range" for both ends. Which one shows in the decimal place of the first digit that counts.
bool beyond_one(std::string_view number) {
    const auto mark = std::min(number.find_first_of("eE"), number.size());
    const auto dot = std::min(number.find('.'), mark);
    const auto first = number.find_first_of("123456789");
    if (first >= mark) return false;
    auto place = static_cast<long>(dot) - static_cast<long>(first);
    if (mark < number.size()) {
        auto digits = number.substr(mark + 1);
        if (digits.starts_with('+')) digits.remove_prefix(1);
        long exponent = 0;
        if (std::from_chars(digits.data(), digits.data() + digits.size(), exponent).ec != std::errc{}) {
            return !digits.starts_with('-');
        }
        if (exponent > 100'000'000 || exponent < -100'000'000) return exponent > 0;
        place += exponent;
    }
    return place > 0;
}

double to_double(std::string_view number) {
    double value = 0;
    const auto result = std::from_chars(number.data(), number.data() + number.size(), value);
    if (result.ec == std::errc::result_out_of_range) {
        return beyond_one(number) ? std::numeric_limits<double>::infinity() : 0.0;
    }
    return value;
}

int radix_of(std::string_view number) {
    if (number.size() < 2 || number[0] != '0') return 10;
    switch (number[1] | 0x20) {
        case 'x': return 16;
        case 'o': return 8;
        case 'b': return 2;
        default: return 10;
    }
}

// Where the value of a string token with a backslash continues on the next line: white space is dropped up to and
// including the column of the opening quote.
std::size_t skip_indent(std::string_view token, std::size_t at, std::uint32_t columns) {
    for (std::uint32_t column = 0; column < columns && at < token.size(); ++column, ++at) {
        if (token[at] != ' ' && token[at] != '\t' && token[at] != '\f') break;
    }
    return at;
}

}  // namespace

void Builder::unit(Span span) { push<Node>(Kind::unit, span); }

void Builder::boolean(Span span, bool value) { push<Boolean>(Kind::boolean, span)->value = value; }

void Builder::number(Span span) {
    std::string_view written = text(span);
    const bool negative = written.starts_with('-');
    if (negative) written.remove_prefix(1);
    const int radix = radix_of(written);
    const std::string plain = without_separators(radix == 10 ? written : written.substr(2));
    std::uint64_t bits = 0;
    const auto [end, error] = std::from_chars(plain.data(), plain.data() + plain.size(), bits, radix);
    const bool whole = error == std::errc{} && end == plain.data() + plain.size();
    if (radix != 10 && !whole) throw SyntaxFault{Code::number_too_large, span, {}};

    constexpr auto minimum = std::numeric_limits<std::int64_t>::min();
    const bool fits = whole && (radix != 10 ? !negative || bits != static_cast<std::uint64_t>(minimum)
                                            : bits <= static_cast<std::uint64_t>(minimum) - (negative ? 0 : 1));
    if (fits) {
        push<Integer>(Kind::integer, span)->value = static_cast<std::int64_t>(negative ? 0 - bits : bits);
        return;
    }
    const double magnitude = radix == 10 ? to_double(plain) : -static_cast<double>(minimum);
    push<Floating>(Kind::floating, span)->value = negative ? -magnitude : magnitude;
}

// The value of a quoted token, back-tick strings without interpolation included.
std::string_view Builder::decoded(Span token) {
    const std::string_view raw = text(token);
    const char quote = raw.front();
    std::string_view inner = raw.substr(1, raw.size() - 2);
    if (quote == '`') {
        if (inner.starts_with("\r\n"))
            inner.remove_prefix(2);
        else if (inner.starts_with('\n'))
            inner.remove_prefix(1);
    }
    const bool plain = inner.find(quote) == inner.npos && inner.find(quote == '`' ? '\r' : '\\') == inner.npos;
    if (plain) return inner.empty() ? std::string_view("") : inner;

    std::string value;
    for (std::size_t i = 0; i < inner.size();) {
        const char c = inner[i++];
        if (c == quote) {
            value += c;
            ++i;
        } else if (quote == '`') {
            if (c != '\r' || i == inner.size() || inner[i] != '\n') value += c;
        } else if (c == '\\') {
            const std::uint32_t at = token.begin + static_cast<std::uint32_t>(i);
            const char escape = inner[i++];
            switch (escape) {
                case 't': value += '\t'; break;
                case 'n': value += '\n'; break;
                case 'r': value += '\r'; break;
                case '\r': ++i; [[fallthrough]];
                case '\n': i = skip_indent(inner, i, ast_.source()->position(token.begin).column); break;
                case 'x':
                case 'u':
                case 'U': {
                    const std::uint32_t digits = escape == 'x' ? 2 : escape == 'u' ? 4 : 8;
                    std::uint32_t scalar = 0;
                    for (std::uint32_t n = 0; n < digits; ++n) {
                        scalar = (scalar << 4) | static_cast<std::uint32_t>(hex_value(inner[i++]));
                    }
                    if (!is_scalar(scalar)) throw SyntaxFault{Code::bad_code_point, {at, at + digits + 2}, {}};
                    append_utf8(value, scalar);
                    break;
                }
                default: value += escape;
            }
        } else {
            value += c;
        }
    }
    return ast_.text(value);
}

void Builder::check_literal_size(Span span, std::size_t size, std::uint32_t limit, std::string_view what) {
    if (limit == 0 || size <= limit) return;
    faults_.push_back({Code::literal_too_large, span, fmt::format("{} {}; the limit is {}", size, what, limit)});
}

void Builder::string(Span span) {
    const auto value = decoded(span);
    check_literal_size(span, value.size(), options_.max_string_bytes, "bytes in a string");
    push<String>(Kind::string, span)->value = value;
}

void Builder::character(Span span) { push<Character>(Kind::character, span)->value = first_scalar(decoded(span)); }

void Builder::template_text(Span span) {
    const std::string_view raw = text(span);
    std::string_view value = raw;
    if (raw.find('`') != raw.npos || raw.find("\r\n") != raw.npos) {
        std::string plain;
        for (std::size_t i = 0; i < raw.size(); ++i) {
            if (raw[i] == '\r' && i + 1 < raw.size() && raw[i + 1] == '\n') continue;
            plain += raw[i];
            if (raw[i] == '`') ++i;
        }
        value = ast_.text(plain);
    }
    check_literal_size(span, value.size(), options_.max_string_bytes, "bytes in a string");
    push<String>(Kind::string, span)->value = value;
}

void Builder::interpolation(Span span) {
    const Nodes statements = take_nodes(span.begin);
    push<Block>(Kind::block, span)->statements = statements;
}

void Builder::template_(std::uint32_t begin) {
    const Nodes parts = take_nodes(begin);
    const bool plain = std::none_of(parts.begin(), parts.end(), [](const Node* n) { return n->kind == Kind::block; });
    if (!plain) {
        push<Template>(Kind::template_, from(begin))->parts = parts;
    } else {
        push<String>(Kind::string, from(begin))->value = parts.empty() ? "" : as<String>(*parts.front()).value;
    }
}

void Builder::key_string(Span span) { names_.push_back({decoded(span), span}); }

void Builder::map_entry(std::uint32_t) {
    const Segment key = pop_name();
    entries_.push_back({key.name, key.span, pop()});
}

void Builder::map(std::uint32_t begin) {
    std::size_t first = entries_.size();
    while (first > 0 && entries_[first - 1].key_span.begin >= begin) --first;
    const auto entries = ast_.list(std::span<const MapEntry>(entries_).subspan(first));
    entries_.resize(first);
    check_literal_size(from(begin), entries.size(), options_.max_map_items, "entries in a map");
    push<Map>(Kind::map, from(begin))->entries = entries;
}

void Builder::array(std::uint32_t begin) {
    const Nodes items = take_nodes(begin);
    check_literal_size(from(begin), items.size(), options_.max_array_items, "items in an array");
    push<Array>(Kind::array, from(begin))->items = items;
}

}  // namespace sluice::dsl::ast
