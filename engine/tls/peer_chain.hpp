// The certificates that a peer has shown, as plain octets, so that judging them (verify.hpp) needs neither a socket nor
// a type of BoringSSL.
#pragma once

#include <string>
#include <vector>

namespace sluice::tls {

// DER of each certificate, leaf first, as sent. Empty: the peer showed none.
using PeerChain = std::vector<std::string>;

}  // namespace sluice::tls
