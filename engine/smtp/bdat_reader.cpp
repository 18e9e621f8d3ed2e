#include "engine/smtp/bdat_reader.hpp"

#include <algorithm>

namespace sluice::smtp {

void BdatReader::announce(std::uint64_t size) {
    if (error() != DataError::none) return;
    if (size > options_.size_limit - announced_) return fail(DataError::too_big);
    announced_ += size;
}

void BdatReader::feed(std::string_view octets) {
    if (error() != DataError::none || octets.empty()) return;
    if (after_cr_) {
        const bool whole = octets.front() == '\n';
        if (whole) octets.remove_prefix(1);
        end_line(whole ? DataError::none : DataError::bare_cr);
        after_cr_ = false;
    }
    while (!octets.empty() && error() == DataError::none) {
        if (line_start_ && octets.front() == '.') data_ += '.';
        line_start_ = false;
        const std::size_t cr = std::min(octets.find('\r'), octets.size());
        const std::size_t end = std::min(octets.substr(0, cr).find('\n'), cr);
        data_ += octets.substr(0, end);
        octets.remove_prefix(end);
        if (octets.empty()) break;
        if (octets == "\r") {  // the LF may be on its way
            after_cr_ = true;
            break;
        }
        if (octets.starts_with("\r\n")) {
            end_line(DataError::none);
            octets.remove_prefix(2);
        } else {
            end_line(octets.front() == '\n' ? DataError::bare_lf : DataError::bare_cr);
            octets.remove_prefix(1);
        }
    }
    pass_on();
}

void BdatReader::end_line(DataError bare) {
    if (bare != DataError::none && options_.bare_newline == BareNewline::reject) return fail(bare);
    data_ += "\r\n";
    line_start_ = true;
}

void BdatReader::finish() {
    if (error() != DataError::none) return;
    if (after_cr_) end_line(DataError::bare_cr);
    if (error() != DataError::none) return;
    if (!line_start_) data_ += "\r\n";
    data_ += ".\r\n";
    pass_on();
}

void BdatReader::pass_on() {
    (void)reader_.feed(data_);
    data_.clear();
}

// What the reader finds in the octets in front of the error comes first.
void BdatReader::fail(DataError error) {
    pass_on();
    if (reader_.error() != DataError::none) return;
    error_ = error;
    reader_ = DataReader(options_);  // gives the memory back: the rest may take long
}

}  // namespace sluice::smtp
