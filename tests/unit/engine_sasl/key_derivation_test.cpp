// Keys and digests against the published vectors.
#include "engine/sasl/key_derivation.hpp"

#include <gtest/gtest.h>

#include "engine/sasl/wire.hpp"

namespace sluice::sasl {
namespace {

std::string bytes_of(std::string_view base64) { return std::string(decode_base64(base64)->view()); }

TEST(KeyDerivation, CramMd5OfRfc2195) {
    const auto state = derive_cram_md5_state("tanstaaftanstaaf");
    EXPECT_EQ(cram_md5_digest(state, "<1896.697170952@postoffice.reston.mci.net>"), "b913a602c7eda7a495b4e6e7334d3890");
}

// RFC 2202: HMAC-MD5, with keys up to and above one block.
TEST(KeyDerivation, CramMd5OfRfc2202) {
    EXPECT_EQ(cram_md5_digest(derive_cram_md5_state(std::string(16, '\x0b')), "Hi There"),
              "9294727a3638bb1c13f48ef8158bfc9d");
    EXPECT_EQ(cram_md5_digest(derive_cram_md5_state("Jefe"), "what do ya want for nothing?"),
              "750c783e6ab0b503eaa86e310a5db738");
    EXPECT_EQ(cram_md5_digest(derive_cram_md5_state(std::string(80, '\xaa')),
                              "Test Using Larger Than Block-Size Key - Hash Key First"),
              "6b1ab7fe4bd7bf8f0b62e6ce61b9d0cd");
    EXPECT_EQ(cram_md5_digest(derive_cram_md5_state(std::string(80, '\xaa')),
                              "Test Using Larger Than Block-Size Key and Larger Than One Block-Size Data"),
              "6f630fad67cda0ee1fb1f562db3aa53e");
}

TEST(KeyDerivation, ScramOfRfc5802) {
    const auto keys = derive_scram_keys(Hash::sha_1, "pencil", bytes_of("QSXCR+Q6sek8bf92"), 4096);
    EXPECT_EQ(encode_base64(keys.stored_key), "6dlGYMOdZcOPutkcNY8U2g7vK9Y=");
    EXPECT_EQ(encode_base64(keys.server_key), "D+CSWLOshSulAsxiupA+qs2/fTE=");
    EXPECT_EQ(keys.iterations, 4096U);
    EXPECT_EQ(encode_base64(keys.salt), "QSXCR+Q6sek8bf92");
}

TEST(KeyDerivation, ScramOfRfc7677) {
    const auto keys = derive_scram_keys(Hash::sha_256, "pencil", bytes_of("W22ZaJ0SNY7soEsUEjb6gQ=="), 4096);
    EXPECT_EQ(encode_base64(keys.stored_key), "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=");
    EXPECT_EQ(encode_base64(keys.server_key), "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=");
}

// RFC 4231 test case 2.
TEST(KeyDerivation, HmacSha256) {
    EXPECT_EQ(to_hex(hmac(Hash::sha_256, "Jefe", "what do ya want for nothing?")),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

}  // namespace
}  // namespace sluice::sasl
