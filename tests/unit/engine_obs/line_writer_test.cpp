#include "engine/obs/line_writer.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <map>

#include "engine/io/descriptor.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/support/text_of.hpp"

namespace sluice::obs::test {

namespace {

using namespace std::chrono_literals;
using sluice::test::eventually;
using sluice::test::text_of;
using testing::EndsWith;
using testing::HasSubstr;
using testing::MatchesRegex;
using Urgency = LineWriter::Urgency;

class LineWriterTest : public testing::Test {
  protected:
    void start(WriterOptions options = {}) { start_on(path_, options); }
    void start_on(const std::string& path, WriterOptions options) {
        writer_ = std::make_unique<LineWriter>(options);
        const auto opened = writer_->open(path);
        ASSERT_FALSE(opened.failed) << opened.failed.message();
        file_ = opened.file;
        writer_->start();
    }
    void put(std::string_view line, Urgency urgency = Urgency::can_wait) { writer_->put(*file_, line, urgency); }
    std::string text() const { return text_of(path_); }

    sluice::test::TemporaryDirectory directory_{sluice::test::TemporaryDirectory::Where::memory};
    const std::string path_ = directory_ / "log";
    std::unique_ptr<LineWriter> writer_;
    LineWriter::File* file_ = nullptr;
};

// A named pipe whose reader is the test.
class LineWriterToPipe : public LineWriterTest {
  protected:
    void SetUp() override {
        ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
        end_ = std::make_unique<io::Descriptor>(::open(path_.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
        ASSERT_TRUE(end_->open());
    }
    void fill() const {
        const std::string page(4096, '#');
        while (::write(end_->number(), page.data(), page.size()) > 0) {
        }
    }
    // Takes out what is there now; without what fill() has put in.
    void drain() {
        char block[65536];
        for (ssize_t got = 0; (got = ::read(end_->number(), block, sizeof block)) > 0;)
            read_.append(block, static_cast<std::size_t>(got));
        std::erase(read_, '#');
    }
    bool drain_until(std::string_view end) {
        return eventually([&] {
            drain();
            return read_.ends_with(end);
        });
    }

    // Of lines "123456789".
    std::ptrdiff_t lines_read() const {
        std::ptrdiff_t count = 0;
        for (auto at = read_.find("123456789\n"); at != std::string::npos; at = read_.find("123456789\n", at + 10))
            ++count;
        return count;
    }
    std::ptrdiff_t lost_as_read() const {
        constexpr std::string_view told = " log-lines-lost count=";
        std::ptrdiff_t sum = 0;
        for (auto at = read_.find(told); at != std::string::npos; at = read_.find(told, at + 1))
            sum += std::atoi(read_.c_str() + at + told.size());
        return sum;
    }

    std::unique_ptr<io::Descriptor> end_;
    std::string read_;
};

}  // namespace

TEST_F(LineWriterTest, WritesEverythingBeforeItEnds) {
    start({.delay = 1h});
    std::string expected;
    for (int i = 0; i < 10'000; ++i) {
        const auto line = "line " + std::to_string(i) + "\n";
        put(line);
        expected += line;
    }
    writer_.reset();
    EXPECT_EQ(text(), expected);
}

TEST_F(LineWriterTest, WritesSoon) {
    start();
    put("one\n");
    EXPECT_TRUE(eventually([&] { return text() == "one\n"; }));
    put("two\n");
    EXPECT_TRUE(eventually([&] { return text() == "one\ntwo\n"; }));
}

TEST_F(LineWriterTest, AFlushWritesAtOnce) {
    start({.delay = 1h});
    for (int i = 0; i < 100; ++i) {
        put("line\n");
        writer_->flush();
        ASSERT_EQ(text().size(), (i + 1) * 5u);
    }
}

TEST_F(LineWriterTest, AnUrgentLineTakesAllWithIt) {
    start({.delay = 1h});
    put("one\n");
    put("two\n", Urgency::at_once);
    EXPECT_TRUE(eventually([&] { return text() == "one\ntwo\n"; }));
}

TEST_F(LineWriterTest, AFullBatchIsWrittenAtOnce) {
    start({.batch = 10, .delay = 1h});
    put("four\n");
    put("more\n");
    EXPECT_TRUE(eventually([&] { return text() == "four\nmore\n"; }));
}

TEST_F(LineWriterTest, FromManyThreadsEachInItsOrder) {
    start();
    std::vector<std::thread> threads;
    for (char name = 'a'; name < 'e'; ++name)
        threads.emplace_back([this, name] {
            for (int i = 10'000; i < 20'000; ++i) put(name + std::to_string(i) + "\n");
        });
    for (auto& thread : threads) thread.join();
    writer_.reset();
    const auto all = text();
    ASSERT_EQ(all.size(), 4u * 10'000 * 7);
    std::map<char, int> next{{'a', 10'000}, {'b', 10'000}, {'c', 10'000}, {'d', 10'000}};
    for (std::size_t at = 0; at < all.size(); at += 7)
        ASSERT_EQ(all.substr(at + 1, 5), std::to_string(next[all[at]]++));
}

TEST_F(LineWriterTest, TwoNamesOfOneFile) {
    LineWriter writer;
    auto* const file = writer.open(path_).file;
    EXPECT_EQ(writer.open(directory_ / "." / "log").file, file);
    EXPECT_NE(writer.open(directory_ / "other").file, file);
}

TEST_F(LineWriterTest, WhatTheDiskDoesNotTakeComesLater) {
    const auto old = std::signal(SIGXFSZ, SIG_IGN);
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
    const rlimit little{7, before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &little), 0);
    start({.retry = 1ms});
    put("one\n");
    put("two\n");
    writer_->flush();
    const auto meanwhile = text();
    put("three\n");
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
    EXPECT_TRUE(eventually([&] { return text().ends_with("three\n"); }));
    std::signal(SIGXFSZ, old);
    EXPECT_EQ(meanwhile, "one\ntwo");
    EXPECT_THAT(text(), MatchesRegex("one\ntwo\n[^\n]* error log-not-written file=" + path_ +
                                     " error=\"File too large\"\nthree\n"));
}

TEST_F(LineWriterTest, AFileThatNeverWorksDoesNotKeepItFromEnding) {
    start_on("/dev/full", {});
    put("one\n");
    writer_->flush();
    put("two\n");
    writer_.reset();
}

TEST_F(LineWriterTest, OneFileThatFailsDoesNotDelayTheOther) {
    writer_ = std::make_unique<LineWriter>(WriterOptions{.retry = 1h});
    auto* const good = writer_->open(path_).file;
    auto* const full = writer_->open("/dev/full").file;
    writer_->start();
    writer_->put(*full, "lost\n", Urgency::at_once);
    ASSERT_TRUE(eventually([&] { return !text().empty(); }));
    EXPECT_THAT(text(), EndsWith(" error log-not-written file=/dev/full error=\"No space left on device\"\n"));
    writer_->put(*full, "lost\n", Urgency::at_once);
    writer_->put(*good, "one\n", Urgency::can_wait);
    EXPECT_TRUE(eventually([&] { return text().ends_with("one\n"); }));
    const auto all = text();
    EXPECT_EQ(std::count(all.begin(), all.end(), '\n'), 2);
}

TEST_F(LineWriterToPipe, AtTheLimitNothingIsLost) {
    fill();
    start({.buffer = 100});
    for (int i = 0; i < 10; ++i) put("123456789\n");
    ASSERT_TRUE(drain_until("9\n"));
    writer_->flush();
    put("end\n");
    EXPECT_TRUE(drain_until("\nend\n"));
    EXPECT_EQ(read_.size(), 104u);
}

TEST_F(LineWriterToPipe, OnePastTheLimitIsLostAndTold) {
    fill();
    start({.buffer = 99});
    for (int i = 0; i < 10; ++i) put("123456789\n");
    EXPECT_TRUE(drain_until("log-lines-lost count=1\n"));
    writer_->flush();
    put("end\n");
    EXPECT_TRUE(drain_until("\nend\n"));
    EXPECT_THAT(read_, MatchesRegex("(123456789\n){9}[^\n]* warning log-lines-lost count=1\nend\n"));
}

// Also while the thread has some of them in its hands.
TEST_F(LineWriterToPipe, TheLimitHoldsForAllThatIsInMemory) {
    fill();
    start({.buffer = 1000, .delay = 1ms});
    for (int i = 0; i < 1000; ++i) {
        put("123456789\n");
        std::this_thread::yield();
    }
    // Those lost before the thread took the first batch are told behind it, the others behind the next.
    EXPECT_TRUE(eventually([&] {
        drain();
        return lines_read() + lost_as_read() == 1000;
    })) << read_;
    EXPECT_EQ(lines_read(), 100);
}

TEST_F(LineWriterToPipe, AReaderWhoDoesNotReadHoldsUpNeitherFlushNorEnd) {
    fill();
    start({.patience = 1ms});
    put("one\n");
    writer_->flush();
    writer_.reset();
    drain();
    EXPECT_EQ(read_, "");
}

TEST_F(LineWriterToPipe, TheEndWaitsForAReaderWhoReads) {
    fill();
    start({.patience = 1h});
    std::string expected;
    for (int i = 0; i < 50'000; ++i) expected += "line\n";
    for (int i = 0; i < 50'000; ++i) put("line\n");
    std::thread ending([&] { writer_.reset(); });
    EXPECT_TRUE(eventually([&] {
        drain();
        return read_.size() >= expected.size();
    }));
    ending.join();
    EXPECT_TRUE(read_ == expected);
}

TEST_F(LineWriterToPipe, ThatHasLostItsReaderDoesNotEndTheProcess) {
    start({.retry = 1ms});
    end_.reset();
    put("one\n");
    writer_->flush();
    put("two\n");
    writer_->flush();
    end_ = std::make_unique<io::Descriptor>(::open(path_.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
    EXPECT_TRUE(drain_until("two\n"));
    EXPECT_THAT(read_, MatchesRegex("one\n[^\n]* error log-not-written [^\n]*=\"Broken pipe\"\ntwo\n"));
}

// Others write to our standard error, too: a program that a rule runs, or std::cerr at the start.
TEST_F(LineWriterToPipe, LinesStayWholeBesideAnotherWriter) {
    start({.batch = 1 << 20});
    LineWriter other;
    auto* const same = other.open(path_).file;
    other.start();
    const std::string ours(99, 'a');
    const std::string theirs(88, 'b');
    for (int i = 0; i < 5000; ++i) {
        put(ours + "\n");
        other.put(*same, theirs + "\n", Urgency::can_wait);
    }
    EXPECT_TRUE(eventually([&] {
        drain();
        return read_.size() >= 5000u * (100 + 89);
    }));
    std::size_t whole = 0;
    for (std::size_t at = 0; at < read_.size();) {
        const auto end = read_.find('\n', at);
        const auto line = read_.substr(at, end - at);
        whole += line == ours || line == theirs ? 1 : 0;
        at = end + 1;
    }
    EXPECT_EQ(whole, 10'000u);
}

}  // namespace sluice::obs::test
