// A second, plain idea of a message, to compare engine/mail with: a list of fields and the rest, edited by splicing
// text. Used by the fuzz target here and by tests/unit/engine_mail/properties_test.cpp. Every function gives "" or a
// complaint.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/mail/address_fields.hpp"
#include "engine/mail/address_list.hpp"
#include "engine/mail/message.hpp"
#include "engine/mail/mime.hpp"

namespace sluice::mail::model {

struct Field {
    std::string name;
    std::string rest;   // behind the name: blanks, colon, value, line end
    bool ours = false;  // made by an edit: compared without folds
};

struct Model {
    std::vector<Field> fields;
    std::string body;

    [[nodiscard]] std::vector<Field>::iterator find(std::string_view name) {
        return std::find_if(fields.begin(), fields.end(), [&](const Field& f) { return equal_names(f.name, name); });
    }
};

inline std::string first_line(const std::string& text) {
    const std::size_t lf = text.find('\n');
    return lf == std::string::npos ? text : text.substr(0, lf + 1);
}

inline Model parse(std::string text) {
    Model model;
    while (!text.empty()) {
        std::string line = first_line(text);
        if (line == "\n" || line == "\r\n") {
            text.erase(0, line.size());
            break;
        }
        std::size_t name = 0;
        while (name < line.size() && line[name] > 32 && line[name] < 127 && line[name] != ':') ++name;
        const std::size_t colon = line.find_first_not_of(" \t", name);
        if (name == 0 || colon == std::string::npos || line[colon] != ':') break;
        text.erase(0, line.size());
        while (!text.empty() && (text[0] == ' ' || text[0] == '\t')) {
            const std::string fold = first_line(text);
            line += fold;
            text.erase(0, fold.size());
        }
        model.fields.push_back({line.substr(0, name), line.substr(name)});
    }
    model.body = text;
    return model;
}

inline std::string without_line_breaks(std::string text) {
    std::erase_if(text, [](char c) { return c == '\r' || c == '\n'; });
    return text;
}

// What an edit made must be what was asked, folds aside; all else must be there to the octet.
inline std::string compare(const Message& message, const Model& wanted) {
    const auto bytes = message.bytes();
    if (message.size() != bytes->size()) return "size() is not that of bytes()";
    const Model found = parse(*bytes);
    if (found.body != wanted.body) return "another body";
    if (message.body() != wanted.body) return "another body()";
    if (found.fields.size() != wanted.fields.size()) return "another number of fields";
    for (std::size_t i = 0; i < found.fields.size(); ++i) {
        const Field& a = found.fields[i];
        const Field& b = wanted.fields[i];
        if (a.name != b.name) return "another name: " + a.name;
        const bool same = b.ours ? without_line_breaks(a.rest) == without_line_breaks(b.rest)
                                 : a.rest == b.rest || a.rest == b.rest + "\r\n";
        if (!same) return "another field: " + a.name + a.rest;
        if (b.ours && !a.rest.ends_with("\r\n")) return "a new field without line end";
    }
    return "";
}

// What the readers say must agree with the message written and read again.
inline std::string compare_reading(const HeaderFields& header, const HeaderFields& again) {
    std::string one;
    std::string two;
    for (const std::string_view line : header.lines()) one += without_line_breaks(std::string(line)) + "\n";
    for (const std::string_view line : again.lines()) two += without_line_breaks(std::string(line)) + "\n";
    if (one != two) return "lines() differ after writing";
    for (const std::string_view name : {"To", "From", "Subject", "X"}) {
        if (header.count(name) != again.count(name)) return "count() differs after writing";
        if (header.values(name).size() != header.count(name)) return "values() and count() differ";
        if (header.untouched(name).size() != header.count(name)) return "untouched() and count() differ";
        if (header.first(name).has_value() != (header.count(name) > 0)) return "first() and count() differ";
    }
    return "";
}

inline std::vector<std::string> addresses(const HeaderFields& header, std::string_view name) {
    std::vector<std::string> found;
    for (const std::string_view value : header.values(name)) {
        for (const ListedMailbox& one : mailboxes(value)) found.push_back(one.local_part + "\n" + one.domain);
    }
    return found;
}

inline bool inside(const Span& span, const Span& outer) {
    return outer.begin <= span.begin && span.begin <= span.end && span.end <= outer.end;
}

inline std::string check_part(const MimeParts& mime, std::size_t i, const WalkLimits& limits) {
    const Part& part = mime.parts[i];
    const Span all{0, mime.bytes->size()};
    if (!inside(part.header, all) || !inside(part.body, all)) return "span out of the message";
    if (part.header.end > part.body.begin) return "header and body overlap";
    if (part.depth > limits.depth) return "too deep";
    if ((i == 0) != (part.parent == no_parent)) return "one root, and it is the first";
    if (i > 0) {
        const Part& parent = mime.parts.at(part.parent);
        if (part.parent >= i) return "a parent behind its child";
        if (part.depth != parent.depth + 1) return "depth is not the parent's and one";
        if (!inside({part.header.begin, part.body.end}, parent.body)) return "not inside the parent";
        const Part& before = mime.parts[i - 1];
        if (before.parent == part.parent && before.body.end > part.header.begin) return "siblings overlap";
    }
    if (part.content_type.empty()) return "no content type";
    const Decoded decoded = decode(mime, part, 1000);
    const std::size_t size = decoded_size(mime, part);
    if (size > part.body.size()) return "decoding makes it longer";
    if (decoded.bytes.size() != std::min<std::size_t>(size, 1000)) return "decode and decoded_size differ";
    if (decoded.truncated != (size > 1000)) return "truncated is wrong";
    return "";
}

inline std::string check_walk(const Message& message, const WalkLimits& limits) {
    const MimeParts mime = parts(message, limits);
    if (mime.bytes.get() != message.bytes().get()) return "other bytes";
    if (mime.parts.empty() || mime.parts.size() > limits.parts) return "no part, or too many";
    for (std::size_t i = 0; i < mime.parts.size(); ++i) {
        if (std::string complaint = check_part(mime, i, limits); !complaint.empty()) return complaint;
    }
    const auto header = Message(message.bytes()).header().raw_end();
    if (mime.parts[0].header != Span{0, header}) return "walk and header fields disagree";
    if (mime.parts[0].body.end != mime.bytes->size()) return "the message ends early";
    return "";
}

// One edit asked of both. `operation`: a append, p prepend, s set, d remove, f From becomes
// `value`, w recipient `name` becomes `value`, + and - recipient `value`; anything else renames to `value`.
class Editing {
  public:
    explicit Editing(std::string_view bytes)
        : received_(std::make_shared<const std::string>(bytes)), message_(received_), model_(parse(*received_)) {}

