// RDATA and messages as a name server writes them, without compression (RFC 1035 3.3, 4.1).
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::dns::test {

// "mx.example." to labels; takes no escapes.
std::string wire_name(std::string_view name);
std::string number16(unsigned value);
std::string number32(std::uint32_t value);

std::string address_rdata(std::string_view address);
std::string mx_rdata(unsigned preference, std::string_view exchange);
std::string txt_rdata(std::initializer_list<std::string_view> strings);
std::string tlsa_rdata(unsigned usage, unsigned selector, unsigned matching_type, std::string_view data);

struct ResourceRecord {
    std::string owner;  // "a.example."
    unsigned type = 0;
    std::string rdata;
};
constexpr std::uint32_t record_ttl = 300;

struct WireQuestion {
    unsigned id = 0;
    std::string name;  // lower case, absolute
    unsigned type = 0;
    bool edns = false;
    bool dnssec_ok = false;
    std::size_t udp_size = 512;
};
// nullopt for what no resolver of ours sends.
std::optional<WireQuestion> parse_question(std::string_view message);

struct WireAnswer {
    unsigned rcode = 0;
    bool truncated = false;
    std::vector<ResourceRecord> answer;
    std::vector<ResourceRecord> authority;
};
std::string print(const WireQuestion& question, const WireAnswer& answer);

}  // namespace sluice::dns::test
