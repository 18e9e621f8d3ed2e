#include "engine/refusals/refusal_files.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <atomic>
#include <csignal>
#include <fstream>
#include <thread>

#include "engine/io/durable_file.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/unit/engine_refusals/records.hpp"

namespace sluice::refusals::test {

namespace {

class RefusalFiles : public testing::Test {
  protected:
    std::string numbers() const {
        std::string all;
        for (const auto& record : read(place_).records) all += record.failure + " ";
        return all;
    }
    // Lines first … last.
    static std::vector<std::string> lines(std::size_t first, std::size_t last) {
        std::vector<std::string> all;
        for (auto i = first; i <= last; ++i) all.push_back(print(numbered(i)));
        return all;
    }
    std::uintmax_t size(const char* name) const { return std::filesystem::file_size(place_ / name); }

    sluice::test::TemporaryDirectory directory_{sluice::test::TemporaryDirectory::Where::memory};
    const std::filesystem::path place_ = directory_ / "spool" / "refusals";
    RefusalWriter writer_{place_};
    const std::uint64_t line_ = print(numbered(1)).size();  // of numbers with one digit
    static constexpr std::uint64_t plenty = 1 << 20;
};

}  // namespace

TEST_F(RefusalFiles, NothingThere) {
    const auto contents = read(place_);
    EXPECT_EQ(contents.failed, std::errc::no_such_file_or_directory);
    EXPECT_EQ(contents.path, place_ / "current.jsonl");
}

TEST_F(RefusalFiles, AppendsInADirectoryOfItsOwn) {
    const auto written = writer_.append(lines(1, 3), plenty);
    EXPECT_EQ(written.lines, 3u);
    EXPECT_FALSE(written.failed);
    EXPECT_EQ(writer_.append(lines(4, 4), plenty).lines, 1u);
    EXPECT_EQ(numbers(), "1 2 3 4 ");
    struct stat facts {};
    ASSERT_EQ(::stat((place_ / "current.jsonl").c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 0777, 0600u);
    ASSERT_EQ(::stat(place_.c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 0777, 0700u);
    EXPECT_FALSE(std::filesystem::exists(place_ / "previous.jsonl"));
}

TEST_F(RefusalFiles, RotatesOnePastTheLimit) {
    EXPECT_EQ(writer_.append(lines(1, 3), 3 * line_).lines, 3u);
    EXPECT_EQ(size("current.jsonl"), 3 * line_);
    EXPECT_FALSE(std::filesystem::exists(place_ / "previous.jsonl"));
    EXPECT_EQ(writer_.append(lines(4, 4), 3 * line_).lines, 1u);
    EXPECT_EQ(size("previous.jsonl"), 3 * line_);
    EXPECT_EQ(size("current.jsonl"), line_);
    EXPECT_EQ(numbers(), "1 2 3 4 ");
}

TEST_F(RefusalFiles, OneOctetTooLittleForTheThird) {
    EXPECT_EQ(writer_.append(lines(1, 3), 3 * line_ - 1).lines, 3u);
    EXPECT_EQ(size("previous.jsonl"), 2 * line_);
    EXPECT_EQ(size("current.jsonl"), line_);
}

TEST_F(RefusalFiles, NeverMoreThanTwoFiles) {
    EXPECT_EQ(writer_.append(lines(1, 9), 2 * line_).lines, 9u);
    EXPECT_EQ(numbers(), "7 8 9 ");
    std::size_t files = 0;
    for (const auto& each : std::filesystem::directory_iterator(place_)) {
        EXPECT_LE(each.file_size(), 2 * line_);
        ++files;
    }
    EXPECT_EQ(files, 2u);
}

TEST_F(RefusalFiles, ALineLongerThanTheLimitHasAFileToItself) {
    EXPECT_EQ(writer_.append(lines(1, 3), 1).lines, 3u);
    EXPECT_EQ(numbers(), "2 3 ");
}

TEST_F(RefusalFiles, ATornLineIsSkippedAndEnded) {
    ASSERT_EQ(writer_.append(lines(1, 2), plenty).lines, 2u);
    std::filesystem::resize_file(place_ / "current.jsonl", 2 * line_ - 5);
    const auto torn = read(place_);
    EXPECT_EQ(torn.records.size(), 1u);
    EXPECT_EQ(torn.damaged, 0u);  // it might be one that the server has not finished
    ASSERT_EQ(writer_.append(lines(3, 4), plenty).lines, 2u);
    EXPECT_EQ(numbers(), "1 3 4 ");
    EXPECT_EQ(read(place_).damaged, 1u);
}

TEST_F(RefusalFiles, ALineWithoutItsEndOnlyIsWhole) {
    ASSERT_EQ(writer_.append(lines(1, 2), plenty).lines, 2u);
    std::filesystem::resize_file(place_ / "current.jsonl", 2 * line_ - 1);
    EXPECT_EQ(numbers(), "1 2 ");
    ASSERT_EQ(writer_.append(lines(3, 3), plenty).lines, 1u);
    EXPECT_EQ(numbers(), "1 2 3 ");
    EXPECT_EQ(read(place_).damaged, 0u);
}

TEST_F(RefusalFiles, WhatDoesNotFitOnTheDiskLeavesNoHalf) {
    const auto old = std::signal(SIGXFSZ, SIG_IGN);
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
    const rlimit little{2 * line_ + 5, before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &little), 0);
    const auto written = writer_.append(lines(1, 4), plenty);
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
    std::signal(SIGXFSZ, old);
    EXPECT_EQ(written.lines, 2u);
    EXPECT_EQ(written.failed, std::errc::file_too_large);
    EXPECT_EQ(written.path, place_ / "current.jsonl");
    EXPECT_EQ(size("current.jsonl"), 2 * line_);
    EXPECT_EQ(writer_.append(lines(3, 4), plenty).lines, 2u);
    EXPECT_EQ(numbers(), "1 2 3 4 ");
}

TEST_F(RefusalFiles, ARotationThatFailsLosesNothing) {
    ASSERT_EQ(writer_.append(lines(1, 2), 2 * line_).lines, 2u);
    io::set_fault_hook([](io::FileStep step, const auto&) { return step == io::FileStep::rename ? EACCES : 0; });
    const auto written = writer_.append(lines(3, 3), 2 * line_);
    io::set_fault_hook({});
    EXPECT_EQ(written.lines, 0u);
    EXPECT_EQ(written.failed, std::errc::permission_denied);
    EXPECT_EQ(written.path, place_ / "previous.jsonl");
    EXPECT_EQ(numbers(), "1 2 ");
}

TEST_F(RefusalFiles, ARotatedFileIsNotWrittenToAnyMore) {
    for (std::size_t i = 1; i <= 6; ++i) ASSERT_EQ(writer_.append(lines(i, i), 2 * line_).lines, 1u);
    EXPECT_EQ(numbers(), "3 4 5 6 ");
}

// It keeps the file open, but not for ever.
TEST_F(RefusalFiles, NoticesThatSomebodyElseHasMovedTheFile) {
    ASSERT_EQ(writer_.append(lines(1, 1), plenty).lines, 1u);
    std::filesystem::rename(place_ / "current.jsonl", place_ / "taken");
    EXPECT_TRUE(sluice::test::eventually([&] {
        EXPECT_FALSE(writer_.append(lines(2, 2), plenty).failed);
        return std::filesystem::exists(place_ / "current.jsonl");
    }));
    EXPECT_EQ(numbers(), "2 ");
}

TEST_F(RefusalFiles, NoticesThatTheDirectoryHasGone) {
    ASSERT_EQ(writer_.append(lines(1, 1), plenty).lines, 1u);
    std::filesystem::remove_all(place_);
    EXPECT_TRUE(sluice::test::eventually([&] {
        EXPECT_FALSE(writer_.append(lines(2, 2), plenty).failed);
        return std::filesystem::exists(place_ / "current.jsonl");
    }));
    EXPECT_EQ(numbers(), "2 ");
}

TEST_F(RefusalFiles, NoticesALinkInThePlaceOfTheFile) {
    ASSERT_EQ(writer_.append(lines(1, 1), plenty).lines, 1u);
    std::filesystem::rename(place_ / "current.jsonl", directory_ / "elsewhere");
    std::filesystem::create_symlink(directory_ / "elsewhere", place_ / "current.jsonl");
    EXPECT_TRUE(sluice::test::eventually([&] { return bool(writer_.append(lines(2, 2), plenty).failed); }));
    EXPECT_TRUE(std::filesystem::is_symlink(place_ / "current.jsonl"));
}

// Even when it is too early for another look: previous.jsonl must not become what somebody has put there.
TEST_F(RefusalFiles, DoesNotRotateAFileThatIsNotItsOwn) {
    ASSERT_EQ(writer_.append(lines(1, 2), 2 * line_).lines, 2u);
    std::filesystem::remove(place_ / "current.jsonl");
    std::filesystem::create_symlink(directory_ / "elsewhere", place_ / "current.jsonl");
    EXPECT_TRUE(writer_.append(lines(3, 3), 2 * line_).failed);
    EXPECT_FALSE(std::filesystem::exists(std::filesystem::symlink_status(place_ / "previous.jsonl")));
    std::filesystem::remove(place_ / "current.jsonl");
    EXPECT_EQ(writer_.append(lines(3, 3), 2 * line_).lines, 1u);
    EXPECT_EQ(numbers(), "3 ");
}

TEST_F(RefusalFiles, ManyLinesInOneBatchOverSeveralRotations) {
    EXPECT_EQ(writer_.append(lines(1, 3), 4 * line_).lines, 3u);
    EXPECT_EQ(writer_.append(lines(1, 9), 4 * line_).lines, 9u);
    EXPECT_EQ(numbers(), "2 3 4 5 6 7 8 9 ");
}

TEST_F(RefusalFiles, ADirectoryThatIsNone) {
    std::filesystem::create_directories(place_.parent_path());
    std::ofstream(place_) << "in the way";
    EXPECT_EQ(writer_.append(lines(1, 1), plenty).failed, std::errc::not_a_directory);
    EXPECT_EQ(read(place_).failed, std::errc::not_a_directory);
}

TEST_F(RefusalFiles, DoesNotFollowALinkAndDoesNotWaitForAPipe) {
    std::filesystem::create_directories(place_);
    std::filesystem::create_symlink(directory_ / "elsewhere", place_ / "current.jsonl");
    EXPECT_TRUE(writer_.append(lines(1, 1), plenty).failed);
    EXPECT_FALSE(std::filesystem::exists(directory_ / "elsewhere"));
    std::filesystem::remove(place_ / "current.jsonl");
    ASSERT_EQ(::mkfifo((place_ / "current.jsonl").c_str(), 0600), 0);
    EXPECT_TRUE(writer_.append(lines(1, 1), plenty).failed);
}

TEST_F(RefusalFiles, ReadWhileWritten) {
    ASSERT_EQ(writer_.append(lines(1, 1), 5 * line_).lines, 1u);
    std::atomic<bool> finished = false;
    std::thread writer([&] {
        for (int i = 0; i < 2000; ++i) (void)writer_.append(lines(1, 1), 5 * line_);
        finished = true;
    });
    bool well = true;
    while (!finished) {
        const auto contents = read(place_);
        well = well && !contents.failed && contents.damaged == 0 && !contents.records.empty() &&
               contents.records.size() <= 10;
    }
    writer.join();
    EXPECT_TRUE(well);
}

}  // namespace sluice::refusals::test
