// Programs, functions and statements.
#include "tests/reference/generator.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace sluice::reference {

namespace {
constexpr int most_depth = 4;
constexpr Kind data_kinds[] = {Kind::integer, Kind::string,   Kind::array,    Kind::map,
                               Kind::boolean, Kind::floating, Kind::character};
}  // namespace

// Puts back what the body of a function or closure may not see.
struct Generator::Saved {
    explicit Saved(Generator& g)
        : generator(g),
          size(g.variables_.size()),
          loops(std::exchange(g.loops_, 0)),
          catches(std::exchange(g.catches_, 0)),
          quiet(std::exchange(g.quiet_, false)),
          self(g.this_),
          kind(g.this_kind_) {
        ++g.functions_deep_;
    }
    ~Saved() {
        --generator.functions_deep_;
        generator.variables_.resize(size, {"", Kind::unit});
        generator.loops_ = loops;
        generator.catches_ = catches;
        generator.quiet_ = quiet;
        generator.this_ = self;
        generator.this_kind_ = kind;
    }
    Generator& generator;
    std::size_t size;
    int loops;
    int catches;
    bool quiet;
    bool self;
    Kind kind;
};

std::uint8_t Generator::byte() { return at_ < bytes_.size() ? bytes_[at_++] : 0; }
Kind Generator::data_kind() { return pick(data_kinds); }
Kind Generator::any_kind() { return static_cast<Kind>(below(10)); }

const Generator::Variable* Generator::variable(Kind kind, bool writable) {
    std::vector<const Variable*> fitting;
    for (const auto& v : variables_)
        if (v.kind == kind && !(writable && v.constant)) fitting.push_back(&v);
    return fitting.empty() ? nullptr : fitting[static_cast<std::size_t>(below(static_cast<int>(fitting.size())))];
}

const Generator::Variable* Generator::any_variable(bool writable) {
    std::vector<const Variable*> fitting;
    for (const auto& v : variables_)
        if (!(writable && v.constant)) fitting.push_back(&v);
    return fitting.empty() ? nullptr : fitting[static_cast<std::size_t>(below(static_cast<int>(fitting.size())))];
}

// What a caught error says about itself that is specified: no messages, no positions.
static constexpr const char* about_errors =
    "fn about(e) { if type_of(e) == \"map\" && \"error\" in e { [e.error, e.cause, e.index, e.length, e.variable] } "
    "else { e } }\n";

std::string Generator::program() {
    std::string text = about_errors;
    if (chance(2)) text += recursive_function();
    for (int n = below(4); n > 0; --n) {
        FunctionShape shape{fresh("f"), {}, data_kind()};
        for (int p = below(4); p > 0; --p) shape.params.push_back(data_kind());
        shape.method = chance(3);
        shape.self = data_kind();
        text += function(shape);
        functions_.push_back(shape);
    }
    // What the rest works on: one of each, and none that fails.
    for (const auto kind : data_kinds) {
        const auto name = fresh("v");
        text += "let " + name + " = " + literal(kind) + ";\n";
        variables_.push_back({name, kind});
    }
    if (chance(2))
        text += "v" + std::to_string(counter_ - 4) + ".f = " + closure(below(2), data_kind(), 3, true) + ";\n";
    text += "const L = " + constant_list() + ";\nlet f = " + closure(1, data_kind(), 2) + ";\n";
    variables_.push_back({"L", Kind::array, true});
    variables_.push_back({"f", Kind::function, false, 1});
    while (budget_ > 0 && at_ < bytes_.size()) text += chance(3) ? statement(most_depth) : try_(most_depth);
    text += "[";
    for (const auto& v : variables_) text += v.name + ", ";
    return text + (chance(2) ? expr(any_kind(), 3) : "0") + "]";
}

std::string Generator::function(const FunctionShape& shape) {
    std::vector<Variable> outside;
    outside.swap(variables_);
    std::string text = (chance(4) ? "private fn " : "fn ") + shape.name + "(";
    {
        Saved saved(*this);
        for (const auto kind : shape.params) {
            const auto name = fresh("p");
            text += name + ", ";
            variables_.push_back({name, kind});
        }
        this_ = shape.method;
        this_kind_ = shape.self;
        text += ") {\n" + statements(1 + below(3), 2) + expr(shape.result, 2) + "\n}\n";
    }
    variables_.swap(outside);
    return text;
}

