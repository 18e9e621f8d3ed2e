// Settings and system files boiled down to what is asked of whom. Pure. Used by stub_resolver.cpp.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "engine/dns/name.hpp"
#include "engine/dns/resolv_conf.hpp"
#include "engine/dns/resolver_settings.hpp"

namespace sluice::dns {

struct ResolverPlan {
    std::vector<asio::ip::tcp::endpoint> servers;
    bool tcp_only = false;
    std::string source_address;  // empty: any
    std::vector<Name> search;    // absolute
    std::size_t ndots = 1;
    std::chrono::milliseconds deadline{0};  // of one question with all names of its search list
    bool dnssec = false;
    bool use_hosts_file = true;
    std::size_t cache_size = 0;
};

// Precondition: validate(settings) has no problems. `conf` counts for ResolverType::system only.
[[nodiscard]] ResolverPlan make_plan(const Settings& settings, const ResolvConf& conf);

// The absolute names to ask for one after the other until one is found (resolv.conf(5), "ndots"): the name itself comes
// first if it has at least `ndots` dots, else last. Names that would be too long are left out.
[[nodiscard]] std::vector<Name> search_candidates(const ResolverPlan& plan, const Name& name);

}  // namespace sluice::dns
