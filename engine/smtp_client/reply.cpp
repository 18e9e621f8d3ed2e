#include "engine/smtp_client/reply.hpp"

#include <cstring>
#include <utility>

#include "engine/base/enhanced_code.hpp"
#include "engine/base/limits.hpp"

namespace sluice::smtp_client {

namespace {

bool digit(char c) { return c >= '0' && c <= '9'; }

constexpr std::size_t kShown = 200;  // octets of a line that is no reply

}  // namespace

std::string_view Reply::enhanced() const noexcept {
    if (text.size() < 5) return {};
    const std::string_view words = std::string_view(text).substr(4);
    const std::size_t length = enhanced_code_length(words);
    return length > 0 && words.front() == '0' + code / 100 ? words.substr(0, length) : std::string_view();
}

RecipientResult result_of(const Reply& reply, Command command) {
    RecipientResult result{Kind::permanent, Cause::reply, command, std::string(reply.enhanced()), reply.text};
    if (reply.positive()) result.kind = Kind::delivered;
    if (reply.code / 100 == 4) result.kind = Kind::temporary;
    if (result.status.empty()) result.status = std::to_string(reply.code / 100) + ".0.0";
    const bool too_many = result.status == "5.0.0" || result.status == "5.5.3";
    if (reply.code == 552 && command == Command::rcpt && too_many) {
        result.kind = Kind::temporary;
        result.status = "4.5.3";
    }
    return result;
}

ReplyReader::ReplyReader() : buffer_(std::make_unique_for_overwrite<char[]>(limits::client_reply_line)) {}

std::span<char> ReplyReader::space() {
    if (begin_ > 0) {
        std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
        end_ -= begin_;
        searched_ -= begin_;
        begin_ = 0;
    }
    return {buffer_.get() + end_, limits::client_reply_line - end_};
}

ReplyReader::Input ReplyReader::malformed() noexcept {
    malformed_ = true;
    return Input::malformed;
}

ReplyReader::Input ReplyReader::next(Reply& into) {
    if (malformed_) return Input::malformed;
    for (;;) {
        const char* const base = buffer_.get();
        const void* const found = searched_ < end_ ? std::memchr(base + searched_, '\n', end_ - searched_) : nullptr;
        if (found == nullptr) {
            searched_ = end_;
            return end_ - begin_ >= limits::client_reply_line ? malformed() : Input::need_more;
        }
        const auto after = static_cast<std::size_t>(static_cast<const char*>(found) - base) + 1;
        std::string_view line(base + begin_, after - 1 - begin_);
        if (line.ends_with('\r')) line.remove_suffix(1);
        const bool code = line.size() >= 3 && line[0] >= '2' && line[0] <= '5' && digit(line[1]) && digit(line[2]);
        const char separator = line.size() > 3 ? line[3] : ' ';
        if (!code || (separator != ' ' && separator != '-')) return malformed();
        if (++lines_ > limits::client_reply_lines) return malformed();
        if (lines_ > 1) partial_.text += '\n';
        if (partial_.text.size() + line.size() > limits::client_reply) return malformed();
        partial_.text += line;
        begin_ = searched_ = after;
        if (separator == '-') continue;
        into.code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
        into.text = std::exchange(partial_.text, {});
        lines_ = 0;
        return Input::reply;
    }
}

std::string_view ReplyReader::rest() const noexcept {
    const std::string_view all(buffer_.get() + begin_, end_ - begin_);
    return all.substr(0, std::min(all.find_first_of("\r\n"), kShown));
}

}  // namespace sluice::smtp_client
