// Section 18: strings and characters, counted in characters.
#include <charconv>

#include "tests/reference/library.hpp"

namespace sluice::reference {

namespace {

std::u32string chars(const Value& v) { return decode(text_of(v)); }
Value text(const std::u32string& s) { return string(encode(s)); }

// Only what is certain: letters beyond ASCII are left to the tables of the language.
std::u32string cased(const std::u32string& s, bool upper) {
    std::u32string out;
    for (char32_t c : s) {
        if (c >= 0x80) throw GaveUp("case of letters beyond ASCII");
        if (upper && c >= 'a' && c <= 'z') c -= 32;
        if (!upper && c >= 'A' && c <= 'Z') c += 32;
        out += c;
    }
    return out;
}

Value recased(const Value& v, bool upper) {
    const auto done = cased(chars(v), upper);
    return v.is<char32_t>() ? character(done[0]) : text(done);
}

bool white(char32_t c) {
    const bool beyond = c == 0x85 || c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x205f) || c == 0x3000;
    if (beyond) throw GaveUp("white space beyond ASCII");
    return c == ' ' || (c >= 9 && c <= 13);
}

std::u32string trimmed(std::u32string s) {
    while (!s.empty() && white(s.back())) s.pop_back();
    while (!s.empty() && white(s.front())) s.erase(0, 1);
    return s;
}

std::u32string replaced(const std::u32string& s, const std::u32string& what, const std::u32string& by) {
    if (what.empty()) throw GaveUp("replacing nothing");
    std::u32string out;
    for (std::size_t i = 0; i < s.size();) {
        if (s.compare(i, what.size(), what) == 0) {
            out += by;
            i += what.size();
        } else {
            out += s[i++];
        }
    }
    return out;
}

Value index_of(Call& c) {
    const auto s = chars(c.self);
    const auto what = chars(c.args[0]);
    std::size_t from = 0;
    if (c.args.size() > 1) {
        if (c.number(1) > static_cast<Int>(s.size())) return integer(-1);
        from = clamped(c.number(1), s.size());
    }
    if (from == s.size() && !s.empty()) return integer(-1);
    const auto at = s.find(what, from);
    return integer(at == std::u32string::npos ? -1 : static_cast<Int>(at));
}

Value split(Call& c) {
    const auto s = chars(c.self);
    const auto by = chars(c.args[0]);
    if (by.empty()) throw GaveUp("splitting at nothing");
    const Int most = c.args.size() > 1 ? std::max<Int>(1, c.number(1)) : INT64_MAX;
    Array parts;
    std::size_t at = 0;
    for (;;) {
        const auto hit = s.find(by, at);
        if (hit == std::u32string::npos || static_cast<Int>(parts.size()) + 1 >= most) break;
        parts.push_back(text(s.substr(at, hit - at)));
        at = hit + by.size();
    }
    parts.push_back(text(s.substr(at)));
    return array(std::move(parts));
}

Value split_rev(Call& c) {
    auto s = chars(c.self);
    const auto by = chars(c.args[0]);
    if (by.empty()) throw GaveUp("splitting at nothing");
    const Int most = c.args.size() > 1 ? std::max<Int>(1, c.number(1)) : INT64_MAX;
    Array parts;
    for (;;) {
        const auto hit = s.rfind(by);
        if (hit == std::u32string::npos || static_cast<Int>(parts.size()) + 1 >= most) break;
        parts.push_back(text(s.substr(hit + by.size())));
        s.resize(hit);
    }
    parts.push_back(text(s));
    return array(std::move(parts));
}

Value split_words(Call& c) {
    Array words;
    std::u32string word;
    for (const char32_t one : chars(c.self) + U" ") {
        if (!white(one)) {
            word += one;
        } else if (!word.empty()) {
            words.push_back(text(word));
            word.clear();
        }
    }
    return array(std::move(words));
}

Value sub_string(Call& c) {
    const auto s = chars(c.self);
    const auto part = part_of(c, 0, s.size());
    return text(s.substr(part.start, part.length));
}

Value crop(Call& c) {
    c.self = sub_string(c);
    return unit();
}

Value pad(Call& c) {
    auto s = chars(c.self);
    const auto by = chars(c.args[1]);
    const Int wanted = c.number(0);
    if (wanted <= static_cast<Int>(s.size()) || by.empty()) return unit();
    c.evaluator.check_string(static_cast<std::size_t>(wanted));
    while (static_cast<Int>(s.size()) < wanted) s += by;
    s.resize(static_cast<std::size_t>(wanted));
    c.evaluator.check_string(encode(s).size());
    c.self = text(s);
    return unit();
}

Value parse_int(Call& c) {
    auto s = trimmed(chars(c.self));
    const Int radix = c.args.empty() ? 10 : c.number(0);
    if (radix < 2 || radix > 36) fail("ErrorArithmetic");
    const bool minus = !s.empty() && s[0] == '-';
    if (!s.empty() && (s[0] == '-' || s[0] == '+')) s.erase(0, 1);
    if (s.empty()) fail("ErrorArithmetic");
    __int128 value = 0;
    for (const char32_t d : s) {
        Int digit = 99;
        if (d >= '0' && d <= '9') digit = static_cast<Int>(d - '0');
        if (d >= 'a' && d <= 'z') digit = static_cast<Int>(d - 'a') + 10;
        if (d >= 'A' && d <= 'Z') digit = static_cast<Int>(d - 'A') + 10;
        if (digit >= radix) fail("ErrorArithmetic");
        value = value * radix + digit;
        if (value > static_cast<__int128>(INT64_MAX) + (minus ? 1 : 0)) fail("ErrorArithmetic");
    }
    return integer(static_cast<Int>(minus ? -value : value));
}

Value pop_one(Call& c) {
    auto s = chars(c.self);
    if (s.empty()) return unit();
    const char32_t last = s.back();
    s.pop_back();
    c.self = text(s);
    return character(last);
}

Value pop_many(Call& c) {
    auto s = chars(c.self);
    const Int n = std::min<Int>(std::max<Int>(c.number(0), 0), static_cast<Int>(s.size()));
    const auto keep = s.size() - static_cast<std::size_t>(n);
    const auto taken = s.substr(keep);
    c.self = text(s.substr(0, keep));
    return text(taken);
}

Value append(Call& c) {
    if (c.args[0].is<Blob>()) throw GaveUp("blobs");
    c.self = string(c.self.as<std::string>() + to_text(c.args[0]));
    c.evaluator.check_string(c.self.as<std::string>().size());
    return unit();
}

Value set_char(Call& c) {
    auto s = chars(c.self);
    if (const auto at = position(c.number(0), s.size())) s[*at] = c.args[1].as<char32_t>();
    c.self = text(s);
    return unit();
}

Value character_list(const std::u32string& s) {
    Array items;
    for (const char32_t c : s) items.push_back(character(c));
    return array(std::move(items));
}

Value walk(const std::u32string& s) { return {Iterator{std::make_shared<const Array>(character_list(s).as<Array>())}}; }

}  // namespace

