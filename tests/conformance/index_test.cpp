// That nothing is forgotten: every row of the specification (index.txt) has a row in a table or a dialogue, every label
// of those stands in the index, and the column of first stages agrees with the functions the program offers.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>

#include "dsl/host/host.hpp"
#include "tests/conformance/table.hpp"

namespace sluice::conformance {
namespace {

namespace fs = std::filesystem;

struct Index {
    std::set<std::string> labels;
    std::set<std::string> additions;  // functions that the specification does not have
};

// A label a line; `addition NAME reason` for functions of our own.
const Index& index() {
    static const Index all = [] {
        Index result;
        std::ifstream file(fs::path(SLUICE_CONFORMANCE) / "index.txt");
        for (std::string line; std::getline(file, line);) {
            if (line.empty() || line.starts_with('#')) continue;
            if (line.starts_with("addition "))
                result.additions.insert(line.substr(9, line.find(' ', 9) - 9));
            else
                EXPECT_TRUE(result.labels.insert(line).second) << line << " stands there twice";
        }
        return result;
    }();
    return all;
}

const std::vector<Table>& tables() {
    static const auto all = read_tables(SLUICE_CONFORMANCE_TABLES);
    return all;
}

// Where each label has rows.
const std::map<std::string, std::string>& rows() {
    static const auto all = [] {
        std::map<std::string, std::string> result;
        for (const auto& table : tables()) {
            for (const auto& row : table.rows) result[row.place.label] = table.name;
            for (const auto& entry : table.stages) result[entry.place.label] = table.name;
        }
        const std::string mark = "# row ";
        for (const auto& entry : fs::directory_iterator(fs::path(SLUICE_CONFORMANCE) / "dialogues")) {
            std::ifstream file(entry.path());
            for (std::string line; std::getline(file, line);)
                if (line.starts_with(mark)) result[line.substr(mark.size())] = entry.path().filename().string();
        }
        return result;
    }();
    return all;
}

TEST(Index, EveryTableCanBeRead) {
    EXPECT_GE(tables().size(), 10u);
    for (const auto& table : tables()) {
        for (const auto& error : table.errors) ADD_FAILURE() << error;
        EXPECT_TRUE(table.kind == "expressions" || table.kind == "selection" || table.kind == "transactions")
            << table.name << ": kind '" << table.kind << "'";
        EXPECT_FALSE(table.rows.empty() && table.stages.empty() && table.name != "open") << table.name;
    }
}

TEST(Index, EveryRowOfTheSpecificationHasATest) {
    EXPECT_GT(index().labels.size(), 100u);
    for (const auto& label : index().labels) EXPECT_TRUE(rows().contains(label)) << label << " has no row";
}

TEST(Index, EveryTestIsOfARowOfTheSpecification) {
    for (const auto& [label, file] : rows())
        EXPECT_TRUE(index().labels.contains(label)) << file << ": '" << label << "' does not stand in index.txt";
}

// first_stage of functions.def against the column that was typed from the specification.
TEST(Index, TheProgramsFirstStagesAreThoseOfTheSpecification) {
    std::map<std::string, std::string> specified;
    for (const auto& table : tables())
        for (const auto& entry : table.stages) {
            const auto [at, fresh] = specified.emplace(entry.function, entry.stage);
            EXPECT_EQ(at->second, entry.stage) << entry.function << " has two first stages";
        }
    std::set<std::string> offered;
    for (const auto function : {
#define SLUICE_HOST(identifier, ...) dsl::HostFunction::identifier,
#include "dsl/host/functions.def"
#undef SLUICE_HOST
         }) {
        const auto& about = dsl::info(function);
        const std::string name(about.name);
        offered.insert(name);
        const auto found = specified.find(name);
        EXPECT_NE(found != specified.end(), index().additions.contains(name))
            << name << " is either of the specification or one of our additions";
        if (found != specified.end()) {
            EXPECT_EQ(dsl::to_string(about.first_stage), found->second) << name;
        }
    }
    for (const auto& name : index().additions) EXPECT_TRUE(offered.contains(name)) << name;
#define SLUICE_LATER(module, meanwhile)                                                                       \
    EXPECT_TRUE(std::ranges::any_of(                                                                          \
        specified, [](const auto& row) { return row.first.starts_with(module "::") && row.second.empty(); })) \
        << "no function of " << module << " is marked `later`";
#include "dsl/host/later_modules.def"
#undef SLUICE_LATER
}

}  // namespace
}  // namespace sluice::conformance
