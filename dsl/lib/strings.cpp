// Strings and characters. Positions and counts are in characters.
#include <algorithm>

#include "dsl/lib/library.hpp"
#include "dsl/lib/text_case.hpp"
#include "dsl/value/operations.hpp"

namespace sluice::dsl::lib {

namespace {

std::string bytes_of(const Value& v) {
    std::string text;
    if (v.is_char())
        append_char(text, v.as_char());
    else
        text = v.as_string();
    return text;
}

bool is_space(char32_t c) {
    return c == ' ' || (c >= '\t' && c <= '\r') || c == 0x85 || c == 0xa0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000;
}

std::string_view trimmed(std::string_view text) {
    std::size_t begin = 0;
    while (begin < text.size()) {
        auto at = begin;
        if (!is_space(decode_char(text, at))) break;
        begin = at;
    }
    auto end = text.size();
    while (end > begin) {
        auto from = end - 1;
        while (from > begin && (static_cast<unsigned char>(text[from]) & 0xc0) == 0x80) --from;
        auto at = from;
        if (!is_space(decode_char(text, at))) break;
        end = from;
    }
    return text.substr(begin, end - begin);
}

Part part_from(const NativeCall& call, std::size_t size) {
    if (call.args[1].is_range()) return part_of(call.args[1].as_range(), size);
    return part_of(call.args[1].as_int(), call.count > 2 ? call.args[2].as_int() : INT64_MAX, size);
}

std::string_view part_text(std::string_view text, const Part& part) {
    const auto begin = char_offset(text, part.start);
    return text.substr(begin, char_offset(text.substr(begin), part.length));
}

Outcome len(NativeCall& call) {
    return call.ok(Value::integer(static_cast<std::int64_t>(char_count(call.args[0].as_string()))));
}
Outcome bytes(NativeCall& call) {
    return call.ok(Value::integer(static_cast<std::int64_t>(call.args[0].as_string().size())));
}
Outcome is_empty(NativeCall& call) { return call.ok(Value::boolean(call.args[0].as_string().empty())); }

Value cased(const Value& v, bool upper) {
    return v.is_char() ? Value::character(upper ? upper_char(v.as_char()) : lower_char(v.as_char()))
                       : Value::string(upper ? upper_text(v.as_string()) : lower_text(v.as_string()));
}
Outcome to_upper(NativeCall& call) {
    auto upper = cased(call.args[0], true);
    if (upper.is_string() && upper.as_string().size() > call.limits.string_bytes)
        return call.fail(too_large("Length of string"));
    return call.ok(std::move(upper));
}
Outcome to_lower(NativeCall& call) { return call.ok(cased(call.args[0], false)); }
Outcome make_upper(NativeCall& call) {
    auto upper = cased(call.args[0], true);
    if (upper.is_string() && upper.as_string().size() > call.limits.string_bytes)
        return call.fail(too_large("Length of string"));
    call.args[0] = std::move(upper);
    return call.ok();
}
Outcome make_lower(NativeCall& call) {
    call.args[0] = cased(call.args[0], false);
    return call.ok();
}
Outcome trim(NativeCall& call) {
    call.args[0] = Value::string(trimmed(call.args[0].as_string()));
    return call.ok();
}
Outcome contains_text(NativeCall& call) {
    return call.ok(
        Value::boolean(find_text(call.args[0].as_string(), bytes_of(call.args[1])) != std::string_view::npos));
}
Outcome starts_with(NativeCall& call) {
    return call.ok(Value::boolean(call.args[0].as_string().starts_with(bytes_of(call.args[1]))));
}
Outcome ends_with(NativeCall& call) {
    return call.ok(Value::boolean(call.args[0].as_string().ends_with(bytes_of(call.args[1]))));
}

Outcome index_of(NativeCall& call) {
    const auto text = call.args[0].as_string();
    std::size_t from = 0;
    if (call.count > 2) {
        const auto size = static_cast<std::int64_t>(char_count(text));
        auto start = call.args[2].as_int();
        if (start < 0) start = std::max<std::int64_t>(0, start < -size ? 0 : start + size);
        if (start >= size) return call.ok(Value::integer(-1));
        from = char_offset(text, static_cast<std::size_t>(start));
    }
    const auto found = find_text(text, bytes_of(call.args[1]), from);
    return call.ok(Value::integer(
        found == std::string_view::npos ? -1 : static_cast<std::int64_t>(char_count(text.substr(0, found)))));
}

Outcome sub_string(NativeCall& call) {
    const auto text = call.args[0].as_string();
    return call.ok(Value::string(part_text(text, part_from(call, char_count(text)))));
}
Outcome crop(NativeCall& call) {
    const auto text = call.args[0].as_string();
    call.args[0] = Value::string(part_text(text, part_from(call, char_count(text))));
    return call.ok();
}

Outcome split_words(NativeCall& call) {
    Values items;
    const auto text = call.args[0].as_string();
    std::size_t begin = 0;
    for (std::size_t at = 0; at < text.size();) {
        const auto from = at;
        if (!is_space(decode_char(text, at))) continue;
        if (from > begin) items.push_back(Value::string(text.substr(begin, from - begin)));
        if (items.size() > call.limits.array_items) return call.fail(too_large("Size of array"));
        begin = at;
    }
    if (begin < text.size()) items.push_back(Value::string(text.substr(begin)));
    if (items.size() > call.limits.array_items) return call.fail(too_large("Size of array"));
    return call.ok(make_array(std::move(items)));
}

std::size_t segments(const NativeCall& call) {
    if (call.count < 3) return SIZE_MAX;
    return static_cast<std::size_t>(std::max<std::int64_t>(1, call.args[2].as_int()));
}

// Parts of a string, in order, until `most` of them are there or the limit is passed.
class Parts {
  public:
    Parts(NativeCall& call, std::size_t most) : call_(call), most_(most) {}
    [[nodiscard]] bool wants_more() const {
        return items_.size() + 1 < most_ && items_.size() <= call_.limits.array_items;
    }
    void add(std::string_view part) { items_.push_back(Value::string(part)); }
    [[nodiscard]] Outcome done(bool reversed = false) {
        if (items_.size() > call_.limits.array_items) return call_.fail(too_large("Size of array"));
        if (reversed) std::reverse(items_.begin(), items_.end());
        return call_.ok(make_array(std::move(items_)));
    }