    [[nodiscard]] const Message& message() const { return message_; }

    std::string edit(char operation, std::string_view name, std::string_view value) {
        HeaderFields& header = message_.header();
        const Field ours{std::string(name), ": " + std::string(value) + "\r\n", true};
        const auto at = model_.find(name);
        if (operation == 'd') {
            if (header.remove(name) != (at != model_.fields.end())) return "remove did not say what it did";
            if (at != model_.fields.end()) model_.fields.erase(at);
            return check();
        }
        if (std::string_view("fw+-").find(operation) != std::string_view::npos)
            return edit_address(operation, name, value);
        const auto result = operation == 'a'   ? header.append(name, value)
                            : operation == 'p' ? header.prepend(name, value)
                            : operation == 's' ? header.set(name, value)
                                               : header.rename(name, value);
        if (!result || !*result) return check();
        if (operation == 'p') {
            model_.fields.insert(model_.fields.begin(), ours);
        } else if (operation == 'a' || (operation == 's' && at == model_.fields.end())) {
            model_.fields.push_back(ours);
        } else if (operation == 's') {
            *at = ours;
        } else {
            at->name = value;
        }
        return check();
    }

    // All that must hold after any edit.
    [[nodiscard]] std::string check() const {
        if (!message_.edited() && message_.bytes().get() != received_.get()) return "a copy of an unedited message";
        if (std::string complaint = compare(message_, model_); !complaint.empty()) return complaint;
        return compare_reading(message_.header(), Message(message_.bytes()).header());
    }

  private:
    // The list of recipients must be the old one with this change; all fields but the one concerned stay.
    std::string edit_address(char operation, std::string_view name, std::string_view value) {
        HeaderFields& header = message_.header();
        const std::string_view field = operation == 'f' ? "From" : "To";
        const auto first = header.values("To");
        std::size_t behind_first = first.empty() ? 0 : mailboxes(first.front()).size();
        std::vector<std::string> wanted = addresses(header, field);
        const bool had_to = header.count("To") > 0;
        const std::string key = key_of(value);
        const std::string old_key = key_of(name);
        const auto result = operation == 'f'   ? rewrite_from(header, value)
                            : operation == 'w' ? rewrite_recipient(header, name, value)
                            : operation == '+' ? add_recipient(header, value)
                                               : remove_recipient(header, value);
        if (result && *result) {
            if (key.empty() || (operation == 'w' && old_key.empty())) return "an address that is none was accepted";
            if (operation == '+') wanted.insert(wanted.begin() + static_cast<std::ptrdiff_t>(behind_first), key);
            if (operation == '-') std::erase_if(wanted, [&](const std::string& one) { return same(one, key); });
            if (operation == 'w' && !had_to) wanted = {key};
            if (operation == 'w') {
                std::replace_if(
                    wanted.begin(), wanted.end(), [&](const std::string& one) { return same(one, old_key); }, key);
            }
            if (operation == 'f') {
                const auto from = header.values("From");
                if (from.empty() || mailboxes(from.front()).size() != 1) return "From is not one address";
                if (addresses(header, "From").front() != key) return "From is another address";
            } else if (addresses(header, "To") != wanted) {
                return "another list of recipients";
            }
            if (std::string complaint = take_over(field); !complaint.empty()) return complaint;
        }
        return check();
    }

    // The fields `name` of the message become those of the model; there may be none left, or a new one at the end.
    std::string take_over(std::string_view name) {
        Model now = parse(*message_.bytes());
        std::vector<Field> others;
        for (const Field& one : model_.fields) {
            if (!equal_names(one.name, name)) others.push_back(one);
        }
        std::size_t other = 0;
        for (Field& one : now.fields) {
            if (equal_names(one.name, name)) continue;
            if (other == others.size()) return "a field came to be";
            one = others[other++];
        }
        if (other != others.size()) return "a field was lost";
        model_.fields = std::move(now.fields);
        return "";
    }

    static std::string key_of(std::string_view address) {
        const auto parsed = grammar::mail::parse_mailbox(address);
        if (parsed.error != grammar::mail::MailboxError::none) return "";
        return parsed.mailbox.local_part + "\n" + parsed.mailbox.domain;
    }
    static bool same(const std::string& a, const std::string& b) {
        const std::size_t end = a.find('\n');
        return end == b.find('\n') && a.substr(0, end) == b.substr(0, end) && equal_names(a.substr(end), b.substr(end));
    }

    std::shared_ptr<const std::string> received_;
    Message message_;
    Model model_;
};

}  // namespace sluice::mail::model
