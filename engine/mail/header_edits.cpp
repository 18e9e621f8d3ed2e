// The editing half of HeaderFields.
#include <fmt/format.h>

#include <algorithm>

#include "engine/base/limits.hpp"
#include "engine/mail/header_fields.hpp"
#include "engine/mail/header_lines.hpp"

namespace sluice::mail {
namespace {

EditError too_large() {
    return {EditProblem::header_too_large,
            fmt::format("the header would exceed {} octets, the most a message may have", limits::message_header)};
}

// The values given to `change_values` come from this program, not from rules; what they are made of came from outside.
std::optional<EditError> check_lines(std::string_view name, std::string_view field, std::size_t longest_before) {
    for (std::size_t at = 0; at < field.size();) {
        const Line line = line_at(field, at);
        const bool last = line.end == field.size();
        if (!last && !is_blank(field[line.end])) {
            return EditError{EditProblem::line_break,
                             fmt::format("a line of {} does not begin with a blank", shown(name))};
        }
        if (line.text_end - line.begin > std::max(longest_before, limits::field_line)) {
            return EditError{EditProblem::line_too_long,
                             fmt::format("a line of {} would exceed {} characters", shown(name), limits::field_line)};
        }
        at = line.end;
    }
    return std::nullopt;
}

std::size_t longest_line(std::string_view field) {
    std::size_t longest = 0;
    for (std::size_t at = 0; at < field.size();) {
        const Line line = line_at(field, at);
        longest = std::max(longest, line.text_end - line.begin);
        at = line.end;
    }
    return longest;
}

}  // namespace

HeaderFields::Field HeaderFields::make(std::string text, std::size_t name_size, std::size_t value) {
    auto own = std::make_shared<const std::string>(std::move(text));
    const std::string_view view = *own;
    return {view, name_size, value, std::move(own)};
}

std::optional<EditError> HeaderFields::check_size(std::size_t added, std::size_t removed) const {
    (void)fields();
    if (added <= removed || fields_size_ - removed + added <= limits::message_header) return std::nullopt;
    return too_large();
}

Result<HeaderFields::Field, EditError> HeaderFields::checked(std::string_view name, std::string_view value,
                                                             std::size_t replaced) const {
    // Before anything looks at each octet: a value may be as long as a message.
    if (value.size() > limits::message_header) return Failure{too_large()};
    auto text = field_text(name, value);
    if (!text) return Failure{text.error()};
    if (auto error = check_size(text->size(), replaced)) return Failure{*std::move(error)};
    return make(*std::move(text), name.size(), name.size() + 1);
}

void HeaderFields::replace(Fields::iterator at, Field field) {
    fields_size_ = fields_size_ - at->text.size() + field.text.size();
    *at = std::move(field);
    ++revision_;
}

Result<bool, EditError> HeaderFields::append(std::string_view name, std::string_view value) {
    auto field = checked(name, value, 0);
    if (!field) return Failure{field.error()};
    fields_size_ += field->text.size();
    fields_.push_back(*std::move(field));
    ++revision_;
    return true;
}

Result<bool, EditError> HeaderFields::prepend(std::string_view name, std::string_view value) {
    auto field = checked(name, value, 0);
    if (!field) return Failure{field.error()};
    fields_size_ += field->text.size();
    fields_.push_front(*std::move(field));
    ++revision_;
    return true;
}

Result<bool, EditError> HeaderFields::set(std::string_view name, std::string_view value) {
    const auto at = find(name);
    if (at == fields_.end()) return append(name, value);
    auto field = checked(name, value, at->text.size());
    if (!field) return Failure{field.error()};
    replace(at, *std::move(field));
    return true;
}

Result<bool, EditError> HeaderFields::rename(std::string_view old_name, std::string_view new_name) {
    if (auto error = check_field_name(new_name)) return Failure{*std::move(error)};
    const auto at = find(old_name);
    if (at == fields_.end()) return false;
    std::string text = fmt::format("{}{}", new_name, at->text.substr(at->name_size));
    if (auto error = check_size(text.size(), at->text.size())) return Failure{*std::move(error)};
    const std::size_t value = at->value - at->name_size + new_name.size();
    if (auto error = check_lines(new_name, text, longest_line(at->text))) return Failure{*std::move(error)};
    replace(at, make(std::move(text), new_name.size(), value));
    return true;
}

bool HeaderFields::remove(std::string_view name) {
    const auto at = find(name);
    if (at == fields_.end()) return false;
    fields_size_ -= at->text.size();
    fields_.erase(at);
    ++revision_;
    return true;
}

Result<bool, EditError> HeaderFields::prepend_all(const HeaderFields& front) {
    Fields added = front.fields();
    if (added.empty()) return false;
    if (auto error = check_size(front.fields_size_, 0)) return Failure{*std::move(error)};
    for (Field& field : added) {
        if (!field.own) field = make(std::string(field.text), field.name_size, field.value);
    }
    fields_size_ += front.fields_size_;
    fields_.insert(fields_.begin(), std::make_move_iterator(added.begin()), std::make_move_iterator(added.end()));
    ++revision_;
    return true;
}

Result<HeaderFields::Field, EditError> HeaderFields::with_value(const Field& field, std::string_view value) {
    const std::string_view old_value = without_line_end(field.text.substr(field.value));
    const std::string_view line_end = field.text.substr(field.value + old_value.size());
    std::string text = fmt::format("{}{}{}", field.text.substr(0, field.value), value, line_end);
    if (auto error = check_lines(field.name(), text, longest_line(field.text))) return Failure{*std::move(error)};
    return make(std::move(text), field.name_size, field.value);
}

Result<bool, EditError> HeaderFields::change_values(std::string_view name, const Change& change) {
    Fields changed;
    std::size_t size = 0;
    bool any = false;
    for (const Field& field : fields()) {
        ValueChange wanted;
        if (field.is(name)) {
            auto answer = change(without_line_end(field.text.substr(field.value)));
            if (!answer) return Failure{answer.error()};
            wanted = *std::move(answer);
        }
        any = any || wanted.kind != ValueChange::Kind::keep;
        if (wanted.kind == ValueChange::Kind::remove_field) continue;
        if (wanted.kind == ValueChange::Kind::keep) {
            changed.push_back(field);
        } else {
            auto rewritten = with_value(field, wanted.value);
            if (!rewritten) return Failure{rewritten.error()};
            changed.push_back(*std::move(rewritten));
        }
        size += changed.back().text.size();
    }
    if (!any) return false;
    if (auto error = check_size(size, fields_size_)) return Failure{*std::move(error)};
    fields_ = std::move(changed);
    fields_size_ = size;
    ++revision_;
    return true;
}

}  // namespace sluice::mail
