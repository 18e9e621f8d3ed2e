// decisions.md, "Statuses and stages": one test for each row that the dialogue can show, and the relay safety net.
#include <gtest/gtest.h>

#include "tests/unit/engine_smtp/dialog.hpp"

namespace sluice::smtp::test {
namespace {

using VerdictTest = Fixture;

const std::string greeted = "S: 220\nC: HELO x\nS: 250\n";
const std::string mail = "C: MAIL FROM:<a@x.test>\n";
const std::string rcpt = "C: RCPT TO:<b@example.com>\n";
const std::string quit = "C: QUIT\nS: 221\nEND";
const std::string ehlo_list =
    "S: 250-mx.test\nS: 250-PIPE\nS: 250-SIZE\nS: 250-8BIT\nS: 250-SMTPUTF8\nS: 250-CHUNKING\nS: 250-DSN\nS: 250 ENH\n";

// --- deny

TEST_F(VerdictTest, DenyAtConnectRepliesThenCloses) {
    rules->on(Stage::connect, Verdict::deny());
    converse("S. 554 5.7.1 permanent problems with the remote server\nEND");
    rules->on(Stage::connect, Verdict::deny(reply("421 4.7.0 not now")));
    converse("S. 421 4.7.0 not now\nEND");
}

TEST_F(VerdictTest, DenyAtHeloRepliesThenCloses) {
    rules->on(Stage::helo, Verdict::deny(reply("550 5.7.1 bad name")));
    converse("S: 220\nC: EHLO x\nS. 550 5.7.1 bad name\nEND");
}

TEST_F(VerdictTest, DenyAtMailRefusesThisMailOnly) {
    rules->rules[Stage::mail] = [](SessionFacts&, Transaction* t) {
        return t->reverse_path.local_part == "bad" ? Verdict::deny() : Verdict::next();
    };
    converse(greeted + "C: MAIL FROM:<bad@x.test>\nS. 554 5.7.1 permanent problems with the remote server\n" + rcpt +
             "S: 503\n" + mail + "S: 250\n" + rcpt + "S: 250\nC: DATA\nS: 354\nC: .\nS: 250\n" + quit);
    EXPECT_EQ(sink.messages(), 1u);
}

TEST_F(VerdictTest, DenyAtRcptRefusesThisRecipientOnly) {
    rules->rules[Stage::rcpt] = [](SessionFacts&, Transaction* t) {
        return t->recipients.back().address.local_part == "bad" ? Verdict::deny(reply("550 5.1.1 no such user"))
                                                                : Verdict::next();
    };
    converse(greeted + mail + "S: 250\nC: RCPT TO:<bad@example.com>\nS. 550 5.1.1 no such user\n" + rcpt +
             "S: 250\nC: RCPT TO:<bad@example.com>\nS: 550\nC: DATA\nS: 354\nC: .\nS: 250\n" + quit);
    finish();
    ASSERT_EQ(sink.messages(), 1u);
    EXPECT_EQ(sink.stored()[0].messages[0].transaction.recipients.size(), 1u);
}

TEST_F(VerdictTest, CloseOnDenyRestoresTheOldWay) {
    settings.close_on_deny = true;
    rules->on(Stage::rcpt, Verdict::deny());
    converse(greeted + mail + "S: 250\n" + rcpt + "S: 554\nEND");
    rules->on(Stage::mail, Verdict::deny());
    converse(greeted + mail + "S: 554\nEND");
}

TEST_F(VerdictTest, DenyAtPreqDropsTheMessageAndTheSessionGoesOn) {
    rules->on(Stage::preq, Verdict::deny(reply("550 5.7.1 virus")));
    converse(to_data + "C: .\nS. 550 5.7.1 virus\n" + mail + "S: 250\n" + quit);
    EXPECT_EQ(sink.messages(), 0u);
    rules->on(Stage::preq, Verdict::deny());
    converse(to_data + "C: .\nS: 554 5.7.1\n" + quit);
}

TEST_F(VerdictTest, DenyWithAPositiveCodeAtPreqDrops) {
    rules->on(Stage::preq, Verdict::deny(reply("250 2.0.0 thank you")));
    converse(to_data + "C: .\nS. 250 2.0.0 thank you\n" + quit);
    EXPECT_EQ(sink.messages(), 0u);
    EXPECT_TRUE(events.has(SessionEvent::message_dropped));
}

// --- accept

TEST_F(VerdictTest, AcceptWithoutCodeKeepsGreetingAndEhloList) {
    rules->on(Stage::connect, Verdict::accept());
    rules->on(Stage::helo, Verdict::accept());
    converse("S. 220 mx.test Service ready\nC: EHLO x\n" + ehlo_list + "C: HELO x\nS. 250 Ok\n" + quit);
    rules->on(Stage::connect, Verdict::faccept());
    converse("S. 220 mx.test Service ready\nC: EHLO x\n" + ehlo_list + quit);
}

TEST_F(VerdictTest, AcceptWithACodeIsSaidAsWritten) {
    rules->on(Stage::connect, Verdict::accept(reply("220 welcome")));
    rules->on(Stage::helo, Verdict::accept(reply("250 hello")));
    rules->on(Stage::mail, Verdict::accept(reply("250 sender fine")));
    rules->on(Stage::rcpt, Verdict::accept(reply("250 recipient fine")));
    converse("S. 220 welcome\nC: EHLO x\nS. 250 hello\n" + mail + "S. 250 sender fine\n" + rcpt +
             "S. 250 recipient fine\n" + quit);
}

TEST_F(VerdictTest, AcceptAtPreqLeavesPostqToRun) {
    rules->on(Stage::preq, Verdict::accept(reply("250 2.6.0 taken")));
    converse(to_data + "C: .\nS. 250 2.6.0 taken\n" + quit);
    finish();
    ASSERT_EQ(sink.messages(), 1u);
    EXPECT_FALSE(sink.stored()[0].messages[0].transaction.skip);
}

TEST_F(VerdictTest, ACodeThatIsNoSuccessIsNotSaidForAKeptMessage) {
    rules->on(Stage::preq, Verdict::accept(reply("550 5.0.0 nonsense")));
    converse(to_data + "C: .\nS: 250 2.0.0 Ok: queued\n" + quit);
}

// --- faccept

TEST_F(VerdictTest, FacceptAtMailSkipsTheRestOfThisTransaction) {
    rules->on(Stage::mail, Verdict::faccept(reply("250 welcome")));
    converse(greeted + mail + "S. 250 welcome\n" + rcpt + "S. 250 2.1.5 Ok\nC: DATA\nS: 354\nC: .\nS: 250 2.0.0\n" +
             mail + "S. 250 welcome\n" + quit);
    finish();
    EXPECT_EQ(rules->calls(), "connect helo mail mail");
    const Skip& skip = sink.stored().at(0).messages.at(0).transaction.skip;
    EXPECT_EQ(skip.kind, VerdictKind::faccept);
    EXPECT_EQ(skip.since, Stage::mail);
}

TEST_F(VerdictTest, FacceptIsForgottenByRset) {
    rules->rules[Stage::mail] = [](SessionFacts&, Transaction* t) {
        return t->reverse_path.null() ? Verdict::faccept() : Verdict::next();
    };
    converse(greeted + "C: MAIL FROM:<>\nS: 250\nC: RSET\nS: 250\n" + mail + "S: 250\n" + rcpt + "S: 250\n" + quit);
    EXPECT_EQ(rules->calls(), "connect helo mail mail rcpt");
}

TEST_F(VerdictTest, FacceptAtConnectAndHeloHoldsForTheSession) {
    rules->on(Stage::connect, Verdict::faccept());
    converse(to_data + "C: .\nS: 250\n" + mail + "S: 250\n" + quit);
    EXPECT_EQ(rules->calls(), "connect");
}

TEST_F(VerdictTest, FacceptAtHelo) {
    rules->on(Stage::helo, Verdict::faccept());
    converse(to_data + "C: .\nS: 250\n" + quit);
    finish();
    EXPECT_EQ(rules->calls(), "connect helo");
    EXPECT_EQ(sink.stored().at(0).messages.at(0).transaction.skip.since, Stage::helo);
}

// --- quarantine

TEST_F(VerdictTest, QuarantineAtEachStage) {
    for (const Stage stage : {Stage::connect, Stage::helo, Stage::mail, Stage::rcpt, Stage::preq}) {
        rules->rules.clear();
        rules->on(stage, Verdict::quarantined("spam/" + std::string(to_string(stage))));
        converse(to_data + "C: .\nS: 250 2.0.0\n" + quit);
    }
    finish();
    ASSERT_EQ(sink.messages(), 5u);
    for (const Submission& submission : sink.stored()) {
        const Skip& skip = submission.messages[0].transaction.skip;
        EXPECT_EQ(skip.kind, VerdictKind::quarantine);
        EXPECT_EQ(skip.quarantine, "spam/" + std::string(to_string(skip.since)));
    }
}

TEST_F(VerdictTest, QuarantineIsClearedWithTheTransaction) {
    bool first = true;
    rules->rules[Stage::mail] = [&](SessionFacts&, Transaction*) {
        return std::exchange(first, false) ? Verdict::quarantined("q") : Verdict::next();
    };
    converse(to_data + "C: .\nS: 250\n" + mail + "S: 250\n" + rcpt + "S: 250\nC: DATA\nS: 354\nC: .\nS: 250\n" + quit);
    finish();
    ASSERT_EQ(sink.messages(), 2u);
    EXPECT_TRUE(sink.stored()[0].messages[0].transaction.skip);
    EXPECT_FALSE(sink.stored()[1].messages[0].transaction.skip);
}

// --- errors in rules

const std::string failure = "S. 451 4.3.0 Requested action aborted: local error in processing\n";

TEST_F(VerdictTest, FailedAtConnectIsSaidAndClosed) {
    rules->on(Stage::connect, Verdict::failed());
    converse(failure + "END");
}

TEST_F(VerdictTest, FailedAtHeloRefusesTheHelo) {
    int calls = 0;
    rules->rules[Stage::helo] = [&](SessionFacts&, Transaction*) {
        return calls++ == 0 ? Verdict::failed() : Verdict::next();
    };
    converse("S: 220\nC: HELO x\n" + failure + mail + "S: 503\nC: HELO x\nS: 250\n" + quit);
    EXPECT_EQ(*events.find(SessionEvent::rule_failed), "helo");
}

TEST_F(VerdictTest, FailedAtMailRcptAndPreqGoesOn) {
    int mails = 0;
    int rcpts = 0;
    rules->rules[Stage::mail] = [&](SessionFacts&, Transaction*) {
        return mails++ == 0 ? Verdict::failed() : Verdict::next();
    };
    rules->rules[Stage::rcpt] = [&](SessionFacts&, Transaction*) -> Verdict {
        if (rcpts++ == 0) throw std::runtime_error("bug in the engine");
        return Verdict::next();
    };
    rules->on(Stage::preq, Verdict::failed());
    converse(greeted + mail + failure + mail + "S: 250\n" + rcpt + failure + rcpt + "S: 250\nC: DATA\nS: 354\nC: .\n" +
             failure + quit);
    EXPECT_EQ(sink.messages(), 0u);
}

TEST_F(VerdictTest, OnRuleErrorDenyRestoresTheOldWay) {
    settings.on_rule_error = OnRuleError::deny;
    rules->on(Stage::mail, Verdict::failed());
    converse(greeted + mail + "S: 554\nEND");
}

// --- what rules add is cleared with the transaction

TEST_F(VerdictTest, HeadersStandInFrontAndAreClearedByRset) {
    rules->rules[Stage::mail] = [](SessionFacts&, Transaction* t) {
        t->headers.push_back("X-From: " + t->reverse_path.text + "\r\n");
        return Verdict::next();
    };
    rules->rules[Stage::rcpt] = [](SessionFacts&, Transaction* t) {
        t->headers.push_back("X-To: " + t->recipients.back().address.text + "\r\n");
        return Verdict::next();
    };
    rules->rules[Stage::preq] = [](SessionFacts&, Transaction* t) {
        EXPECT_EQ(*t->message, "X-From: a@x.test\r\nX-To: b@example.com\r\nSubject: s\r\n\r\n");
        EXPECT_TRUE(t->headers.empty());
        t->message = std::make_shared<const std::string>("X-Preq: 1\r\n" + *t->message);
        return Verdict::next();
    };
    converse(greeted + "C: MAIL FROM:<gone@x.test>\nS: 250\n" + rcpt + "S: 250\nC: RSET\nS: 250\n" + mail + "S: 250\n" +
             rcpt + "S: 250\nC: DATA\nS: 354\nC: Subject: s\nC:\nC: .\nS: 250\n" + quit);
    finish();
    ASSERT_EQ(sink.messages(), 1u);
    EXPECT_TRUE(sink.stored()[0].messages[0].transaction.message->starts_with("X-Preq: 1\r\nX-From: a@x.test\r\n"));
}

TEST_F(VerdictTest, RulesMayEmptyTheEnvelope) {
    rules->rules[Stage::rcpt] = [](SessionFacts&, Transaction* t) {
        t->recipients.clear();
        return Verdict::next();
    };
    converse(to_data + "C: .\nS: 554 5.5.1 No valid\n" + quit);
    rules->rules.clear();
    rules->rules[Stage::preq] = [](SessionFacts&, Transaction* t) {
        t->recipients.clear();
        return Verdict::next();
    };
    converse(to_data + "C: .\nS: 250\n" + quit);
    EXPECT_EQ(sink.messages(), 0u);
    EXPECT_TRUE(events.has(SessionEvent::message_dropped));
}

// --- null sender

TEST_F(VerdictTest, NullSenderToAHandledDomainIsThatDomainsIncoming) {
    rules->rules[Stage::rcpt] = [](SessionFacts&, Transaction* t) {
        EXPECT_EQ(to_string(t->type), "incoming");
        EXPECT_EQ(t->domain, "example.com");
        return Verdict::next();
    };
    converse(greeted + "C: MAIL FROM:<>\nS: 250\nC: RCPT TO:<b@sub.example.com>\nS: 250\n" + quit);
}

// --- split messages

const std::string two_domains = greeted + mail + "S: 250\n" + rcpt + "S: 250\nC: RCPT TO:<c@example.org>\nS: 250\n" +
                                "C: DATA\nS: 354\nC: text\nC: .\n";

void refuse_example_org(ScriptedRules& rules, std::string_view how) {
    rules.rules[Stage::preq] = [code = reply(how)](SessionFacts&, Transaction* t) {
        return t->domain == "example.org" ? Verdict::deny(code) : Verdict::next();
    };
}

TEST_F(VerdictTest, TwoHandledDomainsAreTwoMessagesAndOneReply) {
    converse(two_domains + "S~ 250-2\\.0\\.0 Ok: queued as .*\nS~ 250 2\\.0\\.0 Ok: queued as .*\n" + quit);
    finish();
    ASSERT_EQ(sink.stored().size(), 1u);
    const auto& messages = sink.stored()[0].messages;
    ASSERT_EQ(messages.size(), 2u);
    EXPECT_EQ(messages[0].transaction.domain, "example.com");
    EXPECT_EQ(messages[1].transaction.domain, "example.org");
    EXPECT_NE(messages[0].transaction.id, messages[1].transaction.id);
    EXPECT_EQ(messages[0].transaction.recipients.size(), 1u);
    EXPECT_EQ(messages[0].transaction.message, messages[1].transaction.message);  // the same bytes in memory
    EXPECT_EQ(rules->calls(), "connect helo mail rcpt rcpt preq preq");
}

TEST_F(VerdictTest, OneTransientRefusalAndNothingIsKept) {
    refuse_example_org(*rules, "451 4.7.1 greylisted");
    converse(two_domains + "S. 451 4.7.1 greylisted\n" + quit);
    EXPECT_EQ(sink.messages(), 0u);
}

TEST_F(VerdictTest, OnePermanentRefusalIs250AndADsnForTheRefused) {
    refuse_example_org(*rules, "550 5.7.1 no");
    converse(two_domains + "S: 250 2.0.0 Ok\n" + quit);
    finish();
    ASSERT_EQ(sink.stored().size(), 1u);
    EXPECT_EQ(sink.stored()[0].messages.size(), 1u);
    ASSERT_EQ(sink.stored()[0].refused.size(), 1u);
    EXPECT_EQ(sink.stored()[0].refused[0].reply.print(), "550 5.7.1 no\r\n");
    EXPECT_EQ(sink.stored()[0].refused[0].transaction.recipients[0].address.text, "c@example.org");
}

TEST_F(VerdictTest, AllRefusedIsARefusal) {
    rules->on(Stage::preq, Verdict::deny(reply("550 5.7.1 no")));
    converse(two_domains + "S. 550 5.7.1 no\n" + quit);
    EXPECT_EQ(sink.messages(), 0u);
}

TEST_F(VerdictTest, InternalAndOutgoing) {
    rules->rules[Stage::rcpt] = [](SessionFacts&, Transaction* t) {
        return t->type == TransactionType::outgoing ? Verdict::accept() : Verdict::next();
    };
    converse(greeted + "C: MAIL FROM:<a@example.com>\nS: 250\nC: RCPT TO:<c@other.net>\nS: 250\n" + rcpt +
             "S: 250\nC: DATA\nS: 354\nC: .\nS: 250-\nS: 250 \n" + quit);
    finish();
    const auto& messages = sink.stored().at(0).messages;
    ASSERT_EQ(messages.size(), 2u);
    EXPECT_EQ(to_string(messages[0].transaction.type), "internal");
    EXPECT_EQ(to_string(messages[1].transaction.type), "outgoing");
}

// --- the safety net

const std::string relay = "C: RCPT TO:<c@elsewhere.test>\n";
const std::string denied = "S. 554 5.7.1 Relay access denied\n";

TEST_F(VerdictTest, NextAllTheWayDoesNotRelay) {
    converse(greeted + mail + "S: 250\n" + relay + denied + "C: DATA\nS: 554\n" + quit);
    converse(greeted + "C: MAIL FROM:<a@example.com>\nS: 250\n" + relay + denied + quit);  // forged local sender
}

TEST_F(VerdictTest, FacceptBeforeRcptDoesNotRelay) {
    rules->on(Stage::mail, Verdict::faccept());
    converse(greeted + mail + "S: 250\n" + relay + denied + quit);
}

TEST_F(VerdictTest, AcceptOrFacceptAtRcptRelays) {
    rules->on(Stage::rcpt, Verdict::accept());
    converse(greeted + mail + "S: 250\n" + relay + "S: 250\n" + quit);
    rules->on(Stage::rcpt, Verdict::faccept());
    converse(greeted + mail + "S: 250\n" + relay + "S: 250\n" + relay + "S: 250\n" + quit);
}

TEST_F(VerdictTest, QuarantineAtRcptDoesNotRelay) {
    rules->on(Stage::rcpt, Verdict::quarantined("q"));
    converse(greeted + mail + "S: 250\n" + relay + denied + quit);
}

TEST_F(VerdictTest, AuthenticatedSessionsRelay) {
    rules->rules[Stage::helo] = [](SessionFacts& facts, Transaction*) {
        facts.authenticated_as = "alice";
        return Verdict::next();
    };
    converse(greeted + mail + "S: 250\n" + relay + "S: 250\n" + quit);
}

TEST_F(VerdictTest, VerifiedPeersRelayIfTheyMay) {
    rules->rules[Stage::helo] = [](SessionFacts& facts, Transaction*) {
        EXPECT_FALSE(facts.may_relay());
        facts.verified_peer = true;
        EXPECT_TRUE(facts.may_relay());  // what ctx::can_relay() shows
        return Verdict::next();
    };
    settings.tls.verified_peer_can_relay = true;
    converse(greeted + mail + "S: 250\n" + relay + "S: 250\n" + quit);
}

TEST_F(VerdictTest, VerifiedPeersDoNotRelayOtherwise) {
    rules->rules[Stage::helo] = [](SessionFacts& facts, Transaction*) {
        facts.verified_peer = true;
        return Verdict::next();
    };
    converse(greeted + mail + "S: 250\n" + relay + denied + quit);
}

TEST_F(VerdictTest, HeadersSetAsideBeforeMailGoWithEveryMessage) {
    rules->rules[Stage::connect] = [](SessionFacts& facts, Transaction*) {
        facts.headers.push_back("X-Connect: 1\r\n");
        return Verdict::next();
    };
    rules->rules[Stage::helo] = [](SessionFacts& facts, Transaction*) {
        facts.headers.push_back("X-Helo: " + facts.helo + "\r\n");
        return Verdict::next();
    };
    const std::string message = mail + "S: 250\n" + rcpt + "S: 250\nC: DATA\nS: 354\nC: .\nS: 250\n";
    converse(greeted + message + "C: RSET\nS: 250\n" + message + "C: HELO y\nS: 250\n" + message + quit);
    finish();
    ASSERT_EQ(sink.messages(), 3u);
    const auto text = [&](std::size_t i) { return *sink.stored()[i].messages[0].transaction.message; };
    EXPECT_EQ(text(0), "X-Connect: 1\r\nX-Helo: x\r\n");
    EXPECT_EQ(text(1), text(0));
    EXPECT_EQ(text(2), "X-Connect: 1\r\nX-Helo: y\r\n");
}

TEST_F(VerdictTest, PostmasterWithoutDomainIsOurs) {
    rules->rules[Stage::rcpt] = [](SessionFacts&, Transaction* t) {
        EXPECT_EQ(t->recipients.back().address.text, "postmaster@mx.test");
        return Verdict::next();
    };
    converse(greeted + mail + "S: 250\nC: RCPT TO:<Postmaster>\nS: 250\n" + quit);
}

}  // namespace
}  // namespace sluice::smtp::test
