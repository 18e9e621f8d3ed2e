#include "engine/mail/mime_parameters.hpp"

#include <algorithm>
#include <charconv>
#include <map>

#include "engine/base/limits.hpp"
#include "engine/mail/charset.hpp"
#include "engine/mail/encoded_words.hpp"

namespace sluice::mail {
namespace {

struct Piece {
    std::string_view value;
    bool encoded;
};
using Pieces = std::map<unsigned, Piece>;

// "filename*1*" in its parts. A name without star, or with one that is no RFC 2231, has no number.
struct ExtendedName {
    std::string_view name;
    std::optional<unsigned> number;
    bool encoded = false;
};
ExtendedName extended_name(std::string_view name) {
    const std::size_t star = name.find('*');
    if (star == std::string_view::npos || star == 0) return {name, std::nullopt};
    std::string_view rest = name.substr(star + 1);
    if (rest.empty()) return {name.substr(0, star), 0, true};
    const bool encoded = rest.ends_with('*');
    if (encoded) rest.remove_suffix(1);
    unsigned number = 0;
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
    if (error != std::errc{} || end != rest.data() + rest.size()) return {name, std::nullopt};
    return {name.substr(0, star), number, encoded};
}

std::string percent_decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        unsigned octet = 0;
        const char* digits = text.data() + i + 1;
        if (text[i] == '%' && text.size() - i > 2 && std::from_chars(digits, digits + 2, octet, 16).ptr == digits + 2) {
            out += static_cast<char>(octet);
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

// The value of numbers 0, 1, 2 … ; `complete` becomes false if one is missing.
std::string joined(const Pieces& pieces, bool& complete) {
    std::string bytes;
    std::string_view charset;
    bool any_encoded = false;
    unsigned wanted = 0;
    for (const auto& [number, piece] : pieces) {
        if (number != wanted++) {
            complete = false;
            break;
        }
        std::string_view value = piece.value;
        any_encoded = any_encoded || piece.encoded;
        if (number == 0 && piece.encoded) {
            const std::size_t language = value.find('\'');
            const std::size_t text = language == value.npos ? value.npos : value.find('\'', language + 1);
            if (text != value.npos) {
                charset = value.substr(0, language);
                value = value.substr(text + 1);
            }
        }
        bytes += piece.encoded ? percent_decoded(value) : std::string(value);
    }
    return any_encoded ? to_utf8(bytes, charset) : bytes;
}

MimeField joined_field(grammar::mail::ParameterizedValue parsed) {
    MimeField field{std::move(parsed.value), {}, parsed.cut};
    std::map<std::string_view, Pieces> extended;
    std::map<std::string_view, std::size_t> plain;
    for (std::size_t i = 0; i < parsed.parameters.size(); ++i) {
        const Parameter& one = parsed.parameters[i];
        const ExtendedName name = extended_name(one.name);
        const bool is_new = name.number
                                ? extended[name.name].try_emplace(*name.number, Piece{one.value, name.encoded}).second
                                : plain.try_emplace(name.name, i).second;
        if (!is_new) field.malformed = true;
    }
    for (const auto& [name, pieces] : extended) {
        if (!pieces.contains(0)) {
            field.malformed = true;
            continue;
        }
        bool complete = true;
        field.parameters.push_back({std::string(name), joined(pieces, complete)});
        if (!complete) field.malformed = true;
        plain.erase(name);
    }
    for (std::size_t i = 0; i < parsed.parameters.size(); ++i) {
        Parameter& one = parsed.parameters[i];
        const auto kept = plain.find(one.name);
        if (kept != plain.end() && kept->second == i) field.parameters.push_back(one);
    }
    return field;
}

// A field longer than any header we accept is looked at only so far.
MimeField read(std::string_view value, grammar::mail::ParameterizedValue (*parse)(std::string_view, std::size_t)) {
    MimeField field = joined_field(parse(value.substr(0, limits::mime_field), limits::mime_parameters));
    if (value.size() > limits::mime_field || field.value.empty()) field.malformed = true;
    return field;
}

}  // namespace

std::optional<std::string_view> MimeField::parameter(std::string_view name) const {
    for (const Parameter& one : parameters) {
        if (one.name == name) return one.value;
    }
    return std::nullopt;
}

MimeField content_type_field(std::string_view value) { return read(value, grammar::mail::parse_content_type); }

MimeField content_disposition_field(std::string_view value) {
    return read(value, grammar::mail::parse_content_disposition);
}

std::string file_name(const MimeField& disposition, const MimeField& type) {
    std::string_view name = disposition.parameter("filename").value_or("");
    if (name.empty()) name = type.parameter("name").value_or("");
    return decode_encoded_words(name);
}

}  // namespace sluice::mail
