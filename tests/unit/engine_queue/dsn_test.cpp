#include "engine/queue/dsn.hpp"

#include <gmock/gmock.h>

#include "engine/base/ids.hpp"
#include "engine/queue/dsn_quoting.hpp"
#include "tests/unit/engine_queue/dsn_fixture.hpp"

namespace sluice::queue {
namespace {

using testing::HasSubstr;
using testing::Not;

// RFC 3461 4.1 and 5.2: every set of NOTIFY against every action.
TEST(DsnIsOwed, EveryNotifyAgainstEveryAction) {
    Envelope envelope;
    envelope.reverse_path = "me@sender.test";
    for (int notify = 0; notify < 16; ++notify) {
        Recipient recipient;
        recipient.notify = static_cast<std::uint8_t>(notify);
        const bool never = (notify & notify_never) != 0;
        const bool silent = notify == 0;
        const bool success = !never && (notify & notify_success) != 0;
        const bool failure = silent || (!never && (notify & notify_failure) != 0);
        const bool delay = silent || (!never && (notify & notify_delay) != 0);
        EXPECT_EQ(is_owed(envelope, recipient, DsnAction::failed), failure) << notify;
        EXPECT_EQ(is_owed(envelope, recipient, DsnAction::delayed), delay) << notify;
        EXPECT_EQ(is_owed(envelope, recipient, DsnAction::delivered), success) << notify;
        EXPECT_EQ(is_owed(envelope, recipient, DsnAction::relayed), success) << notify;
    }
    const Recipient silent;
    EXPECT_TRUE(is_owed(envelope, silent, DsnAction::failed));
    EXPECT_FALSE(is_owed(envelope, silent, DsnAction::delivered));
}

TEST(DsnIsOwed, NobodyReportsToTheNullReversePath) {
    const Envelope null;
    Recipient recipient;
    for (const std::uint8_t notify : {0, 2 | 4 | 8}) {
        recipient.notify = notify;
        for (const auto action : {DsnAction::failed, DsnAction::delayed, DsnAction::delivered, DsnAction::relayed})
            EXPECT_FALSE(is_owed(null, recipient, action));
    }
}

TEST(Dsn, Envelope) {
    const DsnCase given;
    const Message report = given.report();
    EXPECT_TRUE(Uuid::parse(report.envelope.id));
    EXPECT_NE(report.envelope.id, given.envelope.id);
    EXPECT_NE(report.envelope.id, given.report().envelope.id);
    Envelope expected;
    expected.id = report.envelope.id;
    expected.received = at_second(86'400);
    expected.server_name = "mx.example.com";
    expected.recipients.resize(1);
    expected.recipients.front().address = "me@sender.test";
    expected.recipients.front().notify = notify_never;
    EXPECT_EQ(report.envelope, expected);
    EXPECT_EQ(report.prefix, "");
}

TEST(Dsn, Header) {
    const Message report = DsnCase().report();
    const ParsedDsn parsed(report);
    EXPECT_EQ(parsed.field("From"), "Mail Delivery System <MAILER-DAEMON@mx.example.com>");
    EXPECT_EQ(parsed.field("To"), "<me@sender.test>");
    EXPECT_EQ(parsed.field("Subject"), "Failed: your message to joe@remote.test");
    EXPECT_EQ(parsed.field("Date"), "Fri, 02 Jan 1970 00:00:00 +0000");
    EXPECT_EQ(parsed.field("Message-ID"), "<" + report.envelope.id + "@mx.example.com>");
    EXPECT_EQ(parsed.field("Auto-Submitted"), "auto-replied");
    EXPECT_EQ(parsed.field("MIME-Version"), "1.0");
    EXPECT_THAT(parsed.field("Content-Type"), testing::StartsWith("multipart/report; report-type=delivery-status; "));
    EXPECT_EQ(parsed.field("Return-Path"), "-");
    EXPECT_EQ(parsed.field("TLS-Required"), "-");
}

TEST(Dsn, SubjectTellsTheGravestAction) {
    const std::vector<std::pair<std::vector<DsnAction>, std::string>> rows = {
        {{DsnAction::failed}, "Failed: your message to a0@x.test"},
        {{DsnAction::delayed}, "Delayed: your message to a0@x.test"},
        {{DsnAction::delivered}, "Delivered: your message to a0@x.test"},
        {{DsnAction::relayed}, "Passed on: your message to a0@x.test"},
        {{DsnAction::failed, DsnAction::failed}, "Failed: your message to 2 recipients"},
        {{DsnAction::delivered, DsnAction::failed, DsnAction::delayed}, "Failed: your message to a1@x.test"},
        {{DsnAction::relayed, DsnAction::delayed}, "Delayed: your message to a1@x.test"},
        {{DsnAction::delivered, DsnAction::relayed}, "Passed on: your message to a1@x.test"},
    };
    for (const auto& [actions, subject] : rows) {
        DsnCase given;
        given.actions = actions;
        given.recipients.clear();
        for (std::size_t i = 0; i < actions.size(); ++i)
            given.recipients.push_back(failed_recipient("a" + std::to_string(i) + "@x.test"));
        EXPECT_EQ(ParsedDsn(given.report()).field("Subject"), subject);
    }
}

TEST(Dsn, SubjectShowsTheAddressTheSenderWroteAndNoTricks) {
    DsnCase given;
    given.recipients[0].original_recipient = "rfc822;list+2Bjoe@here.test";
    EXPECT_EQ(ParsedDsn(given.report()).field("Subject"), "Failed: your message to list+joe@here.test");
    for (const char* odd : {"\"a b\"@x.test", "=?utf-8?q?x?=@x.test", "\xc3\xa9@x.test", "\xff@x.test"}) {
        given.recipients[0] = failed_recipient(odd);
        EXPECT_EQ(ParsedDsn(given.report()).field("Subject"), "Failed: your message to a recipient") << odd;
    }
}

TEST(Dsn, FieldsAboutTheMessage) {
    DsnCase given;
    EXPECT_EQ(ParsedDsn(given.report()).status(0, "Original-Envelope-Id"), "-");
    given.envelope.envelope_id = "QQ+2B314+3D159";
    const ParsedDsn parsed(given.report());
    EXPECT_EQ(parsed.status(0, "Original-Envelope-Id"), "QQ+314=159");
    EXPECT_EQ(parsed.status(0, "Reporting-MTA"), "dns; mx.example.com");
    EXPECT_EQ(parsed.status(0, "Arrival-Date"), "Thu, 01 Jan 1970 00:00:00 +0000");
}

TEST(Dsn, FieldsAboutAFailedRecipient) {
    DsnCase given;
    given.recipients[0].original_recipient = "rfc822;Joe+2Bx@here.test";
    const ParsedDsn parsed(given.report());
    EXPECT_EQ(parsed.status(1, "Original-Recipient"), "rfc822; Joe+x@here.test");
    EXPECT_EQ(parsed.status(1, "Final-Recipient"), "rfc822; joe@remote.test");
    EXPECT_EQ(parsed.status(1, "Action"), "failed");
    EXPECT_EQ(parsed.status(1, "Status"), "5.1.1");
    EXPECT_EQ(parsed.status(1, "Remote-MTA"), "dns; mx.remote.test (192.0.2.1)");
    EXPECT_EQ(parsed.status(1, "Diagnostic-Code"), "smtp; 550 5.1.1 User unknown");
    EXPECT_EQ(parsed.status(1, "Last-Attempt-Date"), "Fri, 02 Jan 1970 00:00:00 +0000");
    EXPECT_EQ(parsed.status(1, "Will-Retry-Until"), "-");
}

TEST(Dsn, FieldsAboutADelayedRecipient) {
    DsnCase given;
    given.actions = {DsnAction::delayed};
    given.recipients[0].status = "4.3.2";
    given.recipients[0].last_error = "421 busy";
    ParsedDsn parsed(given.report());
    EXPECT_EQ(parsed.status(1, "Action"), "delayed");
    EXPECT_EQ(parsed.status(1, "Status"), "4.3.2");
    EXPECT_EQ(parsed.status(1, "Will-Retry-Until"), "Tue, 06 Jan 1970 00:00:00 +0000");
    EXPECT_THAT(parsed.text(0), HasSubstr("again and again until Tue, 06\r\nJan 1970 00:00:00 +0000. "));
    given.origin.expires = {};
    EXPECT_EQ(ParsedDsn(given.report()).status(1, "Will-Retry-Until"), "-");
}

TEST(Dsn, ASuccessDoesNotQuoteTheFailureBefore) {
    DsnCase given;
    for (const auto& [action, name] : {std::pair{DsnAction::delivered, "delivered"}, {DsnAction::relayed, "relayed"}}) {
        given.actions = {action};
        given.recipients[0] = failed_recipient();
        ParsedDsn earlier(given.report());
        EXPECT_EQ(earlier.status(1, "Action"), name);
        EXPECT_EQ(earlier.status(1, "Status"), "2.0.0");
        EXPECT_EQ(earlier.status(1, "Diagnostic-Code"), "-");
        EXPECT_EQ(earlier.status(1, "Remote-MTA"), "-");
        EXPECT_THAT(earlier.text(0), Not(HasSubstr("User unknown")));
        given.recipients[0].status.clear();
        given.recipients[0].last_error = "250 2.1.5 Ok";
        ParsedDsn now(given.report());
        EXPECT_EQ(now.status(1, "Status"), "2.1.5");
        EXPECT_EQ(now.status(1, "Diagnostic-Code"), "smtp; 250 2.1.5 Ok");
        EXPECT_EQ(now.status(1, "Remote-MTA"), "dns; mx.remote.test (192.0.2.1)");
    }
}

TEST(Dsn, StatusFitsTheActionWhateverWasStored) {
    struct Row {
        DsnAction action;
        std::string status, error, expected;
    };
    const std::vector<Row> rows = {
        {DsnAction::failed, "5.7.1", "550 5.1.1 x", "5.7.1"},
        {DsnAction::failed, "4.4.7", "421 x", "4.4.7"},
        {DsnAction::failed, "", "550 5.1.1 x", "5.1.1"},
        {DsnAction::failed, "", "550-5.1.1 x\r\n550 5.1.1 y", "5.1.1"},
        {DsnAction::failed, "", "5.4.4 no route", "5.4.4"},
        {DsnAction::failed, "", "550 sorry", "5.0.0"},
        {DsnAction::failed, "", "450 sorry", "4.0.0"},
        {DsnAction::failed, "", "550", "5.0.0"},
        {DsnAction::failed, "", "", "5.0.0"},
        {DsnAction::failed, "2.0.0", "550 2.1.1 x", "5.0.0"},
        {DsnAction::failed, "5.1", "", "5.0.0"},
        {DsnAction::failed, "5.1.1x", "", "5.0.0"},
        {DsnAction::failed, "5.1.1234", "", "5.0.0"},
        {DsnAction::failed, "5.123.123", "", "5.123.123"},
        {DsnAction::failed, "", "5501 x", "5.0.0"},
        {DsnAction::delayed, "5.1.1", "450 5.1.1 x", "4.0.0"},
        {DsnAction::delayed, "", "connection refused", "4.0.0"},
        {DsnAction::delivered, "4.2.2", "", "2.0.0"},
        {DsnAction::delivered, "2.1.5", "", "2.1.5"},
    };
    for (const Row& row : rows) {
        DsnCase given;
        given.actions = {row.action};
        given.recipients[0].status = row.status;
        given.recipients[0].last_error = row.error;
        EXPECT_EQ(ParsedDsn(given.report()).status(1, "Status"), row.expected) << row.status << "/" << row.error;
    }
}

TEST(Dsn, OurOwnWordsAreNoSmtpReply) {
    DsnCase given;
    given.recipients[0].remote.clear();
    given.recipients[0].attempts = 0;
    given.recipients[0].last_error = "5.4.4 no route to this recipient";
    ParsedDsn own(given.report());
    EXPECT_EQ(own.status(1, "Diagnostic-Code"), "X-Sluice; 5.4.4 no route to this recipient");
    EXPECT_EQ(own.status(1, "Remote-MTA"), "-");
    EXPECT_EQ(own.status(1, "Last-Attempt-Date"), "-");
    given.recipients[0].last_error.clear();
    EXPECT_EQ(ParsedDsn(given.report()).status(1, "Diagnostic-Code"), "-");
    given.recipients[0].remote = "[192.0.2.7]";
    given.recipients[0].last_error = "554";
    EXPECT_EQ(ParsedDsn(given.report()).status(1, "Remote-MTA"), "dns; [192.0.2.7]");
    for (const auto& [remote, shown] : {std::pair("192.0.2.7 [192.0.2.7]", "dns; [192.0.2.7]"),
                                        {"2001:db8::1 [2001:db8::1]", "dns; [IPv6:2001:db8::1]"}}) {
        given.recipients[0].remote = remote;
        EXPECT_EQ(ParsedDsn(given.report()).status(1, "Remote-MTA"), shown);
    }
    EXPECT_EQ(ParsedDsn(given.report()).status(1, "Diagnostic-Code"), "smtp; 554");
}

TEST(Dsn, OriginalRecipient) {
    const std::vector<std::pair<std::string, std::string>> rows = {
        {"", "-"},
        {"rfc822;joe@x.test", "rfc822; joe@x.test"},
        {"RFC822;a+20b@x.test", "RFC822; a b@x.test"},
        {"x-other;room+3B7", "x-other; room;7"},
        {"rfc822;a+2Bb+2", "rfc822; a+b+2"},
        {"rfc822;a+2b@x", "rfc822; a+2b@x"},
        {"rfc822;a+0D+0AAction:+20x", "rfc822; a Action: x"},
        {"utf-8;\\x{E9}ric@x.test", "utf-8; \\x{E9}ric@x.test"},
        {"utf-8;a\\x{2B}b@x.test", "utf-8; a\\x{2B}b@x.test"},
        {"joe@x.test", "-"},
        {";joe@x.test", "-"},
        {"rfc822;", "-"},
        {"rf c;joe@x.test", "-"},
    };
    for (const auto& [given_orcpt, expected] : rows) {
        DsnCase given;
        given.recipients[0].original_recipient = given_orcpt;
        EXPECT_EQ(ParsedDsn(given.report()).status(1, "Original-Recipient"), expected) << given_orcpt;
    }
}

TEST(Dsn, LetterSaysWhatHappenedToWhomWhoSaidSoAndWhatToDo) {
    DsnCase given;
    given.recipients[0].last_error = "550-5.1.1 User unknown\r\n550 5.1.1 here";
    given.recipients[0].original_recipient = "rfc822;joe@here.test";
    const ParsedDsn parsed(given.report());
    EXPECT_EQ(parsed.type(0), "text/plain");
    EXPECT_EQ(parsed.text(0),
              "This is the mail server mx.example.com. It tells you what became of the\r\n"
              "message that you sent, or that was sent in your name, on Thu, 01 Jan 1970\r\n"
              "00:00:00 +0000, with the subject:\r\n"
              "\r\n"
              "    Caf\xc3\xa9 tonight\r\n"
              "\r\n"
              "It could not be delivered to this recipient, and will not be tried again:\r\n"
              "\r\n"
              "    joe@remote.test\r\n"
              "    (you wrote to joe@here.test)\r\n"
              "\r\n"
              "      The mail server mx.remote.test [192.0.2.1] said:\r\n"
              "        550-5.1.1 User unknown\r\n"
              "        550 5.1.1 here\r\n"
              "\r\n"
              "      What you can do: This address does not exist there. Look for a typing\r\n"
              "      mistake, or ask the recipient for the right address.\r\n"
              "\r\n"
              "Your message is enclosed. If you ask somebody about it, mention the number\r\n"
              "11111111-2222-4333-8444-555555555555.\r\n");
}

TEST(Dsn, LetterHasASectionForEachAction) {
    DsnCase given;
    given.actions = {DsnAction::delivered, DsnAction::delayed, DsnAction::failed, DsnAction::relayed,
                     DsnAction::failed};
    given.recipients.clear();
    for (const char* name : {"a@x", "b@x", "c@x", "d@x", "e@x"}) given.recipients.push_back(failed_recipient(name));
    const std::string text = ParsedDsn(given.report()).text(0);
    std::size_t from = 0;
    for (const char* part :
         {"could not be delivered to these recipients, and", "c@x", "e@x", "recipient yet:", "b@x", "You need not",
          "passed on towards", "d@x", "It was delivered to this recipient", "a@x", "Your message is enclosed."}) {
        const std::size_t at = text.find(part, from);
        ASSERT_NE(at, std::string::npos) << part << "\n" << text;
        from = at;
    }
}

TEST(Dsn, AdviceFollowsTheStatusCode) {
    for (const auto& [status, advice] : {std::pair{"5.2.2", "mailbox is full"},
                                         {"5.3.4", "too large"},
                                         {"5.7.26", "by its rules"},
                                         {"4.4.7", "for as long as we try"},
                                         {"4.4.1", "could not be reached"},
                                         {"5.1.10", "takes no mail"},
                                         {"5.1.3", "Look for a typing mistake in the"},
                                         {"5.0.0", "send this report to"},
                                         {"5.4.6", "in circles"},
                                         {"5.6.7", "outside a-z"}}) {
        DsnCase given;
        given.recipients[0].status = status;
        std::string text = ParsedDsn(given.report()).text(0);
        for (std::size_t at; (at = text.find("\r\n      ")) != std::string::npos;) text.replace(at, 8, " ");
        EXPECT_THAT(text, HasSubstr(advice)) << status;
    }
}

// RFC 3461 4.3: RET x size x action.
TEST(Dsn, WhatOfTheOriginalGoesBack) {
    const std::string small(kOriginal);
    const std::string large = small + std::string(200, 'x') + "\r\n";
    for (const auto action : {DsnAction::failed, DsnAction::delayed, DsnAction::delivered, DsnAction::relayed}) {
        for (const char* ret : {"", "FULL", "HDRS", "hdrs"}) {
            for (const std::size_t excess : {0, 1}) {
                DsnCase given;
                given.actions = {action};
                given.envelope.ret = ret;
                given.text = large;
                given.origin.largest_quote = large.size() - excess;
                const bool whole = action == DsnAction::failed && (ret[0] == '\0' || ret[0] == 'F') && excess == 0;
                const ParsedDsn parsed(given.report());
                EXPECT_EQ(parsed.type(2), whole ? "message/rfc822" : "text/rfc822-headers") << ret << excess;
                EXPECT_EQ(parsed.text(2), whole ? large : std::string(kOriginalHeader)) << ret << excess;
                EXPECT_THAT(parsed.text(0),
                            HasSubstr(whole ? "Your message is enclosed" : "The header of your message"));
            }
        }
    }
}

TEST(Dsn, OneFailureAmongOthersIsEnoughForTheWholeMessage) {
    DsnCase given;
    given.recipients.push_back(failed_recipient("b@x.test"));
    given.actions = {DsnAction::delivered, DsnAction::failed};
    EXPECT_EQ(ParsedDsn(given.report()).type(2), "message/rfc822");
}

TEST(Dsn, OfALongHeaderTheFieldsThatFit) {
    DsnCase given;
    given.envelope.ret = "HDRS";
    given.origin.largest_quote = kOriginalHeader.size();
    EXPECT_EQ(ParsedDsn(given.report()).text(2), kOriginalHeader);
    given.origin.largest_quote = kOriginalHeader.size() - 1;
    const ParsedDsn parsed(given.report());
    EXPECT_EQ(parsed.text(2), kOriginalHeader.substr(0, kOriginalHeader.find("From:")));
    EXPECT_THAT(parsed.text(0), HasSubstr("The beginning of the header of your message is enclosed."));
    given.origin.largest_quote = 30;  // within the fold of Received
    EXPECT_EQ(ParsedDsn(given.report()).text(2), "");
}

TEST(Dsn, EightBitBodiesGoBackAsTheyCame) {
    DsnCase given;
    given.text = "Subject: x\r\n\r\ncaf\xe9 \xc3\xa9\r\n";
    const Message report = given.report();
    const ParsedDsn parsed(report);
    EXPECT_TRUE(report.envelope.eight_bit);
    EXPECT_FALSE(report.envelope.smtputf8);
    EXPECT_EQ(parsed.type(2), "message/rfc822");
    EXPECT_EQ(parsed.text(2), given.text);
    EXPECT_EQ(parsed.field("Content-Transfer-Encoding"), "8bit");
}

// What no message may hold is quoted with an encoding that message/rfc822 must not have.
TEST(Dsn, WhatCannotStandInAReportComesAsEncodedHeader) {
    const std::string longest(998, 'y');
    DsnCase given;
    given.text = "X: a\r\n\r\n" + longest + "\r\n";
    EXPECT_EQ(ParsedDsn(given.report()).type(2), "message/rfc822");
    const std::string headers[] = {
        "X: a\xe9"
        "b\r\n",
        "X: a\nY: b\r\n",
        "X: a\rb\r\n",
        std::string("X: a\0b\r\n", 8),
        "X: " + longest + "\r\n",
        "X: a \r\n",
        "X: \xc3\xa9\r\n",
        "X: a\r\n"};
    for (const std::string& header : headers) {
        given.text = header + "\r\nbody " + longest + "\r\n";
        const Message report = given.report();
        const ParsedDsn parsed(report);
        EXPECT_EQ(parsed.type(2), "text/rfc822-headers");
        EXPECT_EQ(parsed.text(2), header);
        EXPECT_FALSE(report.envelope.eight_bit);
    }
    for (const std::string& body : {std::string("a\0b\r\n", 5), std::string("a\nb\r\n"), std::string("a\rb\r\n")}) {
        given.text = "X: a\r\n\r\n" + body;
        EXPECT_EQ(ParsedDsn(given.report()).text(2), "X: a\r\n");
    }
    given.text = "X: \xc3\xa9\r\n\r\nbody\r\n";
    EXPECT_EQ(ParsedDsn(given.report()).text(2), "X: \xc3\xa9\r\n");
}

TEST(Dsn, TlsRequiredNoIsTakenOver) {
    DsnCase given;
    given.text = "tls-required:  No \r\n" + given.text;
    EXPECT_EQ(ParsedDsn(given.report()).field("TLS-Required"), "No");
    given.text = "TLS-Required: Nothing\r\n" + std::string(kOriginal);
    EXPECT_EQ(ParsedDsn(given.report()).field("TLS-Required"), "-");
}

}  // namespace
}  // namespace sluice::queue
