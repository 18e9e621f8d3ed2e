#include "tests/conformance/table.hpp"
#include "tests/support/unescaped.hpp"

#include <algorithm>
#include <cctype>
#include <fstream>

#include <fmt/format.h>

namespace sluice::conformance {

namespace {

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(' ');
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

// The first word, which is taken off.
std::string word(std::string_view& text) {
    text = trimmed(text);
    const auto end = std::min(text.find(' '), text.size());
    const std::string first(text.substr(0, end));
    text = trimmed(text.substr(end));
    return first;
}

using test::unescaped;

class Reader {
  public:
    explicit Reader(const std::filesystem::path& file) : in_(file) {
        table_.name = file.stem().string();
        place_.file = file.filename().string();
        if (!in_) error("cannot be read");
    }

    Table read() {
        std::string line;
        while (std::getline(in_, line)) {
            ++place_.line;
            if (!line.starts_with('#') && !trimmed(line).empty()) take(line);
        }
        for (const auto& row : table_.rows)
            if (row.ours == (row.vsmtp.empty() || row.why.empty()))
                table_.errors.push_back(fmt::format("{}:{}: `ours` needs lines `vSMTP` and `why`, `same` has none",
                                                    row.place.file, row.place.line));
        return std::move(table_);
    }

  private:
    void error(std::string_view what) {
        table_.errors.push_back(fmt::format("{}:{}: {}", place_.file, place_.line, what));
    }

    void take(std::string_view rest) {
        const auto first = word(rest);
        if (first == "kind") {
            table_.kind = rest;
        } else if (first == "==") {
            place_.label = rest;
            of_label_.clear();
            in_row_ = false;
        } else if (first == "given") {
            given(rest);
        } else if (place_.label.empty()) {
            error("a row without label: begin with `== LABEL`");
        } else if (first == "same" || first == "ours") {
            row(first == "ours", rest);
        } else if (first == "from" || first == "later") {
            first_stage(first == "from" ? word(rest) : "", rest);
        } else {
            of_row(first, rest);
        }
    }

    void given(std::string_view rest) {
        const auto key = word(rest);
        auto& facts = place_.label.empty() ? of_file_ : in_row_ ? table_.rows.back().given : of_label_;
        facts.push_back({key, unescaped(rest)});
    }

    void row(bool ours, std::string_view rest) {
        Row row{.place = place_, .ours = ours, .stage = word(rest)};
        static constexpr std::string_view value = " ⇒ ";
        static constexpr std::string_view verdict = " → ";
        const auto at_value = rest.rfind(value);
        const auto at_verdict = rest.rfind(verdict);
        row.verdict = at_value == std::string_view::npos;
        const auto at = row.verdict ? at_verdict : at_value;
        if (at == std::string_view::npos) return error("a row without ⇒ or →");
        row.statement = trimmed(rest.substr(0, at));
        row.expected = trimmed(rest.substr(at + value.size()));
        row.given = given_so_far();
        table_.rows.push_back(std::move(row));
        in_row_ = true;
    }

    // CALL, or [FUNCTION] CALL where the call does not begin with the name of the function.
    void first_stage(std::string stage, std::string_view call) {
        std::string function(call.substr(0, call.find('(')));
        if (call.starts_with('[')) {
            function = call.substr(1, call.find(']') - 1);
            call = trimmed(call.substr(function.size() + 2));
        }
        table_.stages.push_back({place_, std::move(stage), std::move(function), std::string(call), given_so_far()});
    }

    void of_row(const std::string& first, std::string_view rest) {
        if (!in_row_) return error(fmt::format("'{}' without a row", first));
        auto& row = table_.rows.back();
        if (first == "vSMTP") {
            row.vsmtp = rest;
        } else if (first == "why") {
            row.why = rest;
        } else if (first == "then") {
            const auto key = word(rest);
            row.then.push_back({key, std::string(rest)});
        } else {
            error(fmt::format("'{}' is none of: ==, same, ours, from, later, given, then, vSMTP, why", first));
        }
    }

    std::vector<Fact> given_so_far() const {
        auto facts = of_file_;
        facts.insert(facts.end(), of_label_.begin(), of_label_.end());
        return facts;
    }

    std::ifstream in_;
    Table table_;
    Place place_;
    std::vector<Fact> of_file_;
    std::vector<Fact> of_label_;
    bool in_row_ = false;
};

}  // namespace

Table read_table(const std::filesystem::path& file) { return Reader(file).read(); }

std::vector<Table> read_tables(const std::filesystem::path& directory) {
    std::vector<Table> tables;
    for (const auto& entry : std::filesystem::directory_iterator(directory))
        if (entry.path().extension() == ".txt") tables.push_back(read_table(entry.path()));
    std::sort(tables.begin(), tables.end(), [](const Table& a, const Table& b) { return a.name < b.name; });
    return tables;
}

std::string test_name(std::string_view label) {
    std::string name;
    for (const char c : label) {
        if (std::isalnum(static_cast<unsigned char>(c)))
            name += c;
        else if (!name.ends_with('_'))
            name += '_';
    }
    while (name.ends_with('_')) name.pop_back();
    return name;
}

std::string shown(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '\r')
            out += "\\r";
        else if (c == '\n')
            out += "\\n";
        else if (c == '\t')
            out += "\\t";
        else if (static_cast<unsigned char>(c) < ' ' || c == 0x7f)
            out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
        else
            out += c;
    }
    return out;
}

}  // namespace sluice::conformance
