#include "engine/watch/difference.hpp"

#include <gtest/gtest.h>

#include "tests/unit/engine_watch/live_run.hpp"

namespace sluice::watch {
namespace {

PlayedRun run_of(const std::string& from = "a@x.test", const std::string& rcpt = "b@y.test") {
    PlayedRun run;
    run.transaction = test::transaction_of(from, rcpt);
    run.transaction->message = std::make_shared<const std::string>("Subject: s\r\n\r\ntext\r\n");
    return run;
}

// "verdict: A -> B; recipients: C -> D"
std::string compared(const PlayedRun& live, const PlayedRun& fresh) {
    std::string text;
    for (const auto& one : compare(live, fresh))
        text += (text.empty() ? "" : "; ") + one.what + ": " + one.live + " -> " + one.fresh;
    return text;
}

smtp::Verdict deny(std::string_view reply) { return smtp::Verdict::deny(smtp::Reply::parse(reply).value()); }

TEST(DifferenceTest, None) {
    EXPECT_EQ(compared(run_of(), run_of()), "");
    EXPECT_EQ(compared(PlayedRun(), PlayedRun()), "");
}

TEST(DifferenceTest, Verdicts) {
    auto live = run_of(), fresh = run_of();
    live.trace.verdict = deny("550 5.7.1 a");
    EXPECT_EQ(compared(live, fresh), "verdict: deny 550 5.7.1 a -> next");
    fresh.trace.verdict = deny("550 5.7.1 a");
    EXPECT_EQ(compared(live, fresh), "");
    live.trace.verdict = deny("550-5.7.1 a\r\n550 5.7.1 b");
    EXPECT_EQ(compared(live, fresh), "verdict: deny 550-5.7.1 a / b -> deny 550 5.7.1 a");
    live.trace.verdict = smtp::Verdict::quarantined("virus");
    fresh.trace.verdict = smtp::Verdict::quarantined("spam");
    EXPECT_EQ(compared(live, fresh), "verdict: quarantine virus -> quarantine spam");
    live.trace.verdict = smtp::Verdict::deny();
    fresh.trace.verdict = deny("554 5.7.1 text");
    EXPECT_EQ(compared(live, fresh), "verdict: deny -> deny 554 5.7.1 text");
    live.trace.verdict = fresh.trace.verdict = smtp::Verdict::failed();
    EXPECT_EQ(compared(live, fresh), "");
}

TEST(DifferenceTest, Envelope) {
    EXPECT_EQ(compared(run_of(), run_of("", "b@y.test")), "reverse-path: <a@x.test> -> <>");
    auto fresh = run_of();
    fresh.transaction->recipients[0].transport = "forward smtp://user:secret@z.test";
    const auto text = compared(run_of(), fresh);
    EXPECT_EQ(text.find("recipients: <b@y.test> -> <b@y.test> by forward "), 0u) << text;
    EXPECT_EQ(text.find("secret"), std::string::npos) << text;
    fresh.transaction->recipients.clear();
    EXPECT_EQ(compared(run_of(), fresh), "recipients: <b@y.test> -> none");
}

TEST(DifferenceTest, FieldsAndMessage) {
    auto live = run_of(), fresh = run_of();
    live.transaction->headers = {"A: 1\r\n", "B: 2\r\n"};
    fresh.transaction->headers = {"A: 1\r\nB: 3\r\n"};
    EXPECT_EQ(compared(live, fresh), "header fields: 12 octets, line 2: B: 2 -> 12 octets, line 2: B: 3");
    fresh.transaction->headers = {"A: 1\r\nB: 2\r\n"};
    EXPECT_EQ(compared(live, fresh), "");
    fresh.transaction->message = std::make_shared<const std::string>("Subject: s\r\n\r\ntext\x1b\r\n");
    EXPECT_EQ(compared(live, fresh), "message: 20 octets, line 3: text -> 21 octets, line 3: text\\x1b");
    fresh.transaction->message = std::make_shared<const std::string>("");
    EXPECT_EQ(compared(live, fresh), "message: 20 octets, line 1: Subject: s -> 0 octets, line 1: ");
}

TEST(DifferenceTest, WhoDecided) {
    PlayedRun run;
    EXPECT_EQ(decision_text(run), "next");
    run.trace.verdict = deny("550 5.7.1 a");
    run.trace.directives.push_back({.name = "x", .place = "filter.vsl:3:5"});
    EXPECT_EQ(decision_text(run), "deny 550 5.7.1 a by rule \"x\" at filter.vsl:3:5");
    run.trace.verdict = smtp::Verdict::failed();
    run.trace.directives.back().failure = "division by zero";
    EXPECT_EQ(decision_text(run), "failed by rule \"x\" at filter.vsl:3:5: division by zero");
}

TEST(DifferenceTest, NotComparable) {
    filter::StageTrace trace;
    trace.directives.push_back({.name = "x", .place = "f:1:1"});
    EXPECT_FALSE(why_not_comparable(trace));
    trace.directives.back().calls.push_back({"ctx::helo()", "\"the program is not run while rules are only tried\""});
    EXPECT_FALSE(why_not_comparable(trace));
    trace.directives.back().calls.push_back({"auth::unix_users()", "deny", "saslauthd is not asked twice"});
    EXPECT_EQ(why_not_comparable(trace), "saslauthd is not asked twice (rule \"x\" at f:1:1)");
}

}  // namespace
}  // namespace sluice::watch
