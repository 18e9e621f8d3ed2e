// What the administrator configured, converted and checked: the result of on_config and of every on_domain_config
// (spec: configuration.md 1 to 4, tls.md 1.1, decisions.md "Names"). Immutable once loaded.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "dsl/diag/diagnostic.hpp"
#include "engine/base/limits.hpp"
#include "engine/deliver/settings.hpp"
#include "engine/dns/resolver_settings.hpp"
#include "engine/net/server.hpp"
#include "engine/smtp/settings.hpp"
#include "engine/tls/server_snapshot.hpp"

namespace sluice::config {

struct Domain {
    std::string name;       // A-label form, lower case
    std::string directory;  // where incoming.vsl and the others are; empty for an inline domain
    bool is_default = false;
    bool from_directory = false;    // has an entry in domain_dir, so its scripts apply
    dsl::SourcePtr default_source;  // where is_default is written; null: it is not
    dsl::Span default_span;
};

struct ShownValues;  // shown_values.hpp

struct Configuration {
    std::shared_ptr<const ShownValues> shown;  // what rules see of it; never null once loaded
    std::string root;                          // configuration directory, absolute
    std::string root_script;                   // file with on_config, or the last of conf.d/*.vsl
    std::string filter_path;                   // empty: none
    std::string domain_dir;                    // empty: none
    smtp::Settings smtp;
    std::vector<net::Listener> listeners;
    tls::RootSettings tls;
    bool tls_configured = false;  // config.server.tls is set
    std::vector<tls::DomainSettings> tls_domains;
    std::vector<tls::Problem> tls_problems;  // of values that engine/tls has translated
    std::vector<Domain> domains;
    unsigned threads = 2;
    std::string user;
    std::string group;
    dns::Settings dns;
    std::string users_file;  // of server.smtp.auth.users; empty: ROOT/users, if it is there
    std::string queue_dir;
    struct QueueLimits {
        std::uint64_t messages_max = limits::queue_messages;  // in the spool: then 452 at MAIL
        std::uint64_t active_max = limits::queue_active;      // due or being delivered: then flow_delay a message
        std::chrono::milliseconds flow_delay = limits::queue_flow_delay;

        [[nodiscard]] bool operator==(const QueueLimits&) const = default;
    } queue_limits;
    struct Refusals {
        bool enabled = true;
        std::uint64_t size_max = limits::refusals_file;  // octets of each of the two files
    } refusals;
    std::string app_dir;
    std::string run_dir;       // control socket
    std::string log_file;      // empty: standard error
    std::string app_log_file;  // empty: as log_file
    std::string log_level = "warn";
    deliver::Settings delivery;
};

// Reads `path` (a directory or a root script; empty: /etc/sluice). Null if anything is wrong; every problem is in
// `diagnostics`, warnings too. Opens no socket and changes nothing.
[[nodiscard]] std::shared_ptr<const Configuration> load(const std::string& path, dsl::Diagnostics& diagnostics);

// The same with whatever could be read in spite of errors, so that the rules can be checked in the same run; only null
// if on_config did not give a map. What `diagnostics` complains about keeps its default.
[[nodiscard]] std::shared_ptr<const Configuration> load_with_errors(const std::string& path,
                                                                    dsl::Diagnostics& diagnostics);

// The directory of the control socket that `path` configures, as far as it can be told: other errors in the
// configuration do not matter, so that a broken configuration can still be refused by the running server. Empty:
// unknown.
[[nodiscard]] std::string load_run_dir(const std::string& path, dsl::Diagnostics& diagnostics);

}  // namespace sluice::config
