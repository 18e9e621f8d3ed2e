// Policies on disk: they survive a restart, damage is told of and harms nobody, the limit is kept.
#include "engine/sts/policy_store.hpp"

#include <gmock/gmock.h>

#include <fstream>

#include "engine/io/fault_injection.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/support/text_of.hpp"

namespace sluice::sts {
namespace {

using testing::HasSubstr;

CachedPolicy policy(const std::string& id, std::vector<std::string> mx = {"mx1.test", "*.mx.test"}) {
    return {{PolicyMode::enforce, std::move(mx), 86400}, id, TimePoint(std::chrono::seconds(1'700'000'000))};
}

TEST(CachedPolicyFile, IsAsItsHeaderSays) {
    const std::string file = print_cached("example.test", policy("id1"));
    EXPECT_EQ(file.substr(file.find('\n') + 1),
              "domain: example.test\nid: id1\nfetched: 1700000000\n\nversion: STSv1\nmode: enforce\nmx: mx1.test\n"
              "mx: *.mx.test\nmax_age: 86400\n");
    EXPECT_TRUE(file.starts_with("sluice-mta-sts 1 "));
    const auto parsed = parse_cached("example.test", file);
    ASSERT_TRUE(parsed.ok()) << parsed.error();
    EXPECT_EQ(parsed.value(), policy("id1"));
}

TEST(CachedPolicyFile, EveryChangedOctetIsNoticed) {
    const std::string file = print_cached("example.test", policy("id1"));
    for (std::size_t i = 0; i < file.size(); ++i) {
        std::string damaged = file;
        damaged[i] = static_cast<char>(damaged[i] ^ 1);
        EXPECT_FALSE(parse_cached("example.test", damaged).ok()) << i;
        EXPECT_FALSE(parse_cached("example.test", std::string_view(file).substr(0, i)).ok()) << i;
    }
    EXPECT_EQ(parse_cached("other.test", file).error(), "the policy of another domain");
    EXPECT_EQ(parse_cached("example.test", "").error(), "not a policy of format 1");
    EXPECT_EQ(parse_cached("example.test", file + "x").error(), "wrong checksum");
}

class PolicyStoreTest : public testing::Test {
  protected:
    std::shared_ptr<PolicyStore> open(std::uint64_t most = limits::sts_store) {
        PolicyStore::Opened opened = PolicyStore::open(directory(), most);
        EXPECT_EQ(opened.error, "");
        return opened.store;
    }
    [[nodiscard]] std::filesystem::path directory() const { return root_ / "sts" / "cache"; }
    void write(const std::string& name, const std::string& text) const {
        std::ofstream(directory() / name, std::ios::binary) << text;
    }

    test::TemporaryDirectory root_{test::TemporaryDirectory::Where::memory};
};

TEST_F(PolicyStoreTest, SurvivesARestart) {
    auto store = open();
    EXPECT_FALSE(store->has("a.test"));
    EXPECT_FALSE(store->load("a.test").policy);
    ASSERT_EQ(store->save("a.test", policy("id1")), "");
    ASSERT_EQ(store->save("b.test", policy("id2")), "");
    ASSERT_EQ(store->save("a.test", policy("id3")), "");
    for (int restart = 0; restart < 2; ++restart) {
        EXPECT_TRUE(store->has("a.test"));
        EXPECT_EQ(store->load("a.test").policy, policy("id3"));
        EXPECT_EQ(store->load("b.test").policy, policy("id2"));
        store = open();
    }
    EXPECT_EQ(store->remove("a.test"), "");
    EXPECT_EQ(store->remove("a.test"), "") << "gone is gone";
    EXPECT_FALSE(store->has("a.test"));
    EXPECT_FALSE(open()->has("a.test"));
}

TEST_F(PolicyStoreTest, DamagedFilesAreToldOfOnceAndNoMore) {
    auto store = open();
    ASSERT_EQ(store->save("a.test", policy("id1")), "");
    write("a.test", "sluice-mta-sts 1 00000000\nrubbish");
    write("long.test", std::string(limits::sts_file + 1, 'x'));
    write("empty.test", "");
    store = open();
    for (const char* domain : {"a.test", "long.test", "empty.test"}) {
        const PolicyStore::Loaded loaded = store->load(domain);
        EXPECT_FALSE(loaded.policy);
        EXPECT_THAT(loaded.trouble, HasSubstr((directory() / domain).string() + " is damaged (")) << domain;
        EXPECT_THAT(loaded.trouble, HasSubstr("and was removed"));
        EXPECT_FALSE(std::filesystem::exists(directory() / domain));
        EXPECT_EQ(store->load(domain).trouble, "");
    }
    ASSERT_EQ(store->save("a.test", policy("id2")), "");
    EXPECT_EQ(store->load("a.test").policy, policy("id2"));
}

TEST_F(PolicyStoreTest, AFileThatHasGoneIsToldOf) {
    const auto store = open();
    ASSERT_EQ(store->save("a.test", policy("id1")), "");
    std::filesystem::remove(directory() / "a.test");
    EXPECT_THAT(store->load("a.test").trouble, HasSubstr("cannot read"));
    EXPECT_FALSE(store->has("a.test"));
}

TEST_F(PolicyStoreTest, WhatIsNoPolicyIsLeftAloneButForOwnLeftovers) {
    (void)open();
    write(".a.test", "half a policy");
    write("README", "x");
    write("note.txt~", "x");
    std::filesystem::create_directory(directory() / "dir.test");
    const auto store = open();
    EXPECT_FALSE(std::filesystem::exists(directory() / ".a.test"));
    EXPECT_TRUE(std::filesystem::exists(directory() / "README"));
    EXPECT_TRUE(std::filesystem::exists(directory() / "note.txt~"));
    EXPECT_FALSE(store->has("dir.test"));
}

TEST_F(PolicyStoreTest, TheLimitIsKeptAndTheOldestGoesFirst) {
    auto store = open(2 * limits::sts_store_block);
    ASSERT_EQ(store->save("a.test", policy("1")), "");
    ASSERT_EQ(store->save("b.test", policy("2")), "");
    EXPECT_TRUE(store->has("a.test"));
    ASSERT_EQ(store->save("a.test", policy("3")), "");  // now b is the older one
    ASSERT_EQ(store->save("c.test", policy("4")), "");
    EXPECT_TRUE(store->has("a.test"));
    EXPECT_FALSE(store->has("b.test"));
    EXPECT_FALSE(std::filesystem::exists(directory() / "b.test"));
    // A file of two blocks takes the room of two.
    ASSERT_EQ(store->save("d.test", policy("5", std::vector<std::string>(300, "mx1234567890.test"))), "");
    EXPECT_FALSE(store->has("a.test"));
    EXPECT_FALSE(store->has("c.test"));
    EXPECT_TRUE(store->has("d.test"));
}

TEST_F(PolicyStoreTest, TheLimitCountsWhatIsThereAtStart) {
    auto store = open();
    const auto long_ago = std::filesystem::file_time_type::clock::now() - std::chrono::hours(1);
    for (const char* domain : {"a.test", "b.test", "c.test"}) ASSERT_EQ(store->save(domain, policy("1")), "");
    std::filesystem::last_write_time(directory() / "b.test", long_ago);
    store = open(2 * limits::sts_store_block);
    EXPECT_FALSE(store->has("b.test"));
    EXPECT_TRUE(store->has("a.test"));
    EXPECT_TRUE(store->has("c.test"));
}

TEST_F(PolicyStoreTest, AFullDiskIsToldOfAndTheOldPolicyStays) {
    const auto store = open();
    ASSERT_EQ(store->save("a.test", policy("1")), "");
    io::set_fault_hook(
        [](io::FileStep step, const std::filesystem::path&) { return step == io::FileStep::write ? ENOSPC : 0; });
    EXPECT_THAT(store->save("a.test", policy("2")), HasSubstr("cannot write"));
    EXPECT_THAT(store->save("b.test", policy("2")), HasSubstr("No space left"));
    io::set_fault_hook({});
    EXPECT_EQ(store->load("a.test").policy, policy("1"));
    EXPECT_FALSE(store->has("b.test"));
}

TEST_F(PolicyStoreTest, ADirectoryThatCannotBeMadeIsAnError) {
    std::filesystem::create_directories(root_ / "sts");
    std::ofstream(root_ / "sts" / "cache") << "a file";
    const PolicyStore::Opened opened = PolicyStore::open(directory());
    EXPECT_FALSE(opened.store);
    EXPECT_THAT(opened.error, HasSubstr("cannot make"));
}

TEST_F(PolicyStoreTest, TheLongestDomain) {
    const auto store = open();
    const std::string label(63, 'a');
    const std::string domain = label + '.' + label + '.' + label + '.' + std::string(61, 'b');
    ASSERT_EQ(store->save(domain, policy("1")), "");
    EXPECT_EQ(open()->load(domain).policy, policy("1"));
}

}  // namespace
}  // namespace sluice::sts
