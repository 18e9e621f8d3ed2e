#include "grammar/smtp/command_line.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <tao/pegtl/contrib/analyze.hpp>
#include <vector>

#include "grammar/mail/limits.hpp"
#include "grammar/smtp/rules.hpp"

namespace sluice::grammar::smtp {
namespace {

TEST(Grammar, MakesProgressOnEveryPath) {
    EXPECT_EQ(pegtl::analyze<command>(), 0u);
    EXPECT_EQ(pegtl::analyze<mail_arguments>(), 0u);
    EXPECT_EQ(pegtl::analyze<rcpt_arguments>(), 0u);
    EXPECT_EQ(pegtl::analyze<helo_argument>(), 0u);
    EXPECT_EQ(pegtl::analyze<mail::only_mailbox>(), 0u);
}

TEST(Command, VerbInAnyCaseAndTrimmedArgument) {
    const CommandLine line = parse_command("mAiL   FROM:<a@b>  ");
    EXPECT_EQ(line.verb, Verb::mail);
    EXPECT_EQ(line.word, "mAiL");
    EXPECT_EQ(line.argument, "FROM:<a@b>");
    EXPECT_EQ(parse_command("NOOP").verb, Verb::noop);
    EXPECT_EQ(parse_command("NOOP ").verb, Verb::noop);
    EXPECT_EQ(parse_command("saml x").verb, Verb::saml);
}

TEST(Command, UnknownOnes) {
    for (const std::string_view line :
         {"", " NOOP", "NOOPX", "NO-OP", "QUIT:", "MAILFROM:<a@b>", "\x16\x03\x01", "1"}) {
        EXPECT_EQ(parse_command(line).verb, Verb::unknown) << line;
    }
}

struct PathCase {
    std::string_view argument;
    std::string_view local_part;
    std::string_view domain;
};

class MailPath : public testing::TestWithParam<PathCase> {};
TEST_P(MailPath, IsAccepted) {
    const MailArguments mail = parse_mail_args(GetParam().argument);
    ASSERT_EQ(mail.error, ArgumentError::none);
    EXPECT_EQ(mail.path.mailbox.local_part, GetParam().local_part);
    EXPECT_EQ(mail.path.mailbox.domain, GetParam().domain);
    EXPECT_EQ(mail.path.null, GetParam().domain.empty());
}
INSTANTIATE_TEST_SUITE_P(Good, MailPath,
                         testing::Values(PathCase{"FROM:<a@b.c>", "a", "b.c"},      //
                                         PathCase{"from: \t <a@b.c>", "a", "b.c"},  // blanks some clients send
                                         PathCase{"FROM:<>", "", ""},               //
                                         PathCase{"FROM:<a.b+c=d@x-y.z_z>", "a.b+c=d", "x-y.z_z"},
                                         PathCase{"FROM:<\"a b\"@c>", "a b", "c"},  //
                                         PathCase{"FROM:<\"a\\\"\\\\>\"@c>", "a\"\\>", "c"},
                                         PathCase{"FROM:<\"\"@c>", "", "c"},  //
                                         PathCase{"FROM:<a@[127.0.0.1]>", "a", "[127.0.0.1]"},
                                         PathCase{"FROM:<a@[IPv6:::1]>", "a", "[IPv6:::1]"},
                                         PathCase{"FROM:<@r1,@r2.x:a@b>", "a", "b"},  // source route: ignored
                                         PathCase{"FROM:<дом@пример.рф>", "дом", "пример.рф"},
                                         PathCase{"FROM:<a@b> ", "a", "b"}));

class BadPath : public testing::TestWithParam<std::string_view> {};
TEST_P(BadPath, IsRefused) { EXPECT_EQ(parse_mail_args(GetParam()).error, ArgumentError::path); }
INSTANTIATE_TEST_SUITE_P(Bad, BadPath,
                         testing::Values("", "FROM", "FROM:", "FROM:a@b", "FROM:<a@b", "FROM:a@b>", "FROM:<a>",
                                         "FROM:<a@>", "FROM:<@b>", "FROM:<a@b@c>", "FROM:<a b@c>", "FROM:<a..b@c>",
                                         "FROM:<.a@c>", "FROM:<a.@c>", "FROM:<a@-b>", "FROM:<a@b->", "FROM:<a@b..c>",
                                         "FROM:<a@.b>", "FROM:<a@b.>", "FROM:<\"a@b>", "FROM:<a@[1.2.3]>",
                                         "FROM:<a@[1.2.3.256]>", "FROM:<a@[IPv6:::g]>", "FROM:<a@[x]>", "TO:<a@b>",
                                         "FROM:<\xff@b>", "FROM:<a@\xc0\x80>", "FROM:<\xed\xa0\x80@b>", "FROM :<a@b>",
                                         "FROM:<a\x01@b>", "FROM:<postmaster>", "FROM:< a@b>"));

TEST(MailArgs, Parameters) {
    const MailArguments mail = parse_mail_args("FROM:<a@b> size=12345 BODY=8bitmime SMTPUTF8");
    ASSERT_EQ(mail.error, ArgumentError::none);
    EXPECT_EQ(mail.size, 12345u);
    EXPECT_EQ(mail.body, Body::eight_bit_mime);
    EXPECT_TRUE(mail.smtputf8);
    EXPECT_EQ(parse_mail_args("FROM:<a@b> BODY=7BIT").body, Body::seven_bit);
    EXPECT_EQ(parse_mail_args("FROM:<> SIZE=99999999999999999999").size, std::numeric_limits<std::uint64_t>::max());
}

TEST(MailArgs, BadParameters) {
    const auto error = [](std::string_view tail) { return parse_mail_args("FROM:<a@b>" + std::string(tail)).error; };
    EXPECT_EQ(error(" NOTIFY=NEVER"), ArgumentError::parameter_unknown);
    EXPECT_EQ(error(" ORCPT=rfc822;a@b"), ArgumentError::parameter_unknown);
    EXPECT_EQ(error(" X"), ArgumentError::parameter_unknown);
    EXPECT_EQ(error(" SIZES=1"), ArgumentError::parameter_unknown);
    EXPECT_EQ(error(" SIZE=x"), ArgumentError::parameter_value);
    EXPECT_EQ(error(" SIZE="), ArgumentError::parameter_value);
    EXPECT_EQ(error(" SIZE"), ArgumentError::parameter_value);
    EXPECT_EQ(error(" SIZE=123456789012345678901"), ArgumentError::parameter_value);
    EXPECT_EQ(error(" SIZE=1 SIZE=1"), ArgumentError::parameter_value);
    EXPECT_EQ(error(" BODY=BINARYMIME"), ArgumentError::parameter_value);
    EXPECT_EQ(error(" BODY=7BIT BODY=8BITMIME"), ArgumentError::parameter_value);
    EXPECT_EQ(error(" SMTPUTF8=1"), ArgumentError::parameter_value);
    EXPECT_EQ(error(" SMTPUTF8 SMTPUTF8"), ArgumentError::parameter_value);
    EXPECT_EQ(error("SIZE=1"), ArgumentError::parameter_syntax);
    EXPECT_EQ(error(" =1"), ArgumentError::parameter_syntax);
    EXPECT_EQ(error(" A=b=c"), ArgumentError::parameter_syntax);
}

TEST(RcptArgs, Paths) {
    EXPECT_EQ(parse_rcpt_args("TO:<a@b>").path.mailbox.domain, "b");
    const RcptArguments postmaster = parse_rcpt_args("to:<pOstmaster>");
    ASSERT_EQ(postmaster.error, ArgumentError::none);
    EXPECT_TRUE(postmaster.path.postmaster);
    EXPECT_EQ(postmaster.path.mailbox.local_part, "postmaster");
    EXPECT_FALSE(parse_rcpt_args("TO:<postmaster@b>").path.postmaster);
    EXPECT_EQ(parse_rcpt_args("TO:<>").error, ArgumentError::path);
    EXPECT_EQ(parse_rcpt_args("TO:<a@b>,<c@d>").error, ArgumentError::parameter_syntax);
}

TEST(Lengths, AtTheLimitAndOnePast) {
    const auto mail = [](std::size_t local, std::size_t label, std::size_t labels) {
        std::string domain;
        for (std::size_t i = 0; i < labels; ++i) domain += std::string(label, 'd') + ".";
        domain.pop_back();
        return parse_mail_args("FROM:<" + std::string(local, 'a') + "@" + domain + ">").error;
    };
    EXPECT_EQ(mail(mail::max_local_part, 1, 1), ArgumentError::none);
    EXPECT_EQ(mail(mail::max_local_part + 1, 1, 1), ArgumentError::path_too_long);
    EXPECT_EQ(mail(1, mail::max_domain_label, 1), ArgumentError::none);
    EXPECT_EQ(mail(1, mail::max_domain_label + 1, 1), ArgumentError::path_too_long);
    EXPECT_EQ(mail(1, mail::max_domain_label, 4), ArgumentError::none);  // 4 * 63 + 3 = 255
    EXPECT_EQ(mail(1, 1, 129), ArgumentError::path_too_long);            // 257
}

TEST(Helo, Domains) {
    EXPECT_EQ(parse_helo_domain("mx.example.com")->text, "mx.example.com");
    EXPECT_EQ(parse_helo_domain("mx.example.com. ")->text, "mx.example.com");
    EXPECT_EQ(parse_helo_domain("my_host")->text, "my_host");
    EXPECT_EQ(parse_helo_domain("[192.0.2.1]")->value, "192.0.2.1");
    EXPECT_EQ(parse_helo_domain("[192.0.2.1]")->text, "[192.0.2.1]");
    EXPECT_TRUE(parse_helo_domain("[192.0.2.1]")->literal);
    EXPECT_EQ(parse_helo_domain("[ipv6:2001:db8::1]")->value, "2001:db8::1");
    for (const std::string_view bad : {"", "a b", "-a", "a..b", "[1.2.3]", "[::1]", "пример.рф", "a;b", "<a>"}) {
        EXPECT_FALSE(parse_helo_domain(bad)) << bad;
    }
}

TEST(AddressLiteral, Ipv6Forms) {
    const auto good = [](std::string_view text) {
        return parse_helo_domain("[IPv6:" + std::string(text) + "]").has_value();
    };
    for (const auto* const text : {"::", "::1", "1::", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8",
                                   "1:2::7:8", "::ffff:192.0.2.1", "1:2:3:4:5:6:192.0.2.1", "64:ff9b::192.0.2.33",
                                   "ABCD:EF01:2345:6789:abcd:ef01:2345:6789", "1:2:3:4:5::192.0.2.1"}) {
        EXPECT_TRUE(good(text)) << text;
    }
    for (const auto* const text : {"", ":", ":::", "1", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3",
                                   "12345::", "g::", "::192.0.2", "::192.0.2.256", "1:2:3:4:5:6:7:192.0.2.1", ":1::"}) {
        EXPECT_FALSE(good(text)) << text;
    }
}

// Found by tests/fuzz/smtp_commands: PEGTL's rule for an octet read behind the end (visible to AddressSanitizer).
TEST(AddressLiteral, CutOffInsideAnOctet) {
    const std::string exact = "M@[1.1";
    const std::vector<char> heap(exact.begin(), exact.end());
    EXPECT_EQ(mail::parse_mailbox({heap.data(), heap.size()}).error, mail::MailboxError::syntax);
    EXPECT_FALSE(parse_helo_domain("[255.255.255.2550]"));
    EXPECT_FALSE(parse_helo_domain("[01.2.3.4]"));
    EXPECT_TRUE(parse_helo_domain("[0.0.0.255]"));
}

TEST(LocalPart, QuotedOnlyIfItMustBe) {
    EXPECT_EQ(mail::quote_local_part("a.b"), "a.b");
    EXPECT_EQ(mail::quote_local_part("a b"), "\"a b\"");
    EXPECT_EQ(mail::quote_local_part("a\"\\"), "\"a\\\"\\\\\"");
    EXPECT_EQ(mail::quote_local_part(""), "\"\"");
    EXPECT_EQ(mail::quote_local_part("a..b"), "\"a..b\"");
}

}  // namespace
}  // namespace sluice::grammar::smtp
