// Tables of native functions, and functions that are asked before a script runs.
#include "dsl/value/native.hpp"

#include <gtest/gtest.h>

#include "dsl/value/value.hpp"

namespace sluice::dsl {
namespace {

Outcome half(NativeCall& call) {
    const auto number = call.args[0].as_int();
    return number % 2 == 0 ? call.ok(Value::integer(number / 2)) : call.fail("an odd number has no half");
}

class EvaluateConstant : public testing::Test {
  protected:
    EvaluateConstant() {
        table_.add("half", {accepts::integer}, half, constant);
        table_.add("half", {accepts::string}, half);  // known to the run alone
    }
    std::optional<Value> half_of(Value value) { return evaluate_constant(*table_.find("half", 1), {&value, 1}, why_); }

    NativeTable table_;
    std::string why_;
};

TEST_F(EvaluateConstant, GivesTheValue) {
    const auto value = half_of(Value::integer(42));
    ASSERT_TRUE(value);
    EXPECT_EQ(value->as_int(), 21);
    EXPECT_EQ(why_, "");
}

TEST_F(EvaluateConstant, SaysWhyTheFunctionRefuses) {
    EXPECT_FALSE(half_of(Value::integer(7)));
    EXPECT_EQ(why_, "an odd number has no half");
}

TEST_F(EvaluateConstant, SaysWhichTypesAreNotTaken) {
    EXPECT_FALSE(half_of(Value::boolean(true)));
    EXPECT_EQ(why_, "'half' does not take (bool)");
}

TEST_F(EvaluateConstant, AsksNoOverloadThatOnlyARunMayCall) {
    EXPECT_FALSE(half_of(Value::string("42")));
    EXPECT_EQ(why_, "");
}

}  // namespace
}  // namespace sluice::dsl