  private:
    NativeCall& call_;
    std::size_t most_;
    Values items_;
};

Outcome split(NativeCall& call) {
    const auto text = call.args[0].as_string();
    const auto separator = bytes_of(call.args[1]);
    Parts parts(call, segments(call));
    std::size_t at = 0;
    // An empty separator stands before every character and at the end.
    if (separator.empty() && parts.wants_more()) {
        parts.add("");
        while (at < text.size() && parts.wants_more()) {
            const auto from = at;
            (void)decode_char(text, at);
            parts.add(text.substr(from, at - from));
        }
    }
    while (!separator.empty() && parts.wants_more()) {
        const auto hit = find_text(text, separator, at);
        if (hit == std::string_view::npos) break;
        parts.add(text.substr(at, hit - at));
        at = hit + separator.size();
    }
    parts.add(text.substr(at));
    return parts.done();
}

Outcome split_rev(NativeCall& call) {
    const auto text = call.args[0].as_string();
    auto separator = bytes_of(call.args[1]);
    Parts parts(call, segments(call));
    auto end = text.size();
    if (separator.empty() && parts.wants_more()) {
        parts.add("");
        while (end > 0 && parts.wants_more()) {
            auto from = end - 1;
            while (from > 0 && (static_cast<unsigned char>(text[from]) & 0xc0) == 0x80) --from;
            parts.add(text.substr(from, end - from));
            end = from;
        }
    }
    // Searched backwards in a mirror image, for the sake of find_text.
    const std::string mirror = separator.empty() ? std::string() : std::string(text.rbegin(), text.rend());
    std::reverse(separator.begin(), separator.end());
    while (!separator.empty() && parts.wants_more()) {
        const auto hit = find_text(mirror, separator, text.size() - end);
        if (hit == std::string_view::npos) break;
        parts.add(text.substr(text.size() - hit, end - (text.size() - hit)));
        end = text.size() - hit - separator.size();
    }
    parts.add(text.substr(0, end));
    return parts.done();
}

Outcome split_at(NativeCall& call) {
    const auto text = call.args[0].as_string();
    const auto size = static_cast<std::int64_t>(char_count(text));
    auto at = call.args[1].as_int();
    if (at < 0) at = std::max<std::int64_t>(0, at < -size ? 0 : at + size);
    const auto cut = char_offset(text, static_cast<std::size_t>(std::min(at, size)));
    return call.ok(make_array({Value::string(text.substr(0, cut)), Value::string(text.substr(cut))}));
}

ErrorPtr replace_all(Value& string, const std::string& find, const std::string& by, const Limits& limits) {
    if (find.empty()) return nullptr;
    const auto text = string.as_string();
    std::string out;
    std::size_t at = 0;
    for (auto hit = find_text(text, find); hit != std::string_view::npos; hit = find_text(text, find, at)) {
        out += text.substr(at, hit - at);
        out += by;
        at = hit + find.size();
        if (out.size() > limits.string_bytes) return too_large("Length of string");
    }
    out += text.substr(at);
    if (out.size() > limits.string_bytes) return too_large("Length of string");
    string = Value::string(out);
    return nullptr;
}

Outcome replace(NativeCall& call) {
    return call.ok_or(replace_all(call.args[0], bytes_of(call.args[1]), bytes_of(call.args[2]), call.limits));
}
Outcome remove(NativeCall& call) {
    return call.ok_or(replace_all(call.args[0], bytes_of(call.args[1]), "", call.limits));
}
Outcome truncate(NativeCall& call) {
    const auto n = call.args[1].as_int();
    const auto text = call.args[0].as_string();
    call.args[0] = Value::string(text.substr(0, n <= 0 ? 0 : char_offset(text, static_cast<std::size_t>(n))));
    return call.ok();
}
Outcome clear(NativeCall& call) {
    call.args[0] = Value::string("");
    return call.ok();
}

std::size_t offset_from_end(std::string_view text, std::size_t count) {
    const auto size = char_count(text);
    return char_offset(text, count >= size ? 0 : size - count);
}

Outcome pop(NativeCall& call) {
    const auto text = call.args[0].as_string();
    if (text.empty()) return call.ok();
    auto cut = offset_from_end(text, 1);
    const auto keep = cut;
    const auto last = Value::character(decode_char(text, cut));
    call.args[0] = Value::string(text.substr(0, keep));
    return call.ok(last);
}
Outcome pop_many(NativeCall& call) {
    const auto n = call.args[1].as_int();
    if (n <= 0) return call.ok(Value::string(""));
    const auto text = call.args[0].as_string();
    const auto cut = offset_from_end(text, static_cast<std::size_t>(n));
    auto tail = Value::string(text.substr(cut));
    call.args[0] = Value::string(text.substr(0, cut));
    return call.ok(std::move(tail));
}

Outcome pad(NativeCall& call) {
    const auto wanted = call.args[1].as_int();
    const auto filler = bytes_of(call.args[2]);
    auto size = static_cast<std::int64_t>(char_count(call.args[0].as_string()));
    const auto step = static_cast<std::int64_t>(char_count(filler));
    if (wanted <= size || step == 0) return call.ok();
    if (call.limits.string_bytes != 0 && static_cast<std::uint64_t>(wanted) > call.limits.string_bytes)
        return call.fail(too_large("Length of string"));
    std::string text(call.args[0].as_string());
    for (; size < wanted; size += step) text += filler;
    text.resize(char_offset(text, static_cast<std::size_t>(wanted)));
    if (call.limits.string_bytes != 0 && text.size() > call.limits.string_bytes)
        return call.fail(too_large("Length of string"));
    call.args[0] = Value::string(text);
    return call.ok();
}

Outcome append(NativeCall& call) { return call.ok_or(compound(Op::add, call.args[0], call.args[1], call.limits)); }

Outcome get(NativeCall& call) {
    Value result;
    if (get_index(call.args[0], call.args[1], result)) return call.ok();
    return call.ok(std::move(result));
}
Outcome set(NativeCall& call) {
    (void)set_index(call.args[0], call.args[1], call.args[2], call.limits);  // outside: nothing happens
    return call.ok();
}
Outcome to_chars(NativeCall& call) {
    Values items;
    const auto text = call.args[0].as_string();
    if (char_count(text) > call.limits.array_items) return call.fail(too_large("Size of array"));
    for (std::size_t at = 0; at < text.size();) items.push_back(Value::character(decode_char(text, at)));
    return call.ok(make_array(std::move(items)));
}
Outcome to_blob(NativeCall& call) {
    const auto text = call.args[0].as_string();
    if (text.size() > call.limits.array_items) return call.fail(too_large("Size of blob"));
    return call.ok(make_blob(Bytes(text.begin(), text.end())));
}
Outcome char_to_int(NativeCall& call) { return call.ok(Value::integer(call.args[0].as_char())); }

}  // namespace

void add_strings(NativeTable& table) {
    using namespace accepts;
    table.add("len", {string}, len, property);
    table.add("bytes", {string}, bytes, property);
    table.add("is_empty", {string}, is_empty, property);
    table.add("to_upper", {text}, to_upper);
    table.add("to_lower", {text}, to_lower);
    table.add("make_upper", {text}, make_upper, mutates);
    table.add("make_lower", {text}, make_lower, mutates);
    table.add("trim", {string}, trim, mutates);
    table.add("contains", {string, text}, contains_text);
    table.add("starts_with", {string, text}, starts_with);
    table.add("ends_with", {string, text}, ends_with);
    table.add("index_of", {string, text}, index_of);
    table.add("index_of", {string, text, integer}, index_of);
    table.add("sub_string", {string, integer | range}, sub_string);
    table.add("sub_string", {string, integer, integer}, sub_string);
    table.add("crop", {string, integer | range}, crop, mutates);
    table.add("crop", {string, integer, integer}, crop, mutates);
    table.add("split", {string}, split_words);
    table.add("split", {string, text}, split);
    table.add("split", {string, integer}, split_at);
    table.add("split", {string, text, integer}, split);
    table.add("split_rev", {string, text}, split_rev);
    table.add("split_rev", {string, text, integer}, split_rev);
    table.add("replace", {string, text, text}, replace, mutates);
    table.add("remove", {string, text}, remove, mutates);
    table.add("truncate", {string, integer}, truncate, mutates);
    table.add("clear", {string}, clear, mutates);
    table.add("pop", {string}, pop, mutates);
    table.add("pop", {string, integer}, pop_many, mutates);
    table.add("pad", {string, integer, text}, pad, mutates);
    table.add("append", {string, any}, append, mutates);
    table.add("get", {string, integer}, get);
    table.add("set", {string, integer, character}, set, mutates);
    table.add("to_chars", {string}, to_chars);
    table.add("to_blob", {string}, to_blob);
    table.add("to_int", {character}, char_to_int);
}

}  // namespace sluice::dsl::lib
