// State of one load() while its parts work on it. Private to engine/config.
#pragma once

#include <set>
#include <string>

#include "engine/config/configuration.hpp"
#include "engine/config/reader.hpp"

namespace sluice::config {

struct Loading {
    Configuration& config;
    dsl::Diagnostics& diagnostics;

    // Relative paths start at the configuration root.
    [[nodiscard]] std::string below_root(const std::string& path) const;
    // The same for something that must exist to be read: if it exists only in the working directory, it is used from
    // there with a warning (decisions.md, "relative paths"). Never for what the server writes.
    [[nodiscard]] std::string resolve(Reader& reader, std::string_view key, const std::string& path);
    std::set<std::string> noticed = {};  // "FILE KEY" of old names that were told already
};

void read_root(Loading& loading, Reader& root);                       // root_keys.cpp
void read_smtp(Loading& loading, Reader& smtp);                       // smtp_keys.cpp
void read_dns(Reader& server, Reader& dns, dns::Settings& settings);  // dns_keys.cpp
void read_delivery(Loading& loading, Reader& delivery);               // delivery_keys.cpp
void read_delivery_tls(Loading& loading, Reader& delivery);           // delivery_tls_keys.cpp
void read_tls_policies(Loading& loading, Reader& policies);
void read_root_tls(Loading& loading, Reader& tls);  // tls_keys.cpp
void read_listener_tls(Loading& loading, Reader& listeners);
void read_domain(Loading& loading, Reader& domain, Domain& about, const tls::Origin& origin);
void scan_domains(Loading& loading, Context& root_context);  // domains.cpp

}  // namespace sluice::config
