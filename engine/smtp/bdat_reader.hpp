// The chunks of BDAT (RFC 3030) as a state machine without sockets: it makes of them the bytes that DATA would have
// brought and gives those to a DataReader, so that bare newlines, limits and their errors are the same in both. Used by
// session_bdat.cpp and tests/fuzz/bdat_reader.
//
// Guarantees: no octet of a chunk ends the message, only finish() does; CR at the end of one chunk and LF at the
// beginning of the next are one line end. A message whose last line has no end gets one.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/smtp/data_reader.hpp"

namespace sluice::smtp {

class BdatReader {
  public:
    explicit BdatReader(const DataReader::Options& options) : options_(options), reader_(options) {}

    // Of the next chunk. A message that cannot fit is an error before its octets have come.
    void announce(std::uint64_t size) noexcept;
    // Octets of the chunk, cut anywhere. After an error they are only thrown away.
    void feed(std::string_view octets);
    // Behind the last chunk.
    void finish();

    [[nodiscard]] DataError error() const noexcept { return too_big_ ? DataError::too_big : reader_.error(); }
    // After finish(): the message as DataReader::take_message gives it.
    [[nodiscard]] std::string take_message() { return reader_.take_message(); }

  private:
    void pass_on(std::string_view data);
    void end_line(std::string_view as_received);

    DataReader::Options options_;
    DataReader reader_;
    std::string data_;             // as behind DATA, for the reader
    std::uint64_t announced_ = 0;  // octets of all chunks so far
    bool line_start_ = true;
    bool after_cr_ = false;
    bool too_big_ = false;
};

}  // namespace sluice::smtp
