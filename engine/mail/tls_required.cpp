#include "engine/mail/tls_required.hpp"

#include "engine/mail/header_lines.hpp"

namespace sluice::mail {

namespace {

bool is_space(char c) noexcept { return is_blank(c) || c == '\r' || c == '\n'; }

}  // namespace

bool says_tls_not_required(std::string_view message) noexcept {
    const std::string_view header = header_section(message);
    for (std::size_t at = 0; at < header.size();) {
        const Line line = line_at(header, at);
        const auto field = field_start(header.substr(at, line.text_end - at));
        if (!field || !equal_names(header.substr(at, field->name_size), "TLS-Required")) {
            at = line.end;
            continue;
        }
        std::string_view value = header.substr(at, field_end(header, line) - at).substr(field->value);
        while (!value.empty() && is_space(value.front())) value.remove_prefix(1);
        while (!value.empty() && is_space(value.back())) value.remove_suffix(1);
        return equal_names(value, "No");
    }
    return false;
}

}  // namespace sluice::mail
