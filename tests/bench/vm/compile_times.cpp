// From text to frozen rules: one filter of 10 000 lines, and 10 000 scripts of 20 lines as many domains have them.
#include <fmt/format.h>

#include "dsl/host/rule_script.hpp"
#include "measure.hpp"
#include "suites.hpp"

namespace sluice::bench {

namespace {

using namespace dsl;

std::string rules(int count) {
    std::string text = "const BLOCKED = [\"a.example\", \"b.example\"];\n#{ rcpt: [\n";
    for (int i = 0; i < count; ++i)
        text += fmt::format(R"(rule "rule {0}" || {{
    let from = ctx::mail_from();
    if from.domain == "sender{0}.example" || from.domain in BLOCKED {{
        log("info", `refused ${{from}}`);
        return state::deny(code(554, "5.7.1", "not from there"));
    }}
    let limit = {0};
    if ctx::client_ip() in ["192.0.2.{1}"] && limit > 3 {{ state::next() }} else {{ state::next() }}
}},
)",
                            i, i % 256);
    return text + "] }\n";
}

void load(const std::string& text) {
    Diagnostics diagnostics;
    if (!RuleScript::load(std::make_shared<SourceFile>("rules", text), {}, diagnostics))
        fail("rules: " + diagnostics.all().front().message);
}

}  // namespace

std::vector<std::string> compile_times(std::string_view) {
    const auto large = rules(1111);
    const auto small = rules(2);
    return {compare("compile a filter of 10 000 lines", 9, 1e-3, "ms", {{"vsl", [&] { load(large); }}}),
            compare("compile 10 000 domain scripts of 20 lines", 3, 1.0, "s", {{"vsl", [&] {
                                                                                    for (int i = 0; i < 10'000; ++i)
                                                                                        load(small);
                                                                                }}})};
}

}  // namespace sluice::bench
