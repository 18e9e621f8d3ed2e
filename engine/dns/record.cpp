#include "engine/dns/record.hpp"

#include <algorithm>
#include <array>

namespace sluice::dns {

namespace {

std::uint8_t octet(std::string_view bytes, std::size_t at) { return static_cast<std::uint8_t>(bytes[at]); }

template <typename Address>
std::optional<Record> decode_address(std::string_view rdata) {
    typename Address::bytes_type bytes;
    if (rdata.size() != bytes.size()) return std::nullopt;
    std::copy(rdata.begin(), rdata.end(), bytes.begin());
    return asio::ip::address(Address(bytes));
}

std::optional<Record> decode_name(std::string_view rdata) {
    auto name = Name::from_wire(rdata);
    if (!name) return std::nullopt;
    return Record(std::move(*name));
}

std::optional<Record> decode_mx(std::string_view rdata) {
    if (rdata.size() < 3) return std::nullopt;
    auto exchange = Name::from_wire(rdata.substr(2));
    if (!exchange) return std::nullopt;
    return Mx{static_cast<std::uint16_t>(octet(rdata, 0) << 8 | octet(rdata, 1)), std::move(*exchange)};
}

std::optional<Record> decode_txt(std::string_view rdata) {
    if (rdata.empty()) return std::nullopt;
    Txt joined;
    while (!rdata.empty()) {
        const std::size_t length = octet(rdata, 0);
        if (rdata.size() <= length) return std::nullopt;
        joined.text += rdata.substr(1, length);
        rdata.remove_prefix(length + 1);
    }
    return joined;
}

std::optional<Record> decode_tlsa(std::string_view rdata) {
    if (rdata.size() < 4) return std::nullopt;
    return Tlsa{octet(rdata, 0), octet(rdata, 1), octet(rdata, 2), std::string(rdata.substr(3))};
}

}  // namespace

std::string_view to_string(RecordType type) noexcept {
    switch (type) {
        case RecordType::a: return "A";
        case RecordType::cname: return "CNAME";
        case RecordType::ptr: return "PTR";
        case RecordType::mx: return "MX";
        case RecordType::txt: return "TXT";
        case RecordType::aaaa: return "AAAA";
        case RecordType::tlsa: return "TLSA";
    }
    return "?";
}

std::optional<Record> decode(RecordType type, std::string_view rdata) {
    switch (type) {
        case RecordType::a: return decode_address<asio::ip::address_v4>(rdata);
        case RecordType::aaaa: return decode_address<asio::ip::address_v6>(rdata);
        case RecordType::cname:
        case RecordType::ptr: return decode_name(rdata);
        case RecordType::mx: return decode_mx(rdata);
        case RecordType::txt: return decode_txt(rdata);
        case RecordType::tlsa: return decode_tlsa(rdata);
    }
    return std::nullopt;
}

}  // namespace sluice::dns
