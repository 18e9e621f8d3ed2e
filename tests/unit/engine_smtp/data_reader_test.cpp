#include "engine/smtp/data_reader.hpp"

#include <gtest/gtest.h>

#include <random>

namespace sluice::smtp {
namespace {

struct Outcome {
    bool done;
    DataError error;
    std::string message;
    std::string rest;
};

Outcome read(std::string_view bytes, DataReader::Options options = {}, std::size_t step = 1'000'000) {
    DataReader reader(options);
    std::size_t at = 0;
    while (at < bytes.size() && !reader.done()) at += reader.feed(bytes.substr(at, step));
    return {reader.done(), reader.error(), reader.take_message(), std::string(bytes.substr(at))};
}

constexpr DataReader::Options normalize{.bare_newline = BareNewline::normalize};

TEST(DataReader, UnstuffsAndLeavesCommandsBehind) {
    for (const std::size_t step : {1, 2, 3, 7, 1000}) {
        const Outcome got = read("a: b\r\n\r\n..dot\r\n...\r\n.x\r\nend\r\n.\r\nQUIT\r\n", {}, step);
        EXPECT_TRUE(got.done);
        EXPECT_EQ(got.error, DataError::none);
        EXPECT_EQ(got.message, "a: b\r\n\r\n.dot\r\n..\r\nx\r\nend\r\n");
        EXPECT_EQ(got.rest, "QUIT\r\n");
    }
}

TEST(DataReader, EmptyMessage) {
    const Outcome got = read(".\r\n");
    EXPECT_TRUE(got.done);
    EXPECT_EQ(got.message, "");
}

TEST(DataReader, KeepsEveryByteButTheDots) {
    std::string all;
    for (int c = 0; c < 256; ++c) {
        if (c != '\r' && c != '\n') all += static_cast<char>(c);
    }
    EXPECT_EQ(read(all + "\r\n.\r\n").message, all + "\r\n");
}

TEST(DataReader, NormalizesBareNewlines) {
    EXPECT_EQ(read("a\nb\rc\r\n.\r\n", normalize).message, "a\r\nb\r\nc\r\n");
    EXPECT_EQ(read("a\n.\r\nb\r\n.\r\n", normalize).message, "a\r\n.\r\nb\r\n");  // a lone dot is kept as text
    EXPECT_EQ(read("a\n..b\r\n.\r\n", normalize).message, "a\r\n.b\r\n");
    EXPECT_EQ(read("a\r\n.\nb\r\n.\r\n", normalize).message, "a\r\n.\r\nb\r\n");
    EXPECT_EQ(read("a\r\n.\rb\r\n.\r\n", normalize).message, "a\r\n.\r\nb\r\n");
}

TEST(DataReader, RejectDrainsToTheEnd) {
    Outcome got = read("a\nb\r\n.\r\nQUIT", {});
    EXPECT_TRUE(got.done);
    EXPECT_EQ(got.error, DataError::bare_lf);
    EXPECT_EQ(got.message, "");
    EXPECT_EQ(got.rest, "QUIT");
    EXPECT_EQ(read("a\rb\r\n.\r\n", {}).error, DataError::bare_cr);
    EXPECT_EQ(read("a\rb\nc\r\n.\r\n", {}).error, DataError::bare_cr);  // the first one
}

TEST(DataReader, SizeAtTheLimitAndOnePast) {
    for (const std::size_t step : {1, 10, 1000}) {
        EXPECT_EQ(read("12345678\r\n.\r\n", {.size_limit = 10}, step).error, DataError::none);
        const Outcome big = read("123456789\r\n.\r\nNOOP", {.size_limit = 10}, step);
        EXPECT_EQ(big.error, DataError::too_big);
        EXPECT_EQ(big.rest, "NOOP");
        EXPECT_EQ(read("..345678\r\n.\r\n", {.size_limit = 9}, step).error,
                  DataError::none);  // stuffing is not counted
    }
}

TEST(DataReader, LineAtTheLimitAndOnePast) {
    for (const std::size_t step : {1, 10, 1000}) {
        EXPECT_EQ(read("12345678\r\n.\r\n", {.line_limit = 10}, step).error, DataError::none);
        EXPECT_EQ(read("123456789\r\n.\r\n", {.line_limit = 10}, step).error, DataError::line_too_long);
    }
    const std::string longest(limits::text_line_max - 2, 'x');
    EXPECT_EQ(read(longest + "\r\n.\r\n").error, DataError::none);
    EXPECT_EQ(read(longest + "x\r\n.\r\n").error, DataError::line_too_long);
}

TEST(DataReader, HeaderAtTheLimitAndOnePast) {
    for (const std::size_t step : {1, 10, 1000}) {
        EXPECT_EQ(read("a: 3456\r\n\r\nbody\r\n.\r\n", {.header_limit = 9}, step).error, DataError::none);
        EXPECT_EQ(read("a: 34567\r\n\r\nbody\r\n.\r\n", {.header_limit = 9}, step).error, DataError::header_too_big);
        EXPECT_EQ(read("a: 3\r\n\tx: y\r\n\r\n.\r\n", {.header_limit = 9}, step).error, DataError::header_too_big);
        // A line without a colon is no header: the body has begun.
        EXPECT_EQ(read("hello\r\nlong body of lines\r\n.\r\n", {.header_limit = 9}, step).error, DataError::none);
    }
}

// Whole lines go another way than bytes one by one: it leads to the same place.
TEST(DataReader, LinesAndSingleBytesComeToTheSame) {
    std::mt19937 random(1);  // NOLINT: the same every time
    constexpr std::string_view alphabet = "a: .\r\n\r\n";
    for (int round = 0; round < 20'000; ++round) {
        std::string bytes;
        for (unsigned i = random() % 60; i > 0; --i) {
            const auto c = random() % alphabet.size();
            bytes += c % 3 == 0 ? std::string_view("\r\n") : alphabet.substr(c, 1);
        }
        bytes += "\r\n.\r\nQUIT";
        // One limit at a time: which of two is met first in a line depends on where the line is cut.
        DataReader::Options options{.bare_newline = round % 2 ? BareNewline::reject : BareNewline::normalize};
        if (round % 3 == 0) options.size_limit = 10 + random() % 60;
        if (round % 3 == 1) options.line_limit = 5 + random() % 20;
        if (round % 3 == 2) options.header_limit = 5 + random() % 40;
        const Outcome one = read(bytes, options, 1);
        for (const std::size_t step : {5, 17, 1000}) {
            const Outcome many = read(bytes, options, step);
            ASSERT_EQ(many.done, one.done) << bytes;
            ASSERT_EQ(many.error, one.error) << bytes;
            ASSERT_EQ(many.message, one.message) << bytes;
            ASSERT_EQ(many.rest, one.rest) << bytes;
        }
    }
}

}  // namespace
}  // namespace sluice::smtp
