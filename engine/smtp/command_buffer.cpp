#include "engine/smtp/command_buffer.hpp"

#include "engine/base/limits.hpp"

namespace sluice::smtp {

using Kind = CommandInput::Kind;

void CommandBuffer::compact() {
    if (begin_ == 0) return;
    bytes_.erase(0, begin_);
    end_ -= begin_;
    begin_ = 0;
}

std::span<char> CommandBuffer::space() {
    compact();
    bytes_.resize(end_ + limits::command_read_block);
    // After a message with much behind it the buffer may be large: an idle session must not keep that.
    if (end_ == 0 && bytes_.capacity() > 4 * limits::command_read_block) bytes_.shrink_to_fit();
    return {bytes_.data() + end_, limits::command_read_block};
}

void CommandBuffer::append(std::string_view bytes) {
    compact();
    bytes_.resize(end_);
    bytes_.append(bytes);
    end_ = bytes_.size();
}

CommandBuffer::LineEnd CommandBuffer::find_line_end() const {
    const std::string_view text = rest();
    const std::size_t at = text.find_first_of("\r\n");
    if (at == std::string_view::npos) return {text.size(), 0};
    if (text[at] == '\n') return {at, 1, Kind::bare_lf};
    if (at + 1 == text.size()) return {at, 0};  // the LF may be on its way
    if (text[at + 1] == '\n') return {at, 2};
    return {at, 1, Kind::bare_cr};
}

CommandInput CommandBuffer::next() {
    const LineEnd end = find_line_end();
    if (end.length != 0 && end.bare != Kind::line && policy_ == BareNewline::reject) {
        drop(end.at + end.length);
        return {end.bare, {}};
    }
    if (end.length == 0) {
        // One byte less than the limit, because of the CRLF that is still missing.
        if (end.at + 2 > longest_) {
            discarding_ = true;
            drop(end.at);
        } else if (discarding_) {
            drop(end.at);
        }
        return {};
    }
    const std::string_view line = rest().substr(0, end.at);
    drop(end.at + end.length);
    if (discarding_ || line.size() + 2 > longest_) {
        discarding_ = false;
        return {Kind::too_long, {}};
    }
    return {Kind::line, line};
}

}  // namespace sluice::smtp
