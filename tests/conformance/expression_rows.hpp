// Evaluates the rows of kind `expressions`: what rules see and do, in the program's own stage run.
#pragma once

#include <optional>

#include "tests/conformance/saslauthd.hpp"
#include "tests/conformance/table.hpp"
#include "tests/unit/engine_filter/stage_fixture.hpp"

namespace sluice::conformance {

class ExpressionFixture : public filter::test::StageFixture {
  protected:
    void SetUp() override;

    // What is not as the table says; nothing if all is.
    [[nodiscard]] std::string mismatch(const Row& row);
    // The value of a block in the words of the tables: debug text, `! "thrown"`, `! E0208`.
    [[nodiscard]] std::string evaluate(const std::string& stage, const std::string& block);
    // "" if the script loads, else the code of its first error.
    [[nodiscard]] std::string load_error(const std::string& script);

    void give(const std::vector<Fact>& facts);

  private:
    void give(const Fact& fact);
    void give_dns(std::string_view record);
    [[nodiscard]] std::string effect(const std::string& name) const;
    [[nodiscard]] std::string logged() const;

    std::optional<Saslauthd> daemon_;
    std::string problem_;  // a fact that could not be read
};

// A stage by its word; nullopt for "load" and anything else.
[[nodiscard]] std::optional<smtp::Stage> stage_of(std::string_view word);
// Whether `got` is what the table expects: exactly that, or `~ REGEX`.
[[nodiscard]] bool agrees(const std::string& expected, const std::string& got);

}  // namespace sluice::conformance
