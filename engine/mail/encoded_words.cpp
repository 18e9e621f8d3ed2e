#include "engine/mail/encoded_words.hpp"

#include <optional>

#include "engine/mail/charset.hpp"
#include "engine/mail/header_lines.hpp"
#include "engine/mail/transfer_encoding.hpp"

namespace sluice::mail {
namespace {

struct Word {
    std::size_t size;  // octets of the text it takes
    std::string_view charset;
    std::string bytes;
};

std::string decode_q(std::string_view text) {
    std::string plain(text);
    for (char& c : plain) {
        if (c == '_') c = ' ';
    }
    // The blank in front of a line end, which quoted-printable drops, is text here.
    plain += '.';
    Decoded decoded = decode(TransferEncoding::quoted_printable, plain, plain.size());
    decoded.bytes.pop_back();
    return std::move(decoded.bytes);
}

// The encoded word `text` begins with: =?charset?Q?text?=
std::optional<Word> word_at(std::string_view text) {
    constexpr std::string_view open = "=?";
    if (!text.starts_with(open)) return std::nullopt;
    const std::size_t charset_end = text.find('?', open.size());
    if (charset_end == std::string_view::npos || charset_end + 2 >= text.size()) return std::nullopt;
    const char encoding = text[charset_end + 1];
    if (text[charset_end + 2] != '?') return std::nullopt;
    const std::size_t begin = charset_end + 3;
    const std::size_t end = text.find('?', begin);
    if (end == std::string_view::npos || text.substr(end, 2) != "?=") return std::nullopt;
    std::string_view charset = text.substr(open.size(), charset_end - open.size());
    charset = charset.substr(0, charset.find('*'));
    const std::string_view encoded = text.substr(begin, end - begin);
    if (encoding == 'Q' || encoding == 'q') return Word{end + 2, charset, decode_q(encoded)};
    if (encoding != 'B' && encoding != 'b') return std::nullopt;
    return Word{end + 2, charset, decode(TransferEncoding::base64, encoded, encoded.size()).bytes};
}

}  // namespace

std::string decode_encoded_words(std::string_view text) {
    std::string out;
    std::string pending;  // of words in `charset`, not yet converted
    std::string_view charset;
    const auto flush = [&] {
        out += to_utf8(pending, charset);
        pending.clear();
    };
    while (!text.empty()) {
        const std::size_t start = text.find("=?");
        const std::string_view plain = text.substr(0, start);
        const auto word = start == std::string_view::npos ? std::nullopt : word_at(text.substr(start));
        const bool between_words = word && !pending.empty() && plain.find_first_not_of(" \t\r\n") == plain.npos;
        if (!between_words) {
            flush();
            out += to_utf8(plain, "");
        } else if (!equal_names(word->charset, charset)) {
            flush();
        }
        text.remove_prefix(plain.size());
        if (word) {
            charset = word->charset;
            pending += word->bytes;
            text.remove_prefix(word->size);
        } else if (!text.empty()) {
            out += "=?";
            text.remove_prefix(2);
        }
    }
    flush();
    return out;
}

}  // namespace sluice::mail
