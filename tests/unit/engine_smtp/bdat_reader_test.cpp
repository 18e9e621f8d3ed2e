#include "engine/smtp/bdat_reader.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace sluice::smtp {
namespace {

struct Read {
    std::string message;
    DataError error;
};

// Chunks in pieces of `step` octets.
Read read(const std::vector<std::string>& chunks, DataReader::Options options = {}, std::size_t step = 1) {
    BdatReader reader(options);
    for (const std::string& chunk : chunks) {
        reader.announce(chunk.size());
        for (std::size_t at = 0; at < chunk.size(); at += step) reader.feed(std::string_view(chunk).substr(at, step));
    }
    reader.finish();
    return {reader.take_message(), reader.error()};
}

TEST(BdatReader, OctetsStandForThemselves) {
    for (const std::size_t step : {1, 2, 3, 1000}) {
        for (const std::string message : {"", "a\r\n", ".\r\n", "\r\n.\r\n", "..\r\n.a\r\n",
                                          "a\r\n.\r\nMAIL FROM:<x>\r\n.\r\n", "\r\n\r\n", "a: b\r\n\r\n.\r\n..\r\n"}) {
            const Read got = read({message}, {}, step);
            EXPECT_EQ(got.message, message);
            EXPECT_EQ(got.error, DataError::none);
        }
    }
}

TEST(BdatReader, ALastLineWithoutEndGetsOne) {
    EXPECT_EQ(read({"a"}).message, "a\r\n");
    EXPECT_EQ(read({"a\r\n."}).message, "a\r\n.\r\n");
    EXPECT_EQ(read({"", ""}).message, "");
}

TEST(BdatReader, LinesMayBeCutAnywhere) {
    const std::string message = "one: 1\r\n\r\n.two\r\n..\r\n";
    for (std::size_t at = 0; at <= message.size(); ++at) {
        EXPECT_EQ(read({message.substr(0, at), "", message.substr(at)}).message, message) << at;
        EXPECT_EQ(read({message.substr(0, at), message.substr(at)}, {}, 1000).message, message) << at;
    }
}

TEST(BdatReader, BareNewlines) {
    const std::vector<std::pair<std::string, std::string>> rows = {
        {"a\nb\r\n", "a\r\nb\r\n"},
        {"a\rb\r\n", "a\r\nb\r\n"},
        {"\n.\n", "\r\n.\r\n"},
        {"a\r", "a\r\n"},
        {"a\n", "a\r\n"},
        {"a\r\r\n", "a\r\n\r\n"},
        {"\r", "\r\n"},
        {"a\n.\r\nb\r\n", "a\r\n.\r\nb\r\n"},
        {"a\r\n.\nb", "a\r\n.\r\nb\r\n"},
        {"a\r.\r.\n", "a\r\n.\r\n.\r\n"},
    };
    for (const auto& [sent, normalized] : rows) {
        for (const std::size_t step : {1, 2, 1000}) {
            const Read kept = read({sent}, {.bare_newline = BareNewline::normalize}, step);
            EXPECT_EQ(kept.error, DataError::none);
            EXPECT_EQ(kept.message, normalized);
            const Read refused = read({sent}, {.bare_newline = BareNewline::reject}, step);
            EXPECT_TRUE(refused.error == DataError::bare_lf || refused.error == DataError::bare_cr) << sent;
            EXPECT_EQ(refused.message, "");
        }
    }
    EXPECT_EQ(read({"a\n"}).error, DataError::bare_lf);
    EXPECT_EQ(read({"a\r"}).error, DataError::bare_cr);
    EXPECT_EQ(read({"a\rb"}).error, DataError::bare_cr);
}

// The client learns of it with the chunk in which it stands; of a CR at its end nothing is known yet.
TEST(BdatReader, ABareNewlineIsAnErrorOfItsOwnChunk) {
    for (const auto& [chunk, error] : {std::pair{"a\r\r", DataError::bare_cr},
                                       {"a\rb", DataError::bare_cr},
                                       {"a\n", DataError::bare_lf},
                                       {"\n", DataError::bare_lf},
                                       {"a\r", DataError::none},
                                       {"a\r\n\r", DataError::none}}) {
        BdatReader reader({});
        reader.announce(std::string_view(chunk).size());
        reader.feed(chunk);
        EXPECT_EQ(reader.error(), error) << chunk;
    }
}

// The first error counts.
TEST(BdatReader, ALineThatIsTooLongBeforeABareNewline) {
    EXPECT_EQ(read({"12345678901\r\na\n"}, {.line_limit = 10}, 1000).error, DataError::line_too_long);
    EXPECT_EQ(read({"a\n12345678901\r\n"}, {.line_limit = 10}, 1000).error, DataError::bare_lf);
}

TEST(BdatReader, LimitsAtTheLimitAndOnePast) {
    const DataReader::Options options{.size_limit = 20, .line_limit = 10, .header_limit = 15};
    EXPECT_EQ(read({"\r\n1234567\r\n", "1234567\r\n"}, options).error, DataError::none);
    EXPECT_EQ(read({"\r\n1234567\r\n", "1234567\r\n1"}, options).error, DataError::too_big);
    EXPECT_EQ(read({"\r\n1234567\r\n", "1234567"}, options).error, DataError::none);
    EXPECT_EQ(read({"12345678\r\n"}, options).error, DataError::none);
    EXPECT_EQ(read({"123456789\r\n"}, options).error, DataError::line_too_long);
    EXPECT_EQ(read({".2345678\r\n"}, options).error, DataError::none);
    EXPECT_EQ(read({"a: 45\r\n", "b: 45\r\n"}, options).error, DataError::none);
    EXPECT_EQ(read({"a: 45\r\n", "b: 4567\r\n"}, options).error, DataError::header_too_big);
    // The end of line that the client left out counts: it is stored.
    EXPECT_EQ(read({"\r\n1234567\r\n", "12345678"}, options).error, DataError::too_big);
}

TEST(BdatReader, AMessageThatCannotFitIsRefusedAtOnce) {
    BdatReader reader({.size_limit = 20});
    reader.announce(20);
    EXPECT_EQ(reader.error(), DataError::none);
    reader.announce(1);
    EXPECT_EQ(reader.error(), DataError::too_big);
    BdatReader other({.size_limit = 20});
    other.announce(1);
    other.announce(~std::uint64_t{0});
    EXPECT_EQ(other.error(), DataError::too_big);
    other.feed("x");
    other.finish();
    EXPECT_EQ(other.take_message(), "");
}

}  // namespace
}  // namespace sluice::smtp
