// Content-Transfer-Encoding (RFC 2045 6): from the octets of a part to those it stands for. Malformed input is decoded
// as far as it makes sense and flagged; nothing is refused.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sluice::mail {

enum class TransferEncoding : std::uint8_t { seven_bit, eight_bit, binary, quoted_printable, base64, unknown };

// A field value: "Base64 (comment)" is base64, nothing at all is 7bit.
[[nodiscard]] TransferEncoding transfer_encoding(std::string_view value);

struct Decoded {
    std::string bytes;
    bool malformed = false;  // it was not as its encoding wants it, or the encoding is unknown
    bool truncated = false;  // `most` octets were reached, and there was more
};

// 7bit, 8bit, binary and unknown encodings give the octets as they are.
// base64: octets outside the alphabet are passed over (line ends and blanks without a flag); "=" ends a group, and what
// follows is decoded too, because mail made of several pieces exists.
// quoted-printable: "=" that begins no hexadecimal pair and no soft line break stands for itself; blanks in front of
// line ends go (RFC 2045 6.7 rule 3).
[[nodiscard]] Decoded decode(TransferEncoding encoding, std::string_view encoded, std::size_t most);

// Size of what decode gives without a limit; allocates nothing.
[[nodiscard]] std::size_t decoded_size(TransferEncoding encoding, std::string_view encoded);

}  // namespace sluice::mail