void add_strings(std::vector<Row>& rows) {
    const auto add = [&](const char* name, const char* types, Effect effect, Value (*run)(Call&),
                         bool property = false) {
        rows.push_back({name, types, effect, property, run});
    };
    add(
        "len", "s", pure, [](Call& c) { return integer(static_cast<Int>(chars(c.self).size())); }, true);
    add(
        "bytes", "s", pure, [](Call& c) { return integer(static_cast<Int>(text_of(c.self).size())); }, true);
    add(
        "is_empty", "s", pure, [](Call& c) { return boolean(text_of(c.self).empty()); }, true);
    add("to_upper", "t", pure, [](Call& c) { return recased(c.self, true); });
    add("to_lower", "t", pure, [](Call& c) { return recased(c.self, false); });
    add("make_upper", "t", mutates, [](Call& c) { return c.self = recased(c.self, true), unit(); });
    add("make_lower", "t", mutates, [](Call& c) { return c.self = recased(c.self, false), unit(); });
    add("trim", "s", mutates, [](Call& c) { return c.self = text(trimmed(chars(c.self))), unit(); });
    add("contains", "st", pure, [](Call& c) { return boolean(contains(c.self, c.args[0])); });
    add("starts_with", "st", pure, [](Call& c) { return boolean(text_of(c.self).starts_with(text_of(c.args[0]))); });
    add("ends_with", "st", pure, [](Call& c) { return boolean(text_of(c.self).ends_with(text_of(c.args[0]))); });
    add("index_of", "st", pure, index_of);
    add("index_of", "sti", pure, index_of);
    add("sub_string", "si", pure, sub_string);
    add("sub_string", "sii", pure, sub_string);
    add("sub_string", "sr", pure, sub_string);
    add("crop", "si", mutates, crop);
    add("crop", "sii", mutates, crop);
    add("crop", "sr", mutates, crop);
    add("split", "s", pure, split_words);
    add("split", "st", pure, split);
    add("split", "sti", pure, split);
    add("split", "si", pure, [](Call& c) {
        const auto s = chars(c.self);
        const auto at = clamped(c.number(0), s.size());
        return array({text(s.substr(0, at)), text(s.substr(at))});
    });
    add("split_rev", "st", pure, split_rev);
    add("split_rev", "sti", pure, split_rev);
    add("replace", "stt", mutates, [](Call& c) {
        const auto done = replaced(chars(c.self), chars(c.args[0]), chars(c.args[1]));
        c.evaluator.check_string(encode(done).size());
        c.self = text(done);
        return unit();
    });
    add("remove", "st", mutates,
        [](Call& c) { return c.self = text(replaced(chars(c.self), chars(c.args[0]), U"")), unit(); });
    add("truncate", "si", mutates, [](Call& c) {
        auto s = chars(c.self);
        const Int n = std::max<Int>(0, c.number(0));
        if (n < static_cast<Int>(s.size())) s.resize(static_cast<std::size_t>(n));
        c.self = text(s);
        return unit();
    });
    add("clear", "s", mutates, [](Call& c) { return c.self = string(""), unit(); });
    add("pop", "s", mutates, pop_one);
    add("pop", "si", mutates, pop_many);
    add("pad", "sit", mutates, pad);
    add("append", "s*", mutates, append);
    add("get", "si", pure, [](Call& c) {
        const auto s = chars(c.self);
        const auto at = position(c.number(0), s.size());
        return at ? character(s[*at]) : unit();
    });
    add("set", "sic", mutates, set_char);
    add("to_chars", "s", pure, [](Call& c) { return character_list(chars(c.self)); });
    add(
        "chars", "s", pure, [](Call& c) { return walk(chars(c.self)); }, true);
    add("chars", "si", pure, [](Call& c) { return walk(chars(sub_string(c))); });
    add("chars", "sii", pure, [](Call& c) { return walk(chars(sub_string(c))); });
    add("chars", "sr", pure, [](Call& c) { return walk(chars(sub_string(c))); });
    add("to_blob", "s", pure, [](Call& c) {
        const auto bytes = text_of(c.self);
        return Value{Blob{{bytes.begin(), bytes.end()}}};
    });
    add("parse_int", "s", pure, parse_int);
    add("parse_int", "si", pure, parse_int);
    add("parse_float", "s", pure, [](Call& c) -> Value {
        const auto s = encode(trimmed(chars(c.self)));
        double d = 0;
        const auto [end, error] = std::from_chars(s.data(), s.data() + s.size(), d);
        if (error != std::errc{} || end != s.data() + s.size()) fail("ErrorArithmetic");
        return floating(d);
    });
    add("to_int", "c", pure, [](Call& c) { return integer(static_cast<Int>(c.self.as<char32_t>())); });
}

}  // namespace sluice::reference
