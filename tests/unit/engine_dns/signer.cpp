#include "tests/unit/engine_dns/signer.hpp"

#include <openssl/base64.h>
#include <openssl/curve25519.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>

namespace sluice::dns::test {

namespace {

constexpr unsigned type_dnskey = 48;
constexpr unsigned type_nsec = 47;
constexpr unsigned class_in = 1;
constexpr unsigned zone_and_entry_point = 257;
constexpr char protocol = 3;
constexpr char ed25519 = 15;

}  // namespace

Signer::Signer(NameServer& server, std::string zone) : server_(server), zone_(std::move(zone)) {
    ED25519_keypair(public_key_.data(), private_key_.data());
    add(zone_, type_dnskey, {dnskey_rdata()});
}

std::string Signer::dnskey_rdata() const {
    return number16(zone_and_entry_point) + protocol + ed25519 + std::string(public_key_.begin(), public_key_.end());
}

// RFC 4034, appendix B.
unsigned Signer::key_tag() const {
    std::uint32_t sum = 0;
    const std::string rdata = dnskey_rdata();
    for (std::size_t i = 0; i < rdata.size(); ++i) {
        const std::uint32_t octet = static_cast<unsigned char>(rdata[i]);
        sum += i % 2 == 0 ? octet << 8 : octet;
    }
    return (sum + (sum >> 16)) & 0xffff;
}

// RFC 4034 3.1.8.1; the names in the rdata must be lower case already.
std::string Signer::signature(const std::string& name, unsigned type, std::vector<std::string> rdata_set) const {
    const auto now = static_cast<std::uint32_t>(
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count());
    constexpr std::uint32_t day = 86400;
    const auto labels = static_cast<char>(std::count(name.begin(), name.end(), '.'));
    const std::string head = number16(type) + ed25519 + labels + number32(record_ttl) + number32(now + day) +
                             number32(now - day) + number16(key_tag()) + wire_name(zone_);
    std::string signed_data = head;
    std::sort(rdata_set.begin(), rdata_set.end());
    for (const std::string& rdata : rdata_set)
        signed_data += wire_name(name) + number16(type) + number16(class_in) + number32(record_ttl) +
                       number16(static_cast<unsigned>(rdata.size())) + rdata;
    std::array<std::uint8_t, 64> result;
    if (ED25519_sign(result.data(), reinterpret_cast<const std::uint8_t*>(signed_data.data()), signed_data.size(),
                     private_key_.data()) != 1)
        std::abort();
    return head + std::string(result.begin(), result.end());
}

void Signer::add(const std::string& name, unsigned type, std::vector<std::string> rdata_set) {
    for (const std::string& rdata : rdata_set) server_.add(name, type, rdata);
    server_.add_signature(name, type, signature(name, type, std::move(rdata_set)));
}

void Signer::add_types(const std::string& name, const std::string& next, std::vector<unsigned> types) {
    std::string bitmap(static_cast<std::size_t>(*std::max_element(types.begin(), types.end()) / 8 + 1), '\0');
    for (const unsigned type : types) bitmap[type / 8] = static_cast<char>(bitmap[type / 8] | 0x80 >> type % 8);
    add(name, type_nsec, {wire_name(next) + '\0' + static_cast<char>(bitmap.size()) + bitmap});
}

std::string Signer::trust_anchor() const {
    std::string text(48, '\0');
    text.resize(EVP_EncodeBlock(reinterpret_cast<std::uint8_t*>(text.data()), public_key_.data(), public_key_.size()));
    return zone_ + " IN DNSKEY 257 3 15 " + text + "\n";
}

}  // namespace sluice::dns::test
