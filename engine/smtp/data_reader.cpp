#include "engine/smtp/data_reader.hpp"

#include <cstring>

namespace sluice::smtp {
namespace {

// A header ends at the empty line, or before the first line that can be neither a field nor a continuation.
bool header_line(std::string_view line) {
    return line.starts_with(' ') || line.starts_with('\t') || line.find(':') != std::string_view::npos;
}

}  // namespace

std::size_t DataReader::feed(std::string_view chunk) {
    std::size_t at = 0;
    if (error_ == DataError::none) message_.reserve(message_.size() + chunk.size());
    while (at < chunk.size() && state_ != State::end) {
        if (state_ == State::line_start && feed_line(chunk, at)) continue;
        if (state_ == State::text) {
            feed_text(chunk, at);
        } else {
            feed_one(chunk[at], at);
        }
    }
    return at;
}

// The fast path: a whole line about which there is nothing to say, which is not known of it before its end. False:
// nothing was taken.
bool DataReader::feed_line(std::string_view chunk, std::size_t& at) {
    const std::string_view left = chunk.substr(at);
    const void* const lf = std::memchr(left.data(), '\n', left.size());
    if (!lf || left.front() == '.' || error_ != DataError::none) return false;
    const std::string_view line =
        left.substr(0, static_cast<std::size_t>(static_cast<const char*>(lf) - left.data() + 1));
    if (line.size() < 2 || std::memchr(line.data(), '\r', line.size()) != line.data() + line.size() - 2) return false;
    const std::size_t size = message_.size() + line.size();
    if (line.size() > options_.line_limit || size > options_.size_limit) return false;
    if (in_header_ && size > options_.header_limit) return false;
    message_.append(line);
    if (in_header_) in_header_ = header_line(line.substr(0, line.size() - 2));
    line_begin_ = message_.size();
    at += line.size();
    return true;
}

// Everything up to the next CR, unless an LF comes before it.
void DataReader::feed_text(std::string_view chunk, std::size_t& at) {
    const char* const begin = chunk.data() + at;
    const std::size_t left = chunk.size() - at;
    const void* const cr = std::memchr(begin, '\r', left);
    const std::size_t length = cr ? static_cast<std::size_t>(static_cast<const char*>(cr) - begin) : left;
    if (const void* const lf = std::memchr(begin, '\n', length)) {
        const auto before = static_cast<std::size_t>(static_cast<const char*>(lf) - begin);
        store({begin, before});
        at += before + 1;
        bare_newline(DataError::bare_lf);
        return;
    }
    store({begin, length});
    at += length;
    if (cr) {
        ++at;
        state_ = State::cr;
    }
}

// All other states look at one byte; those that do not take it leave `at` alone.
void DataReader::feed_one(char c, std::size_t& at) {
    switch (state_) {
        case State::line_start:
        case State::soft_start:
            if (c != '.') {
                state_ = State::text;
                return;
            }
            ++at;
            state_ = state_ == State::line_start ? State::dot : State::soft_dot;
            return;
        case State::cr:
            if (c != '\n') return bare_newline(DataError::bare_cr);
            ++at;
            end_line();
            state_ = State::line_start;
            return;
        case State::dot:
            if (c == '\r') {
                ++at;
                state_ = State::dot_cr;
                return;
            }
            if (c == '\n') store(".");  // a lone dot, but no end of data: it is text
            state_ = State::text;
            return;
        case State::dot_cr:
            if (c == '\n') {
                ++at;
                state_ = State::end;
                return;
            }
            store(".");
            return bare_newline(DataError::bare_cr);
        case State::soft_dot:
            if (c == '\r' || c == '\n') store(".");
            state_ = State::text;
            return;
        case State::text:
        case State::end: return;
    }
}

void DataReader::store(std::string_view bytes) {
    if (error_ != DataError::none || bytes.empty()) return;
    const std::size_t line = message_.size() - line_begin_ + bytes.size() + 2;  // with the CRLF to come
    if (line > options_.line_limit) return fail(DataError::line_too_long);
    if (message_.size() + bytes.size() > options_.size_limit) return fail(DataError::too_big);
    if (in_header_ && message_.size() + bytes.size() > options_.header_limit) return fail(DataError::header_too_big);
    message_.append(bytes);
}

void DataReader::end_line() {
    if (error_ != DataError::none) return;
    if (message_.size() + 2 > options_.size_limit) return fail(DataError::too_big);
    if (in_header_) in_header_ = header_line(std::string_view(message_).substr(line_begin_));
    message_.append("\r\n");
    if (in_header_ && message_.size() > options_.header_limit) return fail(DataError::header_too_big);
    line_begin_ = message_.size();
}

void DataReader::bare_newline(DataError kind) {
    if (options_.bare_newline == BareNewline::reject) fail(kind);
    end_line();
    state_ = State::soft_start;
}

void DataReader::fail(DataError error) {
    if (error_ != DataError::none) return;
    error_ = error;
    message_ = {};  // gives the memory back: the rest may take long
}

}  // namespace sluice::smtp
