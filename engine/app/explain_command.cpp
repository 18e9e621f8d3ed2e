// `sluice explain CODE`: the long text of a diagnostic; `sluice explain`: all codes.
#include <algorithm>
#include <cctype>
#include <iostream>
#include <vector>

#include <fmt/format.h>
#include <boost/json.hpp>

#include "dsl/diag/diagnostic.hpp"
#include "dsl/diag/explanation.hpp"
#include "engine/app/commands.hpp"
#include "engine/tls/problems.hpp"

namespace sluice::app {

namespace {

struct Entry {
    std::string_view code;
    std::string_view severity;
    std::string text;
    std::string_view hint;
    std::optional<std::string_view> explanation;
};

// "{} does not exist" as a general text.
std::string without_placeholders(std::string_view text) {
    std::string out(text);
    for (auto at = out.find("{}"); at != std::string::npos; at = out.find("{}", at)) out.replace(at, 2, "…");
    return out;
}

std::vector<Entry> entries() {
    std::vector<Entry> all;
    for (const auto& info : dsl::all_codes())
        all.push_back({info.code, to_string(info.severity),
                       std::string(info.text.empty() ? "something to know about the configuration" : info.text),
                       info.hint, dsl::explanation(info.code)});
    for (const auto& info : tls::all_problems())
        all.push_back({info.code,
                       to_string(info.severity),
                       without_placeholders(info.text),
                       {},
                       dsl::section(tls::explanations_book, info.code)});
    std::ranges::sort(all, {}, &Entry::code);
    return all;
}

int unknown(const std::string& code, const std::vector<Entry>& all) {
    std::vector<std::string_view> codes;
    for (const auto& entry : all) codes.push_back(entry.code);
    const auto near = dsl::did_you_mean(code, codes);
    std::cerr << fmt::format("there is no code '{}'\n  hint: {}\n", code,
                             near.empty() ? "`sluice explain` lists all codes" : fmt::format("did you mean {}?", near));
    return 1;
}

int list(const std::vector<Entry>& all, bool json) {
    boost::json::array items;
    for (const auto& entry : all) {
        if (json)
            items.push_back({{"code", entry.code}, {"severity", entry.severity}, {"text", entry.text}});
        else
            std::cout << fmt::format("{}  {:<7}  {}\n", entry.code, entry.severity, entry.text);
    }
    if (json) std::cout << boost::json::serialize(items) << '\n';
    return 0;
}

int explain(std::string code, bool json) {
    const auto all = entries();
    if (code.empty()) return list(all, json);
    for (auto& c : code) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    const auto found = std::ranges::find(all, code, &Entry::code);
    if (found == all.end()) return unknown(code, all);
    const auto text = found->explanation.value_or("");
    if (json) {
        const boost::json::object object{{"code", found->code},
                                         {"severity", found->severity},
                                         {"text", found->text},
                                         {"hint", found->hint},
                                         {"explanation", text}};
        std::cout << boost::json::serialize(object) << '\n';
        return 0;
    }
    std::cout << fmt::format("{}[{}]: {}\n\n{}", found->severity, found->code, found->text,
                             dsl::render_explanation(text));
    return 0;
}

}  // namespace

void add_explain(CLI::App& app, int& exit_code) {
    struct Options {
        std::string code;
        bool json = false;
    };
    auto options = std::make_shared<Options>();
    auto* command = app.add_subcommand("explain", "Explain a diagnostic, or list all of them");
    command->add_option("CODE", options->code, "code of a diagnostic: E0053");
    command->add_flag("--json", options->json, "print as JSON");
    command->callback([options, &exit_code] { exit_code = explain(options->code, options->json); });
}

}  // namespace sluice::app
