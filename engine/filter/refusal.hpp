// Told of every stage run that ends badly for the client: denied, failed or quarantined. What is not refused costs
// nothing, because what is told here is there anyway.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "engine/filter/stage_trace.hpp"

namespace sluice::filter {

// What it refers to lives until refused() returns.
struct Refusal {
    smtp::Stage stage;
    std::string_view script;  // the one that was selected: "domain-available/example.com/incoming.vsl"
    std::string_view rule;    // the one that decided or failed
    std::string_view place;   // of the rule: "filter.vsl:12:5"
    const smtp::Verdict& verdict;
    std::optional<smtp::Reply> reply;  // what the client is told; nullopt if it is not refused but quarantined
    std::string_view failure;          // why the rule failed, with the place; else empty
    std::vector<CallTrace> facts;      // what the rules of this run had asked of ctx::, each once
};

class RefusalWatch {
  public:
    virtual ~RefusalWatch() = default;
    // On the session's thread: must not block. The transaction is null before mail.
    virtual void refused(const smtp::SessionFacts& session, const smtp::Transaction* transaction,
                         const Refusal& refusal) noexcept = 0;
};

}  // namespace sluice::filter
