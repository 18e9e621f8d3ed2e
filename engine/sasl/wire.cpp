#include "engine/sasl/wire.hpp"

#include <openssl/base64.h>

#include "engine/base/limits.hpp"

namespace sluice::sasl {
namespace {

const std::uint8_t* octets(std::string_view text) { return reinterpret_cast<const std::uint8_t*>(text.data()); }

Secret encoded(std::string_view bytes) {
    Secret text(bytes.size() / 3 * 4 + 5);  // with the NUL that the library appends
    const std::size_t size = EVP_EncodeBlock(reinterpret_cast<std::uint8_t*>(text.data()), octets(bytes), bytes.size());
    text.shorten(size);
    return text;
}

}  // namespace

std::optional<Secret> decode_base64(std::string_view text) {
    if (text.empty()) return Secret();
    if (text.size() % 4 != 0) return std::nullopt;
    Secret bytes(text.size() / 4 * 3);
    std::size_t size = 0;
    if (!EVP_DecodeBase64(reinterpret_cast<std::uint8_t*>(bytes.data()), &size, bytes.size(), octets(text),
                          text.size()))
        return std::nullopt;
    bytes.shorten(size);
    // The library takes bits behind the last octet that are not zero.
    if (encoded(bytes.view()).view() != text) return std::nullopt;
    return bytes;
}

std::string encode_base64(std::string_view bytes) { return std::string(encoded(bytes).view()); }

Result<Secret, WireError> decode_response(std::string_view line) {
    if (line.size() > limits::sasl_line) return Failure{WireError::too_long};
    if (line == "*") return Failure{WireError::cancelled};
    auto bytes = decode_base64(line);
    if (!bytes) return Failure{WireError::not_base64};
    return std::move(*bytes);
}

Result<std::optional<Secret>, WireError> decode_initial_response(std::string_view argument) {
    if (argument.empty()) return std::optional<Secret>();
    if (argument == "=") return std::optional<Secret>(Secret());
    if (argument.size() > limits::sasl_line) return Failure{WireError::too_long};
    auto bytes = decode_base64(argument);
    if (!bytes) return Failure{WireError::not_base64};
    return bytes;
}

}  // namespace sluice::sasl
