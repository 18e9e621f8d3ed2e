// Why an exchange over HTTPS gave no response that can be used. Told apart as finely as reports about TLS need it
// (RFC 8460 4.3: was the policy not fetched, or was its server not the right one?).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/tls/verify.hpp"

namespace sluice::https {

enum class Fault : std::uint8_t {
    request,       // cannot be sent: the host is no host name, the target no path
    resolution,    // the DNS has no address of the host, or did not answer
    connection,    // nobody took the connection, or it broke off before there was a response
    certificate,   // the server could not prove to be the host: Error::peer
    tls,           // the handshake failed for another reason
    timeout,       // of the whole exchange
    response,      // no HTTP/1 response, or not all of it
    redirect,      // status 3xx, which is not followed
    status,        // any other than 2xx
    content_type,  // not the one that was asked for, or encoded in a way that was not
    too_large,     // the body has more octets than asked for
};
[[nodiscard]] std::string_view to_string(Fault fault) noexcept;  // "content_type"

struct Error {
    Fault fault = Fault::request;
    std::string text;                            // for logs and reports, one line, printable: "status 404"
    unsigned status = 0;                         // redirect, status: which one
    tls::PeerFault peer = tls::PeerFault::none;  // certificate: what is wrong with it
};

}  // namespace sluice::https
