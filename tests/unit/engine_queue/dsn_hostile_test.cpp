// What strangers can put into a report, and the UTF-8 of RFC 6533.
#include <gmock/gmock.h>

#include <random>

#include "engine/base/limits.hpp"
#include "engine/mail/charset.hpp"
#include "engine/queue/dsn.hpp"
#include "engine/queue/dsn_fields.hpp"
#include "engine/queue/dsn_quoting.hpp"
#include "tests/unit/engine_queue/dsn_fixture.hpp"

namespace sluice::queue {
namespace {

using testing::HasSubstr;
using testing::Not;

// CRLF only, no NUL, no line over 998 octets, three parts; 8-bit octets only where the envelope tells of them.
void expect_well_formed(const Message& report) {
    const std::string& body = *report.body;
    ASSERT_TRUE(body.ends_with("\r\n"));
    EXPECT_EQ(body.find('\0'), std::string::npos);
    for (std::size_t at = 0; at < body.size();) {
        const std::size_t end = body.find_first_of("\r\n", at);
        ASSERT_EQ(body.substr(end, 2), "\r\n") << "at " << end;
        EXPECT_LE(end - at, 998u) << body.substr(at, 80);
        at = end + 2;
    }
    const bool ascii = is_ascii(body);
    EXPECT_EQ(report.envelope.eight_bit || report.envelope.smtputf8, !ascii) << body;
    const ParsedDsn parsed(report);
    EXPECT_TRUE(parsed.type(1) == "message/delivery-status" || parsed.type(1) == "message/global-delivery-status");
    if (parsed.type(1) == "message/delivery-status") {
        EXPECT_TRUE(sluice::is_ascii(parsed.text(1)));
    }
    EXPECT_TRUE(mail::is_utf8(parsed.text(1)));
    EXPECT_TRUE(mail::is_utf8(parsed.text(0)));
    const std::string header = body.substr(0, body.find("\r\n\r\n"));
    if (!report.envelope.smtputf8) {
        EXPECT_TRUE(sluice::is_ascii(header)) << header;
    }
}

// No field was lost because it could not be written.
void expect_complete(const ParsedDsn& parsed, const DsnCase& given) {
    for (const char* name : {"From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version"}) {
        EXPECT_NE(parsed.field(name), "-") << name;
    }
    for (const char* name : {"Reporting-MTA", "Arrival-Date"}) EXPECT_NE(parsed.status(0, name), "-") << name;
    for (std::size_t i = 1; i <= given.recipients.size(); ++i) {
        for (const char* name : {"Final-Recipient", "Action", "Status"}) EXPECT_NE(parsed.status(i, name), "-") << name;
        const bool quoted = !dsn::one_line(given.recipients[i - 1].last_error, 10'000, dsn::Charset::ascii).empty();
        const bool failed = given.actions[i - 1] == DsnAction::failed || given.actions[i - 1] == DsnAction::delayed;
        if (quoted && failed) {
            EXPECT_NE(parsed.status(i, "Diagnostic-Code"), "-");
            EXPECT_EQ(parsed.status(i, "Remote-MTA") == "-", given.recipients[i - 1].remote.empty());
        }
        EXPECT_EQ(parsed.status(i, "Original-Recipient") == "-",
                  dsn::original_recipient(given.recipients[i - 1]).type.empty());
    }
    EXPECT_EQ(parsed.status(given.recipients.size() + 1, "Action"), "no such block");
}

DsnCase with_reply(std::string reply) {
    DsnCase given;
    given.recipients[0].last_error = std::move(reply);
    return given;
}

TEST(DsnHostile, RepliesAddNoFieldsAndNoParts) {
    const std::string nul("550 a\0b", 7);
    const std::vector<std::pair<std::string, std::string>> rows = {
        {"550 a\r\nAction: delivered\r\n\r\nFinal-Recipient: rfc822; x@y",
         "smtp; 550 a Action: delivered "
         "Final-Recipient: rfc822; x@y"},
        {"550 a\rb\nc", "smtp; 550 a b c"},
        {"550 a\n", "smtp; 550 a"},
        {nul, "smtp; 550 a?b"},
        {"550 a\x1b[31m\x7f", "smtp; 550 a?[31m?"},
        {"550 caf\xe9", "smtp; 550 caf\\x{E9}"},
        {"550 caf\xc3\xa9", "smtp; 550 caf\\x{E9}"},
        {"550 \xf0\x9f\x98\x80", "smtp; 550 \\x{1F600}"},
        {"550 \xc2\x85 x", "smtp; 550 ? x"},
        {"550 a\tb", "smtp; 550 a b"},
    };
    for (const auto& [reply, expected] : rows) {
        const Message report = with_reply(reply).report();
        expect_well_formed(report);
        const ParsedDsn parsed(report);
        EXPECT_EQ(parsed.status(1, "Diagnostic-Code"), expected);
        EXPECT_EQ(parsed.status(1, "Action"), "failed");
        EXPECT_EQ(parsed.status(2, "Action"), "no such block");
    }
}

TEST(DsnHostile, PeopleSeeTheLettersOfAReply) {
    const std::string text = ParsedDsn(with_reply("550 caf\xc3\xa9").report()).text(0);
    EXPECT_THAT(text, HasSubstr("        550 caf\xc3\xa9\r\n"));
    EXPECT_THAT(ParsedDsn(with_reply("550 caf\xe9").report()).text(0), HasSubstr("        550 caf\xc3\xa9\r\n"));
}

TEST(DsnHostile, LongRepliesAreCut) {
    const std::string head = "550 ";
    for (const std::string unit : {"x", "word ", "\xc3\xa9", "\r\n", "\xff"}) {
        for (const std::size_t size : {limits::dsn_reply, limits::dsn_reply + 1, std::size_t{10'000}}) {
            std::string reply = head;
            while (reply.size() < size) reply += unit;
            reply.resize(size);
            const Message report = with_reply(reply).report();
            expect_well_formed(report);
            const ParsedDsn parsed(report);
            const bool cut = size > limits::dsn_reply;
            EXPECT_EQ(parsed.status(1, "Diagnostic-Code").ends_with(" ..."), cut) << unit << size;
            EXPECT_EQ(parsed.text(0).find("        ...\r\n") != std::string::npos, cut) << unit << size;
            EXPECT_LT(report.body->size(), 30'000u);
        }
    }
}

TEST(DsnHostile, WordsAreCutWhereNoLineCouldHoldThem) {
    for (const std::size_t size : {limits::dsn_word, limits::dsn_word + 1}) {
        const std::string word(size, 'x');
        const std::string shown = dsn::one_line(word, 10'000, dsn::Charset::utf8);
        EXPECT_EQ(shown, size == limits::dsn_word ? word : word.substr(1) + " x");
    }
}

TEST(DsnHostile, AddressTypesAreTakenAsLongAsALineHoldsThem) {
    for (const std::size_t size : {limits::dsn_word, limits::dsn_word + 1}) {
        DsnCase given;
        given.recipients[0].original_recipient = std::string(size, 't') + ";" + std::string(limits::dsn_word, 'x');
        expect_well_formed(given.report());
        expect_complete(ParsedDsn(given.report()), given);
        const std::string shown = ParsedDsn(given.report()).status(1, "Original-Recipient");
        EXPECT_EQ(shown == "-", size > limits::dsn_word);
    }
}

TEST(DsnHostile, BlanksAreCutWhereNoLineCouldHoldThem) {
    for (const std::size_t size : {100, 101, 2000}) {
        const std::string text = "a" + std::string(size, ' ') + std::string(limits::dsn_word, 'x');
        const std::string expected = "a" + std::string(100, ' ') + std::string(limits::dsn_word, 'x');
        EXPECT_EQ(dsn::one_line(text, 10'000, dsn::Charset::utf8), expected);
        DsnCase given;
        given.recipients[0] = failed_recipient("a@b");
        given.recipients[0].original_recipient = "x-y;" + text.substr(0, limits::dsn_address);
        given.recipients[0].last_error = text;
        expect_well_formed(given.report());
        expect_complete(ParsedDsn(given.report()), given);
    }
}

TEST(DsnHostile, AddressesAndNames) {
    for (const std::string& evil :
         {std::string("a\r\nBcc: x@y.test\r\n\r\nbody"), std::string("a\0b\n@x", 6), std::string(3000, 'a') + "@x.test",
          std::string("\xff\xfe@\r"), std::string("<>"), std::string(" \t\r\n"), std::string("\xc3\xa9@x.test\n\n")}) {
        DsnCase given;
        given.envelope.reverse_path = evil;
        given.envelope.envelope_id = evil;
        given.envelope.id = evil;
        given.origin.server_name = evil;
        given.recipients[0] = failed_recipient(evil);
        given.recipients[0].remote = evil;
        given.recipients[0].status = evil;
        given.recipients[0].original_recipient = "rfc822;" + evil;
        const Message report = given.report();
        expect_well_formed(report);
        const ParsedDsn parsed(report);
        EXPECT_EQ(parsed.field("Bcc"), "-");
        EXPECT_EQ(parsed.status(1, "Status"), "5.1.1");
        EXPECT_EQ(report.envelope.recipients.front().address, evil);
        EXPECT_THAT(parsed.field("From"), testing::MatchesRegex("Mail Delivery System <MAILER-DAEMON@[-a-zA-Z.:_]+>"));
    }
}

TEST(DsnHostile, AddressesAreCutAtTheLimit) {
    for (const std::size_t size : {limits::dsn_address, limits::dsn_address + 1}) {
        DsnCase given;
        given.recipients[0] = failed_recipient(std::string(size, 'a'));
        const bool cut = ParsedDsn(given.report()).status(1, "Final-Recipient").ends_with("...");
        EXPECT_EQ(cut, size > limits::dsn_address);
    }
}

TEST(DsnHostile, TheBoundaryDoesNotOccurInTheContent) {
    int made = 0;
    const auto make = [&] { return "b" + std::to_string(made++); };
    EXPECT_EQ(dsn::free_boundary("--b0\r\n b1 xb2x", make), "b3");
    EXPECT_EQ(made, 4);
    // The report about a message that holds the boundary of another report, and pretends to end there.
    DsnCase given;
    const std::string first = *given.report().body;
    given.text = "Subject: x\r\n\r\n" + first;
    const Message second = given.report();
    expect_well_formed(second);
    EXPECT_EQ(ParsedDsn(second).text(2), given.text);
}

TEST(DsnUtf8, GlobalPartsForWhatCameWithSmtputf8) {
    DsnCase given;
    given.envelope.smtputf8 = true;
    given.recipients[0] = failed_recipient("\xc3\xa9ric@remote.test");
    given.recipients[0].original_recipient = "utf-8;\\x{E9}ric\\x{2B}x@here.test";
    given.recipients[0].last_error = "550 \xc3\xa9";
    given.text = "Subject: \xc3\xa9\r\n\r\nb\r\n";
    Message report = given.report();
    expect_well_formed(report);
    const ParsedDsn parsed(report);
    EXPECT_TRUE(report.envelope.smtputf8);
    EXPECT_TRUE(report.envelope.eight_bit);
    EXPECT_EQ(parsed.type(1), "message/global-delivery-status");
    EXPECT_EQ(parsed.status(1, "Final-Recipient"), "utf-8; \xc3\xa9ric@remote.test");
    EXPECT_EQ(parsed.status(1, "Original-Recipient"), "utf-8; \xc3\xa9ric+x@here.test");
    EXPECT_EQ(parsed.status(1, "Diagnostic-Code"), "smtp; 550 \xc3\xa9");
    EXPECT_EQ(parsed.type(2), "message/global");
    EXPECT_EQ(parsed.text(2), given.text);
    EXPECT_EQ(parsed.field("Subject"), "Failed: your message to \xc3\xa9ric+x@here.test");
    given.envelope.ret = "HDRS";
    const ParsedDsn headers(given.report());
    EXPECT_EQ(headers.type(2), "message/global-headers");
    EXPECT_EQ(headers.text(2), "Subject: \xc3\xa9\r\n");
}

TEST(DsnUtf8, SafeFormsForAllElse) {
    DsnCase given;  // without SMTPUTF8
    given.recipients[0] = failed_recipient("\xc3\xa9ric+a=\\@remote.test");
    given.text = "Subject: \xc3\xa9\r\n\r\nb\r\n";
    Message report = given.report();
    expect_well_formed(report);
    const ParsedDsn parsed(report);
    EXPECT_FALSE(report.envelope.smtputf8);
    EXPECT_FALSE(report.envelope.eight_bit);
    EXPECT_EQ(parsed.type(1), "message/delivery-status");
    EXPECT_EQ(parsed.status(1, "Final-Recipient"), "utf-8; \\x{E9}ric\\x{2B}a\\x{3D}\\x{5C}@remote.test");
    EXPECT_EQ(parsed.type(2), "text/rfc822-headers");
    EXPECT_EQ(parsed.text(2), "Subject: \xc3\xa9\r\n");
}

TEST(DsnUtf8, OnlyAsciiNeedsNoGlobalPart) {
    DsnCase given;
    given.envelope.smtputf8 = true;
    const Message report = given.report();
    const ParsedDsn parsed(report);
    EXPECT_FALSE(report.envelope.smtputf8);
    EXPECT_EQ(parsed.type(1), "message/delivery-status");
    EXPECT_EQ(parsed.type(2), "message/rfc822");
}

TEST(DsnUtf8, ASenderWhoNeedsItGetsIt) {
    DsnCase given;
    given.envelope.reverse_path = "\xc3\xa9@sender.test";
    const Message report = given.report();
    expect_well_formed(report);
    EXPECT_TRUE(report.envelope.smtputf8);
    EXPECT_EQ(ParsedDsn(report).field("To"), "<\xc3\xa9@sender.test>");
}

TEST(DsnUtf8, CodePoints) {
    for (const char* kept : {"\\x{D800}", "\\x{110000}", "\\x{0}", "\\x{0D}", "\\x{85}", "\\x{", "\\x{}", "\\x{41",
                             "\\x{G}", "\\x{FFFFFFFFF}", "\\x{-1}", "\\"})
        EXPECT_EQ(dsn::decode_code_points(kept), kept);
    EXPECT_EQ(dsn::decode_code_points("\\x{24}\\x{E9}\\x{20AC}\\x{10FFFF}.\\x{\\x{5C}"),
              "$\xc3\xa9\xe2\x82\xac\xf4\x8f\xbf\xbf.\\x{\\");
    const std::string all = "a$\xc3\xa9\xe2\x82\xac\xf4\x8f\xbf\xbf+=\\";
    EXPECT_EQ(dsn::encode_code_points(all), "a$\\x{E9}\\x{20AC}\\x{10FFFF}\\x{2B}\\x{3D}\\x{5C}");
    EXPECT_EQ(dsn::decode_code_points(dsn::encode_code_points(all)), all);
}

TEST(DsnQuoting, QuotedPrintableIsUndoneByItsDecoder) {
    std::mt19937 random(7);
    for (int round = 0; round < 300; ++round) {
        std::string text;
        const std::string_view alphabet = "ab =\t\r\n\0\xff.";
        for (std::size_t size = random() % 300; size > 0; --size) text += alphabet[random() % alphabet.size()];
        const std::string encoded = dsn::quoted_printable(text);
        for (std::size_t at = 0; at < encoded.size();) {
            const std::size_t end = std::min(encoded.find("\r\n", at), encoded.size());
            EXPECT_LE(end - at, 76u);
            at = end + 2;
        }
        EXPECT_EQ(mail::decode(mail::TransferEncoding::quoted_printable, encoded, 1 << 20).bytes, text);
    }
}

// Text as strangers would make it: pieces with a meaning between random octets.
class Text {
  public:
    explicit Text(unsigned seed) : random_(seed) {}
    std::string operator()(std::size_t most) {
        static const std::vector<std::string> pieces = {"\r",
                                                        "\n",
                                                        "\r\n",
                                                        "\r\n\r\n",
                                                        " ",
                                                        "\t",
                                                        "--",
                                                        "--report-",
                                                        "Subject: ",
                                                        "X:",
                                                        "=?utf-8?q?=0D=0Ax?=",
                                                        "\xc3\xa9",
                                                        "\xe2\x80\xa8",
                                                        "\xff",
                                                        std::string(1, '\0'),
                                                        "550 ",
                                                        "5.1.1",
                                                        "rfc822;",
                                                        "utf-8;",
                                                        "\\x{D}",
                                                        "\\x{E9}",
                                                        "+0A",
                                                        "+2B",
                                                        "@",
                                                        "<",
                                                        ">",
                                                        "\"",
                                                        "(",
                                                        std::string(1000, 'w'),
                                                        std::string(80, ' '),
                                                        "TLS-Required: No",
                                                        "Content-Type: multipart/mixed; boundary=x",
                                                        ":",
                                                        ";",
                                                        "[1.2.3.4]"};
        std::string out;
        while (random_() % 8 != 0 && out.size() < most) {
            out +=
                random_() % 3 == 0 ? std::string(1, static_cast<char>(random_())) : pieces[random_() % pieces.size()];
        }
        return out;
    }
    std::uint32_t number() { return random_(); }

  private:
    std::mt19937 random_;
};

TEST(DsnProperty, NothingYieldsABareNewlineOrALongLine) {
    for (unsigned seed = 0; seed < 3000 && !testing::Test::HasFailure(); ++seed) {
        SCOPED_TRACE(seed);
        Text text(seed);
        DsnCase given;
        given.envelope.id = text(60);
        given.envelope.reverse_path = text(60);
        given.envelope.envelope_id = text(60);
        given.envelope.ret = text.number() % 2 == 0 ? "FULL" : text(20);
        given.envelope.smtputf8 = text.number() % 2 == 0;
        given.origin.server_name = text(60);
        given.origin.largest_quote = text.number() % 3000;
        given.text = text(3000) + text(3000) + text(3000) + "\r\n\r\n" + text(3000);
        given.recipients.clear();
        given.actions.clear();
        for (std::uint32_t i = text.number() % 4; i > 0; --i) {
            Recipient recipient = failed_recipient(text(2000));
            recipient.status = text(10);
            recipient.last_error = text(3000) + text(3000);
            recipient.remote = text(100);
            recipient.original_recipient = text(20) + text(600);
            recipient.attempts = static_cast<int>(text.number() % 2);
            given.recipients.push_back(std::move(recipient));
            given.actions.push_back(static_cast<DsnAction>(text.number() % 4));
        }
        const Message report = given.report();
        expect_well_formed(report);
        expect_complete(ParsedDsn(report), given);
    }
}

}  // namespace
}  // namespace sluice::queue
