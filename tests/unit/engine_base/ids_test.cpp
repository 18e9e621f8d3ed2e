#include "engine/base/ids.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mutex>
#include <set>
#include <thread>
#include <vector>

namespace sluice::test {

// More than one pool holds, and on several threads.
TEST(Ids, AreAllDifferent) {
    constexpr int each = 1000;
    std::mutex mutex;
    std::set<std::string> all;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&] {
            std::vector<std::string> own;
            for (int i = 0; i < each; ++i) own.push_back(Uuid::random().to_string());
            const std::lock_guard lock(mutex);
            all.insert(own.begin(), own.end());
        });
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(all.size(), 4u * each);
}

TEST(Ids, UuidsAreOfVersion4) {
    const auto id = Uuid::random();
    const auto text = id.to_string();
    EXPECT_EQ(text.size(), Uuid::text_size);
    EXPECT_EQ(text[14], '4');
    EXPECT_NE(std::string("89ab").find(text[19]), std::string::npos);
    EXPECT_EQ(Uuid::parse(text), id);
}

TEST(Ids, AChildDoesNotRepeatThoseOfItsParent) {
    (void)Uuid::random();  // fills the pool, which the child gets a copy of
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    const auto id = Uuid::random();
    if (child == 0) {
        const auto written = ::write(ends[1], id.bytes().data(), id.bytes().size());
        ::_exit(written == static_cast<ssize_t>(id.bytes().size()) ? 0 : 1);
    }
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    std::array<std::uint8_t, 16> of_child{};
    ASSERT_EQ(::read(ends[0], of_child.data(), of_child.size()), 16);
    ::close(ends[0]);
    ::close(ends[1]);
    EXPECT_EQ(status, 0);
    EXPECT_NE(Uuid::from_bytes(of_child), id);
}

TEST(Ids, SessionIdsAreReadBack) {
    const auto id = SessionId::random();
    EXPECT_EQ(SessionId::parse(id.to_string()), id);
    for (const auto* text : {"", "00000000000", "0000000000000", "00000000000u", "00000000000 "})
        EXPECT_EQ(SessionId::parse(text), std::nullopt) << text;
}

// One octet past what is kept in memory goes to the kernel directly.
TEST(Ids, ManyRandomBytes) {
    for (const std::size_t count : {1u, 512u, 513u, 4096u}) {
        std::vector<std::uint8_t> first(count + 1, 0);
        std::vector<std::uint8_t> second(count + 1, 0);
        random_bytes(first.data(), count);
        random_bytes(second.data(), count);
        EXPECT_EQ(first.back(), 0);
        if (count > 8) {
            EXPECT_NE(first, second);
        }
    }
}

}  // namespace sluice::test
