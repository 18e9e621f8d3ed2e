// Runs the tests of a configuration's rules. A test file is a vSL script named *.test.vsl whose value is a map from
// what a test shows to a closure that plays it:
//
//   #{
//     "strangers may not relay": || {
//         let s = session(#{ client_ip: "198.51.100.9" });
//         s.ehlo("mail.example.net");
//         s.mail("john@example.net");
//         s.rcpt("jane@elsewhere.test").expect("554 5.7.1");
//     },
//   }
//
// Imports and other relative paths start at the configuration directory, as in rules. Tests run in the order in which
// they are written, each with sessions of its own; a test ends at the first expectation that is not met.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "dsl/diag/diagnostic.hpp"
#include "engine/rehearsal/rehearsed_session.hpp"

namespace sluice::rehearsal {

struct TestResult {
    std::string name;
    std::string place;       // "filter.test.vsl:12:9": of the failure, else of the test
    std::string failure;     // lines; empty: passed
    bool is_broken = false;  // the test itself failed, not an expectation
    std::chrono::nanoseconds time{};
};

struct TestFile {
    std::string name;  // relative to the configuration directory, if it is below
    std::vector<TestResult> results;
    dsl::Diagnostics diagnostics;  // why it could not be loaded
};

// The files *.test.vsl in the configuration directory, in its directory tests/, beside the root filter and in the
// directories of enabled domains; sorted, each once.
[[nodiscard]] std::vector<std::string> find_test_files(const config::Configuration& configuration);

// `only`: those whose name contains it; empty: all.
[[nodiscard]] TestFile run_test_file(const std::string& path, Rehearsal& rehearsal, std::string_view only);

}  // namespace sluice::rehearsal
