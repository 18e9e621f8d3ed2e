// The DNS of a rehearsal, written as a map (role_reader.hpp shows the form).
#pragma once

#include <string>

#include "dsl/value/value.hpp"
#include "engine/dns/fake_resolver.hpp"

namespace sluice::rehearsal {

// What is wrong with the map; empty: `resolver` answers from it.
[[nodiscard]] std::string read_dns_answers(const dsl::Value& table, dns::FakeResolver& resolver);

}  // namespace sluice::rehearsal
