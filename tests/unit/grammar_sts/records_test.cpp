// The TXT records of MTA-STS (RFC 8461 3.1) and TLSRPT (RFC 8460 3).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tao/pegtl/contrib/analyze.hpp>

#include "grammar/sts/limits.hpp"
#include "grammar/sts/record_rules.hpp"
#include "grammar/sts/sts_record.hpp"
#include "grammar/sts/tls_report_record.hpp"

namespace sluice::grammar::sts {
namespace {

using testing::ElementsAre;

TEST(Grammar, MakesProgressOnEveryPath) {
    EXPECT_EQ(pegtl::analyze<policy_file>(), 0u);
    EXPECT_EQ(pegtl::analyze<sts_text_record>(), 0u);
    EXPECT_EQ(pegtl::analyze<tlsrpt_record>(), 0u);
}

std::string id_of(std::string_view text) {
    const ParsedStsRecord parsed = parse_sts_record(text);
    EXPECT_NE(parsed.record.has_value(), !parsed.error.empty());
    return parsed.record ? parsed.record->id : "error: " + parsed.error;
}

TEST(StsRecord, OfTheRfc) { EXPECT_EQ(id_of("v=STSv1; id=20160831085700Z;"), "20160831085700Z"); }

TEST(StsRecord, WhatIsTaken) {
    for (const char* good : {"v=STSv1;id=a1", "v=STSv1; id=a1", "v=STSv1 ;\tid=a1 ; ", "v=STSv1; id=a1  ",
                             "v=STSv1; other=x:<>~; id=a1; more=1", "v=STSv1; id=a1; id=b2", "v=STSv1; id=a1; id=-",
                             "v=STSv1; ID=zz; id=a1"})
        EXPECT_EQ(id_of(good), "a1") << good;
}

TEST(StsRecord, WhatIsNot) {
    const std::pair<const char*, const char*> table[] = {
        {"", "'' is not \"v=STSv1; id=…\""},
        {"v=STSv1", "'v=STSv1' is not \"v=STSv1; id=…\""},
        {"v=STSv1;", "'v=STSv1;' is not \"v=STSv1; id=…\""},
        {"v=STSv2; id=1", "'v=STSv2; id=1' is not \"v=STSv1; id=…\""},
        {"V=STSv1; id=1", "'V=STSv1; id=1' is not \"v=STSv1; id=…\""},
        {" v=STSv1; id=1", "' v=STSv1; id=1' is not \"v=STSv1; id=…\""},
        {"v=STSv1; id=", "'id=' has no id of 1 to 32 letters and digits"},
        {"v=STSv1; id=a-b", "'id=a-b' has no id of 1 to 32 letters and digits"},
        {"v=STSv1; id=a b", "'id=a b' has no id of 1 to 32 letters and digits"},
        {"v=STSv1; ID=a", "no \"id=…\""},
        {"v=STSv1; other=1", "no \"id=…\""},
        {"v=STSv1; id=1; other", "'other' is not \"name=value\""},
        {"v=STSv1; id=1; a=b=c", "'a=b=c' is not \"name=value\""},
        {"v=STSv1; id=1; a=\x01", "'a=?' is not \"name=value\""},
        {"v=STSv1;; id=1", "'v=STSv1;; id=1' is not \"v=STSv1; id=…\""},
        {"v=STSv1; id=1;;", "'v=STSv1; id=1;;' is not \"v=STSv1; id=…\""},
    };
    for (const auto& [text, error] : table) EXPECT_EQ(id_of(text), std::string("error: ") + error) << text;
}

TEST(StsRecord, LengthsAtTheLimitAndOnePast) {
    EXPECT_EQ(id_of("v=STSv1; id=" + std::string(32, 'a')), std::string(32, 'a'));
    EXPECT_THAT(id_of("v=STSv1; id=" + std::string(33, 'a')), testing::StartsWith("error: 'id=a"));
    std::string text = "v=STSv1; id=1; x=";
    text.append(max_record - text.size(), 'x');
    EXPECT_EQ(id_of(text), "1");
    EXPECT_EQ(id_of(text + 'x'), "error: more than 4096 octets");
}

TEST(StsRecord, ExactlyOneOfAll) {
    const auto chosen = [](std::vector<std::string> texts) {
        const ParsedStsRecord parsed = choose_sts_record(texts);
        return parsed.record ? parsed.record->id : "-" + parsed.error;
    };
    EXPECT_EQ(chosen({}), "-");
    EXPECT_EQ(chosen({"v=spf1 -all", "v=STSv1", "v=STSv11; id=9", "v=stsv1; id=3"}), "-");
    EXPECT_EQ(chosen({"v=spf1 -all", "v=STSv1; id=7", "v=STSv2; id=8"}), "7");
    EXPECT_EQ(chosen({"v=STSv1; id=7", "v=STSv1; id=7"}), "-2 records that begin with v=STSv1");
    EXPECT_EQ(chosen({"v=STSv1; id=7", "v=STSv1; x"}), "-2 records that begin with v=STSv1");
    EXPECT_EQ(chosen({"v=STSv1; x"}), "-'x' is not \"name=value\"");
}

std::vector<std::string> uris_of(std::string_view text) {
    const ParsedTlsReportRecord parsed = parse_tls_report_record(text);
    if (!parsed.record) return {"error: " + parsed.error};
    EXPECT_EQ(parsed.error, "");
    std::vector<std::string> uris;
    for (const ReportUri& uri : parsed.record->uris) {
        uris.push_back(uri.scheme == ReportUri::Scheme::mailto
                           ? "mail " + uri.address
                           : "post " + uri.host + ' ' + std::to_string(uri.port) + ' ' + uri.target);
    }
    for (const std::string& each : parsed.record->ignored) uris.push_back("ignored " + each);
    return uris;
}

TEST(TlsReportRecord, OfTheRfc) {
    EXPECT_THAT(uris_of("v=TLSRPTv1;rua=mailto:reports@example.com"), ElementsAre("mail reports@example.com"));
    EXPECT_THAT(uris_of("v=TLSRPTv1; rua=https://reporting.example.com/v1/tlsrpt"),
                ElementsAre("post reporting.example.com 443 /v1/tlsrpt"));
}

TEST(TlsReportRecord, WhatIsTaken) {
    EXPECT_THAT(uris_of("v=TLSRPTv1; rua=mailto:a@b.c , https://X.example.:8443?k=v ;"),
                ElementsAre("mail a@b.c", "post x.example 8443 /?k=v"));
    EXPECT_THAT(uris_of("v=TLSRPTv1; x=y; rua=MAILTO:a%2Bb%21@b.c?subject=x%20y#z"), ElementsAre("mail a+b!@b.c"));
    EXPECT_THAT(uris_of("v=TLSRPTv1; rua=HTTPS://h.example/a/../b?c=/d?#e"),
                ElementsAre("post h.example 443 /a/../b?c=/d?"));
    EXPECT_THAT(uris_of("v=TLSRPTv1; rua=mailto:a@b; rua=mailto:c@d"), ElementsAre("mail a@b", "mail c@d"));
    EXPECT_THAT(uris_of("v=TLSRPTv1; rua=https://h.example:/"), ElementsAre("post h.example 443 /"));
}

TEST(TlsReportRecord, DestinationsWeSendNothingTo) {
    EXPECT_THAT(uris_of("v=TLSRPTv1; rua=ftp://x/y,mailto:nobody,https://[::1]/x,https://192.0.2.1/,"
                        "https://u@h.example/,https://h.example:70000/,https://h.example:0/,http://h.example/,"
                        "mailto:a%0Db@c,mailto:a@b%2Cc@d,mailto:a@b.c"),
                ElementsAre("mail a@b.c", "ignored ftp://x/y", "ignored mailto:nobody", "ignored https://[::1]/x",
                            "ignored https://192.0.2.1/", "ignored https://u@h.example/",
                            "ignored https://h.example:70000/", "ignored https://h.example:0/",
                            "ignored http://h.example/", "ignored mailto:a%0Db@c", "ignored mailto:a@b%2Cc@d"));
    EXPECT_THAT(uris_of("v=TLSRPTv1; rua=tel:1"), ElementsAre("error: no URI of a mailbox or of an https host"));
}

TEST(TlsReportRecord, WhatIsNot) {
    const std::pair<const char*, const char*> table[] = {
        {"v=TLSRPTv1", "'v=TLSRPTv1' is not \"v=TLSRPTv1; rua=…\""},
        {"v=TLSRPTv2; rua=mailto:a@b", "'v=TLSRPTv2; rua=mailto:a@b' is not \"v=TLSRPTv1; rua=…\""},
        {"v=TLSRPTv1; ruf=mailto:a@b", "no \"rua=…\""},
        {"v=TLSRPTv1; rua=", "'rua=' is not a list of URIs"},
        {"v=TLSRPTv1; rua=a@b", "'rua=a@b' is not a list of URIs"},
        {"v=TLSRPTv1; rua=mailto:a@b,", "'rua=mailto:a@b,' is not a list of URIs"},
        {"v=TLSRPTv1; rua=mailto:a@b!10m", "'rua=mailto:a@b!10m' is not a list of URIs"},
        {"v=TLSRPTv1; rua=mailto:a@b c", "'rua=mailto:a@b c' is not a list of URIs"},
        {"v=TLSRPTv1; rua=mailto:a%2@b", "'rua=mailto:a%2@b' is not a list of URIs"},
        {"v=TLSRPTv1; rua=mailto:a@b; x", "'x' is not \"name=value\""},
    };
    for (const auto& [text, error] : table) {
        EXPECT_THAT(uris_of(text), ElementsAre(std::string("error: ") + error)) << text;
    }
}

TEST(TlsReportRecord, UrisAtTheLimitAndOnePast) {
    std::string text = "v=TLSRPTv1; rua=mailto:a@b";
    for (std::size_t i = 1; i < max_report_uris; ++i) text += ",mailto:a@b";
    EXPECT_EQ(uris_of(text).size(), max_report_uris);
    EXPECT_THAT(uris_of(text + ",mailto:a@b"), ElementsAre("error: more than 16 URIs"));
}

TEST(TlsReportRecord, ExactlyOneOfAll) {
    const auto chosen = [](std::vector<std::string> texts) {
        const ParsedTlsReportRecord parsed = choose_tls_report_record(texts);
        return parsed.record ? parsed.record->uris.front().text : "-" + parsed.error;
    };
    EXPECT_EQ(chosen({"v=spf1 -all", "v=TLSRPTv11; rua=mailto:a@b"}), "-");
    EXPECT_EQ(chosen({"v=TLSRPTv1; rua=mailto:a@b", "other"}), "mailto:a@b");
    EXPECT_EQ(chosen({"v=TLSRPTv1; rua=mailto:a@b", "v=TLSRPTv1; rua=mailto:c@d"}),
              "-2 records that begin with v=TLSRPTv1");
}

}  // namespace
}  // namespace sluice::grammar::sts
