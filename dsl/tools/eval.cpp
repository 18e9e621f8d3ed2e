#include "dsl/tools/eval.hpp"

#include <istream>
#include <ostream>

#include "dsl/diag/render.hpp"
#include "dsl/lib/library.hpp"
#include "dsl/tools/session.hpp"
#include "dsl/value/operations.hpp"

namespace sluice::dsl::tools {

namespace {
void print_to(void* context, std::string_view text) { *static_cast<std::ostream*>(context) << text << '\n'; }
}  // namespace

std::string describe(const ScriptError& error) {
    std::string text;
    if (error.source) {
        const auto position = error.source->position(error.span.begin);
        text +=
            error.source->name() + ":" + std::to_string(position.line) + ":" + std::to_string(position.column) + ": ";
    }
    text += std::string(name(error.kind)) + ": " + error.message + "\n";
    for (const auto& line : error.trace) text += "  in call to " + line.function + "\n";
    return text;
}

int eval(const std::string& name, const std::string& text, const EvalOptions& options, std::ostream& out,
         std::ostream& err) {
    FileLoader loader;
    Session session(lib::base_library(), Limits{});
    session.set_loader(&loader, options.base_directory);
    session.set_printer(print_to, &err);
    Diagnostics diagnostics;
    auto loaded = session.compile(name, text, options.expression, false, diagnostics);
    if (!diagnostics.all().empty())
        (options.json ? out : err) << (options.json ? render_json(diagnostics.all()) : render(diagnostics.all()));
    if (!loaded.program) return 1;
    Value result;
    if (const auto error = session.run(loaded, result)) {
        err << describe(*error);
        return 1;
    }
    std::string shown;
    if (append_debug(result, shown, Limits{})) shown = brief(result);
    out << shown << '\n';
    return 0;
}

}  // namespace sluice::dsl::tools
