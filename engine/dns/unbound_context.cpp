#include "engine/dns/unbound_context.hpp"

#include <fmt/format.h>
#include <unbound.h>

#include "engine/base/limits.hpp"
#include "engine/dns/unbound_answer.hpp"

namespace sluice::dns {

namespace {

// KSK-2017 and KSK-2024, https://data.iana.org/root-anchors/root-anchors.xml.
constexpr const char* root_anchors[] = {
    ". IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D",
    ". IN DS 38696 8 2 683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16"};

// Collects the first refusal, so that a list of options reads as one.
class ContextOptions {
  public:
    explicit ContextOptions(ub_ctx* context) : context_(context) {}

    void set(const char* key, const std::string& value) {
        check(ub_ctx_set_option(context_, key, value.c_str()), fmt::format("{} {}", key, value));
    }
    void check(int error, const std::string& what) {
        if (error != UB_NOERROR && refused_.empty())
            refused_ = fmt::format("libunbound refuses '{}': {}", what, ub_strerror(error));
    }
    [[nodiscard]] const std::string& refused() const { return refused_; }

  private:
    ub_ctx* context_;
    std::string refused_;
};

void set_network(ContextOptions& options, const ResolverPlan& plan) {
    // The library's own 16 sockets and 2 connections would let a few slow names hold up all others.
    options.set("outgoing-range:", std::to_string(limits::dns_sockets));
    options.set("outgoing-num-tcp:", std::to_string(limits::dns_tcp_connections));
    // A server that was silent for a while is asked again instead of being given up for 15 minutes.
    options.set("infra-keep-probing:", "yes");
    options.set("infra-host-ttl:", "60");
    // A server that answers from its cache within a millisecond may need seconds for what it does not have. The
    // library's own 50 ms would have it asked ten times and given up after three seconds, before our deadline.
    options.set("infra-cache-min-rtt:", std::to_string(limits::dns_resend.count()));
    if (plan.tcp_only) options.set("tcp-upstream:", "yes");
    if (!plan.source_address.empty()) options.set("outgoing-interface:", plan.source_address);
    // Private addresses and these domains are the business of the configured servers, not of libunbound.
    options.set("unblock-lan-zones:", "yes");
    options.set("insecure-lan-zones:", "yes");
    // "transparent" and not "nodefault", which 1.17 misreads when it comes through ub_ctx_set_option().
    options.set("local-zone:", "test. transparent");
    options.set("local-zone:", "home.arpa. transparent");
}

void set_cache(ContextOptions& options, const ResolverPlan& plan) {
    // A remembered answer is an entry among the messages and usually more than one among the record sets.
    const std::size_t octets = plan.cache_size * limits::dns_cache_entry;
    options.set("msg-cache-size:", std::to_string(octets / 4));
    options.set("rrset-cache-size:", std::to_string(octets - octets / 4));
}

void set_validation(ContextOptions& options, ub_ctx* context, const ResolverPlan& plan,
                    const std::string& anchor_file) {
    if (!plan.dnssec) {
        options.set("module-config:", "iterator");
    } else if (anchor_file.empty()) {
        for (const char* const anchor : root_anchors) options.check(ub_ctx_add_ta(context, anchor), anchor);
    } else {
        options.check(ub_ctx_add_ta_file(context, anchor_file.c_str()), "trust anchors in " + anchor_file);
    }
}

// Anchors that cannot be read are what makes a start fail, and the library does not say so.
std::string anchors_of(const ResolverPlan& plan, const std::string& trust_anchor_file) {
    if (!plan.dnssec || trust_anchor_file.empty()) return {};
    return fmt::format(" with the DS and DNSKEY records of '{}'", trust_anchor_file);
}

}  // namespace

struct UnboundContext::Flight {
    UnboundContext& owner;
    Ticket ticket;
    Name name;
    RecordType type;
    Done done;
};

void UnboundContext::Delete::operator()(ub_ctx* context) const { ub_ctx_delete(context); }

UnboundContext::UnboundContext() : context_(ub_ctx_create()) {}
UnboundContext::~UnboundContext() = default;

Result<std::unique_ptr<UnboundContext>, std::string> UnboundContext::open(const ResolverPlan& plan,
                                                                          const std::string& trust_anchor_file) {
    std::unique_ptr<UnboundContext> result(new UnboundContext);
    ub_ctx* const context = result->context_.get();
    if (!context) return Failure{std::string("libunbound cannot start: out of memory or descriptors")};
    // Its log would go to standard error; what matters comes back with the answers.
    ub_ctx_debugout(context, nullptr);
    ContextOptions options(context);
    options.check(ub_ctx_async(context, 1), "thread");
    set_network(options, plan);
    set_cache(options, plan);
    set_validation(options, context, plan, trust_anchor_file);
    for (const auto& server : plan.servers) {
        const std::string address = fmt::format("{}@{}", server.address().to_string(), server.port());
        options.check(ub_ctx_set_fwd(context, address.c_str()), "name server " + address);
    }
    if (!options.refused().empty()) return Failure{options.refused()};
    // Takes nothing away: any change of local data makes the library apply its options now, where a refusal can be
    // told.
    if (const int error = ub_ctx_data_remove(context, "invalid."); error != UB_NOERROR)
        return Failure{
            fmt::format("libunbound cannot start{}: {}", anchors_of(plan, trust_anchor_file), ub_strerror(error))};
    return result;
}

int UnboundContext::fd() const { return ub_fd(context_.get()); }

Result<UnboundContext::Ticket, std::string> UnboundContext::ask(const Name& name, RecordType type, Done done) {
    static constexpr int class_in = 1;
    auto flight = std::make_unique<Flight>(Flight{*this, 0, name, type, std::move(done)});
    const int error = ub_resolve_async(context_.get(), name.text().c_str(), static_cast<int>(type), class_in,
                                       flight.get(), on_result, &flight->ticket);
    if (error != UB_NOERROR) {
        // After UB_PIPE the question may still be in the context's list.
        if (flight->ticket != 0) ub_cancel(context_.get(), flight->ticket);
        return Failure{fmt::format("libunbound: {}", ub_strerror(error))};
    }
    const Ticket ticket = flight->ticket;
    flights_.emplace(ticket, std::move(flight));
    return ticket;
}

void UnboundContext::cancel(Ticket ticket) {
    // Fails only if the result is in arrived_ already; there it finds no flight any more.
    (void)ub_cancel(context_.get(), ticket);
    flights_.erase(ticket);
}

void UnboundContext::on_result(void* flight, int error, ub_result* result) {
    const auto& question = *static_cast<const Flight*>(flight);
    Answer answer = error == UB_NOERROR ? to_answer(*result, question.name, question.type)
                                        : failed_answer(fmt::format("libunbound: {}", ub_strerror(error)));
    ub_resolve_free(result);
    question.owner.arrived_.emplace_back(question.ticket, std::move(answer));
}

bool UnboundContext::process() {
    const int error = ub_process(context_.get());
    // Handed over after ub_process(), which is not asked to bear questions and cancellations from its callback.
    for (auto& [ticket, answer] : std::exchange(arrived_, {})) {
        const auto found = flights_.find(ticket);
        if (found == flights_.end()) continue;
        const Done done = std::move(found->second->done);
        flights_.erase(found);
        done(std::move(answer));
    }
    return error == UB_NOERROR;
}

}  // namespace sluice::dns
