// Signs a zone of NameServer (RFC 4034, Ed25519 of RFC 8080), for tests of validation.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/unit/engine_dns/name_server.hpp"

namespace sluice::dns::test {

class Signer {
  public:
    // Makes a key and adds the signed DNSKEY of `zone` to the server.
    Signer(NameServer& server, std::string zone);

    // Adds a record set and its signature.
    void add(const std::string& name, unsigned type, std::vector<std::string> rdata_set);
    void add(const std::string& name, RecordType type, std::vector<std::string> rdata_set) {
        add(name, static_cast<unsigned>(type), std::move(rdata_set));
    }
    // Adds the NSEC that proves which types `name` has; all types must be below 256.
    void add_types(const std::string& name, const std::string& next, std::vector<unsigned> types);
    // The key as a trust anchor file has it.
    [[nodiscard]] std::string trust_anchor() const;

  private:
    [[nodiscard]] std::string dnskey_rdata() const;
    [[nodiscard]] unsigned key_tag() const;
    [[nodiscard]] std::string signature(const std::string& name, unsigned type,
                                        std::vector<std::string> rdata_set) const;

    NameServer& server_;
    std::string zone_;
    std::array<std::uint8_t, 32> public_key_;
    std::array<std::uint8_t, 64> private_key_;
};

}  // namespace sluice::dns::test
