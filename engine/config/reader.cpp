#include "engine/config/reader.hpp"

#include <fmt/format.h>

#include "dsl/lib/duration.hpp"
#include "dsl/value/operations.hpp"
#include "engine/config/syntax.hpp"

namespace sluice::config {

using dsl::Value;

Reader::Reader(Context& context, const Value& map, std::string path)
    : context_(context), map_(map), path_(std::move(path)) {}

const Value* Reader::value(std::string_view key) {
    known_.emplace(key);
    const auto renamed = written_as_.find(key);
    const auto* found = map_.as_map().find(renamed == written_as_.end() ? key : std::string_view(renamed->second));
    return found && !found->is_unit() ? found : nullptr;
}

namespace {

bool blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// Is `key` at `at` written as a field of a map, or as a property that is assigned or walked through?
bool writes_key(std::string_view text, std::size_t at, std::size_t length) {
    const char before = at == 0 ? '\n' : text[at - 1];
    auto next = at + length;
    if (next < text.size() && before == '"' && text[next] == '"') ++next;
    while (next < text.size() && blank(text[next])) ++next;
    const char after = next < text.size() ? text[next] : '\0';
    if (before == '.') return after == '=' || after == '.' || after == '[';
    return after == ':' && (blank(before) || before == '{' || before == ',' || before == '"');
}

}  // namespace

// A map loses the positions of its keys, so the source is searched: for the last "parent.key", else the last "key".
std::pair<dsl::SourcePtr, dsl::Span> Reader::place(std::string_view key) const {
    if (const auto renamed = written_as_.find(key); renamed != written_as_.end()) key = renamed->second;
    const auto parent = path_.substr(path_.rfind('.') + 1) + "." + std::string(key);
    for (const auto& wanted : {parent, std::string(key)}) {
        for (const auto& source : context_.sources) {
            const auto text = source->text();
            for (auto at = text.rfind(wanted); at != std::string_view::npos;
                 at = at == 0 ? std::string_view::npos : text.rfind(wanted, at - 1)) {
                const auto begin = at + wanted.size() - key.size();
                if (writes_key(text, begin, key.size()))
                    return {source,
                            {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(begin + key.size())}};
            }
        }
    }
    return {context_.sources.empty() ? nullptr : context_.sources.front(), {}};
}

void Reader::problem(std::string_view key, std::string text, std::string hint, dsl::Code code) {
    const auto [source, span] = place(key);
    context_.diagnostics.add(code, source, span, fmt::format("In the '{}.{}' configuration, {}.", path_, key, text),
                             std::move(hint));
}

void Reader::warning(std::string_view key, std::string text, std::string hint) {
    problem(key, std::move(text), std::move(hint), dsl::Code::config_notice);
}

void Reader::wrong_type(std::string_view key, std::string_view expected, const Value& got) {
    problem(key, fmt::format("expected {}, but found {} of type {}", expected, dsl::brief(got), dsl::type_name(got)));
}

void Reader::string(std::string_view key, std::string& to) {
    if (const auto* v = value(key)) {
        if (v->is_string())
            to = v->as_string();
        else
            wrong_type(key, "a string", *v);
    }
}

void Reader::string(std::string_view key, std::optional<std::string>& to) {
    std::string text;
    string(key, text);
    if (!text.empty()) to = std::move(text);
}

void Reader::boolean(std::string_view key, bool& to) {
    if (const auto* v = value(key)) {
        if (v->is_bool())
            to = v->as_bool();
        else
            wrong_type(key, "true or false", *v);
    }
}

void Reader::integer(std::string_view key, std::int64_t& to, std::int64_t least, std::int64_t most) {
    const auto* v = value(key);
    if (!v) return;
    if (!v->is_int()) return wrong_type(key, "an integer", *v);
    if (v->as_int() < least || v->as_int() > most)
        return problem(key, fmt::format("{} is not between {} and {}", v->as_int(), least, most));
    to = v->as_int();
}

void Reader::duration(std::string_view key, std::chrono::milliseconds& to) {
    const auto* v = value(key);
    if (!v) return;
    if (!v->is_string()) return wrong_type(key, "a duration such as \"30s\" or \"1m 30s\"", *v);
    if (const auto parsed = dsl::lib::parse_duration(v->as_string()))
        to = *parsed;
    else
        problem(key, fmt::format("'{}' is not a duration", v->as_string()),
                "write \"500ms\", \"30s\", \"1m 30s\", \"2h\" or \"1d\"; a unit is needed");
}

void Reader::seconds(std::string_view key, std::chrono::seconds& to) {
    auto precise = std::chrono::duration_cast<std::chrono::milliseconds>(to);
    duration(key, precise);
    to = std::chrono::duration_cast<std::chrono::seconds>(precise);
}

void Reader::strings(std::string_view key, std::vector<std::string>& to) {
    const auto* v = value(key);
    if (!v) return;
    std::vector<std::string> items;
    if (v->is_string()) {
        items.emplace_back(v->as_string());
    } else if (v->is_array()) {
        for (const auto& item : v->as_array().items) {
            if (!item.is_string()) return wrong_type(key, "a list of strings", item);
            items.emplace_back(item.as_string());
        }
    } else {
        return wrong_type(key, "a list of strings", *v);
    }
    to = std::move(items);
}

std::vector<Reader> Reader::maps(std::string_view key) {
    std::vector<Reader> readers;
    const auto* list = value(key);
    if (!list) return readers;
    if (!list->is_array()) {
        wrong_type(key, "a list of maps [ #{ ... } ]", *list);
        return readers;
    }
    for (const auto& item : list->as_array().items) {
        if (item.is_map())
            readers.push_back(Reader(context_, item, path_ + "." + std::string(key)));
        else
            wrong_type(key, "a list of maps [ #{ ... } ]", item);
    }
    return readers;
}

std::optional<Reader> Reader::map(std::string_view key) {
    const auto* v = value(key);
    if (!v) return std::nullopt;
    if (!v->is_map()) {
        wrong_type(key, "a map #{ ... }", *v);
        return std::nullopt;
    }
    return Reader(context_, *v, path_ + "." + std::string(key));
}

std::vector<std::string> Reader::keys() const {
    std::vector<std::string> names;
    for (const auto* entry : map_.as_map().sorted()) names.emplace_back(entry->key.as_string());
    return names;
}

void Reader::rename(std::string_view old, std::string_view name) {
    known_.emplace(old);
    const auto* both = map_.as_map().find(name);
    if ((both && !both->is_unit()) || written_as_.contains(name))
        return problem(old, fmt::format("it is another name of '{}', which is set too", name), "keep one of them");
    written_as_.emplace(name, old);
}

void Reader::without_effect(std::string_view key, std::string_view why) {
    if (value(key)) warning(key, fmt::format("this key has no effect: {}", why));
}

void Reader::not_available(std::string_view key, std::string_view what) {
    if (value(key))
        problem(key, fmt::format("{} is not available in this version", what), "remove the key",
                dsl::Code::config_not_available);
}

void Reader::finish() {
    for (const auto& key : keys()) {
        if (known_.contains(key)) continue;
        std::vector<std::string_view> candidates(known_.begin(), known_.end());
        const auto near = dsl::did_you_mean(key, candidates);
        problem(key, "unknown key", near.empty() ? "" : fmt::format("did you mean '{}'?", near),
                dsl::Code::config_unknown_key);
    }
}

}  // namespace sluice::config
