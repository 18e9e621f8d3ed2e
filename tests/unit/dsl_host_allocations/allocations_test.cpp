// A stage run of a typical policy asks the system for no memory once its thread has run a few of them. A program of its
// own, because it replaces operator new; with a sanitizer, which watches that itself, there is nothing to count.
#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

#include "dsl/host/rule_script.hpp"
#include "dsl/host/stage_run.hpp"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SLUICE_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SLUICE_SANITIZED 1
#endif
#endif

namespace {
std::size_t allocations = 0;
}

#ifndef SLUICE_SANITIZED
void* operator new(std::size_t bytes) {
    ++allocations;
    if (void* memory = std::malloc(bytes)) return memory;
    throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
#endif

namespace sluice::dsl {
namespace {

class Client final : public Host {
  public:
    Client() : Host(Stage::rcpt) {}
    Outcome call(HostFunction function, NativeCall& call) override {
        switch (function) {
            case HostFunction::ctx_helo: return call.ok(Value::string("a-rather-long-name.of-a-client.example.org"));
            case HostFunction::ctx_client_ip: return call.ok(Value::string("2001:db8:1234:5678:9abc:def0:1234:5678"));
            default: return call.fail("not part of the test");
        }
    }
};

TEST(StageRuns, AllocateNothingWhenWarm) {
#ifdef SLUICE_SANITIZED
    GTEST_SKIP() << "memory of small objects is not pooled here";
#endif
    const auto text = R"(
        const BLOCKED = ["a.example", "b.example", "c.example", "a-rather-long-name.of-another-client.example.org"];
        const LIMITS = #{ "a-rather-long-name.of-a-client.example.org": 5, "short": 1 };
        fn limit(name) { LIMITS_OF(name) ?? 10 }
        fn LIMITS_OF(name) { global::LIMITS[name] }
        #{ rcpt: [
            action "look" || { let helo = ctx::helo(); let seen = `${helo} from ${ctx::client_ip()}`; seen.len() > 500 },
            rule "blocked" || if ctx::helo() in BLOCKED { state::deny() } else { state::next() },
            rule "switch" || switch ctx::helo() { "x" | "y" => state::deny(), "z" => state::accept(), _ => state::next() },
            rule "limit" || { let n = 0; for i in 0..limit(ctx::helo()) { n += i; } if n > 100 { state::deny() } else { state::next() } },
            rule "last" || state::accept(),
        ] })";
    Diagnostics diagnostics;
    const auto script = RuleScript::load(std::make_shared<SourceFile>("filter.vsl", text), {}, diagnostics);
    ASSERT_TRUE(script) << diagnostics.all().front().message;
    Client client;
    const Limits limits;
    const auto run = [&] {
        StageRun stage(script, Stage::rcpt, client, limits);
        ASSERT_EQ(stage.run(), StageRun::State::done);
        ASSERT_EQ(stage.outcome().failure, "");
        ASSERT_EQ(stage.outcome().directive, "last");
    };
    for (int i = 0; i < 3; ++i) run();
    const auto before = allocations;
    for (int i = 0; i < 100; ++i) run();
    EXPECT_EQ(allocations - before, 0u);
}

}  // namespace
}  // namespace sluice::dsl
