#include "tests/reference/value.hpp"

#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstring>

#include "tests/reference/evaluator.hpp"

namespace sluice::reference {

bool ScriptError::limit() const {
    return kind == "ErrorStackOverflow" || kind == "ErrorTooManyOperations" || kind == "ErrorDataTooLarge" ||
           kind == "ErrorParsing";
}

void fail(std::string kind, std::string subject) { throw ScriptError{std::move(kind), {}, std::move(subject)}; }

std::string type_name(const Value& value) {
    static const char* const names[] = {"()",    "bool", "i64",  "f64",   "char", "string",
                                        "array", "map",  "blob", "range", "Fn",   "iterator"};
    if (value.is<Range>() && value.as<Range>().inclusive) return "range=";
    return names[value.data.index()];
}

// --- text

std::u32string decode(std::string_view text) {
    std::u32string out;
    for (std::size_t i = 0; i < text.size();) {
        const auto lead = static_cast<unsigned char>(text[i]);
        const int more = lead < 0x80 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
        char32_t c = more == 0 ? lead : lead & (0x3fu >> more);
        for (int k = 1; k <= more; ++k)
            c = c << 6 | (static_cast<unsigned char>(text[i + static_cast<std::size_t>(k)]) & 0x3f);
        out += c;
        i += static_cast<std::size_t>(more) + 1;
    }
    return out;
}

std::string encode(std::u32string_view text) {
    std::string out;
    for (const char32_t c : text) {
        if (c < 0x80) {
            out += static_cast<char>(c);
        } else if (c < 0x800) {
            out += static_cast<char>(0xc0 | c >> 6);
            out += static_cast<char>(0x80 | (c & 0x3f));
        } else if (c < 0x10000) {
            out += static_cast<char>(0xe0 | c >> 12);
            out += static_cast<char>(0x80 | (c >> 6 & 0x3f));
            out += static_cast<char>(0x80 | (c & 0x3f));
        } else {
            out += static_cast<char>(0xf0 | c >> 18);
            out += static_cast<char>(0x80 | (c >> 12 & 0x3f));
            out += static_cast<char>(0x80 | (c >> 6 & 0x3f));
            out += static_cast<char>(0x80 | (c & 0x3f));
        }
    }
    return out;
}

std::string text_of(const Value& v) {
    if (v.is<std::string>()) return v.as<std::string>();
    const char32_t one[] = {v.as<char32_t>()};
    return encode({one, 1});
}

std::string float_text(double d) {
    if (std::isnan(d)) return "NaN";
    if (std::isinf(d)) return d < 0 ? "-inf" : "inf";
    if (d == 0) return "0.0";  // also for -0.0
    char buffer[512];
    const bool exponent = std::fabs(d) > 1e13 || std::fabs(d) < 1e-13;
    const auto format = exponent ? std::chars_format::scientific : std::chars_format::fixed;
    std::string text(buffer, std::to_chars(buffer, buffer + sizeof buffer, d, format).ptr);
    if (!exponent) return text.find('.') == std::string::npos ? text + ".0" : text;
    const auto e = text.find('e');
    return text.substr(0, e) + "e" + std::to_string(std::stoi(text.substr(e + 1)));  // no '+', no leading zeros
}

namespace {

std::string quoted(const std::string& text) {
    std::string out = "\"";
    for (const char32_t c : decode(text)) {
        if (c == '"' || c == '\\') {
            out += '\\';
            out += static_cast<char>(c);
        } else if (c == '\n') {
            out += "\\n";
        } else if (c == '\t') {
            out += "\\t";
        } else if (c == '\r') {
            out += "\\r";
        } else if (c < 0x20 || c == 0x7f) {
            char hex[16];
            std::snprintf(hex, sizeof hex, "\\u{%x}", static_cast<unsigned>(c));
            out += hex;
        } else {
            out += encode({&c, 1});
        }
    }
    return out + '"';
}

std::string blob_text(const Blob& blob) {
    std::string out = "[";
    for (std::size_t i = 0; i < blob.bytes.size(); ++i) {
        char hex[4];
        std::snprintf(hex, sizeof hex, "%02x", blob.bytes[i]);
        out += i != 0 && i % 8 == 0 ? " " : "";
        out += hex;
    }
    return out + "]";
}

}  // namespace

std::string to_debug(const Value& v) {
    if (v.is<Unit>()) return "()";
    if (v.is<bool>()) return v.as<bool>() ? "true" : "false";
    if (v.is<Int>()) return std::to_string(v.as<Int>());
    if (v.is<double>()) return float_text(v.as<double>());
    if (v.is<char32_t>()) return text_of(v);
    if (v.is<std::string>()) return quoted(v.as<std::string>());
    if (v.is<Blob>()) return blob_text(v.as<Blob>());
    if (v.is<Range>()) {
        const auto& r = v.as<Range>();
        return std::to_string(r.start) + (r.inclusive ? "..=" : "..") + std::to_string(r.end);
    }
    if (v.is<FnPtr>()) {
        if (v.as<FnPtr>()->closure) ++anonymous_names;
        return "Fn(" + v.as<FnPtr>()->name + ")";
    }
    if (v.is<Iterator>()) return "<iterator>";
    std::string out;
    if (v.is<Array>()) {
        for (const auto& item : v.as<Array>()) out += (out.empty() ? "" : ", ") + to_debug(item);
        return "[" + out + "]";
    }
    for (const auto& [key, item] : v.as<Map>()) out += (out.empty() ? "" : ", ") + quoted(key) + ": " + to_debug(item);
    return "#{" + out + "}";
}

std::string to_text(const Value& v) {
    if (v.is<Unit>()) return "";
    return v.is<std::string>() ? v.as<std::string>() : to_debug(v);
}

// --- comparing

namespace {
double real(const Value& v) { return v.is<Int>() ? static_cast<double>(v.as<Int>()) : v.as<double>(); }
}  // namespace

bool equal(const Value& a, const Value& b) {
    if (a.is<Int>() && b.is<Int>()) return a.as<Int>() == b.as<Int>();
    if (a.is_number() && b.is_number()) return real(a) == real(b);
    if (a.is_text() && b.is_text()) return text_of(a) == text_of(b);
    if (a.data.index() != b.data.index()) return false;
    if (a.is<Unit>()) return true;
    if (a.is<bool>()) return a.as<bool>() == b.as<bool>();
    if (a.is<Array>()) {
        const auto& x = a.as<Array>();
        const auto& y = b.as<Array>();
        if (x.size() != y.size()) return false;
        for (std::size_t i = 0; i < x.size(); ++i)
            if (!equal(x[i], y[i])) return false;
        return true;
    }
    if (a.is<Map>()) {
        const auto& x = a.as<Map>();
        const auto& y = b.as<Map>();
        if (x.size() != y.size()) return false;
        for (const auto& [key, value] : x) {
            const auto other = y.find(key);
            if (other == y.end() || !equal(value, other->second)) return false;
        }
        return true;
    }
    if (a.is<Blob>()) return a.as<Blob>().bytes == b.as<Blob>().bytes;
    if (a.is<Range>()) {
        const auto& x = a.as<Range>();
        const auto& y = b.as<Range>();
        return x.start == y.start && x.end == y.end && x.inclusive == y.inclusive;
    }
    if (a.is<FnPtr>()) fail("ErrorFunctionNotFound", "== (Fn, Fn)");
    throw GaveUp("equality of iterators");
}

bool contains(const Value& container, const Value& item) {
    if (container.is<Array>()) {
        for (const auto& element : container.as<Array>())
            if (equal(element, item)) return true;
        return false;
    }
    if (container.is<std::string>() && item.is_text())
        return container.as<std::string>().find(text_of(item)) != std::string::npos;
    if (container.is<Map>() && item.is<std::string>()) return container.as<Map>().contains(item.as<std::string>());
    if (container.is<Range>() && item.is<Int>()) {
        const auto& r = container.as<Range>();
        const Int i = item.as<Int>();
        return i >= r.start && (r.inclusive ? i <= r.end : i < r.end);
    }
    if (container.is<Blob>() && item.is<Int>()) {
        for (const auto byte : container.as<Blob>().bytes)
            if (byte == item.as<Int>()) return true;
        return false;
    }
    fail("ErrorFunctionNotFound", "contains (" + type_name(container) + ", " + type_name(item) + ")");
}

bool same(const Value& a, const Value& b) {
    if (a.data.index() != b.data.index()) return false;
    if (a.is<FnPtr>() || a.is<Iterator>()) return false;
    if (a.is<double>()) return a.as<double>() == b.as<double>();
    if (a.is<Array>()) {
        const auto& x = a.as<Array>();
        const auto& y = b.as<Array>();
        if (x.size() != y.size()) return false;
        for (std::size_t i = 0; i < x.size(); ++i)
            if (!same(x[i], y[i])) return false;
        return true;
    }
    if (a.is<Map>()) {
        if (a.as<Map>().size() != b.as<Map>().size()) return false;
        for (const auto& [key, value] : a.as<Map>()) {
            const auto other = b.as<Map>().find(key);
            if (other == b.as<Map>().end() || !same(value, other->second)) return false;
        }
        return true;
    }
    return equal(a, b);
}

bool identical(const Value& a, const Value& b) {
    if (a.data.index() != b.data.index()) return false;
    if (a.is<double>()) {
        if (std::isnan(a.as<double>()) && std::isnan(b.as<double>())) return true;
        return std::memcmp(&a.as<double>(), &b.as<double>(), sizeof(double)) == 0;
    }
    if (a.is<FnPtr>()) return a.as<FnPtr>()->name == b.as<FnPtr>()->name;
    if (a.is<Iterator>()) return true;
    if (a.is<Array>()) {
        if (a.as<Array>().size() != b.as<Array>().size()) return false;
        for (std::size_t i = 0; i < a.as<Array>().size(); ++i)
            if (!identical(a.as<Array>()[i], b.as<Array>()[i])) return false;
        return true;
    }
    if (a.is<Map>()) {
        if (a.as<Map>().size() != b.as<Map>().size()) return false;
        for (const auto& [key, value] : a.as<Map>()) {
            const auto other = b.as<Map>().find(key);
            if (other == b.as<Map>().end() || !identical(value, other->second)) return false;
        }
        return true;
    }
    return equal(a, b);
}

std::size_t nodes(const Value& v) {
    std::size_t count = 1;
    if (v.is<Array>())
        for (const auto& item : v.as<Array>()) count += nodes(item);
    if (v.is<Map>())
        for (const auto& [key, item] : v.as<Map>()) count += nodes(item);
    if (v.is<std::string>()) count += v.as<std::string>().size() / 64;
    return count;
}

}  // namespace sluice::reference
