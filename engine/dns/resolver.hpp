// What asks the DNS: one question, one answer. ResolverService (resolver_service.hpp) opens the real ones, FakeResolver
// (fake_resolver.hpp) serves tests; lookup.hpp has the questions of mail on top.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/base/asio.hpp"
#include "engine/dns/name.hpp"
#include "engine/dns/record.hpp"

namespace sluice::dns {

// The first three are what the DNS says; the last two mean that nothing is known: who decides about mail defers.
enum class Outcome : std::uint8_t {
    found,
    no_data,    // the name exists, records of this type do not
    no_domain,  // NXDOMAIN
    bogus,      // DNSSEC validation failed: forged, expired or badly signed
    temporary,  // no answer in time, SERVFAIL, REFUSED, malformed records, no network, resolver closed
};
[[nodiscard]] std::string_view to_string(Outcome outcome) noexcept;  // "no_data"

// What every kind of look-up tells.
struct Finding {
    Outcome outcome = Outcome::temporary;
    // Validated here against the trust anchors (never the AD bit of a server), over all aliases on the way. For
    // no_data and no_domain: the absence is proven. Always false without Options::dnssec and for hosts-file answers.
    bool secure = false;
    Name canonical_name;          // found: where the aliases lead; otherwise the name asked last
    std::chrono::seconds ttl{0};  // found: for how long, from now
    std::string why;              // for logs: "SERVFAIL", "no answer within 10000 ms"; empty if found

    // Neither an answer nor a proven absence.
    [[nodiscard]] bool failed() const noexcept { return outcome == Outcome::bogus || outcome == Outcome::temporary; }
};

struct Answer : Finding {
    std::vector<Record> records;  // in no particular order; all of the kind asked for; empty unless found

    // The records of one kind: all<Mx>().
    template <typename T>
    [[nodiscard]] std::vector<T> all() const {
        std::vector<T> result;
        for (const Record& record : records)
            if (const T* const one = std::get_if<T>(&record)) result.push_back(*one);
        return result;
    }
};

[[nodiscard]] Answer failed_answer(std::string why);  // Outcome::temporary

class Resolver {
  public:
    virtual ~Resolver() = default;

    // A name without final dot follows the search list. The coroutine may be cancelled (terminal, partial or total) or
    // destroyed at any moment; it resumes on its own executor. Any number may wait at once, from any thread. The
    // resolver must live until the coroutine has started waiting; if it goes away later, the outcome is temporary.
    [[nodiscard]] virtual asio::awaitable<Answer> query(Name name, RecordType type) = 0;
};

}  // namespace sluice::dns
