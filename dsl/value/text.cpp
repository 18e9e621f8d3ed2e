// Text forms of values (vsl-language.md section 5).
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "dsl/value/operations.hpp"

namespace sluice::dsl {

namespace {

void append_quoted(std::string_view text, std::string& out) {
    out += '"';
    for (std::size_t at = 0; at < text.size();) {
        const auto from = at;
        const auto c = decode_char(text, at);
        switch (c) {
            case '"': out += "\\\""; break;
            case '\\': out += "\\\\"; break;
            case '\n': out += "\\n"; break;
            case '\t': out += "\\t"; break;
            case '\r': out += "\\r"; break;
            default:
                if (c < 0x20 || (c >= 0x7f && c < 0xa0)) {
                    out += fmt::format("\\u{{{:x}}}", static_cast<std::uint32_t>(c));
                } else {
                    out += text.substr(from, at - from);
                }
        }
    }
    out += '"';
}

void append_blob(const BlobObject& blob, std::string& out) {
    out += '[';
    for (std::size_t i = 0; i < blob.bytes.size(); ++i) {
        if (i != 0 && i % 8 == 0) out += ' ';
        fmt::format_to(std::back_inserter(out), "{:02x}", blob.bytes[i]);
    }
    out += ']';
}

// Scalars and leaves; false for arrays and maps.
bool append_leaf(const Value& value, std::string& out, bool debug) {
    switch (value.tag()) {
        case Tag::unit:
            if (debug) out += "()";
            return true;
        case Tag::boolean: out += value.as_bool() ? "true" : "false"; return true;
        case Tag::integer: fmt::format_to(std::back_inserter(out), "{}", value.as_int()); return true;
        case Tag::floating: out += float_text(value.as_float()); return true;
        case Tag::character: append_char(out, value.as_char()); return true;
        case Tag::timestamp: out += "<timestamp>"; return true;
        case Tag::short_string:
        case Tag::string:
            if (debug)
                append_quoted(value.as_string(), out);
            else
                out += value.as_string();
            return true;
        case Tag::blob: append_blob(value.as_blob(), out); return true;
        case Tag::range:
            fmt::format_to(std::back_inserter(out), "{}{}{}", value.as_range().start,
                           value.as_range().inclusive ? "..=" : "..", value.as_range().end);
            return true;
        case Tag::fn:
            out += "Fn(";
            out += value.as_fn().name.as_string();
            out += ')';
            return true;
        case Tag::host: out += debug ? value.as_host().debug() : value.as_host().text(); return true;
        case Tag::iterator: out += "<iterator>"; return true;
        // Never seen by a script, unless its bytecode was damaged.
        case Tag::cell:
        case Tag::error: out += "<internal>"; return true;
        case Tag::array:
        case Tag::map: return false;
    }
    return true;
}

class Writer {
  public:
    Writer(std::string& out, const Limits& limits) : out_(out), limits_(limits) {}

    ErrorPtr write(const Value& value, int depth) {
        if (depth > max_nesting) return too_large("Nesting of values");
        if (!append_leaf(value, out_, true)) {
            auto error = value.is_array() ? write_array(value.as_array(), depth) : write_map(value.as_map(), depth);
            if (error) return error;
        }
        if (limits_.string_bytes != 0 && out_.size() > limits_.string_bytes) return too_large("Length of string");
        return nullptr;
    }

  private:
    ErrorPtr write_array(const ArrayObject& array, int depth) {
        out_ += '[';
        bool first = true;
        for (const auto& item : array.items) {
            if (!first) out_ += ", ";
            first = false;
            if (auto error = write(item, depth + 1)) return error;
        }
        out_ += ']';
        return nullptr;
    }

    ErrorPtr write_map(const MapObject& map, int depth) {
        out_ += "#{";
        bool first = true;
        for (const auto* entry : map.sorted()) {
            if (!first) out_ += ", ";
            first = false;
            append_quoted(entry->key.as_string(), out_);
            out_ += ": ";
            if (auto error = write(entry->value, depth + 1)) return error;
        }
        out_ += '}';
        return nullptr;
    }

    std::string& out_;
    const Limits& limits_;
};

}  // namespace

// Shortest text that reads back; plain digits between 1e-13 and 1e13 in magnitude, exponent form beyond.
std::string float_text(double d) {
    if (std::isnan(d)) return "NaN";
    if (std::isinf(d)) return d < 0 ? "-inf" : "inf";
    if (d == 0) return "0.0";
    char buffer[400];
    const auto magnitude = std::fabs(d);
    if (magnitude > 1e13 || magnitude < 1e-13) {
        const auto end = std::to_chars(buffer, buffer + sizeof buffer, d, std::chars_format::scientific).ptr;
        std::string text(buffer, end);
        const auto e = text.find('e');
        const bool minus = text[e + 1] == '-';
        auto digits = text.find_first_not_of("+-0", e + 1);
        return text.substr(0, e) + (minus ? "e-" : "e") + (digits == std::string::npos ? "0" : text.substr(digits));
    }
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, d, std::chars_format::fixed).ptr;
    std::string text(buffer, end);
    if (text.find('.') == std::string::npos) text += ".0";
    return text;
}

ErrorPtr append_text(const Value& value, std::string& out, const Limits& limits) {
    if (append_leaf(value, out, false)) {
        if (limits.string_bytes != 0 && out.size() > limits.string_bytes) return too_large("Length of string");
        return nullptr;
    }
    return Writer(out, limits).write(value, 0);
}

ErrorPtr append_debug(const Value& value, std::string& out, const Limits& limits) {
    return Writer(out, limits).write(value, 0);
}

std::string brief(const Value& value) {
    std::string text;
    Limits limits;
    limits.string_bytes = 4096;
    if (append_debug(value, text, limits) || text.size() > 120) {
        text.resize(char_offset(text, 100));
        text += "…";
    }
    return text;
}

std::string signature(std::string_view name, const Value* args, std::size_t count) {
    std::string text(name);
    text += " (";
    for (std::size_t i = 0; i < count; ++i) {
        if (i != 0) text += ", ";
        text += type_name(args[i]);
    }
    return text + ")";
}

}  // namespace sluice::dsl
