#include "engine/base/enhanced_code.hpp"

#include <gtest/gtest.h>

namespace sluice {
namespace {

TEST(EnhancedCode, LengthAtTheBeginningOfAText) {
    for (const auto* text : {"5.7.1", "5.7.1 denied", "5.7.1\r\n", "5.7.1\nmore"})
        EXPECT_EQ(enhanced_code_length(text), 5u) << text;
    EXPECT_EQ(enhanced_code_length("4.123.999 x"), 9u);
    for (const auto* text : {"", "5", "5.", "5.7", "5.7.", "5.7.1234", "5.1234.1", "3.7.1", "5.7.1x", "5.7.1.2",
                             " 5.7.1", "55.7.1", "5..1"})
        EXPECT_EQ(enhanced_code_length(text), 0u) << text;
}

}  // namespace
}  // namespace sluice
