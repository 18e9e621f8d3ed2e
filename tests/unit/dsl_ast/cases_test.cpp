// Every script of vsl-language-cases.jsonl parses, or fails here with the error kind that the file names.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <boost/json/src.hpp>
#include <fstream>
#include <set>

#include "parsing.hpp"

namespace sluice::dsl::ast {

namespace {

namespace json = boost::json;

// Parse errors that need names: they are the resolver's.
const std::set<std::string> need_names{
    "const A = 1; A = 2",
    "let a = 1; const a = 2; a += 1",
};

std::string text_of(const json::object& object, std::string_view key) {
    const auto* value = object.if_contains(key);
    return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
}

void check_case(const json::object& line) {
    const std::string script = text_of(line, "script");
    const auto& want = line.at("want").as_object();
    const Parsed parsed = parse_text(script);
    const bool must_fail =
        text_of(want, "kind") == "error" && text_of(want, "phase") == "parse" && !need_names.contains(script);
    if (!must_fail) {
        EXPECT_TRUE(parsed.ast != nullptr) << script << "\n" << render(parsed.diagnostics.all());
        return;
    }
    EXPECT_TRUE(parsed.diagnostics.has_errors() && parsed.ast == nullptr) << script;
    ASSERT_TRUE(parsed.diagnostics.has_errors()) << script;
    const std::string name = text_of(want, "name");
    if (!name.empty()) {
        EXPECT_EQ(info(parsed.diagnostics.all().front().code).kind, name) << script;
    }
    EXPECT_EQ(parsed.diagnostics.errors(), 1U) << script << "\n" << render(parsed.diagnostics.all());
}

TEST(LanguageCases, ParseAsTheFileSays) {
    std::ifstream file(SLUICE_LANGUAGE_CASES);
    ASSERT_TRUE(file) << SLUICE_LANGUAGE_CASES;
    std::size_t count = 0;
    for (std::string line; std::getline(file, line); ++count) {
        const auto object = json::parse(line).as_object();
        SCOPED_TRACE("case " + std::to_string(count + 1));
        check_case(object);
        if (const auto* modules = object.if_contains("modules")) {
            for (const auto& module : modules->as_object()) {
                const bool bad = module.key() == "bad_syntax";
                EXPECT_EQ(parse_text(module.value().as_string()).ast == nullptr, bad) << module.key();
            }
        }
    }
    EXPECT_EQ(count, 679U);
}

}  // namespace

}  // namespace sluice::dsl::ast