// Calls itself a bounded number of times.
std::string Generator::recursive_function() {
    std::vector<Variable> outside;
    outside.swap(variables_);
    std::string text;
    const auto kind = data_kind();
    {
        Saved saved(*this);
        variables_ = {{"n", Kind::integer, true}, {"acc", kind}};
        text = "fn rec(n, acc) { if n <= 0 { return " + expr(kind, 1) + "; } " + statements(below(2), 2) +
               "let r = rec(n - 1, " + expr(kind, 1) + "); " + (chance(2) ? "print(r); " : "") + "r }\n";
    }
    variables_.swap(outside);
    functions_.push_back({"rec", {Kind::unit, kind}, kind});  // unit: a small number, see arguments()
    return text;
}

std::string Generator::statements(int count, int depth) {
    std::string text;
    for (; count > 0 && budget_ > 0; --count) text += statement(depth);
    return text;
}

std::string Generator::block(int depth) {
    const auto size = variables_.size();
    const bool quiet = std::exchange(quiet_, false);
    auto text = "{\n" + statements(1 + below(3), depth - 1) + "}";
    quiet_ = quiet;
    variables_.resize(size, {"", Kind::unit});
    return text;
}

std::string Generator::statement(int depth) {
    --budget_;
    if (depth <= 0) return let(1);
    switch (below(23)) {
        case 0:
        case 1: return let(3);
        case 2:
        case 3: return assignment(3);
        case 4:
        case 5: return path_assignment(3);
        case 6:
        case 7: return mutation(3);
        case 8: return if_(depth);
        case 9: return loop(depth);
        case 10: return for_(depth);
        case 11:
        case 12: return try_(depth);
        case 13: return switch_(data_kind(), depth, true) + "\n";
        case 14: return "print(" + expr(data_kind(), 3) + ");\n";
        case 15: return "debug(" + expr(any_kind(), 3) + ");\n";
        case 16: return closure_call(3) + ";\n";
        case 17: return function_call(data_kind(), 3) + ";\n";
        case 18: return jump(depth);
        case 19: return many_types(depth);
        case 20: return constant_copy();
        case 21: return hot_loop();
        default: return block(depth) + "\n";
    }
}

std::string Generator::let(int depth) {
    auto kind = chance(5) ? Kind::function : data_kind();
    if (chance(12)) kind = any_kind();
    const bool constant = chance(5);
    int arity = -1;
    std::string value;
    if (kind == Kind::function) {
        arity = below(3);
        value = closure(arity, data_kind(), depth);
    } else {
        value = constant && chance(2) ? literal(kind) : expr(kind, depth);
    }
    // Now and then an older variable is hidden.
    std::string name = fresh("v");
    if (chance(10) && !variables_.empty()) name = pick(variables_).name;
    auto text = (constant ? "const " : "let ") + name + " = " + value + ";\n";
    std::erase_if(variables_, [&](const Variable& v) { return v.name == name; });
    variables_.push_back({name, kind, constant, arity});
    return text;
}

std::string Generator::assignment(int depth) {
    const auto* target = any_variable(true);
    if (!target) return let(depth);
    const auto name = target->name;
    const auto kind = target->kind;
    const int arity = target->arity;
    if (kind == Kind::function) return name + " = " + closure(arity, data_kind(), depth) + ";\n";
    static constexpr const char* integer_ops[] = {"+=", "-=", "*=", "/=", "%=", "<<=", ">>=", "&=", "|=", "^=", "**="};
    if (chance(2)) return name + " = " + expr(kind, depth) + ";\n";
    switch (kind) {
        case Kind::integer: return name + " " + pick(integer_ops) + " " + expr(kind, depth) + ";\n";
        case Kind::floating: return name + " " + integer_ops[below(5)] + " " + expr(kind, depth) + ";\n";
        case Kind::boolean: return name + " " + integer_ops[7 + below(3)] + " " + expr(kind, depth) + ";\n";
        case Kind::string:
            return name + (chance(4) ? " -= " : " += ") + expr(chance(3) ? data_kind() : kind, depth) + ";\n";
        case Kind::array: return name + " += " + expr(chance(2) ? data_kind() : kind, depth) + ";\n";
        case Kind::map: return name + " += " + expr(kind, depth) + ";\n";
        default: return name + " = " + expr(kind, depth) + ";\n";
    }
}

std::string Generator::path_assignment(int depth) {
    static constexpr const char* ops[] = {" = ", " = ", " += ", " -= ", " *= ", " = "};
    auto value = expr(data_kind(), depth);
    return path(true) + pick(ops) + value + ";\n";
}

