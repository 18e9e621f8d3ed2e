#include "engine/dns/name.hpp"

#include <fmt/format.h>
#include <idn2.h>

#include <algorithm>

#include "engine/base/ascii.hpp"
#include "engine/base/limits.hpp"

namespace sluice::dns {

namespace {

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

constexpr bool is_plain(char c) { return c > ' ' && c < 0x7f && c != '\\' && c != '.'; }

}  // namespace

std::string_view to_string(NameError error) noexcept {
    switch (error) {
        case NameError::empty: return "is empty";
        case NameError::empty_label: return "has an empty label";
        case NameError::label_too_long: return "has a label of more than 63 characters";
        case NameError::too_long: return "has more than 253 characters";
        case NameError::character: return "has a character that no domain name has";
        case NameError::not_idna: return "is no internationalized domain name (IDNA 2008)";
    }
    return "is no domain name";
}

Result<Name, NameError> Name::parse(std::string_view text) {
    if (text.empty()) return Failure{NameError::empty};
    if (text == ".") return Name();
    const bool absolute = text.back() == '.';
    const std::string_view labels = absolute ? text.substr(0, text.size() - 1) : text;
    std::size_t label = 0;
    for (const char c : labels) {
        if (c == '.') {
            if (label == 0) return Failure{NameError::empty_label};
            label = 0;
        } else {
            if (!is_plain(c)) return Failure{NameError::character};
            if (++label > limits::domain_label) return Failure{NameError::label_too_long};
        }
    }
    if (label == 0) return Failure{NameError::empty_label};
    if (labels.size() > limits::domain_name) return Failure{NameError::too_long};
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(), lower);
    return Name(std::move(result));
}

Result<Name, NameError> Name::parse_international(std::string_view utf8) {
    if (is_ascii(utf8)) return parse(utf8);
    // libidn2 takes a text up to its first zero, and lets blanks through.
    if (std::any_of(utf8.begin(), utf8.end(), [](char c) { return (c >= 0 && c <= ' ') || c == '\\' || c == 0x7f; }))
        return Failure{NameError::character};
    char* converted = nullptr;
    if (idn2_to_ascii_8z(std::string(utf8).c_str(), &converted, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) != IDN2_OK)
        return Failure{NameError::not_idna};
    const std::string ascii = converted;
    idn2_free(converted);
    return parse(ascii);
}

std::optional<Name> Name::from_wire(std::string_view wire) {
    if (wire.size() > limits::domain_name + 2) return std::nullopt;
    std::string text;
    while (!wire.empty()) {
        const auto length = static_cast<unsigned char>(wire.front());
        if (length == 0) {
            if (wire.size() != 1) return std::nullopt;
            return Name(text.empty() ? "." : std::move(text));
        }
        if (length > limits::domain_label || wire.size() <= length) return std::nullopt;
        for (const char c : wire.substr(1, length)) {
            if (is_plain(c))
                text += lower(c);
            else
                text += fmt::format("\\{:03}", static_cast<unsigned char>(c));
        }
        text += '.';
        wire.remove_prefix(std::size_t{length} + 1);
    }
    return std::nullopt;
}

std::string Name::without_final_dot() const { return is_absolute() ? text_.substr(0, text_.size() - 1) : text_; }

Name Name::absolute() const { return is_absolute() ? *this : Name(text_ + '.'); }

Result<Name, NameError> Name::under(const Name& domain) const {
    if (is_root()) return domain.absolute();
    std::string joined = without_final_dot();
    if (!domain.is_root()) joined += '.' + domain.without_final_dot();
    // An escape is four characters for one octet.
    const auto escapes = static_cast<std::size_t>(std::count(joined.begin(), joined.end(), '\\'));
    if (joined.size() - 3 * escapes > limits::domain_name) return Failure{NameError::too_long};
    return Name(joined + '.');
}

std::size_t Name::inner_dots() const noexcept {
    return static_cast<std::size_t>(std::count(text_.begin(), text_.end(), '.')) - (is_absolute() ? 1 : 0);
}

}  // namespace sluice::dns
