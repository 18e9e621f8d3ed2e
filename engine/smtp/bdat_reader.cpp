#include "engine/smtp/bdat_reader.hpp"

#include <algorithm>

namespace sluice::smtp {

void BdatReader::announce(std::uint64_t size) noexcept {
    if (error() != DataError::none) return;
    if (size > options_.size_limit - announced_) {
        too_big_ = true;
        reader_ = DataReader(options_);  // gives the memory back: the rest may take long
    } else {
        announced_ += size;
    }
}

void BdatReader::feed(std::string_view octets) {
    if (error() != DataError::none || octets.empty()) return;
    data_.clear();
    if (after_cr_) {
        const bool whole = octets.front() == '\n';
        if (whole) octets.remove_prefix(1);
        end_line(whole ? "\r\n" : "\r");
        after_cr_ = false;
    }
    while (!octets.empty()) {
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
        const std::string_view line_end = octets.substr(0, octets.front() == '\n'       ? 1
                                                           : octets.starts_with("\r\n") ? 2
                                                                                        : 1);
        end_line(line_end);
        octets.remove_prefix(line_end.size());
    }
    pass_on(data_);
}

// A bare newline reaches the reader as it is if that is to be an error: what follows does not matter then.
void BdatReader::end_line(std::string_view as_received) {
    data_ += options_.bare_newline == BareNewline::normalize ? "\r\n" : as_received;
    line_start_ = true;
}

void BdatReader::finish() {
    if (error() != DataError::none) return;
    data_.clear();
    if (after_cr_) {
        end_line("\r");
        after_cr_ = false;
    }
    if (!line_start_) data_ += "\r\n";
    line_start_ = true;
    data_ += ".\r\n";
    pass_on(data_);
}

void BdatReader::pass_on(std::string_view data) { (void)reader_.feed(data); }

}  // namespace sluice::smtp
