// What goes over the wire: commands, parameters, writes, content; and servers that are out of step.
#include "engine/base/limits.hpp"
#include "tests/unit/engine_smtp_client/client_fixture.hpp"

namespace sluice::smtp_client {
namespace {

class Sending : public ClientTest {
  protected:
    static Script offering(std::vector<std::string> offers) {
        Script script;
        script.offers = std::move(offers);
        return script;
    }
    // The result of one mail for one recipient; nothing else may have been sent if it is refused before.
    RecipientResult send_one(const Script& script, const Mail& mail, const Options& options = clear_options()) {
        const Outcome outcome = deliver(script, options, mail);
        EXPECT_FALSE(outcome.failure);
        EXPECT_EQ(outcome.results.size(), 1u);
        EXPECT_TRUE(outcome.reusable);
        return outcome.results.at(0);
    }
    bool was_sent(const std::string& begin) {
        return std::any_of(server().commands.begin(), server().commands.end(),
                           [&](const std::string& line) { return line.starts_with(begin); });
    }
    void expect_refused(const RecipientResult& result, const std::string& status, Cause cause) {
        EXPECT_EQ(result.kind, Kind::permanent);
        EXPECT_EQ(result.status, status);
        EXPECT_EQ(result.cause, cause);
        EXPECT_EQ(result.command, Command::content_check);
        EXPECT_FALSE(result.remote_said());
        EXPECT_FALSE(was_sent("RCPT TO:<a")) << "nothing of a refused mail is sent";
    }
};

const std::vector<std::string> kNothing;

TEST_F(Sending, WithPipeliningEnvelopeAndContentAreOneWriteEach) {
    const OwnMail own({"a@there.test", "b@there.test"}, {kText.substr(0, 5), kText.substr(5)});
    (void)deliver(offering({"PIPELINING"}), clear_options(), own.mail);
    ASSERT_GE(server().reads.size(), 2u);
    EXPECT_EQ(server().reads[0],
              "MAIL FROM:<sender@here.test>\r\nRCPT TO:<a@there.test>\r\nRCPT TO:<b@there.test>\r\nDATA\r\n");
    EXPECT_EQ(server().reads[1], kText + ".\r\n");
    ASSERT_FALSE(server().mails.empty());
    EXPECT_EQ(server().mails[0].content, kText);
}

TEST_F(Sending, WithoutPipeliningEachCommandWaitsForTheReply) {
    const OwnMail own({"a@there.test", "b@there.test"}, {kText});
    (void)deliver(offering(kNothing), clear_options(), own.mail);
    ASSERT_GE(server().reads.size(), 5u);
    EXPECT_EQ(server().reads[0], "MAIL FROM:<sender@here.test>\r\n");
    EXPECT_EQ(server().reads[1], "RCPT TO:<a@there.test>\r\n");
    EXPECT_EQ(server().reads[2], "RCPT TO:<b@there.test>\r\n");
    EXPECT_EQ(server().reads[3], "DATA\r\n");
    EXPECT_EQ(server().reads[4], kText + ".\r\n");
}

TEST_F(Sending, LmtpSaysLhlo) {
    const OwnMail own({"a@there.test"}, {kText});
    Script script;
    script.protocol = Protocol::lmtp;
    (void)deliver(script, clear_options(Protocol::lmtp), own.mail);
    EXPECT_EQ(server().commands.at(0), "LHLO client.test");
}

TEST_F(Sending, ParametersAreSaidOnlyIfOfferedAndNeeded) {
    OwnMail own({"j\xc3\xb6rg@there.test"}, {kText});
    own.mail.eight_bit = true;
    own.mail.smtputf8 = true;
    own.mail.envid = "QQ314159";
    own.mail.ret = Ret::headers;
    own.recipient(0).orcpt = "rfc822;jane@there.test";
    own.recipient(0).notify = "SUCCESS,FAILURE";
    (void)deliver(offering({"SIZE 1000", "8BITMIME", "SMTPUTF8", "DSN"}), clear_options(), own.mail);
    EXPECT_EQ(server().commands.at(1), "MAIL FROM:<sender@here.test> SIZE=" + std::to_string(kText.size()) +
                                           " BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=QQ314159");
    EXPECT_EQ(server().commands.at(2),
              "RCPT TO:<j\xc3\xb6rg@there.test> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;jane@there.test");

    (void)deliver(offering({"8BITMIME", "SMTPUTF8"}), clear_options(), own.mail);
    EXPECT_EQ(server().commands.at(1), "MAIL FROM:<sender@here.test> BODY=8BITMIME SMTPUTF8");
    EXPECT_EQ(server().commands.at(2), "RCPT TO:<j\xc3\xb6rg@there.test>");

    OwnMail plain({"a@there.test"}, {kText});
    plain.mail.size = 77;
    plain.mail.reverse_path = "";
    plain.mail.ret = Ret::full;
    (void)deliver(offering({"SIZE", "8BITMIME", "SMTPUTF8", "DSN"}), clear_options(), plain.mail);
    EXPECT_EQ(server().commands.at(1), "MAIL FROM:<> SIZE=77 RET=FULL");
    EXPECT_EQ(server().commands.at(2), "RCPT TO:<a@there.test>");
}

TEST_F(Sending, EightBitContentNeeds8bitmime) {
    OwnMail own({"a@there.test"}, {"caf\xc3\xa9\r\n"});
    own.mail.eight_bit = true;
    expect_refused(send_one(offering(kNothing), own.mail), "5.6.3", Cause::needs_8bitmime);
}

TEST_F(Sending, Smtputf8IsNeededByMailOrAddress) {
    OwnMail own({"a@there.test"}, {kText});
    own.mail.smtputf8 = true;
    expect_refused(send_one(offering({"8BITMIME"}), own.mail), "5.6.7", Cause::needs_smtputf8);
    OwnMail sender({"a@there.test"}, {kText});
    sender.mail.reverse_path = "j\xc3\xb6rg@here.test";
    expect_refused(send_one(offering({"8BITMIME"}), sender.mail), "5.6.7", Cause::needs_smtputf8);
    // A recipient needs it for itself only.
    const OwnMail mixed({"j\xc3\xb6rg@there.test", "b@there.test"}, {kText});
    const Outcome outcome = deliver(offering(kNothing), clear_options(), mixed.mail);
    expect_refused(outcome.results.at(0), "5.6.7", Cause::needs_smtputf8);
    EXPECT_EQ(outcome.results.at(1).kind, Kind::delivered);
}

TEST_F(Sending, SizeIsRefusedOnePastTheLimit) {
    const OwnMail own({"a@there.test"}, {kText});
    const auto limit = [](std::size_t size) { return "SIZE " + std::to_string(size); };
    EXPECT_EQ(send_one(offering({limit(kText.size())}), own.mail).kind, Kind::delivered);
    expect_refused(send_one(offering({limit(kText.size() - 1)}), own.mail), "5.3.4", Cause::too_big);
    EXPECT_EQ(send_one(offering({"SIZE 0"}), own.mail).kind, Kind::delivered);
}

TEST_F(Sending, LoneNewlinesAreNeverSent) {
    for (const char* text : {"a\nb\r\n", "a\rb\r\n", "a\r\n\n", "a\r", "\r\r\n", "a\r\n.\n", "a\n.\r\n"}) {
        const OwnMail own({"a@there.test"}, {text});
        expect_refused(send_one(offering({"CHUNKING"}), own.mail), "5.6.0", Cause::lone_newline);
    }
}

TEST_F(Sending, AddressesThatWouldBeMoreThanOneAreRefused) {
    for (const char* path : {"a@there.test>\r\nDATA", "a> NOTIFY=NEVER <b@c", "a b@c", "\"a", "a\\", "\"a\\", "a\x01@b",
                             "", "a\n@b", "\"a\r\n\"@b"}) {
        const OwnMail own({path, "b@there.test"}, {kText});
        const Outcome outcome = deliver(Script(), clear_options(), own.mail);
        expect_refused(outcome.results.at(0), "5.1.3", Cause::bad_address);
        EXPECT_EQ(outcome.results.at(1).kind, Kind::delivered) << path;
    }
    for (const char* path : {"a@there.test> SIZE=1", "a\r\nRSET"}) {
        OwnMail own({"a@there.test"}, {kText});
        own.mail.reverse_path = path;
        expect_refused(send_one(Script(), own.mail), "5.1.7", Cause::bad_address);
    }
    const OwnMail quoted({"\"a > b \\\" c\"@there.test"}, {kText});
    EXPECT_EQ(send_one(Script(), quoted.mail).kind, Kind::delivered);
    EXPECT_TRUE(was_sent("RCPT TO:<\"a > b \\\" c\"@there.test>"));
}

TEST_F(Sending, ParametersThatWouldBeMoreThanOneAreRefused) {
    OwnMail envid({"a@there.test"}, {kText});
    envid.mail.envid = "x BODY=7BIT";
    expect_refused(send_one(offering({"DSN"}), envid.mail), "5.5.4", Cause::bad_address);
    OwnMail notify({"a@there.test"}, {kText});
    notify.recipient(0).notify = "NEVER\r\n";
    expect_refused(send_one(offering({"DSN"}), notify.mail), "5.5.4", Cause::bad_address);
    OwnMail orcpt({"a@there.test"}, {kText});
    orcpt.recipient(0).orcpt = "rfc822;a b";
    expect_refused(send_one(offering({"DSN"}), orcpt.mail), "5.5.4", Cause::bad_address);
}

TEST_F(Sending, ContentIsSentAsItIs) {
    const std::string long_line(20'000, 'x');
    const std::array<std::string, 6> contents = {long_line + "\r\n",
                                                 ".\r\n..\r\n.a\r\n",
                                                 "\r\n",
                                                 "no end of line",
                                                 "a\r\n.",
                                                 std::string(1'000'000, 'y') + "\r\n"};
    for (const std::string& content : contents) {
        const OwnMail own({"a@there.test"}, {content.substr(0, 1), content.substr(1)});
        EXPECT_EQ(send_one(Script(), own.mail).kind, Kind::delivered);
        EXPECT_EQ(server().mails.at(0).content, content.ends_with("\r\n") ? content : content + "\r\n");
    }
    const OwnMail empty({"a@there.test"}, {});
    EXPECT_EQ(send_one(Script(), empty.mail).kind, Kind::delivered);
    EXPECT_EQ(server().mails.at(0).raw, "");
}

TEST_F(Sending, BdatCarriesLongAndBinaryContent) {
    const std::string line = "0123456789abcd\r\n";
    std::string at_limit;
    while (at_limit.size() < limits::client_bdat_from) at_limit += line;
    const auto is_bdat = [&](const std::string& content, const std::vector<std::string>& offers) {
        const OwnMail own({"a@there.test"}, {content});
        EXPECT_EQ(send_one(offering(offers), own.mail).kind, Kind::delivered);
        EXPECT_EQ(server().mails.at(0).content, content.ends_with("\r\n") ? content : content + "\r\n");
        return server().mails.at(0).bdat;
    };
    for (const std::vector<std::string>& with :
         {std::vector<std::string>{"CHUNKING"}, std::vector<std::string>{"CHUNKING", "PIPELINING"}}) {
        EXPECT_FALSE(is_bdat(at_limit, with));
        EXPECT_TRUE(is_bdat(at_limit + ".\r\n", with));
        EXPECT_TRUE(is_bdat(at_limit + ".", with));
        EXPECT_TRUE(is_bdat(std::string("a\0b\r\n", 5), with));
    }
    EXPECT_FALSE(is_bdat(at_limit + ".\r\n", kNothing));
    EXPECT_FALSE(is_bdat(std::string("a\0b\r\n", 5), kNothing));
    EXPECT_TRUE(is_bdat(std::string("a\0b\r\n", 5), {"CHUNKING", "BINARYMIME"}));
    EXPECT_TRUE(was_sent("MAIL FROM:<sender@here.test> BODY=BINARYMIME"));
    EXPECT_EQ(server().commands.at(3), "BDAT 5 LAST");
}

TEST_F(Sending, LmtpBdatHasOneReplyPerRecipient) {
    Script script = offering({"CHUNKING", "PIPELINING"});
    script.protocol = Protocol::lmtp;
    script.answer = [](std::string_view event, int nth, std::string_view) -> std::optional<std::string> {
        if (event == "." && nth == 1) return "450 4.2.2 full";
        return std::nullopt;
    };
    const OwnMail own({"a@there.test", "b@there.test"}, {std::string("\0\r\n", 3)});
    const Outcome outcome = deliver(script, clear_options(Protocol::lmtp), own.mail);
    EXPECT_EQ(outcome.results.at(0).kind, Kind::delivered);
    EXPECT_EQ(outcome.results.at(1).status, "4.2.2");
    EXPECT_TRUE(outcome.reusable);
}

TEST_F(Sending, ManyRecipientsGoInBatches) {
    std::vector<std::string> names;
    for (int i = 0; i < 1000; ++i) names.push_back("recipient-number-" + std::to_string(i) + "@there.test");
    const OwnMail own(names, {kText});
    Script script;
    script.answer = [](std::string_view event, int nth, std::string_view) -> std::optional<std::string> {
        if (event == "RCPT" && nth % 3 == 0) return "550 5.1.1 unknown";
        return std::nullopt;
    };
    const Outcome outcome = deliver(script, clear_options(), own.mail);
    ASSERT_EQ(outcome.results.size(), 1000u);
    for (std::size_t i = 0; i < 1000; ++i) {
        EXPECT_EQ(outcome.results[i].kind, i % 3 == 0 ? Kind::permanent : Kind::delivered) << i;
    }
    for (const std::string& read : server().reads) EXPECT_LE(read.size(), limits::client_commands);
    EXPECT_LE(server().reads.size(), 12u);
}

TEST_F(Sending, NothingMoreIsSentAfterMailWasRefusedInAnEarlierBatch) {
    const OwnMail own(std::vector<std::string>(1000, "some-recipient@there.test"), {kText});
    Script script;
    script.answer = [](std::string_view event, int nth, std::string_view) -> std::optional<std::string> {
        if (event == "MAIL" && nth == 0) return "550 5.7.1 not you";
        return std::nullopt;
    };
    const Outcome outcome = deliver(script, clear_options(), own.mail);
    for (const RecipientResult& each : outcome.results) EXPECT_EQ(each.status, "5.7.1");
    EXPECT_LT(server().commands.size(), 600u);
    EXPECT_TRUE(outcome.reusable);
}

TEST_F(Sending, AnUnwantedGoAheadIsEndedByALoneDot) {
    Script script;
    script.answer = [](std::string_view event, int nth, std::string_view) -> std::optional<std::string> {
        if (event == "RCPT" && nth == 0) return "550 5.1.1 unknown";
        if (event == "DATA") return "354 go on";
        if (event == "." && nth == 0) return "554 5.5.1 no valid recipients";
        return std::nullopt;
    };
    const OwnMail own({"a@there.test"}, {kText});
    const Outcome outcome = deliver(script, clear_options(), own.mail);
    EXPECT_EQ(outcome.results.at(0).status, "5.1.1");
    EXPECT_EQ(server().mails.at(0).raw, "");
    EXPECT_TRUE(outcome.reusable);
    ASSERT_EQ(outcome.second.size(), 1u);
    EXPECT_EQ(outcome.second[0].kind, Kind::delivered);
    EXPECT_FALSE(was_sent("RSET")) << "the dot has ended the transaction";
}

TEST_F(Sending, AServerThatContradictsItselfGetsNoDot) {
    Script script;
    script.answer = [](std::string_view event, int, std::string_view) -> std::optional<std::string> {
        if (event == "MAIL") return "550 5.7.1 not you";
        if (event == "RCPT") return "250 but you";
        if (event == "DATA") return "354 go on";
        return std::nullopt;
    };
    const OwnMail own({"a@there.test"}, {kText});
    const Outcome outcome = deliver(script, clear_options(), own.mail);
    EXPECT_EQ(outcome.results.at(0).status, "5.7.1");
    EXPECT_FALSE(outcome.reusable);
    EXPECT_TRUE(server().mails.empty());
}

TEST_F(Sending, AbandonedTransactionsAreResetBeforeTheNext) {
    Script script;
    script.answer = [](std::string_view event, int nth, std::string_view) -> std::optional<std::string> {
        if (event == "DATA" && nth == 0) return "451 4.3.0 later";
        return std::nullopt;
    };
    const OwnMail own({"a@there.test"}, {kText});
    const Outcome outcome = deliver(script, clear_options(), own.mail);
    EXPECT_EQ(outcome.results.at(0).command, Command::data);
    ASSERT_EQ(outcome.second.size(), 1u);
    EXPECT_EQ(outcome.second[0].kind, Kind::delivered);
    EXPECT_EQ(server().mails.at(0).rcpts, std::vector<std::string>{"RCPT TO:<second@there.test>"});
    EXPECT_EQ(server().reads.at(1), "RSET\r\nMAIL FROM:<sender@here.test>\r\nRCPT TO:<second@there.test>\r\nDATA\r\n");
}

TEST_F(Sending, AServerThatDoesNotResetIsLeft) {
    Script script;
    script.answer = [](std::string_view event, int nth, std::string_view) -> std::optional<std::string> {
        if (event == "DATA" && nth == 0) return "451 4.3.0 later";
        if (event == "RSET") return "502 5.5.1 no";
        return std::nullopt;
    };
    const OwnMail own({"a@there.test"}, {kText});
    const Outcome outcome = deliver(script, clear_options(), own.mail);
    ASSERT_EQ(outcome.second.size(), 1u);
    EXPECT_EQ(outcome.second[0].kind, Kind::temporary);
    EXPECT_EQ(outcome.second[0].cause, Cause::garbage);
    EXPECT_EQ(outcome.second[0].command, Command::rset);
}

TEST_F(Sending, MoreRepliesThanCommandsEndTheConnection) {
    struct Case {
        std::string event;
        std::string answer;
        Kind first;
    };
    // Too many replies at the end leave the result of this mail alone; before it they are out of step with the rest.
    const std::array<Case, 4> cases = {{{".", "250 2.0.0 Ok\r\n250 2.0.0 Ok again", Kind::delivered},
                                        {".", "250 2.0.0 Ok\r\n25", Kind::delivered},
                                        {"RCPT", "250 2.1.5 Ok\r\n250 2.1.5 Ok", Kind::temporary},
                                        {"MAIL", "250 Ok\r\n421 4.3.2 bye", Kind::temporary}}};
    for (const Case& c : cases) {
        for (const std::vector<std::string>& offers : {kNothing, std::vector<std::string>{"PIPELINING"}}) {
            Script script = offering(offers);
            script.answer = [c](std::string_view event, int nth, std::string_view) -> std::optional<std::string> {
                if (event == c.event && nth == 0) return c.answer;
                return std::nullopt;
            };
            const OwnMail own({"a@there.test"}, {kText});
            const Outcome outcome = deliver(script, clear_options(), own.mail);
            EXPECT_EQ(outcome.results.at(0).kind, c.first) << c.event << outcome.results.at(0).text;
            EXPECT_FALSE(outcome.reusable);
        }
    }
}

TEST_F(Sending, LinesThatAreNoRepliesAreGarbageEverywhere) {
    for (const std::string event : {"greeting", "EHLO", "MAIL", "RCPT", "DATA", "."}) {
        for (const std::string& rubbish : {std::string("nonsense"), std::string("250x"), std::string(5000, 'x')}) {
            Script script;
            script.answer = [&](std::string_view at, int nth, std::string_view) -> std::optional<std::string> {
                if (at == event && nth == 0) return rubbish;
                return std::nullopt;
            };
            const OwnMail own({"a@there.test"}, {kText});
            const Outcome outcome = deliver(script, clear_options(), own.mail);
            const RecipientResult& result = outcome.failure ? outcome.failure->result : outcome.results.at(0);
            EXPECT_EQ(result.cause, Cause::garbage) << event;
            EXPECT_EQ(result.kind, Kind::temporary);
            EXPECT_EQ(result.maybe_delivered(), event == ".");
            EXPECT_FALSE(outcome.reusable);
        }
    }
}

TEST_F(Sending, ContentCutShortWasNotDelivered) {
    Script script;
    script.read_limit = 100'000;
    std::string lines;
    while (lines.size() < (20u << 20u)) lines += std::string(998, 'x') + "\r\n";
    const OwnMail big({"a@there.test"}, {lines});
    const Outcome outcome = deliver(script, clear_options(), big.mail);
    const RecipientResult& result = outcome.results.at(0);
    EXPECT_EQ(result.kind, Kind::temporary);
    EXPECT_EQ(result.command, Command::data);
    EXPECT_FALSE(result.maybe_delivered());
    EXPECT_EQ(result.text.find("may have been"), std::string::npos);
    EXPECT_FALSE(outcome.reusable);
}

// --- the next mail with the end of this one

struct Three {
    std::vector<Results> results;
    std::vector<bool> reusable;
};

asio::awaitable<Three> send_in_a_row(asio::io_context& io, ScriptedServer& server, Options options,
                                     std::vector<const Mail*> mails) {
    Connection connection(io.get_executor());
    Three three;
    (void)co_await connection.open(server.endpoint(), options);
    for (std::size_t i = 0; i < mails.size(); ++i) {
        three.results.push_back(co_await connection.send(*mails[i], i + 1 < mails.size() ? mails[i + 1] : nullptr));
        three.reusable.push_back(connection.reusable());
    }
    co_await connection.quit();
    co_return three;
}

class SendingInARow : public Sending {
  protected:
    Three send(const Script& script, std::vector<const Mail*> mails, const Options& options = clear_options()) {
        return run<Three>(script, [this, mails, options](ScriptedServer& server) {
            return send_in_a_row(io_, server, options, mails);
        });
    }
    static std::vector<Kind> kinds(const Three& three) {
        std::vector<Kind> all;
        for (const Results& each : three.results) {
            for (const RecipientResult& one : each) all.push_back(one.kind);
        }
        return all;
    }

    OwnMail a_{{"a@there.test"}, {"A\r\n"}};
    OwnMail b_{{"b@there.test"}, {"B\r\n"}};
    OwnMail c_{{"c@there.test"}, {"C\r\n"}};
};

using Kinds = std::vector<Kind>;

TEST_F(SendingInARow, CostsOneWriteAMail) {
    const Three three = send(Script(), {&a_.mail, &b_.mail, &c_.mail});
    EXPECT_EQ(kinds(three), (Kinds{Kind::delivered, Kind::delivered, Kind::delivered}));
    ASSERT_EQ(server().mails.size(), 3u);
    EXPECT_EQ(server().mails[2].content, "C\r\n");
    EXPECT_EQ(server().mails[1].rcpts, std::vector<std::string>{"RCPT TO:<b@there.test>"});
    EXPECT_EQ(server().reads.at(1), "A\r\n.\r\nMAIL FROM:<sender@here.test>\r\nRCPT TO:<b@there.test>\r\nDATA\r\n");
    EXPECT_EQ(server().reads.at(3), "C\r\n.\r\n");
    EXPECT_EQ(server().commands.back(), "QUIT");
}

TEST_F(SendingInARow, WithoutPipeliningNothingIsSentAhead) {
    const Three three = send(offering(kNothing), {&a_.mail, &b_.mail});
    EXPECT_EQ(kinds(three), (Kinds{Kind::delivered, Kind::delivered}));
    EXPECT_EQ(server().reads.at(3), "A\r\n.\r\n");
}

TEST_F(SendingInARow, RefusalsStayWithTheirMail) {
    const std::array<std::pair<std::string, int>, 4> places = {{{"MAIL", 1}, {"RCPT", 1}, {"DATA", 1}, {".", 1}}};
    for (const auto& [place, at] : places) {
        Script script;
        script.answer = [place = place, at = at](std::string_view event, int nth,
                                                 std::string_view) -> std::optional<std::string> {
            if (event == place && nth == at) return "550 5.7.1 no";
            return std::nullopt;
        };
        const Three three = send(script, {&a_.mail, &b_.mail, &c_.mail});
        EXPECT_EQ(kinds(three), (Kinds{Kind::delivered, Kind::permanent, Kind::delivered})) << place;
    }
}

TEST_F(SendingInARow, TheFirstFinalDotRefusedLeavesTheSecondAlone) {
    Script script;
    script.answer = [](std::string_view event, int nth, std::string_view) -> std::optional<std::string> {
        if (event == "." && nth == 0) return "450 4.7.1 greylisted";
        return std::nullopt;
    };
    EXPECT_EQ(kinds(send(script, {&a_.mail, &b_.mail})), (Kinds{Kind::temporary, Kind::delivered}));
}

TEST_F(SendingInARow, AnEndBetweenTheMailsIsToldToBoth) {
    for (const std::string& end : {kCut, std::string("421 4.3.2 bye")}) {
        Script script;
        script.answer = [end](std::string_view event, int nth, std::string_view) -> std::optional<std::string> {
            if (event == "." && nth == 0) return end;
            return std::nullopt;
        };
        const Three three = send(script, {&a_.mail, &b_.mail});
        EXPECT_EQ(kinds(three), (Kinds{Kind::temporary, Kind::temporary}));
        EXPECT_EQ(three.results[0].at(0).maybe_delivered(), end == kCut);
        EXPECT_FALSE(three.results[1].at(0).maybe_delivered()) << "its content was never sent";
        EXPECT_EQ(three.results[1].at(0).text.find("may have been"), std::string::npos);
    }
}

TEST_F(SendingInARow, LmtpRepliesOfBothMailsAreToldApart) {
    Script script;
    script.protocol = Protocol::lmtp;
    script.answer = [](std::string_view event, int nth, std::string_view) -> std::optional<std::string> {
        if (event == "." && nth == 1) return "550 5.2.1 disabled";
        return std::nullopt;
    };
    const OwnMail two({"a@there.test", "b@there.test"}, {kText});
    const Three three = send(script, {&two.mail, &c_.mail}, clear_options(Protocol::lmtp));
    EXPECT_EQ(kinds(three), (Kinds{Kind::delivered, Kind::permanent, Kind::delivered}));
}

TEST_F(SendingInARow, BdatMailsMixWithOthers) {
    const OwnMail binary({"n@there.test"}, {std::string("\0\r\n", 3)});
    const Three three =
        send(offering({"PIPELINING", "CHUNKING"}), {&a_.mail, &binary.mail, &b_.mail, &binary.mail, &binary.mail});
    EXPECT_EQ(kinds(three), Kinds(5, Kind::delivered));
    EXPECT_EQ(server().mails.size(), 5u);
}

TEST_F(SendingInARow, ANextMailThatCannotBeSentIsNotBegun) {
    const OwnMail bad({"x@there.test"}, {"lone\n"});
    const Three three = send(Script(), {&a_.mail, &bad.mail, &c_.mail});
    EXPECT_EQ(kinds(three), (Kinds{Kind::delivered, Kind::permanent, Kind::delivered}));
    EXPECT_EQ(server().mails.size(), 2u);
}

TEST_F(SendingInARow, ANextMailOfManyRecipientsIsBegunByItsFirstBatch) {
    const OwnMail many(std::vector<std::string>(1000, "some-recipient@there.test"), {kText});
    const Three three = send(Script(), {&a_.mail, &many.mail, &c_.mail});
    EXPECT_EQ(kinds(three), Kinds(1002, Kind::delivered));
    EXPECT_EQ(server().mails.at(1).rcpts.size(), 1000u);
}

TEST_F(SendingInARow, AnotherMailThanAnnouncedCutsTheConnection) {
    const auto results = run<Three>(Script(), [this](ScriptedServer& server) -> asio::awaitable<Three> {
        Connection connection(io_.get_executor());
        Three three;
        (void)co_await connection.open(server.endpoint(), clear_options());
        three.results.push_back(co_await connection.send(a_.mail, &b_.mail));
        EXPECT_TRUE(connection.reusable());
        three.results.push_back(co_await connection.send(c_.mail));
        EXPECT_FALSE(connection.reusable());
        co_return three;
    });
    EXPECT_EQ(kinds(results), (Kinds{Kind::delivered, Kind::temporary}));
    EXPECT_EQ(server().mails.size(), 1u);
}

// --- reuse

TEST_F(Sending, AConnectionThatWasClosedMeanwhileIsNotReusable) {
    for (const bool with_421 : {false, true}) {
        Script script;
        script.answer = [with_421](std::string_view event, int nth, std::string_view) -> std::optional<std::string> {
            if (event == "." && nth == 0 && with_421) return "250 Ok\r\n421 4.4.2 idle";
            if (event == "RSET") return kCut;
            return std::nullopt;
        };
        const OwnMail own({"a@there.test"}, {kText});
        const Outcome outcome = run<Outcome>(script, [&](ScriptedServer& server) -> asio::awaitable<Outcome> {
            Connection connection(io_.get_executor());
            Outcome result;
            result.failure = co_await connection.open(server.endpoint(), clear_options());
            result.results = co_await connection.send(own.mail);
            server.stop();
            asio::steady_timer turn(io_, std::chrono::milliseconds(1));
            while (connection.reusable()) {
                co_await turn.async_wait(asio::use_awaitable);
                turn.expires_after(std::chrono::milliseconds(1));
            }
            result.second = co_await connection.send(own.mail);
            co_return result;
        });
        EXPECT_EQ(outcome.results.at(0).kind, Kind::delivered);
        EXPECT_EQ(outcome.second.at(0).kind, Kind::temporary);
        EXPECT_EQ(outcome.second.at(0).command, Command::mail);
        EXPECT_EQ(outcome.second.at(0).remote_said(), with_421);
        EXPECT_EQ(server().mails.size(), 1u);
    }
}

TEST_F(Sending, WithoutRecipientsThereIsNoResultAndNoCommand) {
    const OwnMail own({}, {kText});
    const Outcome outcome = deliver(Script(), clear_options(), own.mail);
    EXPECT_TRUE(outcome.results.empty());
    EXPECT_FALSE(was_sent("MAIL FROM:<sender@here.test>\r\n"));
    EXPECT_TRUE(outcome.reusable);
}

TEST_F(Sending, OnAConnectionThatIsNotOpenEverythingIsTemporary) {
    const OwnMail own({"a@there.test", "b@there.test"}, {kText});
    const Results results = run<Results>(Script(), [&](ScriptedServer&) -> asio::awaitable<Results> {
        Connection connection(io_.get_executor());
        EXPECT_FALSE(connection.reusable());
        co_await connection.quit();
        co_return co_await connection.send(own.mail);
    });
    ASSERT_EQ(results.size(), 2u);
    EXPECT_EQ(results[1].kind, Kind::temporary);
}

}  // namespace
}  // namespace sluice::smtp_client
