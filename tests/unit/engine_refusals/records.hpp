// What the tests of this folder refuse.
#pragma once

#include "engine/refusals/record.hpp"

namespace sluice::refusals::test {

inline smtp::SessionFacts session() {
    smtp::SessionFacts facts;
    facts.id = SessionId::random();
    facts.client = {asio::ip::make_address("192.0.2.7"), 4711};
    facts.server = {asio::ip::make_address("127.0.0.1"), 25};
    facts.helo = facts.helo_text = "client.test";
    return facts;
}

// `record` is one line of the file, whatever it says.
inline Record numbered(std::size_t number) {
    auto facts = session();
    auto record = record_of(facts, {.event = smtp::SessionEvent::relay_denied}, Time());
    record.failure = std::to_string(number);
    return record;
}

}  // namespace sluice::refusals::test
