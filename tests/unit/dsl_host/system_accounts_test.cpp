#include "dsl/host/system_accounts.hpp"

#include <gtest/gtest.h>

namespace sluice::dsl {
namespace {

TEST(SystemAccounts, AUserHasAnIdAndAPrimaryGroup) {
    const auto root = find_user("root");
    ASSERT_TRUE(root);
    EXPECT_EQ(root->id, 0u);
    EXPECT_EQ(root->group, 0u);
    const auto daemon = find_user("daemon");
    ASSERT_TRUE(daemon);
    EXPECT_NE(daemon->id, 0u);
    EXPECT_EQ(daemon->group, find_group("daemon"));
}

TEST(SystemAccounts, WhoIsNotThereIsNotFound) {
    EXPECT_FALSE(find_user("no such user"));
    EXPECT_FALSE(find_user(""));
    EXPECT_FALSE(find_group("no such group"));
}

}  // namespace
}  // namespace sluice::dsl
