// The MTA-STS policies of the domains that mail goes to (RFC 8461): discovery, fetching, cache. Delivery asks find() of
// each recipient domain (or next hop that stands for it) and, before it bounces a message because a policy was not met,
// refresh(). What a policy means for a connection is for who asks.
//
// One fetch at a time for each domain, however many ask. A policy that is in force counts as long as its max_age lasts,
// whatever DNS and HTTPS say meanwhile. After a failed fetch the domain is left alone for a while. Policies are kept in
// memory up to a limit, and on disk by the PolicyStore; no thread of sessions waits for files.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/asio.hpp"
#include "engine/base/limits.hpp"
#include "engine/dns/resolver.hpp"
#include "engine/io/blocking_pool.hpp"
#include "engine/sts/fetch_plan.hpp"
#include "engine/sts/policy_fetcher.hpp"
#include "engine/sts/policy_store.hpp"

namespace sluice::sts {

struct PolicyAnswer {
    PolicyMode mode = PolicyMode::none;    // none: no policy, or one that says so
    std::shared_ptr<const Policy> policy;  // null: none is in force
    std::string id;                        // of that policy: of the TXT record when it was fetched
    // Why there is no newer policy, or none at all; it may have happened up to FetchTimes::rest ago.
    std::optional<FetchFailure> failure;

    // MX hosts; true without policy. Final dot and case do not matter.
    [[nodiscard]] bool allows(std::string_view mx_host) const;
};

class Policies {
  public:
    struct Settings {
        FetchTimes times;
        std::size_t memory = limits::sts_memory;  // octets
        std::function<TimePoint()> now = [] { return std::chrono::system_clock::now(); };
        // Lines for the log: damaged files, failed refreshes. Called on the executor.
        std::function<void(const std::string&)> note = [](const std::string&) {};
    };

    // Everything happens on `executor`, which runs on one thread; others may call from any thread. `store` may be null:
    // memory only. The pool must outlive what runs on the executor.
    Policies(asio::any_io_executor executor, std::shared_ptr<dns::Resolver> resolver,
             std::shared_ptr<PolicyFetcher> fetcher, std::shared_ptr<PolicyStore> store, io::BlockingPool& pool,
             Settings settings);
    // Fetches on their way are cancelled, and those who wait for them are told what is known.
    ~Policies();
    Policies(const Policies&) = delete;
    Policies& operator=(const Policies&) = delete;

    // `domain` in any case, with or without final dot, U-labels or A-labels; what is no domain name has no policy. May
    // take as long as a DNS look-up and a fetch (limits::sts_fetch). May be cancelled; a fetch that others wait for
    // goes on.
    [[nodiscard]] asio::awaitable<PolicyAnswer> find(std::string domain);
    // The same, but what is known is fetched anew unless that was tried within FetchTimes::rest.
    [[nodiscard]] asio::awaitable<PolicyAnswer> refresh(std::string domain);

  private:
    class State;
    std::shared_ptr<State> state_;
};

}  // namespace sluice::sts
