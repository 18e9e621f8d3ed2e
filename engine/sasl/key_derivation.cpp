#include "engine/sasl/key_derivation.hpp"

#include <openssl/digest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/md5.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "engine/sasl/secret.hpp"

namespace sluice::sasl {
namespace {

const EVP_MD* digest_of(Hash hash) { return hash == Hash::sha_1 ? EVP_sha1() : EVP_sha256(); }

// The digests of BoringSSL fail only without memory; keys of zeros must never be stored or compared.
void require(bool done) {
    if (done) return;
    std::fputs("sluice: out of memory in a key derivation\n", stderr);
    std::abort();
}

std::uint8_t* octets(std::string& text) { return reinterpret_cast<std::uint8_t*>(text.data()); }
const std::uint8_t* octets(std::string_view text) { return reinterpret_cast<const std::uint8_t*>(text.data()); }

// State of MD5 after one block: the key, filled up with zeros, each byte xor `pad`.
void absorb_key(std::string_view key, std::uint8_t pad, std::uint8_t* state) {
    std::array<std::uint8_t, MD5_CBLOCK> block;
    MD5_CTX context;
    const WipeAtEnd wipe_block(block);
    const WipeAtEnd wipe_context(context);
    block.fill(pad);
    for (std::size_t i = 0; i < key.size(); ++i) block[i] ^= static_cast<std::uint8_t>(key[i]);
    MD5_Init(&context);
    MD5_Update(&context, block.data(), block.size());
    for (std::size_t i = 0; i < 16; ++i) state[i] = static_cast<std::uint8_t>(context.h[i / 4] >> (i % 4 * 8));
}

std::array<std::uint8_t, MD5_DIGEST_LENGTH> finish(const std::uint8_t* state, std::string_view text) {
    MD5_CTX context;
    const WipeAtEnd wipe_context(context);
    MD5_Init(&context);
    for (std::size_t word = 0; word < 4; ++word) {
        context.h[word] = 0;
        for (std::size_t i = 0; i < 4; ++i) context.h[word] |= std::uint32_t{state[word * 4 + i]} << (i * 8);
    }
    context.Nl = MD5_CBLOCK * 8;
    MD5_Update(&context, text.data(), text.size());
    std::array<std::uint8_t, MD5_DIGEST_LENGTH> digest;
    MD5_Final(digest.data(), &context);
    return digest;
}

}  // namespace

std::string hmac(Hash hash, std::string_view key, std::string_view text) {
    std::string result(size_of(hash), '\0');
    unsigned size = 0;
    require(HMAC(digest_of(hash), key.data(), key.size(), octets(text), text.size(), octets(result), &size) != nullptr);
    return result;
}

ScramKeys derive_scram_keys(Hash hash, std::string_view password, std::string salt, std::uint32_t iterations) {
    Secret salted(size_of(hash));
    require(PKCS5_PBKDF2_HMAC(password.data(), password.size(), octets(std::string_view(salt)), salt.size(), iterations,
                              digest_of(hash), salted.size(), reinterpret_cast<std::uint8_t*>(salted.data())) == 1);
    std::string client_key = hmac(hash, salted.view(), "Client Key");
    ScramKeys keys{iterations, std::move(salt), std::string(size_of(hash), '\0'),
                   hmac(hash, salted.view(), "Server Key")};
    unsigned size = 0;
    require(EVP_Digest(client_key.data(), client_key.size(), octets(keys.stored_key), &size, digest_of(hash),
                       nullptr) == 1);
    wipe(client_key.data(), client_key.size());
    return keys;
}

CramMd5State derive_cram_md5_state(std::string_view password) {
    std::array<std::uint8_t, MD5_DIGEST_LENGTH> short_key;
    const WipeAtEnd wipe_short_key(short_key);
    if (password.size() > MD5_CBLOCK) {  // RFC 2104 2
        MD5(octets(password), password.size(), short_key.data());
        password = {reinterpret_cast<const char*>(short_key.data()), short_key.size()};
    }
    CramMd5State state;
    absorb_key(password, 0x36, state.data());
    absorb_key(password, 0x5c, state.data() + 16);
    return state;
}

std::string cram_md5_digest(const CramMd5State& state, std::string_view challenge) {
    const auto inner = finish(state.data(), challenge);
    const auto outer = finish(state.data() + 16, {reinterpret_cast<const char*>(inner.data()), inner.size()});
    return to_hex({reinterpret_cast<const char*>(outer.data()), outer.size()});
}

std::string to_hex(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const char c : bytes) {
        text += digits[static_cast<std::uint8_t>(c) >> 4];
        text += digits[static_cast<std::uint8_t>(c) & 15];
    }
    return text;
}

}  // namespace sluice::sasl
