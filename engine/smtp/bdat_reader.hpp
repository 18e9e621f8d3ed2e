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
    void announce(std::uint64_t size);
    // Octets of the chunk, cut anywhere. After an error they are only thrown away.
    void feed(std::string_view octets);
    // Behind the last chunk.
    void finish();

    [[nodiscard]] DataError error() const noexcept { return error_ != DataError::none ? error_ : reader_.error(); }
    // After finish(): the message as DataReader::take_message gives it.
    [[nodiscard]] std::string take_message() { return reader_.take_message(); }

  private:
    void end_line(DataError bare);
    void pass_on();
    void fail(DataError error);

    DataReader::Options options_;
    DataReader reader_;
    std::string data_;             // as behind DATA, for the reader
    std::uint64_t announced_ = 0;  // octets of all chunks so far
    bool line_start_ = true;
    bool after_cr_ = false;
    DataError error_ = DataError::none;  // found here; the reader has its own
};

}  // namespace sluice::smtp
