// hosts(5): names and addresses that are not asked for in the DNS. Read by ourselves and not by libunbound, because
// libunbound then has no MX, TXT or PTR for a name that stands there. Pure; the file is read by stub_resolver.cpp.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/dns/resolver.hpp"

namespace sluice::dns {

class HostsFile {
  public:
    // Appends lines that were not understood to `problems`: "line 3: 'foo' is no address".
    [[nodiscard]] static HostsFile parse(std::string_view text, std::vector<std::string>& problems);

    // A, AAAA and PTR of names that stand in the file; nullopt for everything else. A name that has addresses of the
    // other family only has no_data, so that the file and the DNS are never mixed. PTR: the first name of a line.
    [[nodiscard]] std::optional<Answer> find(const Name& name, RecordType type) const;

  private:
    void add(const asio::ip::address& address, const Name& name);

    std::map<Name, std::vector<asio::ip::address>> addresses_;
    std::map<Name, std::vector<Name>> names_;  // by the name in in-addr.arpa or ip6.arpa
};

}  // namespace sluice::dns
