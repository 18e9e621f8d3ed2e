// Expressions of a wanted kind.
#include <array>
#include <utility>

#include "tests/reference/generator.hpp"

namespace sluice::reference {

namespace {

constexpr const char* integers[] = {"0",
                                    "1",
                                    "2",
                                    "3",
                                    "-1",
                                    "5",
                                    "7",
                                    "10",
                                    "-3",
                                    "63",
                                    "64",
                                    "65",
                                    "100",
                                    "255",
                                    "2147483648",
                                    "9007199254740993",
                                    "9223372036854775807",
                                    "-9223372036854775808",
                                    "-9223372036854775807",
                                    "4294967296",
                                    "0xff",
                                    "1_000"};
constexpr const char* floats[] = {"0.0",   "1.5",    "2.0",    "0.1",  "-1.5", "3.0",
                                  "1e300", "1e-300", "100.25", "1e20", "-0.0", "9007199254740993.0"};
constexpr const char* strings[] = {"\"\"",
                                   "\"a\"",
                                   "\"ab\"",
                                   "\"abc\"",
                                   "\"b\"",
                                   "\"c\"",
                                   "\"hello\"",
                                   "\"hello world\"",
                                   "\"é\"",
                                   "\"日本語\"",
                                   "\"x😀y\"",
                                   "\"thirteen char\"",
                                   "\"fourteen chars\"",
                                   "\"fifteen chars..\"",
                                   "\"a string longer than any short one\"",
                                   "\"42\"",
                                   "\"-7\"",
                                   "\"a,b,c\"",
                                   "\"  x \"",
                                   "\"q\\\"\\n\\t\\\\\"",
                                   "\"key1\"",
                                   "\"len\"",
                                   "`a``b`",
                                   "\"example.com\"",
                                   "\"mail.example.org\""};
constexpr const char* characters[] = {"'a'", "'b'", "'c'", "'é'", "'😀'", "' '", "'x'"};
constexpr const char* keys[] = {"a", "b", "c", "key1", "len", "f", "key2"};

}  // namespace

std::string Generator::literal(Kind kind) {
    --budget_;
    switch (kind) {
        case Kind::integer: return chance(3) ? pick(integers) : std::to_string(below(6));
        case Kind::floating: return pick(floats);
        case Kind::boolean: return chance(2) ? "true" : "false";
        case Kind::string: return pick(strings);
        case Kind::character: return pick(characters);
        case Kind::unit: return "()";
        case Kind::range:
            return "(" + std::to_string(below(7) - 2) + (chance(2) ? ".." : "..=") + std::to_string(below(9)) + ")";
        case Kind::array: {
            std::string text = "[";
            const auto inner = data_kind();
            for (int n = below(5); n > 0 && budget_ > 0; --n) text += literal(chance(5) ? data_kind() : inner) + ", ";
            return text + "]";
        }
        case Kind::map: {
            std::string text = "#{";
            const int first = below(7);
            for (int n = below(5), i = 0; i < n && budget_ > 0; ++i)
                text += std::string(keys[(first + i) % 7]) + ": " + literal(data_kind()) + ", ";
            return text + "}";
        }
        case Kind::function: return "|x| x";
    }
    return "0";
}

std::string Generator::leaf(Kind kind) {
    --budget_;
    if (this_ && this_kind_ == kind && chance(3)) return "this";
    if (kind == Kind::array && functions_deep_ > 0 && chance(6)) return "global::L";
    if (!chance(3))
        if (const auto* v = variable(kind, false)) return v->name;
    if (kind == Kind::function) return closure(1, Kind::integer, 1);
    return literal(kind);
}

std::string Generator::expr(Kind kind, int depth) {
    --budget_;
    if (tired(depth) || at_ >= bytes_.size()) return leaf(kind);
    if (chance(60)) {  // another type than wanted, but no literal: those are refused when the script is compiled
        if (const auto* v = any_variable(false)) return v->name;
    }
    if (chance(6)) return common(kind, depth);
    switch (kind) {
        case Kind::integer: return integer_expr(depth);
        case Kind::floating: return float_expr(depth);
        case Kind::boolean: return bool_expr(depth);
        case Kind::string: return string_expr(depth);
        case Kind::character: return char_expr(depth);
        case Kind::array: return array_expr(depth);
        case Kind::map: return map_expr(depth);
        case Kind::function: return closure(below(3), data_kind(), depth);
        case Kind::unit: return chance(2) ? "()" : "{ }";
        case Kind::range: return leaf(kind);
    }
    return leaf(kind);
}

std::string Generator::operand(Kind kind, int depth) {
    const auto text = expr(kind, depth);
    const bool simple = text.find_first_of(" -|.{") == std::string::npos;
    return simple ? text : "(" + text + ")";
}

// Nothing that changes a variable or calls a closure.
std::string Generator::quiet(Kind kind, int depth) {
    const bool before = std::exchange(quiet_, true);
    auto text = expr(kind, depth);
    quiet_ = before;
    return text;
}

std::string Generator::index(int depth) {
    return chance(2) ? std::to_string(below(4) - 1) : quiet(Kind::integer, depth);
}

// What any kind of value can come from.
std::string Generator::common(Kind kind, int depth) {
    const int d = depth - 1;
    switch (below(9)) {
        case 0: return "if " + condition(d) + " { " + expr(kind, d) + " } else { " + expr(kind, d) + " }";
        case 1: return switch_(kind, d, false);
        case 2: {
            if (quiet_) return leaf(kind);
            const auto size = variables_.size();
            auto text = "{ " + statements(1 + below(2), 1) + expr(kind, d) + " }";
            variables_.resize(size, {"", Kind::unit});
            return text;
        }
        case 3: return function_call(kind, d);
        case 4: return quiet_ ? leaf(kind) : closure_call(d);
        case 5: return operand(Kind::array, d) + "[" + index(d) + "]";
        case 6: return operand(Kind::map, d) + "." + pick(keys) + " ?? " + operand(kind, d);
        case 7: return path(false);
        default:
            return "[" + expr(kind, d) + ", " + expr(kind, d) + "]." +
                   pick(std::array{"find(|x| true)", "get(0)", "get(-1)", "reduce(|a, x| x)", "find_map(|x| x)"});
    }
}

std::string Generator::integer_expr(int depth) {
    const int d = depth - 1;
    static constexpr const char* ops[] = {"+", "-", "*", "+", "-", "/", "%", "&", "|", "^", "<<", ">>", "**"};
    switch (below(14)) {
        case 0:
        case 1:
        case 2:
        case 3: return operand(Kind::integer, d) + " " + pick(ops) + " " + operand(Kind::integer, d);
        case 4: return leaf(Kind::integer) + " " + ops[below(5)] + " " + literal(Kind::integer);
        case 5: return literal(Kind::integer) + " " + pick(ops) + " " + literal(Kind::integer);
        case 6: return "-" + operand(Kind::integer, d);
        case 7: return operand(Kind::string, d) + pick(std::array{".len", ".len()", ".bytes", ".index_of(\"b\")"});
        case 8:
            return operand(Kind::array, d) +
                   pick(std::array{".len", ".len()", ".index_of(1)", ".index_of(|x| x == 2)"});
        case 9:
            return operand(Kind::array, d) + ".reduce(" + closure(2, Kind::integer, d) + ", " + expr(Kind::integer, d) +
                   ")";
        case 10: return operand(Kind::map, d) + ".len()";
        case 11: return "abs(" + expr(Kind::integer, d) + ")";
        case 12:
            return operand(Kind::integer, d) + "[" + std::to_string(below(4)) + ".." + std::to_string(below(12)) + "]";
        default: return "parse_int(" + expr(Kind::string, d) + ")";
    }
}

std::string Generator::float_expr(int depth) {
    const int d = depth - 1;
    static constexpr const char* ops[] = {"+", "-", "*", "/", "%"};
    switch (below(5)) {
        case 0: return operand(Kind::integer, d) + " " + pick(ops) + " " + operand(Kind::floating, d);
        case 1:
        case 2:
            return operand(Kind::floating, d) + " " + pick(ops) + " " +
                   operand(chance(2) ? Kind::integer : Kind::floating, d);
        case 3:
            return operand(Kind::floating, d) +
                   pick(std::array{".floor()", ".round", ".abs()", ".fraction", ".ceiling"});
        default: return operand(Kind::integer, d) + ".to_float()";
    }
}

// Constant lists of `in`: strings, numbers and a mix, short and long enough for a table.
std::string Generator::constant_list() {
    const auto kind = chance(3) ? Kind::unit : data_kind();
    std::string text = "[";
    for (int n = below(14); n > 0; --n) text += literal(kind == Kind::unit ? data_kind() : kind) + ", ";
    return text + "]";
}

std::string Generator::bool_expr(int depth) {
    const int d = depth - 1;
    static constexpr const char* comparisons[] = {"==", "!=", "<", "<=", ">", ">=", "is", "not"};
    const auto kind = data_kind();
    switch (below(14)) {
        case 0:
        case 1:
        case 2: return operand(kind, d) + " " + pick(comparisons) + " " + operand(kind, d);
        case 3: return leaf(kind) + " " + pick(comparisons) + " " + literal(kind);
        case 4: return operand(kind, d) + " " + pick(comparisons) + " " + operand(data_kind(), d);
        case 5:
            return operand(Kind::boolean, d) + pick(std::array{" && ", " || ", " & ", " | ", " ^ ", " == "}) +
                   operand(Kind::boolean, d);
        case 6: return "!" + operand(Kind::boolean, d);
        case 7:
        case 8: return operand(kind, d) + (chance(3) ? " !in " : " in ") + constant_list();
        case 9: return operand(kind, d) + " in " + operand(Kind::array, d);
        case 10: return operand(Kind::string, d) + " in " + operand(chance(2) ? Kind::map : Kind::string, d);
        case 11: return operand(Kind::integer, d) + " in " + leaf(Kind::range);
        case 12:
            return operand(Kind::array, d) + pick(std::array{".some(", ".all("}) +
                   closure(1 + below(2), Kind::boolean, d) + ")";
        default:
            return operand(Kind::string, d) + pick(std::array{".starts_with(", ".ends_with(", ".contains("}) +
                   expr(Kind::string, d) + ")";
    }
}

std::string Generator::string_expr(int depth) {
    const int d = depth - 1;
    switch (below(12)) {
        case 0: return operand(Kind::string, d) + " + " + operand(data_kind(), d);
        case 1: return operand(data_kind(), d) + " + " + operand(Kind::string, d);
        case 2: return operand(Kind::string, d) + " - " + operand(chance(2) ? Kind::string : Kind::character, d);
        case 3:
        case 4:
            return "`" + std::string(chance(2) ? "n=" : "") + "${" + expr(data_kind(), d) + "} ${" +
                   expr(Kind::string, d) + "}`";
        case 5:
            return operand(Kind::string, d) + ".sub_string(" + expr(Kind::integer, 1) + ", " + expr(Kind::integer, 1) +
                   ")";
        case 6: return operand(Kind::string, d) + ".sub_string(" + leaf(Kind::range) + ")";
        case 7: return operand(data_kind(), d) + pick(std::array{".to_string()", ".to_debug()"});
        case 8: return "type_of(" + expr(any_kind(), d) + ")";
        case 9: return operand(Kind::integer, d) + pick(std::array{".to_hex()", ".to_binary()", ".to_string()"});
        case 10: return operand(Kind::character, d) + " + " + operand(Kind::character, d);
        default: return operand(Kind::array, d) + ".reduce(|a, x| `${a}${x}`, \"\")";
    }
}

std::string Generator::char_expr(int depth) {
    switch (below(3)) {
        case 0: return operand(Kind::string, depth - 1) + "[" + index(depth - 1) + "]";
        default: return leaf(Kind::character);
    }
}

std::string Generator::array_expr(int depth) {
    const int d = depth - 1;
    switch (below(14)) {
        case 0:
        case 1: {
            std::string text = "[";
            for (int n = below(4); n > 0; --n) text += expr(data_kind(), d) + ", ";
            return text + "]";
        }
        case 2: return operand(Kind::array, d) + " + " + operand(Kind::array, d);
        case 3: return operand(Kind::array, d) + ".map(" + closure(1 + below(2), data_kind(), d) + ")";
        case 4: return operand(Kind::array, d) + ".map(" + closure(0, data_kind(), d, true) + ")";
        case 5: return operand(Kind::array, d) + ".filter(" + closure(1, Kind::boolean, d) + ")";
        case 6:
            return operand(Kind::array, d) + ".extract(" + expr(Kind::integer, 1) + ", " + expr(Kind::integer, 1) + ")";
        case 7: return operand(Kind::map, d) + pick(std::array{".keys()", ".values()"});
        case 8:
            return operand(Kind::string, d) +
                   pick(std::array{".split(\",\")", ".split()", ".to_chars()", ".split('l', 2)", ".split(1)"});
        case 9:
            return operand(Kind::array, d) + ".zip(" + expr(Kind::array, d) + ", " + closure(2, data_kind(), d) + ")";
        case 10:
            if (const auto* v = quiet_ ? nullptr : variable(Kind::array, true))
                return "drain(" + v->name + ", " + leaf(Kind::range) + ")";
            return leaf(Kind::array);
        case 11: {
            const auto kind = data_kind();
            std::string text = "[";
            for (int n = below(5); n > 0; --n) text += leaf(kind) + ", ";
            return text + "]";
        }
        default: return leaf(Kind::array);
    }
}

std::string Generator::map_expr(int depth) {
    const int d = depth - 1;
    switch (below(6)) {
        case 0:
        case 1: {
            std::string text = "#{";
            const int first = below(7);
            for (int n = below(4), i = 0; i < n; ++i)
                text += std::string(keys[(first + i) % 7]) + ": " +
                        (chance(8) && !quiet_ ? closure(below(2), data_kind(), d, true) : expr(data_kind(), d)) + ", ";
            return text + "}";
        }
        case 2: return operand(Kind::map, d) + " + " + operand(Kind::map, d);
        case 3: return operand(Kind::map, d) + ".filter(" + closure(2, Kind::boolean, d, false, Kind::string) + ")";
        default: return leaf(Kind::map);
    }
}

// With `uses_this` the body may name `this`, of any kind.
std::string Generator::closure(int arity, Kind result, int depth, bool uses_this, Kind first) {
    --budget_;
    const auto size = variables_.size();
    const bool was_this = std::exchange(this_, uses_this);
    const auto was_kind = std::exchange(this_kind_, first);
    const int loops = std::exchange(loops_, 0);
    const int catches = std::exchange(catches_, 0);
    std::string params;
    for (int i = 0; i < arity; ++i) {
        const auto name = fresh("p");
        params += (i == 0 ? "" : ", ") + name;
        variables_.push_back({name, i == 0 ? first : chance(3) ? data_kind() : Kind::integer});
    }
    std::string body;
    ++functions_deep_;
    if (quiet_ || tired(depth) || chance(2)) {
        body = expr(result, depth - 1);
        if (body.starts_with("{") || body.starts_with("if") || body.starts_with("switch")) body = "(" + body + ")";
    } else if (uses_this && chance(2)) {
        body = std::array{"{ this += 1; ", "{ this = [this]; ", "{ this.a = 5; ",
                          "{ this *= 2; "}[static_cast<std::size_t>(below(4))] +
               expr(result, depth - 1) + " }";
    } else {
        body = "{ " + statements(1 + below(2), 2) + expr(result, depth - 1) + " }";
    }
    --functions_deep_;
    variables_.resize(size, {"", Kind::unit});
    this_ = was_this;
    this_kind_ = was_kind;
    loops_ = loops;
    catches_ = catches;
    return (arity == 0 ? "|| " : "|" + params + "| ") + body;
}

std::string Generator::arguments(const std::vector<Kind>& kinds, int depth) {
    std::string text;
    for (const auto kind : kinds) text += (kind == Kind::unit ? std::to_string(below(6)) : expr(kind, depth)) + ", ";
    if (chance(40)) text += "1, ";
    return text;
}

std::string Generator::function_call(Kind kind, int depth) {
    if (functions_.empty()) return leaf(kind);
    const auto shape = pick(functions_);
    if (!shape.method) return shape.name + "(" + arguments(shape.params, depth - 1) + ")";
    std::string receiver = operand(shape.self, depth - 1);
    if (const auto* v = variable(shape.self, false); v && !quiet_) receiver = v->name;
    std::string args;
    for (const auto param : shape.params) args += quiet(param == Kind::unit ? Kind::integer : param, depth - 1) + ", ";
    return receiver + "." + shape.name + "(" + args + ")";
}

std::string Generator::closure_call(int depth) {
    if (chance(5)) {
        if (const auto* object = variable(Kind::map, false)) {
            const auto name = object->name;
            return name + "." + (chance(2) ? "f" : pick(keys)) + "(" + (chance(2) ? quiet(data_kind(), 1) : "") + ")";
        }
    }
    if (chance(8) && !functions_.empty()) {
        const auto shape = pick(functions_);
        if (!shape.method)
            return (chance(2) ? "Fn(\"" + shape.name + "\")" : shape.name) + ".call(" + arguments(shape.params, 1) +
                   ")";
    }
    const auto* f = variable(Kind::function, false);
    if (!f) return "(" + closure(0, data_kind(), depth) + ").call()";
    const auto name = f->name;
    const int arity = f->arity;
    std::string args;
    for (int i = 0; i < arity; ++i) args += quiet(Kind::integer, depth - 1) + ", ";
    switch (below(8)) {
        case 0: return "call(" + name + ", " + args + ")";
        case 1: return name + ".curry(" + args + ").call()";
        case 2: return operand(data_kind(), 1) + ".call(" + name + ", " + args + ")";
        default: return name + ".call(" + args + ")";
    }
}

// A variable or `this` with a few steps.
std::string Generator::path(bool writable) {
    const auto* root = chance(4) ? any_variable(writable && !chance(16))
                                 : variable(chance(2) ? Kind::array : Kind::map, writable && !chance(16));
    std::string text = this_ && chance(3)   ? "this"
                       : root               ? root->name
                       : variables_.empty() ? "nothing"
                                            : variables_.front().name;
    if (writable && variables_.empty() && !this_) text = "nothing";
    auto kind = text == "this" ? this_kind_ : root ? root->kind : Kind::array;
    for (int n = 1 + below(3); n > 0; --n) {
        const bool safe = chance(6);
        if (kind == Kind::map ? !chance(4) : chance(6)) {
            text += chance(3) ? (safe ? "?[" : "[") + quiet(Kind::string, 1) + "]"
                              : (safe ? "?." : ".") + std::string(pick(keys));
        } else {
            text += (safe ? "?[" : "[") + index(1) + "]";
        }
        kind = data_kind();
    }
    return text;
}

// Styles: strings, dense integers, a mix, ranges at the end.
std::string Generator::labels(int style) {
    switch (style) {
        case 0: return literal(Kind::string);
        case 1: return std::to_string(below(12) - 2);
        case 2:
            return literal(std::array{Kind::integer, Kind::string, Kind::character, Kind::boolean, Kind::floating,
                                      Kind::unit, Kind::array, Kind::map}[static_cast<std::size_t>(below(8))]);
        default: return std::to_string(below(6) - 3) + (chance(2) ? ".." : "..=") + std::to_string(below(12));
    }
}

std::string Generator::switch_(Kind result, int depth, bool statement) {
    const int style = below(3);
    const auto subject = style == 0 ? Kind::string : style == 1 ? Kind::integer : data_kind();
    std::string text = "switch " + operand(chance(8) ? data_kind() : subject, 2) + " {\n";
    const int exact = below(style == 2 ? 6 : 12);
    const int ranges = style == 0 ? 0 : below(3);
    for (int i = 0; i < exact + ranges && (budget_ > 0 || i < 2); ++i) {
        std::string label = labels(i < exact ? style : 3);
        while (i < exact && chance(4)) label += " | " + labels(style);
        text += label + (chance(5) ? " if " + condition(1) : "") + " => ";
        if (statement && chance(2))
            text += block(depth);
        else
            text += "(" + expr(result, depth - 1) + ")";
        text += ",\n";
    }
    if (!chance(4)) text += "_ => (" + expr(result, depth - 1) + "),\n";
    return text + "}";
}

}  // namespace sluice::reference
