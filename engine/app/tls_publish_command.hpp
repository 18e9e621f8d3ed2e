// `sluice tls publish D`: what a domain of ours has to publish for MTA-STS and TLSRPT (engine/sts/publish.hpp), and
// what does not agree with it in the DNS, in the policy that is served, and in our certificates.
#pragma once

#include <CLI/App.hpp>

namespace sluice::app {

void add_tls_publish(CLI::App& tls, int& exit_code);

}  // namespace sluice::app
