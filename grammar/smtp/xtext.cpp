#include "grammar/smtp/xtext.hpp"

#include <algorithm>

namespace sluice::grammar::smtp {
namespace {

constexpr std::string_view digits = "0123456789ABCDEF";

bool stands_for_itself(char c) { return c > ' ' && c < 127 && c != '+' && c != '='; }

void append_digits(std::string& out, unsigned char octet) {
    out += digits[octet >> 4];
    out += digits[octet & 15];
}

// -1: not a hexadecimal digit as xtext has them, in capitals.
int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

}  // namespace

std::string encode_xtext(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (stands_for_itself(c)) {
            out += c;
        } else {
            out += '+';
            append_digits(out, static_cast<unsigned char>(c));
        }
    }
    return out;
}

std::string decode_xtext(std::string_view xtext) {
    std::string out;
    for (std::size_t i = 0; i < xtext.size(); ++i) {
        const bool complete = xtext[i] == '+' && i + 2 < xtext.size();
        const int high = complete ? hex_digit(xtext[i + 1]) : -1;
        const int low = complete ? hex_digit(xtext[i + 2]) : -1;
        if (high < 0 || low < 0) {
            out += xtext[i];
        } else {
            out += static_cast<char>(high * 16 + low);
            i += 2;
        }
    }
    return out;
}

std::string original_recipient_of(std::string_view address) {
    const auto is_ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
    if (std::all_of(address.begin(), address.end(), is_ascii)) return "rfc822;" + encode_xtext(address);
    std::string out = "utf-8;";
    for (const char c : address) {
        if (!is_ascii(c) || (stands_for_itself(c) && c != '\\')) {
            out += c;
        } else {
            out += "\\x{";
            append_digits(out, static_cast<unsigned char>(c));
            out += '}';
        }
    }
    return out;
}

}  // namespace sluice::grammar::smtp
