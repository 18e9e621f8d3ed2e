// The notation of pins: the same that `sluice cert show` and openssl print digests in.
#include "engine/tls/verify.hpp"

namespace sluice::tls {

namespace {

constexpr std::size_t kOctets = 32;

int digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

// Colons stand between all octets or nowhere.
std::optional<std::string> parse_hex(std::string_view text) {
    const std::size_t step = text.size() == kOctets * 3 - 1 ? 3 : 2;
    if (step == 2 && text.size() != kOctets * 2) return std::nullopt;
    std::string octets;
    for (std::size_t at = 0; at < text.size(); at += step) {
        const int high = digit(text[at]);
        const int low = digit(text[at + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        if (step == 3 && at + 2 < text.size() && text[at + 2] != ':') return std::nullopt;
        octets += static_cast<char>(high * 16 + low);
    }
    return octets;
}

}  // namespace

std::optional<Pin> parse_pin(std::string_view text) {
    constexpr std::string_view certificate = "sha256:";
    constexpr std::string_view public_key = "spki-sha256:";
    Pin pin;
    if (text.starts_with(public_key)) {
        pin.of = Pin::Of::public_key;
        text.remove_prefix(public_key.size());
    } else if (text.starts_with(certificate)) {
        text.remove_prefix(certificate.size());
    } else {
        return std::nullopt;
    }
    auto digest = parse_hex(text);
    if (!digest) return std::nullopt;
    pin.digest = std::move(*digest);
    return pin;
}

}  // namespace sluice::tls
