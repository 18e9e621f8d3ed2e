#include "engine/sts/policies.hpp"

#include <fmt/format.h>

#include <unordered_map>
#include <utility>

#include "engine/base/timestamp.hpp"
#include "engine/dns/lookup.hpp"
#include "engine/sts/known_domains.hpp"
#include "engine/sts/mx_match.hpp"
#include "engine/tls/name_table.hpp"
#include "grammar/sts/sts_record.hpp"

namespace sluice::sts {

namespace {

// As policies are known by; nullopt: no domain name.
std::optional<std::string> key_of(const std::string& domain) {
    const auto name = dns::Name::parse_international(domain);
    if (!name) return std::nullopt;
    std::string key = name->without_final_dot();
    if (!tls::is_sni_name(key)) return std::nullopt;
    return key;
}

PolicyAnswer answer_with(const std::shared_ptr<const CachedPolicy>& cached) {
    return {cached->policy.mode, std::shared_ptr<const Policy>(cached, &cached->policy), cached->id, std::nullopt};
}

// "Nothing known" must not look like "no policy".
PolicyAnswer unknown(std::string why) {
    PolicyAnswer answer;
    answer.failure = {FetchFailure::Kind::discovery, std::move(why)};
    return answer;
}

}  // namespace

bool PolicyAnswer::allows(std::string_view mx_host) const { return !policy || matches_any(policy->mx, mx_host); }

// One look at one domain, shared by all who ask meanwhile.
struct Job {
    Job(const asio::any_io_executor& executor, bool asked)
        : changed(executor, asio::steady_timer::time_point::max()), asked(asked) {}

    void say(PolicyAnswer text) {
        answer = std::move(text);
        answered = true;
        changed.cancel();
    }

    asio::steady_timer changed;  // never expires: its waits end when something below has changed
    asio::cancellation_signal cancel;
    bool asked;             // by refresh()
    bool answered = false;  // what find() says
    bool fetched = false;   // there was an attempt
    bool ended = false;     // what refresh() says
    // The first is for who is told nothing else, because look-up or fetch were cancelled.
    PolicyAnswer answer = unknown("cancelled");
};

class Policies::State : public std::enable_shared_from_this<State> {
  public:
    State(asio::any_io_executor executor, std::shared_ptr<dns::Resolver> resolver,
          std::shared_ptr<PolicyFetcher> fetcher, std::shared_ptr<PolicyStore> store, io::BlockingPool& pool,
          Settings settings)
        : executor_(std::move(executor)),
          resolver_(std::move(resolver)),
          fetcher_(std::move(fetcher)),
          store_(std::move(store)),
          pool_(pool),
          settings_(std::move(settings)),
          known_(settings_.memory) {}

    // From any thread.
    [[nodiscard]] static asio::awaitable<PolicyAnswer> ask(std::shared_ptr<State> self, std::string domain,
                                                           bool asked) {
        const std::optional<std::string> key = key_of(domain);
        if (!key) co_return PolicyAnswer{};
        co_return co_await asio::co_spawn(self->executor_, wait(self, *key, asked), asio::use_awaitable);
    }
    static void stop(const std::shared_ptr<State>& self) {
        asio::post(self->executor_, [self] {
            self->stopped_ = true;
            for (const auto& [domain, job] : self->jobs_) job->cancel.emit(asio::cancellation_type::terminal);
        });
    }

  private:
    [[nodiscard]] static asio::awaitable<PolicyAnswer> wait(std::shared_ptr<State> self, std::string domain,
                                                            bool asked);
    [[nodiscard]] std::shared_ptr<Job> start(const std::string& domain, bool asked);
    [[nodiscard]] asio::awaitable<void> work(std::string domain, std::shared_ptr<Job> job);
    [[nodiscard]] asio::awaitable<Known> recall(std::string domain);
    [[nodiscard]] asio::awaitable<Discovery> discover(std::string domain);
    [[nodiscard]] asio::awaitable<void> fetch(std::string domain, Known known, std::string id,
                                              std::shared_ptr<Job> job);
    [[nodiscard]] asio::awaitable<void> keep(std::string domain, std::shared_ptr<const CachedPolicy> cached);
    [[nodiscard]] asio::awaitable<void> drop(std::string domain);
    void failed(const std::string& domain, const Known& known, const FetchFailure& failure);
    [[nodiscard]] PolicyAnswer answer(const Known& known, const Discovery& discovery) const;