std::string Generator::mutation(int depth) {
    const auto kind = std::array{Kind::array, Kind::array, Kind::map, Kind::string}[static_cast<std::size_t>(below(4))];
    std::string receiver;
    if (chance(3)) {
        receiver = path(true);
    } else if (const auto* v = variable(kind, !chance(16))) {
        receiver = v->name;
    } else if (this_ && this_kind_ == kind) {
        receiver = "this";
    } else {
        return let(depth);
    }
    const auto i = [&] { return quiet(Kind::integer, 1); };
    std::string call;
    if (kind == Kind::array) {
        switch (below(18)) {
            case 0:
            case 1: call = "push(" + quiet(data_kind(), depth); break;
            case 2: call = "pop("; break;
            case 3: call = "shift("; break;
            case 4: call = "insert(" + i() + ", " + quiet(data_kind(), 2); break;
            case 5: call = "remove(" + i(); break;
            case 6: call = "truncate(" + i(); break;
            case 7: call = "reverse("; break;
            case 8: call = "splice(" + quiet(Kind::range, 1) + ", " + quiet(Kind::array, 2); break;
            case 9: call = "drain(" + quiet(Kind::range, 1); break;
            case 10: call = "retain(" + closure(1 + below(2), Kind::boolean, depth, false, Kind::integer); break;
            case 11: call = "for_each(" + closure(0, Kind::unit, depth, true); break;
            case 12: call = "sort(" + closure(2, Kind::integer, depth); break;
            case 13: call = "sort("; break;
            case 14: call = "dedup("; break;
            case 15: call = "append(" + quiet(Kind::array, depth); break;
            case 16: call = "set(" + i() + ", " + quiet(data_kind(), 2); break;
            default: call = "pad(" + std::to_string(below(8)) + ", " + quiet(data_kind(), 2); break;
        }
    } else if (kind == Kind::map) {
        switch (below(6)) {
            case 0: call = "set(" + quiet(Kind::string, 1) + ", " + quiet(data_kind(), 2); break;
            case 1: call = "remove(" + quiet(Kind::string, 1); break;
            case 2: call = "mixin(" + quiet(Kind::map, 2); break;
            case 3: call = "fill_with(" + quiet(Kind::map, 2); break;
            case 4: call = "retain(" + closure(2, Kind::boolean, depth, false, Kind::string); break;
            default: call = "clear("; break;
        }
    } else {
        switch (below(10)) {
            case 0: call = "trim("; break;
            case 1:
                call =
                    "replace(\"" + std::string(1, static_cast<char>('a' + below(4))) + "\", " + quiet(Kind::string, 1);
                break;
            case 2: call = "truncate(" + i(); break;
            case 3: call = "pop("; break;
            case 4: call = "pop(" + i(); break;
            case 5: call = "pad(" + std::to_string(below(24)) + ", " + quiet(Kind::character, 1); break;
            case 6: call = "append(" + quiet(data_kind(), depth); break;
            case 7: call = "crop(" + quiet(Kind::range, 1); break;
            case 8: call = "make_upper("; break;
            default: call = "set(" + i() + ", " + quiet(Kind::character, 1); break;
        }
    }
    if (chance(6)) {
        if (const auto* shape = functions_.empty() ? nullptr : &pick(functions_); shape && shape->method)
            call = shape->name + "(" + arguments(shape->params, 1);
    }
    const bool kept = chance(4);
    if (kept) {
        const auto name = fresh("v");
        auto text = "let " + name + " = " + receiver + "." + call + ");\n";
        variables_.push_back({name, Kind::unit});
        return text;
    }
    return receiver + "." + call + ");\n";
}

// No condition may begin with a block.
std::string Generator::condition(int depth) {
    auto text = expr(Kind::boolean, depth);
    return text.starts_with("{") ? "(" + text + ")" : text;
}

std::string Generator::if_(int depth) {
    std::string text = "if " + condition(3) + " " + block(depth);
    while (chance(3)) text += " else if " + condition(2) + " " + block(depth);
    if (chance(2)) text += " else " + block(depth);
    return text + "\n";
}

