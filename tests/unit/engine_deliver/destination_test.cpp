#include "engine/deliver/destination.hpp"

#include <gtest/gtest.h>

namespace sluice::deliver {
namespace {

TEST(Destination, WithoutConditionsIsItsMethod) {
    Destination destination;
    destination.method = "deliver bank.fi";
    EXPECT_EQ(destination.text(), "deliver bank.fi");
    EXPECT_EQ(Destination::parse("deliver bank.fi"), destination);
}

TEST(Destination, IsReadAsItIsWritten) {
    Destination all{"forward smtp://u:p@h:25?tls=required", "customer-1", true, true, R"({"mode":"required"})"};
    EXPECT_EQ(Destination::parse(all.text()), all);
    for (int without = 0; without < 4; ++without) {
        Destination some = all;
        if (without == 0) some.binding.clear();
        if (without == 1) some.requiretls = false;
        if (without == 2) some.tls_not_required = false;
        if (without == 3) some.tls.clear();
        EXPECT_EQ(Destination::parse(some.text()), some);
        EXPECT_NE(some.text(), all.text());
    }
}

}  // namespace
}  // namespace sluice::deliver
