// One context of libunbound as a value: options from a plan, questions with a ticket, results as Answer.
// All functions of one object are called on one thread (the service's); the first ask() starts libunbound's own thread,
// which resolves and validates in the background and writes to fd().
//
// libunbound keeps some options in variables of the process, whatever context they were set on (round-trip limits, TTL
// limits). Those never depend on the settings here, so that resolvers do not disturb each other.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/dns/resolver.hpp"
#include "engine/dns/resolver_plan.hpp"

struct ub_ctx;
struct ub_result;

namespace sluice::dns {

class UnboundContext {
  public:
    using Ticket = int;
    using Done = std::function<void(Answer)>;

    // The error is a text for the administrator. `trust_anchor_file`: empty for the anchors of the root zone; not read
    // without plan.dnssec.
    [[nodiscard]] static Result<std::unique_ptr<UnboundContext>, std::string> open(
        const ResolverPlan& plan, const std::string& trust_anchor_file);
    // Blocks until libunbound's thread has ended. No Done runs any more.
    ~UnboundContext();
    UnboundContext(const UnboundContext&) = delete;
    UnboundContext& operator=(const UnboundContext&) = delete;

    // Readable when process() has something to do. Belongs to libunbound.
    [[nodiscard]] int fd() const;
    // `name` must be absolute. `done` runs from process().
    [[nodiscard]] Result<Ticket, std::string> ask(const Name& name, RecordType type, Done done);
    // `done` will not run.
    void cancel(Ticket ticket);
    // Hands over the answers that have arrived; `done` may call ask() and cancel(). False if libunbound's thread is
    // gone: no answer will ever arrive.
    [[nodiscard]] bool process();

  private:
    struct Flight;  // a question on its way
    struct Delete {
        void operator()(ub_ctx* context) const;
    };

    UnboundContext();
    static void on_result(void* flight, int error, ub_result* result);

    std::unordered_map<Ticket, std::unique_ptr<Flight>> flights_;
    std::vector<std::pair<Ticket, Answer>> arrived_;
    std::unique_ptr<ub_ctx, Delete> context_;
};

}  // namespace sluice::dns
