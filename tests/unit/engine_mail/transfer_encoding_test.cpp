// Transfer encodings: well-formed, malformed, cut off.
#include "engine/mail/transfer_encoding.hpp"

#include <random>

#include "tests/unit/engine_mail/texts.hpp"

namespace sluice::mail {
namespace {

using namespace std::string_view_literals;
constexpr std::size_t no_limit = static_cast<std::size_t>(-1);

TEST(Names, Table) {
    EXPECT_EQ(transfer_encoding(""), TransferEncoding::seven_bit);
    EXPECT_EQ(transfer_encoding(" 7BIT\r\n"), TransferEncoding::seven_bit);
    EXPECT_EQ(transfer_encoding("8bit"), TransferEncoding::eight_bit);
    EXPECT_EQ(transfer_encoding("binary;"), TransferEncoding::binary);
    EXPECT_EQ(transfer_encoding("\r\n Base64 (as ever)\r\n"), TransferEncoding::base64);
    EXPECT_EQ(transfer_encoding("\"quoted-printable\""), TransferEncoding::quoted_printable);
    EXPECT_EQ(transfer_encoding("x-uuencode"), TransferEncoding::unknown);
}

struct DecodeCase {
    TransferEncoding encoding;
    std::string_view encoded;
    std::string_view decoded;
    bool malformed;
};
class DecodeText : public testing::TestWithParam<DecodeCase> {};
TEST_P(DecodeText, Table) {
    const auto& [encoding, encoded, wanted, malformed] = GetParam();
    const Decoded decoded = decode(encoding, encoded, no_limit);
    EXPECT_EQ(decoded.bytes, wanted);
    EXPECT_EQ(decoded.malformed, malformed);
    EXPECT_FALSE(decoded.truncated);
    EXPECT_EQ(decoded_size(encoding, encoded), wanted.size());
}
constexpr auto b64 = TransferEncoding::base64;
constexpr auto qp = TransferEncoding::quoted_printable;
INSTANTIATE_TEST_SUITE_P(Base64, DecodeText,
                         testing::Values(DecodeCase{b64, "", "", false}, DecodeCase{b64, "TWFu", "Man", false},
                                         DecodeCase{b64, "TWE=", "Ma", false}, DecodeCase{b64, "TQ==", "M", false},
                                         DecodeCase{b64, "TW\r\nFu\r\n", "Man", false},
                                         DecodeCase{b64, "AP+/", "\0\xFF\xBF"sv, false},
                                         DecodeCase{b64, "TWE", "Ma", true}, DecodeCase{b64, "TQ=", "M", true},
                                         DecodeCase{b64, "T", "", true}, DecodeCase{b64, "T===", "", true},
                                         DecodeCase{b64, "TQ==TWFu", "MMan", true},
                                         DecodeCase{b64, "TW*Fu", "Man", true}, DecodeCase{b64, "TWFu=", "Man", true},
                                         DecodeCase{b64, "TQ===", "M", true}, DecodeCase{b64, "====", "", true},
                                         DecodeCase{b64, "TQ=\r\n=", "M", false},
                                         DecodeCase{b64, "\xFFTWFu", "Man", true}));
INSTANTIATE_TEST_SUITE_P(
    QuotedPrintable, DecodeText,
    testing::Values(DecodeCase{qp, "", "", false}, DecodeCase{qp, "a=3Db=\r\nc\r\n", "a=bc\r\n", false},
                    DecodeCase{qp, "=C3=a9", "\xC3\xA9", false}, DecodeCase{qp, "a \t\r\nb ", "a\r\nb", false},
                    DecodeCase{qp, "a= \t\r\nb", "ab", false}, DecodeCase{qp, "a=\nb\n", "ab\n", false},
                    DecodeCase{qp, "a=", "a", false}, DecodeCase{qp, "a=4", "a=4", true},
                    DecodeCase{qp, "a=G0=41", "a=G0A", true}, DecodeCase{qp, "==41=", "=A", true},
                    DecodeCase{qp, "=\r\n", "", false}, DecodeCase{qp, "=00", "\0"sv, false},
                    DecodeCase{qp, "\xE9\rx", "\xE9\rx", false}));
INSTANTIATE_TEST_SUITE_P(Plain, DecodeText,
                         testing::Values(DecodeCase{TransferEncoding::seven_bit, "=41 \r\n", "=41 \r\n", false},
                                         DecodeCase{TransferEncoding::eight_bit, "\xE9", "\xE9", false},
                                         DecodeCase{TransferEncoding::binary, "\0\n"sv, "\0\n"sv, false},
                                         DecodeCase{TransferEncoding::unknown, "x=41", "x=41", true}));

TEST(DecodeLimit, AtTheLimitAndOnePast) {
    const struct {
        TransferEncoding encoding;
        std::string_view encoded;
    } cases[] = {{b64, "TWFuTWE="}, {qp, "M=61n=\r\nMa"}, {TransferEncoding::binary, "ManMa"}};
    for (const auto& one : cases) {
        EXPECT_EQ(decode(one.encoding, one.encoded, 5).bytes, "ManMa");
        EXPECT_FALSE(decode(one.encoding, one.encoded, 5).truncated);
        for (std::size_t most = 0; most < 5; ++most) {
            EXPECT_EQ(decode(one.encoding, one.encoded, most).bytes, std::string_view("ManMa").substr(0, most));
            EXPECT_TRUE(decode(one.encoding, one.encoded, most).truncated);
        }
    }
}

// Encoders of their own, so that decoders are not measured with themselves.
std::string base64_of(std::string_view bytes) {
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        unsigned group = 0;
        for (std::size_t k = 0; k < 3; ++k) {
            group = group << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0u);
        }
        for (std::size_t k = 0; k < 4; ++k) {
            out += i + k <= bytes.size() ? alphabet[group >> (18 - 6 * k) & 63] : '=';
        }
        if (i % 57 == 54) out += "\r\n";
    }
    return out;
}
std::string quoted_printable_of(std::string_view bytes, std::mt19937& random) {
    std::string out;
    for (const char c : bytes) {
        const bool plain = c > ' ' && c < 127 && c != '=';
        if (plain && random() % 8 != 0) {
            out += c;
        } else {
            constexpr std::string_view digits = "0123456789ABCDEF";
            out += {'=', digits[static_cast<unsigned char>(c) >> 4], digits[static_cast<unsigned char>(c) & 15]};
        }
        if (random() % 16 == 0) out += "=\r\n";
    }
    return out;
}

TEST(RoundTrip, AnyBytes) {
    std::mt19937 random(20261122);
    for (int i = 0; i < 2000; ++i) {
        std::string bytes(random() % 200, '\0');
        for (char& c : bytes) c = static_cast<char>(random());
        const Decoded from_base64 = decode(b64, base64_of(bytes), no_limit);
        ASSERT_EQ(from_base64.bytes, bytes);
        ASSERT_FALSE(from_base64.malformed);
        const Decoded from_qp = decode(qp, quoted_printable_of(bytes, random), no_limit);
        ASSERT_EQ(from_qp.bytes, bytes);
        ASSERT_FALSE(from_qp.malformed);
        ASSERT_EQ(decode(TransferEncoding::binary, bytes, no_limit).bytes, bytes);
    }
}

}  // namespace
}  // namespace sluice::mail
