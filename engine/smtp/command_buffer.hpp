// Bytes of the client that are not yet commands. No sockets: the session reads into space() and asks for lines.
// STARTTLS destroys the whole object, so that nothing received in clear is seen after the handshake (tls.md 2.3).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "engine/smtp/settings.hpp"

namespace sluice::smtp {

struct CommandInput {
    enum class Kind : std::uint8_t {
        need_more,
        line,      // `line` is set, without its line end
        too_long,  // a line that is longer than allowed was thrown away
        bare_lf,   // under BareNewline::reject; the rest of the input is not to be trusted
        bare_cr,
    };
    Kind kind = Kind::need_more;
    std::string_view line;  // valid until space() or append()
};

class CommandBuffer {
  public:
    // `longest`: of a line with its CRLF; longer ones are thrown away.
    explicit CommandBuffer(BareNewline policy, std::size_t longest = limits::command_line_esmtp)
        : policy_(policy), longest_(longest) {}

    // Room for limits::command_read_block bytes; tell filled() how many came.
    [[nodiscard]] std::span<char> space();
    void filled(std::size_t count) { end_ += count; }
    void append(std::string_view bytes);

    [[nodiscard]] CommandInput next();

    // What is left behind the last line: pipelined commands, or the beginning of the data.
    [[nodiscard]] std::string_view rest() const noexcept { return {bytes_.data() + begin_, end_ - begin_}; }
    void drop(std::size_t count) noexcept { begin_ += count; }

  private:
    struct LineEnd {
        std::size_t at;      // first byte of the line end
        std::size_t length;  // 0: none found
        CommandInput::Kind bare = CommandInput::Kind::line;
    };
    [[nodiscard]] LineEnd find_line_end() const;
    void compact();

    std::string bytes_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    BareNewline policy_;
    std::size_t longest_;
    bool discarding_ = false;  // inside a line that is too long
};

}  // namespace sluice::smtp
