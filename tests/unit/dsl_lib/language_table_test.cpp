// The tables cases/*.txt: a script, ⇒, and the debug text of its value or ! and its error. They are the conformance
// table of the base library and go, row by row, through section 18; `! parse` is any error of the compiler, `! throws`
// any thrown value, `! throws 5` that one. Objects of mail: tests/conformance.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "dsl/lib/library.hpp"
#include "dsl/tools/session.hpp"
#include "dsl/value/operations.hpp"

namespace sluice::dsl {
namespace {

const NativeTable& base_library() {
    static const NativeTable table = [] {
        NativeTable t;
        lib::add_base(t);
        return t;
    }();
    return table;
}

std::string outcome(const std::string& script) {
    Limits limits;
    limits.operations = 100'000;
    tools::Session session(base_library(), limits);
    Diagnostics diagnostics;
    auto loaded = session.compile("table", script, false, false, diagnostics);
    if (!loaded.program) return "! parse";
    Value result;
    std::string text;
    if (const auto error = session.run(loaded, result)) {
        if (error->kind == ErrorKind::parsing) return "! parse";
        if (error->kind != ErrorKind::runtime) return "! " + std::string(name(error->kind));
        text = "! throws ";
        EXPECT_EQ(append_debug(error->thrown, text, limits), nullptr);
        return text;
    }
    EXPECT_EQ(append_debug(result, text, limits), nullptr);
    return text;
}

struct Row {
    std::string place;
    std::string script;
    std::string wanted;
};

std::vector<Row> rows(const std::filesystem::path& file) {
    std::vector<Row> all;
    std::ifstream in(file);
    std::string line;
    for (int number = 1; std::getline(in, line); ++number) {
        if (line.empty() || (line.starts_with('#') && !line.starts_with("#{"))) continue;  // a map is no comment
        const std::string arrow = " ⇒ ";
        const auto at = line.rfind(arrow);
        EXPECT_NE(at, std::string::npos) << file << ":" << number;
        all.push_back({file.filename().string() + ":" + std::to_string(number), line.substr(0, at),
                       line.substr(at + arrow.size())});
    }
    return all;
}

class LanguageTable : public testing::TestWithParam<const char*> {};

TEST_P(LanguageTable, EveryRow) {
    const auto before = heap_bytes();
    const auto all = rows(std::filesystem::path(SLUICE_LANGUAGE_TABLES) / GetParam());
    EXPECT_GT(all.size(), 20u);
    for (const auto& row : all) {
        const auto got = outcome(row.script);
        if (row.wanted == "! throws" && got.starts_with("! throws")) continue;
        EXPECT_EQ(got, row.wanted) << row.place << ": " << row.script;
    }
    EXPECT_EQ(heap_bytes(), before) << "values of a script outlived it";
}

INSTANTIATE_TEST_SUITE_P(Tables, LanguageTable,
                         testing::Values("strings.txt", "numbers.txt", "arrays.txt", "maps.txt", "blobs.txt",
                                         "functions.txt", "control.txt", "more.txt"));

}  // namespace
}  // namespace sluice::dsl
