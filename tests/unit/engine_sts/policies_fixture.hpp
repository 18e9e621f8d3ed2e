// Policies with a clock, a DNS and policy hosts of the test's own.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/dns/fake_resolver.hpp"
#include "engine/sts/policies.hpp"
#include "tests/support/temporary_directory.hpp"

namespace sluice::sts {

using namespace std::chrono_literals;

using Kind = FetchFailure::Kind;

// Gives what the test has set, and counts.
class FakeFetcher : public PolicyFetcher {
  public:
    explicit FakeFetcher(asio::io_context& io) : gate_(io, asio::steady_timer::time_point::max()) {}

    asio::awaitable<FetchedPolicy> fetch(std::string domain) override {
        ++fetches[domain];
        while (held) {
            (void)co_await gate_.async_wait(asio::as_tuple(asio::use_awaitable));
            const asio::cancellation_state state = co_await asio::this_coro::cancellation_state;
            if (state.cancelled() != asio::cancellation_type::none) break;
        }
        const auto found = policies.find(domain);
        if (found == policies.end()) co_return Failure{failure};
        co_return found->second;
    }
    void release() {
        held = false;
        gate_.cancel();
    }

    std::map<std::string, Policy> policies;
    FetchFailure failure{Kind::fetch_error, "status 404"};
    std::map<std::string, int> fetches;
    bool held = false;

  private:
    asio::steady_timer gate_;
};

inline Policy policy(PolicyMode mode, std::vector<std::string> mx, std::uint32_t max_age = 7 * 86400) {
    return {mode, std::move(mx), max_age};
}

class PoliciesTest : public testing::Test {
  protected:
    PoliciesTest() { restart(); }

    // As a new process would begin: nothing is left but the directory.
    void restart(std::size_t memory = limits::sts_memory) {
        policies_.reset();
        run_all();
        PolicyStore::Opened opened = PolicyStore::open(root_ / "cache");
        EXPECT_EQ(opened.error, "");
        start(std::move(opened.store), memory);
    }
    void start(std::shared_ptr<PolicyStore> store, std::size_t memory = limits::sts_memory) {
        Policies::Settings settings;
        settings.memory = memory;
        settings.now = [this] { return now_; };
        settings.note = [this](const std::string& line) { notes_.push_back(line); };
        policies_ = std::make_unique<Policies>(io_.get_executor(), resolver_, fetcher_, std::move(store), pool_,
                                               std::move(settings));
    }
    void run_all() {
        io_.run();
        io_.restart();
    }

    static dns::Name name(std::string_view text) { return dns::Name::parse(text).value(); }
    void texts(const std::string& domain, const std::vector<std::string>& texts) {
        std::vector<dns::Record> records;
        for (const std::string& each : texts) records.emplace_back(dns::Txt{each});
        resolver_->set(name("_mta-sts." + domain), dns::RecordType::txt, std::move(records));
    }
    void id(const std::string& domain, const std::string& id) { texts(domain, {"v=STSv1; id=" + id + ";"}); }
    void dns_fails(const std::string& domain) {
        resolver_->set(name("_mta-sts." + domain), dns::RecordType::txt, dns::failed_answer("SERVFAIL"));
    }
    // A domain with record and policy.
    void publish(const std::string& domain, Policy policy, const std::string& with_id = "1") {
        id(domain, with_id);
        fetcher_->policies[domain] = std::move(policy);
    }

    enum class How { find, refresh };
    // The answer, once everything has come to rest.
    PolicyAnswer ask(const std::string& domain, How how) {
        std::optional<PolicyAnswer> answer;
        asio::co_spawn(io_, how == How::find ? policies_->find(domain) : policies_->refresh(domain),
                       [&](std::exception_ptr thrown, PolicyAnswer given) {
                           if (thrown) std::rethrow_exception(thrown);
                           answer = std::move(given);
                       });
        run_all();
        EXPECT_TRUE(answer);
        return answer.value_or(PolicyAnswer{});
    }
    PolicyAnswer find(const std::string& domain) { return ask(domain, How::find); }
    PolicyAnswer refresh(const std::string& domain) { return ask(domain, How::refresh); }
    // "enforce mx.test,*.b (id 1)", "-"; a failure behind it.
    static std::string text(const PolicyAnswer& answer) {
        std::string out = "-";
        if (answer.policy) {
            out = std::string(to_string(answer.mode));
            for (const std::string& mx : answer.policy->mx) out += ' ' + mx;
            out += " id " + answer.id;
        }
        if (answer.failure)
            out += " failure " + std::to_string(static_cast<int>(answer.failure->kind)) + ' ' + answer.failure->text;
        return out;
    }
    std::string found(const std::string& domain) { return text(find(domain)); }
    int fetches(const std::string& domain) { return fetcher_->fetches[domain]; }

    test::TemporaryDirectory root_{test::TemporaryDirectory::Where::memory};
    asio::io_context io_;
    TimePoint now_ = TimePoint(1'700'000'000s);
    std::shared_ptr<dns::FakeResolver> resolver_ = std::make_shared<dns::FakeResolver>();
    std::shared_ptr<FakeFetcher> fetcher_ = std::make_shared<FakeFetcher>(io_);
    io::BlockingPool pool_{2};
    std::vector<std::string> notes_;
    std::unique_ptr<Policies> policies_;
};

}  // namespace sluice::sts
