// DANE for one mail exchanger (RFC 7672, table of tls.md 4.1): are there TLSA records that count? Every answer must be
// validated by the resolver; without that DANE never applies.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/asio.hpp"
#include "engine/dns/resolver.hpp"
#include "engine/tls/verify.hpp"

namespace sluice::deliver {

enum class DaneState : std::uint8_t {
    not_applicable,  // insecure, or proven that there are no records
    usable,          // TLS with a certificate that matches `records`
    unusable,        // there are records, none of which can be used: TLS without a look at the certificate
    failed,          // nothing is known, and asking in vain must not weaken anything: no mail to this host now
};

struct DaneFinding {
    DaneState state = DaneState::not_applicable;
    std::string base;  // TLSA base domain, without final dot: SNI, and a name the certificate may have
    std::vector<tls::TlsaRecord> records;  // usable
    std::string why;                       // failed, or insecure; for logs
};

// `host`: the exchange as MX has it, or the next hop. Asks for its addresses again, which the resolver has by now.
[[nodiscard]] asio::awaitable<DaneFinding> find_dane(dns::Resolver& resolver, std::string host, std::uint16_t port);

}  // namespace sluice::deliver
