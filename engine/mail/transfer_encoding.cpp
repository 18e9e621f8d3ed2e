#include "engine/mail/transfer_encoding.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "engine/mail/header_lines.hpp"

namespace sluice::mail {
namespace {

constexpr std::uint8_t no_digit = 0xFF;

constexpr std::array<std::uint8_t, 256> base64_digits = [] {
    std::array<std::uint8_t, 256> table{};
    table.fill(no_digit);
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (std::size_t i = 0; i < alphabet.size(); ++i) {
        table[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
    }
    return table;
}();

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

// Where decoders write. False: full, and the octet was not taken.
struct Buffer {
    Decoded& result;
    std::size_t most;

    bool put(char c) {
        if (result.bytes.size() == most) {
            result.truncated = true;
            return false;
        }
        result.bytes += c;
        return true;
    }
    bool put(std::string_view text) {
        const std::size_t room = most - result.bytes.size();
        result.bytes += text.substr(0, room);
        result.truncated = text.size() > room;
        return !result.truncated;
    }
};
struct Counter {
    std::size_t count = 0;

    bool put(char) { return ++count, true; }
    bool put(std::string_view text) { return count += text.size(), true; }
};

// Each gives false if the input was malformed.
template <typename Out>
bool decode_base64(std::string_view in, Out& out) {
    bool well_formed = true;
    bool padded = false;        // the last group ended with "="
    unsigned padding_left = 0;  // how many more it wants
    std::uint32_t bits = 0;
    unsigned digits = 0;
    const auto flush = [&] {
        for (unsigned i = 0; i + 1 < digits; ++i) {
            if (!out.put(static_cast<char>((bits << (6 * (4 - digits))) >> (16 - 8 * i)))) return false;
        }
        bits = digits = 0;
        return true;
    };
    for (const char c : in) {
        const std::uint8_t digit = base64_digits[static_cast<unsigned char>(c)];
        if (digit != no_digit) {
            if (padded) well_formed = padded = false;
            bits = bits << 6 | digit;
            if (++digits == 4 && !flush()) return well_formed;
        } else if (c == '=') {
            if (!std::exchange(padded, true)) padding_left = digits < 2 ? 0 : 4 - digits;
            if (padding_left == 0) {
                well_formed = false;
            } else {
                --padding_left;
            }
            if (!flush()) return well_formed;
        } else if (!is_blank(c) && c != '\r' && c != '\n') {
            well_formed = false;
        }
    }
    if (digits > 0 || padding_left > 0) well_formed = false;
    (void)flush();
    return well_formed;
}

// The octet that the "=" in front of `rest` stands for; -1: none, it stands for itself.
int escaped_octet(std::string_view rest) {
    if (rest.size() < 3) return -1;
    const int high = hex_digit(rest[1]);
    const int low = hex_digit(rest[2]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

template <typename Out>
bool decode_quoted_printable(std::string_view in, Out& out) {
    bool well_formed = true;
    for (std::size_t begin = 0; begin < in.size();) {
        const Line line = line_at(in, begin);
        begin = line.end;
        std::string_view text = in.substr(line.begin, line.text_end - line.begin);
        text = text.substr(0, text.find_last_not_of(" \t") + 1);
        const bool soft = text.ends_with('=');
        if (soft) text.remove_suffix(1);
        while (!text.empty()) {
            const std::size_t plain = std::min(text.find('='), text.size());
            if (!out.put(text.substr(0, plain))) return well_formed;
            text.remove_prefix(plain);
            if (text.empty()) break;
            const int octet = escaped_octet(text);
            if (octet < 0) well_formed = false;
            if (!out.put(octet < 0 ? '=' : static_cast<char>(octet))) return well_formed;
            text.remove_prefix(octet < 0 ? 1 : 3);
        }
        if (!soft && !out.put(in.substr(line.text_end, line.end - line.text_end))) return well_formed;
    }
    return well_formed;
}

template <typename Out>
bool decode_into(TransferEncoding encoding, std::string_view encoded, Out& out) {
    switch (encoding) {
        case TransferEncoding::base64: return decode_base64(encoded, out);
        case TransferEncoding::quoted_printable: return decode_quoted_printable(encoded, out);
        case TransferEncoding::unknown: return (void)out.put(encoded), false;
        case TransferEncoding::seven_bit:
        case TransferEncoding::eight_bit:
        case TransferEncoding::binary: break;
    }
    return (void)out.put(encoded), true;
}

}  // namespace

TransferEncoding transfer_encoding(std::string_view value) {
    value.remove_prefix(std::min(value.find_first_not_of(" \t\r\n\""), value.size()));
    const std::string_view name = value.substr(0, value.find_first_of(" \t\r\n(;\""));
    if (name.empty() || equal_names(name, "7bit")) return TransferEncoding::seven_bit;
    if (equal_names(name, "8bit")) return TransferEncoding::eight_bit;
    if (equal_names(name, "binary")) return TransferEncoding::binary;
    if (equal_names(name, "quoted-printable")) return TransferEncoding::quoted_printable;
    if (equal_names(name, "base64")) return TransferEncoding::base64;
    return TransferEncoding::unknown;
}

Decoded decode(TransferEncoding encoding, std::string_view encoded, std::size_t most) {
    Decoded result;
    result.bytes.reserve(std::min(most, encoded.size()));
    Buffer out{result, most};
    result.malformed = !decode_into(encoding, encoded, out);
    return result;
}

std::size_t decoded_size(TransferEncoding encoding, std::string_view encoded) {
    Counter counter;
    (void)decode_into(encoding, encoded, counter);
    return counter.count;
}

}  // namespace sluice::mail
