// What goes over the wire: commands, parameters, writes, content.
#include "engine/base/limits.hpp"
#include "tests/unit/engine_smtp_client/sending_fixture.hpp"

namespace sluice::smtp_client {
namespace {

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

}  // namespace
}  // namespace sluice::smtp_client
