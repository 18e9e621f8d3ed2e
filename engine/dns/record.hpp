// Resource records that a mail server asks for, decoded. Used by resolvers (decode) and by lookup.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "engine/base/asio.hpp"
#include "engine/dns/name.hpp"

namespace sluice::dns {

// The values are the TYPE numbers of the wire. CNAME is asked for by DANE alone (RFC 7672 2.2.2: is the alias itself
// signed?); all other questions follow aliases.
enum class RecordType : std::uint16_t { a = 1, cname = 5, ptr = 12, mx = 15, txt = 16, aaaa = 28, tlsa = 52 };
[[nodiscard]] std::string_view to_string(RecordType type) noexcept;  // "AAAA"

// RFC 5321 5.1. The exchange is absolute; the root means null MX (RFC 7505).
struct Mx {
    std::uint16_t preference = 0;
    Name exchange;
    friend bool operator==(const Mx&, const Mx&) = default;
};

// The character-strings of one TXT record joined without anything between them (RFC 7208 3.3, RFC 6376 3.6.2.2).
struct Txt {
    std::string text;  // any octets
    friend bool operator==(const Txt&, const Txt&) = default;
};

// RFC 6698 2.1. Values nobody knows are kept: "unusable" differs from "absent" (RFC 7672 2.1).
struct Tlsa {
    std::uint8_t usage = 0;
    std::uint8_t selector = 0;
    std::uint8_t matching_type = 0;
    std::string data;  // octets
    friend bool operator==(const Tlsa&, const Tlsa&) = default;
};

// A and AAAA: address; PTR and CNAME: Name.
using Record = std::variant<asio::ip::address, Mx, Txt, Name, Tlsa>;

// `rdata` is RDATA without compression. nullopt if it is malformed.
[[nodiscard]] std::optional<Record> decode(RecordType type, std::string_view rdata);

}  // namespace sluice::dns
