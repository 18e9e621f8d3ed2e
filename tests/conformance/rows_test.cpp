// One test for each row of the tables of kind `expressions`, two for each entry of a column of first stages: the check
// refuses the call at every stage before, and it works at the first one.
#include <map>

#include <fmt/format.h>

#include "tests/conformance/expression_rows.hpp"

namespace sluice::conformance {
namespace {

std::string where(const Place& place) { return fmt::format("{}:{}: {}", place.file, place.line, place.label); }

class RowTest : public ExpressionFixture {
  public:
    explicit RowTest(Row row) : row_(std::move(row)) {}
    void TestBody() override {
        const auto got = mismatch(row_);
        if (!got.empty())
            ADD_FAILURE() << where(row_.place) << "\n  " << row_.stage << "  " << row_.statement
                          << "\n  expected: " << row_.expected << "\n  got:      " << got;
    }

  private:
    Row row_;
};

// Rows of open.txt say what the specification wants and the program does not do yet.
class OpenRowTest : public ExpressionFixture {
  public:
    explicit OpenRowTest(Row row) : row_(std::move(row)) {}
    void TestBody() override {
        EXPECT_NE(mismatch(row_), "") << where(row_.place) << ": is as it should be: move the row to its table";
    }

  private:
    Row row_;
};

constexpr std::string_view stages[] = {"connect", "helo", "authenticate", "mail", "rcpt", "preq", "postq", "delivery"};

std::string script_with(std::string_view stage, const std::string& call) {
    return fmt::format("#{{ {}: [ rule \"r\" || {{ {}; state::next() }} ] }}", stage, call);
}

class RefusedBeforeTest : public ExpressionFixture {
  public:
    explicit RefusedBeforeTest(FirstStage entry) : entry_(std::move(entry)) {}
    void TestBody() override {
        SCOPED_TRACE(where(entry_.place));
        give(entry_.given);
        if (entry_.stage.empty()) {
            const auto* const code = entry_.call.starts_with("import ") ? "E0213" : "E0209";
            for (const auto stage : stages) ASSERT_EQ(load_error(script_with(stage, entry_.call)), code) << stage;
            return;
        }
        EXPECT_EQ(load_error(entry_.call + "; #{}"), entry_.stage == "load" ? "" : "E0200") << "while loading";
        bool available = entry_.stage == "load";
        for (const auto stage : stages) {
            available = available || stage == entry_.stage;
            EXPECT_EQ(load_error(script_with(stage, entry_.call)), available ? "" : "E0208") << stage;
        }
        EXPECT_TRUE(available) << "unknown stage '" << entry_.stage << "'";
    }

  private:
    FirstStage entry_;
};

class WorksAtTest : public ExpressionFixture {
  public:
    explicit WorksAtTest(FirstStage entry) : entry_(std::move(entry)) {}
    void TestBody() override {
        give(entry_.given);
        const auto got = evaluate(entry_.stage, entry_.call);
        EXPECT_FALSE(got.starts_with("! ")) << where(entry_.place) << ": " << entry_.call << " gives " << got;
    }

  private:
    FirstStage entry_;
};

// Names are numbered where a label has several rows.
class Names {
  public:
    std::string of(const Place& place, std::string_view ending) {
        const auto name = test_name(place.label) + (ending.empty() ? "" : "__" + std::string(ending));
        const auto number = ++seen_[place.file + name];
        return number == 1 ? name : fmt::format("{}__{}", name, number);
    }

  private:
    std::map<std::string, int> seen_;
};

template <class Test, class Entry>
void add(const std::string& table, const std::string& name, const Entry& entry) {
    testing::RegisterTest(table.c_str(), name.c_str(), nullptr, nullptr, __FILE__, __LINE__,
                          [entry]() -> ExpressionFixture* { return new Test(entry); });
}

const bool registered = [] {
    Names names;
    for (const auto& table : read_tables(SLUICE_CONFORMANCE_TABLES)) {
        if (table.kind != "expressions") continue;
        for (const auto& row : table.rows) {
            if (table.name == "open")
                add<OpenRowTest>(table.name, names.of(row.place, "open"), row);
            else
                add<RowTest>(table.name, names.of(row.place, row.ours ? "ours" : ""), row);
        }
        for (const auto& entry : table.stages) {
            const bool later = entry.stage.empty();
            add<RefusedBeforeTest>(
                table.name, names.of(entry.place, later ? "not_in_this_version" : "first_stage_" + entry.stage), entry);
            if (!later) add<WorksAtTest>(table.name, names.of(entry.place, "works_at_" + entry.stage), entry);
        }
    }
    return true;
}();

}  // namespace
}  // namespace sluice::conformance
