// resolv.conf(5), for resolvers of type `system`. Pure; the file is read by stub_resolver.cpp.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/asio.hpp"
#include "engine/dns/name.hpp"

namespace sluice::dns {

struct ResolvConf {
    std::vector<asio::ip::address> name_servers;  // none: the local machine, as with the C library
    std::vector<Name> search;                     // of the last `search` or `domain` line; absolute
    std::size_t ndots = 1;
    std::optional<std::chrono::seconds> timeout;
    std::optional<int> attempts;
    bool rotate = false;
    // Lines and values that were not understood: "line 3: 'nameserver foo': no address".
    std::vector<std::string> problems;
};

// Keywords that do not concern us (sortlist, other options) are no problem. Values are capped where resolv.conf(5)
// caps them: ndots 15, timeout 30, attempts 5.
[[nodiscard]] ResolvConf parse_resolv_conf(std::string_view text);

}  // namespace sluice::dns
