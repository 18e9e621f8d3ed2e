// `sluice eval --json-lines`: the door for conformance suites (vsl-language.md section 22).
#include <cmath>
#include <istream>
#include <map>
#include <ostream>

#include <boost/json.hpp>

#include "dsl/lib/library.hpp"
#include "dsl/tools/eval.hpp"
#include "dsl/tools/session.hpp"
#include "dsl/value/operations.hpp"

namespace sluice::dsl::tools {

namespace {

namespace json = boost::json;

// An answer is cut there, whatever a script builds: values that share their parts can be endless once written out.
constexpr int json_nesting = 200;
constexpr int json_values = 2'000'000;

std::string_view kind_of(const Value& value) {
    switch (value.type()) {
        case Type::unit: return "unit";
        case Type::boolean: return "bool";
        case Type::integer: return "int";
        case Type::floating: return "float";
        case Type::character: return "char";
        case Type::string: return "string";
        case Type::array: return "array";
        case Type::map: return "map";
        case Type::blob: return "blob";
        case Type::range: return "range";
        case Type::fn: return "fnptr";
        case Type::timestamp: return "timestamp";
        case Type::host: return value.as_host().type();
    }
    return "unit";
}

json::value to_json(const Value& value, int& budget, int depth = 0) {
    if (depth > json_nesting || --budget < 0) return nullptr;
    switch (value.type()) {
        case Type::unit: return nullptr;
        case Type::boolean: return value.as_bool();
        case Type::integer: return value.as_int();
        case Type::floating: {
            const auto d = value.as_float();
            if (std::isnan(d)) return "NaN";
            if (std::isinf(d)) return d < 0 ? "-inf" : "inf";
            return d;
        }
        case Type::string: return json::string(value.as_string());
        case Type::array: {
            json::array items;
            for (const auto& item : value.as_array().items) {
                if (budget < 0) break;
                items.push_back(to_json(item, budget, depth + 1));
            }
            return items;
        }
        case Type::map: {
            json::object object;
            for (const auto* entry : value.as_map().sorted()) {
                if (budget < 0) break;
                object[entry->key.as_string()] = to_json(entry->value, budget, depth + 1);
            }
            return object;
        }
        case Type::blob: {
            json::array bytes;
            for (const auto byte : value.as_blob().bytes) bytes.push_back(byte);
            return bytes;
        }
        default: {
            std::string text;
            if (append_text(value, text, Limits{})) text = brief(value);
            return json::string(text);
        }
    }
}

json::value to_json(const Value& value) {
    int budget = json_values;
    return to_json(value, budget);
}

struct Settings {
    Limits limits;
    ast::ParseOptions parse;
    check::Restrictions restrictions;
    bool strict = false;
    bool marks = false;
    std::string unknown;
};

// A setting is a number or a boolean; Rhai's names, two that Rhai has no limits for, and `marks`, which must not change
// any answer.
bool apply(std::string_view key, const json::value& value, Settings& settings) {
    if (key == "strict_variables") {
        settings.strict = value.is_bool() && value.as_bool();
        return value.is_bool();
    }
    if (key == "marks") {
        settings.marks = value.is_bool() && value.as_bool();
        return value.is_bool();
    }
    if (key == "allow_shadowing") {
        settings.restrictions.shadowing = !value.is_bool() || value.as_bool();
        return value.is_bool();
    }
    if (!value.is_int64() || value.as_int64() < 0) return false;
    const auto number = static_cast<std::uint64_t>(value.as_int64());
    const auto small = static_cast<std::uint32_t>(std::min<std::uint64_t>(number, UINT32_MAX));
    if (key == "max_operations")
        settings.limits.operations = number;
    else if (key == "max_call_levels")
        settings.limits.call_depth = small;
    else if (key == "max_string_size")
        settings.limits.string_bytes = number, settings.parse.max_string_bytes = number == 0 ? UINT32_MAX : small;
    else if (key == "max_array_size")
        settings.limits.array_items = number, settings.parse.max_array_items = number == 0 ? UINT32_MAX : small;
    else if (key == "max_map_size")
        settings.limits.map_items = number, settings.parse.max_map_items = number == 0 ? UINT32_MAX : small;
    else if (key == "max_modules")
        settings.limits.imports = number;
    else if (key == "max_variables")
        settings.restrictions.max_variables = number;
    else if (key == "max_functions")
        settings.restrictions.max_functions = number;
    else if (key == "max_memory")
        settings.limits.memory_bytes = number;
    else if (key == "max_wall_ms")
        settings.limits.wall_ms = small;
    else if (key == "max_expr_depth")
        settings.parse.max_depth_top = small;
    else if (key == "max_function_expr_depth")
        settings.parse.max_depth_function = small;
    else
        return false;
    return true;
}

Settings settings_of(const json::object& request) {
    Settings settings;
    settings.limits.operations = 20'000'000;  // conformance suites loop more than rules do
    settings.limits.wall_ms = 20'000;
    if (const auto* needs = request.if_contains("needs"); needs && needs->is_object())
        for (const auto& [key, value] : needs->as_object())
            if (!apply(key, value, settings)) settings.unknown = key;
    return settings;
}

json::object parse_failure(const Diagnostics& diagnostics) {
    json::object answer{{"ok", false}, {"phase", "parse"}};
    for (const auto& diagnostic : diagnostics.all()) {
        const auto& about = info(diagnostic.code);
        if (about.severity != Severity::error) continue;
        // The resolver counts these; to a script they are limits like those of the machine.
        if (diagnostic.code == Code::too_many_names || diagnostic.code == Code::too_many_functions)
            answer["phase"] = "limit";
        answer["error"] = about.kind;
        answer["code"] = about.code;
        answer["message"] = diagnostic.message.empty() ? std::string(about.text) : diagnostic.message;
        if (diagnostic.source) {
            const auto at = diagnostic.source->position(diagnostic.span.begin);
            answer["line"] = at.line;
            answer["column"] = at.column;
        }
        break;
    }
    return answer;
}

json::object run_failure(const ScriptError& error) {
    json::object answer{{"ok", false}};
    answer["phase"] = is_limit(error.kind) ? "limit" : error.kind == ErrorKind::parsing ? "parse" : "runtime";
    const bool wrapped =
        error.kind != ErrorKind::runtime && !is_limit(error.kind) && (error.in_function || error.in_module);
    answer["error"] =
        name(wrapped ? (error.in_function ? ErrorKind::in_function_call : ErrorKind::in_module) : error.kind);
    if (wrapped) answer["inner"] = name(error.kind);
    if (error.kind == ErrorKind::runtime)
        answer["thrown"] = {{"kind", kind_of(error.thrown)}, {"value", to_json(error.thrown)}};
    answer["message"] = error.message;
    if (error.source) {
        const auto at = error.source->position(error.span.begin);
        answer["line"] = at.line;
        answer["column"] = at.column;
    }
    return answer;
}

std::map<std::string, std::string> modules_of(const json::object& request) {
    std::map<std::string, std::string> modules;
    if (const auto* given = request.if_contains("modules"); given && given->is_object())
        for (const auto& [path, source] : given->as_object())
            if (source.is_string())
                modules[resolve_import("", path).value_or(std::string(path))] = std::string(source.as_string());
    return modules;
}

void print_to(void* context, std::string_view text) { *static_cast<std::ostream*>(context) << text << '\n'; }

json::object answer_request(const json::object& request, std::ostream& err) {
    const auto* script = request.if_contains("script");
    if (!script || !script->is_string())
        return {{"ok", false}, {"phase", "request"}, {"error", "BadRequest"}, {"message", "`script` must be a string"}};
    const auto settings = settings_of(request);
    if (!settings.unknown.empty()) return {{"skip", "unknown setting " + settings.unknown}};
    std::string mode = "script";
    if (const auto* given = request.if_contains("mode"); given && given->is_string())
        mode = std::string(given->as_string());
    if (mode != "script" && mode != "expression" && mode != "compile") return {{"skip", "unknown mode " + mode}};

    // Values point into the programs that made them, so the programs are declared first and die last.
    std::vector<Loaded> kept;
    Loaded loaded;
    Value result;
    const auto modules = modules_of(request);
    MapLoader loader(modules);
    std::vector<std::string> preload;
    for (const auto& [path, source] : modules) preload.push_back(path);
    Session session(lib::base_library(), settings.limits);
    session.set_loader(&loader, "", preload);
    session.set_parse_options(settings.parse);
    session.set_strict(settings.strict);
    session.set_marks(settings.marks);
    session.set_restrictions(settings.restrictions);
    session.set_printer(print_to, &err);

    if (const auto* setup = request.if_contains("setup"); setup && setup->is_array()) {
        for (const auto& text : setup->as_array()) {
            Diagnostics diagnostics;
            kept.push_back(session.compile("setup", text.is_string() ? std::string(text.as_string()) : "", false, true,
                                           diagnostics));
            if (!kept.back().program) return parse_failure(diagnostics);
            if (const auto error = session.run(kept.back(), result)) return run_failure(*error);
        }
    }
    Diagnostics diagnostics;
    loaded = session.compile("", std::string(script->as_string()), mode == "expression", false, diagnostics);
    if (!loaded.program) return parse_failure(diagnostics);
    if (mode == "compile") return {{"ok", true}, {"kind", "unit"}, {"value", nullptr}};
    if (const auto error = session.run(loaded, result)) return run_failure(*error);
    return {{"ok", true}, {"kind", kind_of(result)}, {"value", to_json(result)}};
}

}  // namespace

int eval_json_lines(std::istream& in, std::ostream& out, std::ostream& err) {
    std::string line;
    while (std::getline(in, line)) {
        if (line.empty()) continue;
        boost::system::error_code problem;
        const auto request = json::parse(line, problem);
        json::object answer;
        if (problem || !request.is_object()) {
            answer = {{"ok", false},
                      {"phase", "request"},
                      {"error", "BadRequest"},
                      {"message", "not a JSON object: " + problem.message()}};
        } else {
            answer = answer_request(request.as_object(), err);
            if (const auto* id = request.as_object().if_contains("id")) answer["id"] = *id;
        }
        out << json::serialize(answer) << std::endl;
    }
    return 0;
}

}  // namespace sluice::dsl::tools
