#include "engine/mail/header_fields.hpp"

#include <algorithm>

#include "engine/mail/header_lines.hpp"

namespace sluice::mail {
namespace {

constexpr std::string_view crlf = "\r\n";

}  // namespace

bool HeaderFields::Field::is(std::string_view wanted) const { return equal_names(name(), wanted); }

HeaderFields::Fields& HeaderFields::fields() const {
    if (indexed_ || !raw_) return fields_;
    indexed_ = true;
    const std::string_view bytes = *raw_;
    std::size_t at = 0;
    while (at < bytes.size()) {
        // The body's first line may be the whole body: look at the name before looking for the end of the line.
        const auto start = field_start(bytes.substr(at));
        if (!start) break;
        const std::size_t end = field_end(bytes, line_at(bytes, at));
        fields_.push_back({bytes.substr(at, end - at), start->name_size, start->value, nullptr});
        at = end;
    }
    fields_size_ = raw_end_ = at;
    return fields_;
}

HeaderFields::Fields::iterator HeaderFields::find(std::string_view name) const {
    Fields& all = fields();
    return std::find_if(all.begin(), all.end(), [&](const Field& field) { return field.is(name); });
}

std::size_t HeaderFields::count(std::string_view name) const {
    const Fields& all = fields();
    return static_cast<std::size_t>(
        std::count_if(all.begin(), all.end(), [&](const Field& field) { return field.is(name); }));
}

std::optional<std::string_view> HeaderFields::first(std::string_view name) const {
    const auto field = find(name);
    if (field == fields_.end()) return std::nullopt;
    std::string_view value = without_line_end(field->text.substr(field->value));
    value.remove_prefix(std::min(value.find_first_not_of(" \t\r\n"), value.size()));
    return value;
}

std::vector<std::string_view> HeaderFields::values(std::string_view name) const {
    std::vector<std::string_view> found;
    for (const Field& field : fields()) {
        if (field.is(name)) found.push_back(field.text.substr(field.value));
    }
    return found;
}

std::vector<std::string_view> HeaderFields::untouched(std::string_view name) const {
    std::vector<std::string_view> found;
    for (const Field& field : fields()) {
        if (field.is(name)) found.push_back(field.text);
    }
    return found;
}

std::vector<std::string_view> HeaderFields::lines() const {
    std::vector<std::string_view> found;
    for (const Field& field : fields()) {
        for (std::size_t at = 0; at < field.text.size();) {
            const std::size_t end = line_at(field.text, at).end;
            found.push_back(field.text.substr(at, end - at));
            at = end;
        }
    }
    return found;
}

// Only the last field received can lack its line end; it gets one when another field is written behind it.
std::size_t HeaderFields::size() const {
    const Fields& all = fields();
    std::size_t size = fields_size_;
    for (std::size_t i = 0; i + 1 < all.size(); ++i) size += all[i].text.ends_with('\n') ? 0 : crlf.size();
    return size;
}

void HeaderFields::write_to(std::string& out) const {
    const Fields& all = fields();
    for (std::size_t i = 0; i < all.size(); ++i) {
        out += all[i].text;
        if (i + 1 < all.size() && !all[i].text.ends_with('\n')) out += crlf;
    }
}

std::size_t HeaderFields::raw_end() const { return (void)fields(), raw_end_; }

bool HeaderFields::has_empty_line() const {
    const std::string_view rest = raw_ ? std::string_view(*raw_).substr(raw_end()) : std::string_view();
    return rest.starts_with('\n') || rest.starts_with(crlf);
}

}  // namespace sluice::mail