    asio::any_io_executor executor_;
    std::shared_ptr<dns::Resolver> resolver_;
    std::shared_ptr<PolicyFetcher> fetcher_;
    std::shared_ptr<PolicyStore> store_;
    io::BlockingPool& pool_;
    Settings settings_;
    KnownDomains known_;
    std::unordered_map<std::string, std::shared_ptr<Job>> jobs_;
    bool stopped_ = false;
};

asio::awaitable<PolicyAnswer> Policies::State::wait(std::shared_ptr<State> self, std::string domain, bool asked) {
    for (;;) {
        const auto running = self->jobs_.find(domain);
        const std::shared_ptr<Job> job =
            running == self->jobs_.end() ? self->start(domain, asked) : std::shared_ptr(running->second);
        while (!(asked ? job->ended : job->answered)) {
            (void)co_await job->changed.async_wait(asio::as_tuple(asio::use_awaitable));
            const asio::cancellation_state state = co_await asio::this_coro::cancellation_state;
            if (state.cancelled() != asio::cancellation_type::none) co_return unknown("cancelled");
        }
        // A job that began before us and had no reason to fetch is not what refresh() wants.
        if (!asked || job->asked || job->fetched) co_return job->answer;
    }
}

std::shared_ptr<Job> Policies::State::start(const std::string& domain, bool asked) {
    auto job = std::make_shared<Job>(executor_, asked);
    jobs_[domain] = job;
    asio::co_spawn(executor_, work(domain, job),
                   asio::bind_cancellation_slot(job->cancel.slot(),
                                                [self = shared_from_this(), domain, job](const std::exception_ptr&) {
                                                    // Thrown: only by a look-up or a fetch that stop() has cancelled.
                                                    self->jobs_.erase(domain);
                                                    job->ended = true;
                                                    job->say(std::move(job->answer));
                                                }));
    return job;
}

asio::awaitable<void> Policies::State::work(std::string domain, std::shared_ptr<Job> job) {
    // A cancellation must not end this on a thread of the pool. (Lambdas for the pool hold references, no copies: GCC
    // 12 destroys captures of a temporary in a co_await expression twice.)
    co_await asio::this_coro::throw_if_cancelled(false);
    Known known = co_await recall(domain);
    if (known.in_force(settings_.now())) job->answer = answer_with(known.cached);
    const Discovery discovery = co_await discover(domain);
    if (stopped_) {
        job->answer = answer(known, discovery);
        co_return;
    }
    const TimePoint now = settings_.now();
    const FetchPlan plan = plan_fetch(known, discovery, now, job->asked, settings_.times);
    // What was tried long ago and need not be tried again is nobody's failure any more.
    if (plan == FetchPlan::none && !resting(known, now, settings_.times)) known.failed.reset();
    if (plan != FetchPlan::first) job->say(answer(known, discovery));
    if (plan != FetchPlan::none) {
        job->fetched = true;
        const std::string id = discovery.id ? *discovery.id : known.cached->id;
        co_await fetch(domain, known, id, job);
    } else if (known.cached && !known.in_force(now) && !discovery.id && !discovery.failed) {
        co_await drop(domain);
    }
}

asio::awaitable<Known> Policies::State::recall(std::string domain) {
    if (const Known* const known = known_.find(domain)) co_return *known;
    Known known;
    if (!store_ || !store_->has(domain)) co_return known;
    PolicyStore::Loaded loaded = co_await pool_.run([&] { return store_->load(domain); });
    if (!loaded.trouble.empty()) settings_.note("MTA-STS: " + loaded.trouble);
    if (!loaded.policy) co_return known;
    known.cached = std::make_shared<const CachedPolicy>(std::move(*loaded.policy));
    known_.put(domain, known);
    co_return known;
}

asio::awaitable<Discovery> Policies::State::discover(std::string domain) {
    const std::string record = "_mta-sts." + domain;
    const auto name = dns::Name::parse(record + '.');
    if (!name) co_return Discovery{};  // too long to have one
    const dns::Texts found = co_await dns::texts(*resolver_, *name);
    Discovery discovery;
    if (found.failed()) {
        discovery.failed = {FetchFailure::Kind::discovery,
                            fmt::format("TXT {}: {}: {}", record, to_string(found.outcome), found.why)};
        co_return discovery;
    }
    grammar::sts::ParsedStsRecord chosen = grammar::sts::choose_sts_record(found.texts);
    if (chosen.record) discovery.id = std::move(chosen.record->id);
    if (!chosen.error.empty()) {
        discovery.failed = {FetchFailure::Kind::discovery, fmt::format("TXT {}: {}", record, chosen.error)};
    }
    co_return discovery;
}

asio::awaitable<void> Policies::State::fetch(std::string domain, Known known, std::string id,
                                             std::shared_ptr<Job> job) {
    FetchedPolicy fetched = co_await fetcher_->fetch(domain);
    const TimePoint now = settings_.now();
    if (!fetched) {
        if (!known.in_force(now)) known.cached = nullptr;
        if (!stopped_) failed(domain, known, fetched.error());
        known.failed = {now, fetched.error()};
        known_.put(domain, known);
        PolicyAnswer answer = known.cached ? answer_with(known.cached) : PolicyAnswer{};
        answer.failure = fetched.error();
        job->say(std::move(answer));
        co_return;
    }
    const auto cached = std::make_shared<const CachedPolicy>(
        CachedPolicy{std::move(*fetched), std::move(id), std::chrono::floor<std::chrono::seconds>(now)});
    known_.put(domain, {cached, std::nullopt});
    // Also one with max_age 0, which counts for those who wait for it now.
    job->say(answer_with(cached));
    co_await keep(domain, cached);
}

void Policies::State::failed(const std::string& domain, const Known& known, const FetchFailure& failure) {
    // RFC 8461 3.3: administrators hear of it, unless the domain is about to leave MTA-STS.
    if (known.cached && known.cached->policy.mode == PolicyMode::none) return;
    std::string line =
        fmt::format("MTA-STS: no policy of {} ({}): {}", domain, report_type(failure.kind), failure.text);
    if (known.cached) {
        const TimePoint end = known.cached->fetched + std::chrono::seconds(known.cached->policy.max_age);
        line += fmt::format("; the one with id {} counts until {}", known.cached->id, timestamp(end));
    }
    settings_.note(line);
}

asio::awaitable<void> Policies::State::keep(std::string domain, std::shared_ptr<const CachedPolicy> cached) {
    if (!store_ || stopped_) co_return;
    const std::string trouble = co_await pool_.run([&] { return store_->save(domain, *cached); });
    if (!trouble.empty()) settings_.note("MTA-STS: " + trouble);
}

asio::awaitable<void> Policies::State::drop(std::string domain) {
    known_.forget(domain);
    if (!store_) co_return;
    const std::string trouble = co_await pool_.run([&] { return store_->remove(domain); });
    if (!trouble.empty()) settings_.note("MTA-STS: " + trouble);
}

PolicyAnswer Policies::State::answer(const Known& known, const Discovery& discovery) const {
    const bool in_force = known.in_force(settings_.now());
    PolicyAnswer answer = in_force ? answer_with(known.cached) : PolicyAnswer{};
    // A domain that has no policy any more has no failure either.
    if (known.failed && (in_force || discovery.id || discovery.failed)) answer.failure = known.failed->failure;
    if (!answer.failure) answer.failure = discovery.failed;
    return answer;
}

Policies::Policies(asio::any_io_executor executor, std::shared_ptr<dns::Resolver> resolver,
                   std::shared_ptr<PolicyFetcher> fetcher, std::shared_ptr<PolicyStore> store, io::BlockingPool& pool,
                   Settings settings)
    : state_(std::make_shared<State>(std::move(executor), std::move(resolver), std::move(fetcher), std::move(store),
                                     pool, std::move(settings))) {}

Policies::~Policies() { State::stop(state_); }

asio::awaitable<PolicyAnswer> Policies::find(std::string domain) {
    return State::ask(state_, std::move(domain), false);
}

asio::awaitable<PolicyAnswer> Policies::refresh(std::string domain) {
    return State::ask(state_, std::move(domain), true);
}

}  // namespace sluice::sts