// A counter that the body cannot reach bounds every loop; it is raised first, so that `continue` is safe.
std::string Generator::loop(int depth) {
    if (loops_ >= 3) return let(2);
    const auto counter = fresh("n");
    const auto turns = std::to_string(1 + below(loops_ == 0 ? 8 : 3));
    ++loops_;
    std::string text = "let " + counter + " = 0;\n";
    const auto body = [&] {
        variables_.push_back({counter, Kind::integer, true});
        auto inner = block(depth);
        variables_.pop_back();
        return "{ " + counter + " += 1;\n" + inner + "\n}";
    };
    const auto guard = [&] { return chance(2) ? "" : " && " + operand(Kind::boolean, 2); };
    switch (below(4)) {
        case 0: {
            const auto inner = body();
            text += "while " + counter + " < " + turns + guard() + " " + inner + "\n";
            break;
        }
        case 1: {
            variables_.push_back({counter, Kind::integer, true});
            const auto inner = block(depth);
            variables_.pop_back();
            text += "loop { " + counter + " += 1; if " + counter + " > " + turns + " { break; }\n" + inner + "\n}\n";
            break;
        }
        default: {
            const bool until = chance(2);
            variables_.push_back({counter, Kind::integer, true});
            const auto inner = block(depth);
            variables_.pop_back();
            text += "do { " + counter + " += 1; if " + counter + " > " + turns + " { break; }\n" + inner + "\n} " +
                    (until ? "until " + counter + " >= " : "while " + counter + " < ") + turns + ";\n";
        }
    }
    --loops_;
    return text;
}

std::string Generator::for_(int depth) {
    if (loops_ >= 3) return let(2);
    std::string source;
    auto kind = Kind::integer;
    const int turns = loops_ == 0 ? 9 : 4;
    switch (below(8)) {
        case 0:
        case 1:
            source = std::to_string(below(5) - 2) + (chance(2) ? ".." : "..=") + std::to_string(below(turns));
            break;
        case 2:
            source = "range(" + std::to_string(below(20)) + ", " + std::to_string(below(20)) + ", " +
                     std::to_string(below(7) - 3) + ")";
            break;
        case 3: source = expr(Kind::string, 1), kind = Kind::character; break;
        case 4: source = operand(Kind::map, 1) + ".keys()", kind = Kind::string; break;
        case 5: source = "9223372036854775805..=9223372036854775807"; break;
        default: source = chance(12) && !variables_.empty() ? pick(variables_).name : expr(Kind::array, 2); break;
    }
    if (source.starts_with("#{") || source.starts_with("{")) source = "(" + source + ")";
    const auto item = fresh("i");
    const bool counted = chance(3);
    const auto counter = fresh("j");
    const auto size = variables_.size();
    variables_.push_back({item, kind, !chance(3)});
    if (counted) variables_.push_back({counter, Kind::integer});
    ++loops_;
    auto text =
        "for " + (counted ? "(" + item + ", " + counter + ")" : item) + " in " + source + " " + block(depth) + "\n";
    --loops_;
    variables_.resize(size, {"", Kind::unit});
    return text;
}

std::string Generator::try_(int depth) {
    auto text = "try " + block(depth) + " catch ";
    const auto size = variables_.size();
    ++catches_;
    if (chance(4)) {
        text += block(depth);
    } else {
        const auto name = fresh("e");
        text += "(" + name + ") { let " + name + " = about(" + name + "); print(" + name + ");\n";
        variables_.push_back({name, Kind::unit});
        text += statements(below(2), depth - 1) + "}";
    }
    --catches_;
    variables_.resize(size, {"", Kind::unit});
    return text + "\n";
}

// One place in the program that meets values of many types: what is specialised for a type has to fall back.
std::string Generator::many_types(int depth) {
    if (loops_ >= 2) return let(depth);
    const auto item = fresh("x");
    const auto sum = fresh("v");
    auto text = "let " + sum + " = " + literal(data_kind()) + ";\nfor " + item + " in [";
    for (int n = 2 + below(6); n > 0; --n) text += literal(data_kind()) + ", ";
    text += "] { try {\n";
    for (int n = 1 + below(4); n > 0; --n) {
        static constexpr const char* parts[] = {
            "@.len",           "@.len()",    "@.a",        "@ == $",  "@ < 3",         "@ + 1",      "@ - 1",
            "@ * 2",           "@ in L",     "@ == \"a\"", "@[0]",    "@.to_string()", "-@",         "!@",
            "@ ?? 5",          "@ % 2 == 0", "\"a\" in @", "[@, $]",  "`${@}${$}`",    "type_of(@)", "@?.a",
            "@.contains('a')", "f.call(@)",  "$ + @",      "@ >= 'b'"};
        std::string part = pick(parts);
        for (auto at = part.find_first_of("@$"); at != std::string::npos; at = part.find_first_of("@$"))
            part.replace(at, 1, part[at] == '@' ? item : sum);
        switch (below(4)) {
            case 0: text += sum + (chance(2) ? " += " : " = ") + part + ";\n"; break;
            case 1:
                text += "if " + std::string(part.find_first_of("=<>!") == std::string::npos ? "true == " : "") + part +
                        " { print(" + sum + "); } else { " + sum + " = " + item + "; }\n";
                break;
            default: text += "print(" + part + ");\n"; break;
        }
    }
    text += "} catch (e) { print(about(e)); } }\n";
    variables_.push_back({sum, Kind::unit});
    return text;
}

