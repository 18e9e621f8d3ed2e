// The bytes behind DATA as a state machine without sockets: fed with chunks cut anywhere, it finds the end of the data,
// removes dot-stuffing and enforces the limits. Used by session_data.cpp, tests/attacks and tests/fuzz/data_reader.
//
// Guarantees: only CRLF "." CRLF ends the data (the first CRLF may be that of the DATA command), under either policy
// for bare newlines (CVE-2023-51764 and its kin). After an error nothing is stored any more, but the end is still
// looked for, so that the rest of a refused message is never taken for commands.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/limits.hpp"
#include "engine/smtp/settings.hpp"

namespace sluice::smtp {

enum class DataError : std::uint8_t {
    none,
    bare_lf,
    bare_cr,
    too_big,        // more than size_limit bytes after unstuffing
    line_too_long,  // CRLF included
    header_too_big,
};

class DataReader {
  public:
    struct Options {
        BareNewline bare_newline = BareNewline::reject;
        std::uint64_t size_limit = limits::message_size;
        std::size_t line_limit = limits::text_line_max;
        std::size_t header_limit = limits::message_header;
    };

    explicit DataReader(const Options& options) : options_(options) {}

    // Takes bytes in; returns how many belonged to the message, its end included. Less than chunk.size() only if the
    // end was found; what follows are commands.
    [[nodiscard]] std::size_t feed(std::string_view chunk);

    [[nodiscard]] bool done() const noexcept { return state_ == State::end; }
    [[nodiscard]] DataError error() const noexcept { return error_; }  // the first one
    // The message: CRLF line ends only, unless there was an error: then empty.
    [[nodiscard]] std::string take_message() { return std::move(message_); }

  private:
    // "Soft" line starts follow a newline that was normalized: there a lone dot is text, not the end.
    enum class State : std::uint8_t { line_start, soft_start, text, cr, dot, dot_cr, soft_dot, end };

    [[nodiscard]] bool feed_line(std::string_view chunk, std::size_t& at);
    void feed_text(std::string_view chunk, std::size_t& at);
    void feed_one(char c, std::size_t& at);
    void store(std::string_view bytes);
    void end_line();
    void bare_newline(DataError kind);
    void fail(DataError error);

    Options options_;
    std::string message_;
    std::size_t line_begin_ = 0;  // offset in message_ of the line being read
    State state_ = State::line_start;
    DataError error_ = DataError::none;
    bool in_header_ = true;
};

}  // namespace sluice::smtp
