#include "tests/reference/differential.hpp"

#include "dsl/ast/parse.hpp"
#include "dsl/lib/library.hpp"
#include "dsl/tools/session.hpp"
#include "dsl/value/operations.hpp"
#include "tests/reference/evaluator.hpp"

namespace sluice::reference {

namespace {

constexpr std::uint64_t machine_operations = 20'000;

struct Answer {
    std::string error;  // empty: a value
    bool in_function = false;
    bool limit = false;
    Value value;  // or what was thrown
    std::string debug;
    std::string printed;
};

// The number in the name of an anonymous function is nobody's business.
std::string unnumbered(const std::string& text) {
    std::string out;
    for (std::size_t i = 0; i < text.size();) {
        out += text[i++];
        if (out.ends_with("anon$"))
            while (i < text.size() && text[i] >= '0' && text[i] <= '9') ++i;
    }
    return out;
}

// `left`: values that may still be copied. The machine shares parts, so what doubles again and again is small there.
Value convert(const dsl::Value& v, std::size_t& left) {
    if (left == 0) throw GaveUp("large values");
    --left;
    switch (v.type()) {
        case dsl::Type::unit: return unit();
        case dsl::Type::boolean: return boolean(v.as_bool());
        case dsl::Type::integer: return integer(v.as_int());
        case dsl::Type::floating: return floating(v.as_float());
        case dsl::Type::character: return character(v.as_char());
        case dsl::Type::string: return string(unnumbered(std::string(v.as_string())));
        case dsl::Type::array: {
            Array items;
            for (const auto& item : v.as_array().items) items.push_back(convert(item, left));
            return array(std::move(items));
        }
        case dsl::Type::map: {
            Map entries;
            for (const auto& entry : v.as_map().entries())
                entries[std::string(entry.key.as_string())] = convert(entry.value, left);
            return map(std::move(entries));
        }
        case dsl::Type::blob: return {Blob{{v.as_blob().bytes.begin(), v.as_blob().bytes.end()}}};
        case dsl::Type::range: return {Range{v.as_range().start, v.as_range().end, v.as_range().inclusive}};
        case dsl::Type::fn: {
            auto pointer = std::make_shared<Fn>();
            pointer->name = unnumbered(std::string(v.as_fn().name.as_string()));
            return {FnPtr(std::move(pointer))};
        }
        default: throw GaveUp("host values and time");
    }
}

void collect_output(void* to, std::string_view text) { *static_cast<std::string*>(to) += std::string(text) + "\n"; }

enum class Marks : bool { no, yes };

// False: it does not compile.
bool run_machine(const std::string& script, Answer& answer, Marks marks = Marks::no) {
    const Budget same;
    dsl::Limits limits;
    limits.operations = machine_operations;
    if (marks == Marks::yes) limits.operations *= 10;  // each mark is an operation
    limits.call_depth = same.depth;
    limits.string_bytes = same.string_bytes;
    limits.array_items = same.array_items;
    limits.map_items = same.map_items;
    limits.wall_ms = 10'000;
    dsl::tools::Session session(dsl::lib::base_library(), limits);
    session.set_printer(collect_output, &answer.printed);
    session.set_marks(marks == Marks::yes);
    dsl::Diagnostics diagnostics;
    auto loaded = session.compile("script", script, false, false, diagnostics);
    if (!loaded.program) {
        for (const auto& d : diagnostics.all())
            if (dsl::info(d.code).severity == dsl::Severity::error)
                answer.error = d.message.empty() ? std::string(dsl::info(d.code).text) : d.message;
        return false;
    }
    dsl::Value result;
    if (const auto error = session.run(loaded, result)) {
        answer.error = dsl::name(error->kind);
        answer.in_function = error->in_function;
        answer.limit = dsl::is_limit(error->kind) || error->kind == dsl::ErrorKind::parsing;
        if (!answer.limit) result = error->thrown;
    }
    if (answer.limit) return true;
    std::size_t left = 100'000;
    answer.value = convert(result, left);
    answer.debug.clear();
    // The text of all of it may be too long where its parts were not.
    const bool shown = dsl::append_debug(result, answer.debug, limits) == nullptr;
    answer.debug = shown ? unnumbered(answer.debug) : to_debug(answer.value);
    answer.printed = unnumbered(answer.printed);
    return true;
}

void run_reference(const ast::Ast& tree, Answer& answer, Usage& usage) {
    Evaluator evaluator(tree, Budget{});
    anonymous_names = 0;
    try {
        answer.value = evaluator.run();
    } catch (const ScriptError& error) {
        answer.error = error.kind;
        answer.in_function = error.in_function;
        answer.limit = error.limit();
        answer.value = error.thrown;
    }
    usage = evaluator.usage();
    usage.named_anonymous = anonymous_names > 0;
    answer.debug = to_debug(answer.value);
    answer.printed = evaluator.printed();
}

std::string show(const Answer& answer) {
    std::string text = answer.error.empty() ? "value " : answer.error + (answer.in_function ? " in a function " : " ");
    return text + answer.debug + "\n" + answer.printed;
}

// Whether the limit that only one side met was near on the other.
bool plausible(const Answer& machine, const Answer& reference, const Usage& usage) {
    if (machine.limit && reference.limit) return true;
    const auto& met = machine.limit ? machine.error : reference.error;
    if (met == "ErrorTooManyOperations")
        return machine.limit ? usage.operations > machine_operations / 3 : true;  // it may go on twice as long
    if (met == "ErrorStackOverflow") return usage.depth > 40;
    if (met == "ErrorDataTooLarge") return usage.size > 50;
    return false;
}

bool agree(const Answer& a, const Answer& b) {
    if (a.error != b.error || !identical(a.value, b.value) || a.debug != b.debug || a.printed != b.printed)
        return false;
    return a.error.empty() || a.error == "ErrorRuntime" || a.in_function == b.in_function;
}

}  // namespace

Comparison compare(const std::string& script) {
    Answer machine;
    Answer reference;
    Usage usage;
    try {
        if (!run_machine(script, machine)) return {Comparison::Kind::rejected, machine.error};
        dsl::Diagnostics diagnostics;
        const auto tree = ast::parse(std::make_shared<dsl::SourceFile>("script", script), {}, diagnostics);
        if (!tree) return {Comparison::Kind::rejected, "parse"};
        run_reference(*tree, reference, usage);
    } catch (const GaveUp& why) {
        return {Comparison::Kind::unknown, why.what()};
    }
    const auto report = "machine: " + show(machine) + "reference: " + show(reference);
    if (machine.limit || reference.limit) {
        if (machine.limit && reference.limit && machine.error == reference.error) return {Comparison::Kind::agree, ""};
        return {plausible(machine, reference, usage) ? Comparison::Kind::unknown : Comparison::Kind::differ, report};
    }
    if (agree(machine, reference)) return {Comparison::Kind::agree, ""};
    return {usage.named_anonymous ? Comparison::Kind::unknown : Comparison::Kind::differ, report};
}

Comparison compare_marked(const std::string& script) {
    Answer plain;
    Answer marked;
    try {
        if (!run_machine(script, plain)) return {Comparison::Kind::rejected, plain.error};
        if (plain.limit && plain.error == "ErrorTooManyOperations") return {Comparison::Kind::unknown, plain.error};
        if (!run_machine(script, marked, Marks::yes)) return {Comparison::Kind::differ, marked.error};
    } catch (const GaveUp& why) {
        return {Comparison::Kind::unknown, why.what()};
    }
    if (agree(plain, marked)) return {Comparison::Kind::agree, ""};
    return {Comparison::Kind::differ, "without marks: " + show(plain) + "with marks: " + show(marked)};
}

}  // namespace sluice::reference