// A copy of a constant is changed; the constant stays.
std::string Generator::constant_copy() {
    const auto name = fresh("K");
    const auto copy = fresh("v");
    const bool list = chance(2);
    const auto kind = list ? Kind::array : Kind::map;
    auto text =
        "const " + name + " = " + (list ? constant_list() : literal(kind)) + ";\nlet " + copy + " = " + name + ";\n";
    variables_.push_back({name, kind, true});
    variables_.push_back({copy, kind});
    text += "try { " + copy + (list ? "[0] = " : ".a = ") + expr(data_kind(), 2) + "; " + copy +
            (list ? ".push(" + quiet(data_kind(), 1) + ")" : ".b = " + expr(data_kind(), 1)) +
            "; } catch (e) { print(about(e)); }\n";
    if (chance(2)) text += "print(" + expr(data_kind(), 1) + " in " + name + ");\n";
    return text + "print([" + name + ", " + copy + "]);\n";
}

// Integers in a long loop, until they are no integers any more or overflow.
std::string Generator::hot_loop() {
    if (loops_ >= 1) return let(2);
    const auto i = fresh("i");
    const auto sum = fresh("v");
    static constexpr const char* sources[] = {"0..60",
                                              "-20..=20",
                                              "range(0, 90, 3)",
                                              "[1, 2, 3, 4, 5, 6, 7, 8]",
                                              "9223372036854775800..=9223372036854775807",
                                              "\"some text\""};
    static constexpr const char* bodies[] = {
        "$ += @;",
        "if @ % 3 == 0 { continue; } $ += @;",
        "$ = $ + @ * 2 - 1; if $ > 1000 { break; }",
        "$ += if @ == 7 { 0.5 } else { @ };",
        "$ = $ * 3 + @;",
        "if @ in [2, 3, 5, 7, 11, 13] { $ += 1; } else if @ !in L { $ -= 1; }",
        "$ += switch @ { 1 => 10, 2 => 20, 3 => 30, 7 | 8 => 0.5, 10..20 => 1, _ => 2 };",
        "let w = 0; while w < 3 { w += 1; $ += w; }",
        "$ <<= 1; $ ^= @;",
        "$ += `${@}`.len;"};
    std::string body = pick(bodies);
    for (auto at = body.find_first_of("@$"); at != std::string::npos; at = body.find_first_of("@$")) {
        if (body[at] == '$' && at + 1 < body.size() && body[at + 1] == '{') {
            body[at] = '\x01';
            continue;
        }
        body.replace(at, 1, body[at] == '@' ? i : sum);
    }
    for (auto& c : body) c = c == '\x01' ? '$' : c;
    auto text = "let " + sum + " = " + literal(chance(4) ? data_kind() : Kind::integer) + ";\ntry { for " + i + " in " +
                pick(sources) + " { " + body + " } } catch (e) { print(about(e)); }\n";
    variables_.push_back({sum, Kind::unit});
    return text + "print(" + sum + ");\n";
}

std::string Generator::jump(int depth) {
    std::string what;
    switch (below(5)) {
        case 0: what = loops_ > 0 ? "break" + (chance(2) ? "" : " " + expr(data_kind(), 2)) : ""; break;
        case 1: what = loops_ > 0 ? "continue" : ""; break;
        case 2: what = functions_deep_ > 0 ? "return " + expr(data_kind(), 2) : ""; break;
        case 3: what = catches_ > 0 && chance(2) ? "throw" : "throw " + expr(data_kind(), 2); break;
        default: break;
    }
    if (what.empty()) return let(depth);
    return chance(3) ? what + ";\n" : "if " + condition(2) + " { " + what + "; }\n";
}

}  // namespace sluice::reference
