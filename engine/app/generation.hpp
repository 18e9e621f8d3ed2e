// Everything that is loaded and swapped as one: configuration, rules, certificates.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "dsl/diag/diagnostic.hpp"
#include "engine/config/configuration.hpp"
#include "engine/deliver/outbound_tls.hpp"
#include "engine/filter/rule_set.hpp"
#include "engine/sasl/user_table.hpp"
#include "engine/tls/server_snapshot.hpp"

namespace sluice::app {

struct Report {
    dsl::Diagnostics diagnostics;   // configuration and rules
    std::vector<tls::Problem> tls;  // certificates

    [[nodiscard]] bool has_errors() const;
    [[nodiscard]] std::size_t errors() const;
    [[nodiscard]] std::size_t warnings() const;
    [[nodiscard]] std::string first_code() const;  // of the first error, else of the first other problem; may be empty
    [[nodiscard]] std::string text() const;        // for people
    [[nodiscard]] std::string json() const;        // array of objects
};

struct Generation {
    std::shared_ptr<const config::Configuration> configuration;
    std::shared_ptr<const filter::RuleSet> rules;
    std::shared_ptr<const tls::ServerSnapshot> tls;            // null: no TLS configured
    std::shared_ptr<const deliver::OutboundTls> outbound_tls;  // of delivery
    std::shared_ptr<const sasl::UserTable> users;              // null: AUTH is off, or there is no password file
};

// no: they are not looked at, for rules that are only tried.
enum class Certificates : bool { no, yes };

struct LoadOptions {
    filter::Lints lints = filter::Lints::no;
    filter::Marks marks = filter::Marks::no;
    Certificates certificates = Certificates::yes;
};

// Loads and checks all of it; opens no socket. Complete, as far as it was asked for, exactly if report has no errors.
// Errors of the configuration do not hide those of the rules, if it says where they are. `tickets` may be null without
// certificates.
[[nodiscard]] Generation load_generation(const std::string& path, const std::shared_ptr<tls::TicketKeys>& tickets,
                                         Report& report, const LoadOptions& options = {});

// Configuration and rules, to be tried without serving anybody: no certificates. Without rules after messages on
// standard error; `otherwise` is the last of them.
[[nodiscard]] Generation load_for_trial(const std::string& path, std::string_view otherwise,
                                        filter::Marks marks = filter::Marks::no);

}  // namespace sluice::app
