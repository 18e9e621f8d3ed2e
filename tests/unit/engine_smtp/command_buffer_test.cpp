#include "engine/smtp/command_buffer.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "engine/base/limits.hpp"

namespace sluice::smtp {
namespace {

using Kind = CommandInput::Kind;

// Feeds `bytes` in pieces of `step` and notes what comes out.
std::string run(std::string_view bytes, std::size_t step, BareNewline policy) {
    CommandBuffer buffer(policy);
    std::string seen;
    for (std::size_t at = 0; at < bytes.size(); at += step) {
        const std::string_view piece = bytes.substr(at, step);
        const auto space = buffer.space();
        std::copy(piece.begin(), piece.end(), space.begin());
        buffer.filled(piece.size());
        for (CommandInput in = buffer.next(); in.kind != Kind::need_more; in = buffer.next()) {
            switch (in.kind) {
                case Kind::line: seen += "[" + std::string(in.line) + "]"; break;
                case Kind::too_long: seen += "{long}"; break;
                case Kind::bare_lf: seen += "{lf}"; break;
                case Kind::bare_cr: seen += "{cr}"; break;
                case Kind::need_more: break;
            }
        }
    }
    return seen;
}

TEST(CommandBuffer, LinesHoweverTheyAreCut) {
    for (const std::size_t step : {1, 2, 3, 5, 100}) {
        EXPECT_EQ(run("NOOP\r\n\r\nQUIT x\r\nRS", step, BareNewline::reject), "[NOOP][][QUIT x]") << step;
    }
}

TEST(CommandBuffer, BareNewlines) {
    for (const std::size_t step : {1, 2, 100}) {
        EXPECT_EQ(run("A\nB\r\n", step, BareNewline::reject), "{lf}[B]") << step;
        EXPECT_EQ(run("A\rB\r\n", step, BareNewline::reject), "{cr}[B]") << step;
        EXPECT_EQ(run("A\nB\rC\r\n", step, BareNewline::normalize), "[A][B][C]") << step;
        EXPECT_EQ(run("A\r\r\n", step, BareNewline::reject), "{cr}[]") << step;
    }
}

TEST(CommandBuffer, LengthAtTheLimitAndOnePast) {
    const std::string fits(limits::command_line_esmtp - 2, 'x');
    for (const std::size_t step : {std::size_t{1}, std::size_t{1000}, limits::command_read_block}) {
        EXPECT_EQ(run(fits + "\r\nA\r\n", step, BareNewline::reject), "[" + fits + "][A]") << step;
        EXPECT_EQ(run(fits + "x\r\nA\r\n", step, BareNewline::reject), "{long}[A]") << step;
        EXPECT_EQ(run(std::string(100'000, 'x') + "\r\nA\r\n", step, BareNewline::reject), "{long}[A]") << step;
    }
}

TEST(CommandBuffer, TakesWhatDataLeftBehind) {
    CommandBuffer buffer(BareNewline::reject);
    buffer.append("NOOP\r\nQU");
    EXPECT_EQ(buffer.next().line, "NOOP");
    buffer.append("IT\r\n");
    EXPECT_EQ(buffer.rest(), "QUIT\r\n");
    EXPECT_EQ(buffer.next().line, "QUIT");
    EXPECT_EQ(buffer.next().kind, Kind::need_more);
}

}  // namespace
}  // namespace sluice::smtp
