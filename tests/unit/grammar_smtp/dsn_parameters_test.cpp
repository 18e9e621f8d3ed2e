// RET, ENVID, NOTIFY and ORCPT (RFC 3461 4), the arguments of BDAT (RFC 3030 2), xtext.
#include <gtest/gtest.h>

#include "grammar/smtp/command_line.hpp"
#include "grammar/smtp/limits.hpp"
#include "grammar/smtp/xtext.hpp"

namespace sluice::grammar::smtp {
namespace {

MailArguments mail(std::string_view tail) { return parse_mail_args("FROM:<a@b> " + std::string(tail)); }
RcptArguments rcpt(std::string_view tail) { return parse_rcpt_args("TO:<a@b> " + std::string(tail)); }

TEST(Ret, Values) {
    EXPECT_EQ(mail("SIZE=1").ret, "");
    EXPECT_EQ(mail("RET=FULL").ret, "FULL");
    EXPECT_EQ(mail("ret=hdrs BODY=7BIT").ret, "HDRS");
    for (const char* wrong :
         {"RET", "RET=", "RET=ALL", "RET=FULLY", "RET=FULL,HDRS", "RET=FULL RET=FULL", "RET=FULL RET=HDRS"})
        EXPECT_EQ(mail(wrong).error, ArgumentError::ret) << wrong;
    EXPECT_EQ(rcpt("RET=FULL").error, ArgumentError::parameter_unknown);
}

TEST(Envid, Values) {
    EXPECT_EQ(mail("RET=FULL").envelope_id, "");
    EXPECT_EQ(mail("ENVID=QQ314159").envelope_id, "QQ314159");
    EXPECT_EQ(mail("envid=a+2Bb+3D+20+7E+09;<>").envelope_id, "a+2Bb+3D+20+7E+09;<>");
    for (const char* wrong : {"ENVID", "ENVID=", "ENVID=a+", "ENVID=a+2", "ENVID=a+2b", "ENVID=a+ZZ", "ENVID=a+0D+0A",
                              "ENVID=a+7F", "ENVID=a+00", "ENVID=a+80", "ENVID=\xc3\xa9", "ENVID=a ENVID=a"})
        EXPECT_EQ(mail(wrong).error, ArgumentError::envid) << wrong;
    EXPECT_EQ(mail("ENVID=a=b").error, ArgumentError::parameter_syntax);  // no esmtp-value of RFC 5321
    EXPECT_EQ(rcpt("ENVID=a").error, ArgumentError::parameter_unknown);
}

TEST(Envid, LengthAtTheLimitAndOnePast) {
    const std::string longest(max_envelope_id, 'x');
    EXPECT_EQ(mail("ENVID=" + longest).envelope_id, longest);
    EXPECT_EQ(mail("ENVID=x" + longest).error, ArgumentError::envid);
}

TEST(NotifyParameter, Values) {
    EXPECT_EQ(parse_rcpt_args("TO:<a@b>").notify, 0);
    EXPECT_EQ(rcpt("NOTIFY=NEVER").notify, notify_never);
    EXPECT_EQ(rcpt("notify=success").notify, notify_success);
    EXPECT_EQ(rcpt("NOTIFY=FAILURE").notify, notify_failure);
    EXPECT_EQ(rcpt("NOTIFY=DELAY,Failure").notify, notify_delay | notify_failure);
    EXPECT_EQ(rcpt("NOTIFY=SUCCESS,FAILURE,DELAY").notify, notify_success | notify_failure | notify_delay);
    EXPECT_EQ(rcpt("NOTIFY=DELAY,DELAY").notify, notify_delay);  // RFC 3461 does not forbid it
    for (const char* wrong : {"NOTIFY", "NOTIFY=", "NOTIFY=ALWAYS", "NOTIFY=NEVER,SUCCESS", "NOTIFY=SUCCESS,NEVER",
                              "NOTIFY=NEVER,NEVER", "NOTIFY=SUCCESS,", "NOTIFY=,SUCCESS", "NOTIFY=SUCCESS,,DELAY",
                              "NOTIFY=SUCCESSFAILURE", "NOTIFY=NEVER NOTIFY=NEVER", "NOTIFY=DELAY NOTIFY=SUCCESS"})
        EXPECT_EQ(rcpt(wrong).error, ArgumentError::notify) << wrong;
    EXPECT_EQ(mail("NOTIFY=NEVER").error, ArgumentError::parameter_unknown);
}

TEST(Orcpt, Values) {
    for (const char* right : {"rfc822;joe@example.com", "RFC822;Joe+2Bx@example.com", "rfc822;j+C3+BCrgen@here.test",
                              "x-other;room+3B7", "utf-8;\\x{E9}ric@example.com", "UTF-8;\xc3\xa9ric@example.com",
                              "utf-8;a+2Bb@c", "utf-8;\\x{10FFFF}\\x{2B}"}) {
        EXPECT_EQ(rcpt("ORCPT=" + std::string(right)).original_recipient, right);
        EXPECT_EQ(rcpt("NOTIFY=NEVER orcpt=" + std::string(right)).error, ArgumentError::none);
    }
    for (const char* wrong :
         {"ORCPT", "ORCPT=", "ORCPT=joe@example.com", "ORCPT=rfc822", "ORCPT=rfc822;", "ORCPT=;joe", "ORCPT=r@c;joe",
          "ORCPT=rfc822;a+2b", "ORCPT=rfc822;x+89y", "ORCPT=rfc822;+C3", "ORCPT=rfc822;a+0A", "ORCPT=rfc822;\xc3\xa9",
          "ORCPT=utf-8;", "ORCPT=utf-8;\\x{E9", "ORCPT=utf-8;\\y", "ORCPT=utf-8;\\x{1234567}", "ORCPT=utf-8;+2b",
          "ORCPT=rfc822;a ORCPT=rfc822;a"})
        EXPECT_EQ(rcpt(wrong).error, ArgumentError::orcpt) << wrong;
    EXPECT_EQ(mail("ORCPT=rfc822;a@b").error, ArgumentError::parameter_unknown);
}

TEST(Orcpt, LengthAtTheLimitAndOnePast) {
    const std::string longest = "rfc822;" + std::string(max_original_recipient - 7, 'x');
    EXPECT_EQ(rcpt("ORCPT=" + longest).original_recipient, longest);
    EXPECT_EQ(rcpt("ORCPT=" + longest + "x").error, ArgumentError::orcpt);
}

TEST(RcptArguments, ParametersOfMailAreUnknown) {
    for (const char* of_mail : {"SIZE=1", "BODY=7BIT", "SMTPUTF8", "AUTH=<>"})
        EXPECT_EQ(rcpt(of_mail).error, ArgumentError::parameter_unknown) << of_mail;
}

TEST(BdatArguments, SizeAndLast) {
    EXPECT_EQ(parse_bdat_args("0")->size, 0u);
    EXPECT_FALSE(parse_bdat_args("0")->last);
    EXPECT_EQ(parse_bdat_args("86 LAST")->size, 86u);
    EXPECT_TRUE(parse_bdat_args("86  last ")->last);
    EXPECT_EQ(parse_bdat_args("18446744073709551614")->size, 18446744073709551614u);
    for (const char* wrong :
         {"", "LAST", "-1", "+1", "x", "1x", "1LAST", "1 LAST 2", "1 FIRST", "0x10", "1.0", "18446744073709551615",
          "18446744073709551616", "99999999999999999999", "000000000000000000001"})
        EXPECT_FALSE(parse_bdat_args(wrong)) << wrong;
}

TEST(Xtext, ThereAndBack) {
    EXPECT_EQ(encode_xtext("joe+x=y z\t\xc3\xa9;~"), "joe+2Bx+3Dy+20z+09+C3+A9;~");
    std::string all;
    for (int octet = 0; octet < 256; ++octet) all += static_cast<char>(octet);
    EXPECT_EQ(decode_xtext(encode_xtext(all)), all);
    EXPECT_EQ(decode_xtext("+2B+2b+2+"), "++2b+2+");
}

TEST(Xtext, OriginalRecipientOfAnAddress) {
    for (const auto& [address, expected] : {std::pair{"joe+x@example.com", "rfc822;joe+2Bx@example.com"},
                                            {"\"a b\"@c", "rfc822;\"a+20b\"@c"},
                                            {"\xc3\xa9+=\\ @c", "utf-8;\xc3\xa9\\x{2B}\\x{3D}\\x{5C}\\x{20}@c"}}) {
        EXPECT_EQ(original_recipient_of(address), expected);
        EXPECT_EQ(rcpt("ORCPT=" + original_recipient_of(address)).error, ArgumentError::none);
    }
}

}  // namespace
}  // namespace sluice::grammar::smtp
