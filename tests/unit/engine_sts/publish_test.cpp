// What a domain of ours publishes, and everything that may not agree with it.
#include "engine/sts/publish.hpp"

#include <gmock/gmock.h>

namespace sluice::sts {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

tls::CertificateInfo certificate(std::vector<std::string> names) {
    tls::CertificateInfo info;
    info.names = std::move(names);
    info.expires_in_s = 86400;
    info.not_after = "2026-01-01T00:00:00Z";
    return info;
}

OwnDomain own() {
    OwnDomain own;
    own.domain = "Example.com.";
    own.mx = {"MX1.example.com.", "mx2.example.com", "mx1.example.com"};
    own.certificates = {certificate({"mx1.example.com"}), certificate({"*.example.com"})};
    own.mode = PolicyMode::enforce;
    own.reports = "mailto:tls@example.com";
    return own;
}

// What publication() wants, as the world would see it.
Published as_wanted(const OwnDomain& own) {
    const Publication wanted = publication(own, {});
    Published published{{{wanted.texts.at(0).text}}, {{}}, wanted.policy_file};
    if (wanted.texts.size() > 1) published.report_texts->push_back(wanted.texts[1].text);
    return published;
}

std::vector<std::string> disagreements(const OwnDomain& own, const Published& published = {}) {
    return publication(own, published).disagreements;
}

TEST(Publication, OfADomain) {
    const Publication made = publication(own(), {});
    EXPECT_EQ(print(made), "_mta-sts.example.com. IN TXT \"v=STSv1; id=" + made.texts[0].text.substr(12, 8) +
                               ";\"\n"
                               "_smtp._tls.example.com. IN TXT \"v=TLSRPTv1; rua=mailto:tls@example.com\"\n"
                               "\n"
                               "https://mta-sts.example.com/.well-known/mta-sts.txt\n"
                               "  version: STSv1\n"
                               "  mode: enforce\n"
                               "  mx: mx1.example.com\n"
                               "  mx: mx2.example.com\n"
                               "  max_age: 604800\n");
    EXPECT_EQ(made.policy_file,
              "version: STSv1\r\nmode: enforce\r\nmx: mx1.example.com\r\nmx: mx2.example.com\r\nmax_age: 604800\r\n");
    EXPECT_THAT(made.disagreements, IsEmpty());
}

TEST(Publication, WithoutReportsThereIsOneRecord) {
    OwnDomain domain = own();
    domain.reports.clear();
    EXPECT_EQ(publication(domain, {}).texts.size(), 1u);
    EXPECT_THAT(disagreements(domain, as_wanted(domain)), IsEmpty());
}

TEST(Publication, TheIdChangesExactlyWithThePolicy) {
    OwnDomain domain = own();
    const auto id = [&] { return publication(domain, {}).texts[0].text; };
    const std::string first = id();
    domain.reports = "mailto:other@example.com";
    domain.certificates.clear();
    EXPECT_EQ(id(), first);
    domain.mode = PolicyMode::testing;
    EXPECT_NE(id(), first);
    domain = own();
    domain.mx.push_back("mx3.example.com");
    EXPECT_NE(id(), first);
    domain = own();
    domain.max_age += 1;
    EXPECT_NE(id(), first);
}

TEST(Publication, WhatIsPublishedAsWantedAgrees) { EXPECT_THAT(disagreements(own(), as_wanted(own())), IsEmpty()); }

TEST(Publication, CertificatesThatOthersWouldRefuse) {
    OwnDomain domain = own();
    domain.certificates = {certificate({"mx1.example.com"})};
    EXPECT_THAT(disagreements(domain), ElementsAre("no certificate of this server has the DNS name mx2.example.com, "
                                                   "which is an MX of example.com"));
    domain.certificates.push_back(certificate({"mx2.example.com"}));
    EXPECT_THAT(disagreements(domain), IsEmpty());
    domain.certificates[1].expires_in_s = 0;
    EXPECT_THAT(disagreements(domain),
                ElementsAre("the certificate for mx2.example.com has expired (2026-01-01T00:00:00Z)"));
    domain.certificates[1].expires_in_s = 1;
    domain.certificates[1].self_signed = true;
    EXPECT_THAT(disagreements(domain),
                ElementsAre("the certificate for mx2.example.com is self-signed: nobody trusts it"));
    domain.certificates.push_back(certificate({"*.example.com"}));
    EXPECT_THAT(disagreements(domain), IsEmpty()) << "one that is good will do";
    domain.certificates = {};
    domain.certificates.push_back(certificate({}));
    domain.certificates[0].subject_cn = "mx1.example.com";
    EXPECT_EQ(disagreements(domain).size(), 2u) << "the common name does not count";
    domain.mode = PolicyMode::none;
    EXPECT_THAT(disagreements(domain), IsEmpty());
}

TEST(Publication, WishesThatCannotBe) {
    OwnDomain domain = own();
    domain.mx.clear();
    EXPECT_THAT(disagreements(domain), ElementsAre("example.com has no MX record, so there is nothing to name"));
    domain = own();
    domain.max_age = 31'557'601;
    EXPECT_THAT(disagreements(domain),
                ElementsAre("the policy would not be valid: line 5: max_age: '31557601' is more than 31557600 seconds, "
                            "one year"));
    domain = own();
    domain.reports = "tls@example.com";
    EXPECT_THAT(disagreements(domain), ElementsAre("reports cannot go to 'tls@example.com': 'rua=tls@example.com' is "
                                                   "not a list of URIs"));
}

TEST(Publication, RecordsThatAreNotAsWanted) {
    Published published = as_wanted(own());
    published.sts_texts = {"v=spf1 -all"};
    published.report_texts = {"v=spf1 -all"};
    EXPECT_THAT(disagreements(own(), published),
                ElementsAre("_mta-sts.example.com has no TXT record",
                            "_smtp._tls.example.com has no TXT record: nobody will report"));
    published.sts_texts = {"v=STSv1; id=1", "v=STSv1; id=2"};
    published.report_texts = {"v=TLSRPTv1; rua=x"};
    EXPECT_THAT(disagreements(own(), published),
                ElementsAre("the TXT record of _mta-sts.example.com is none: 2 records that begin with v=STSv1",
                            "the TXT record of _smtp._tls.example.com is none: 'rua=x' is not a list of URIs"));
    published = as_wanted(own());
    published.sts_texts = {"v=STSv1; id=1"};
    const std::string id = publication(own(), {}).texts[0].text.substr(12, 8);
    EXPECT_THAT(disagreements(own(), published), ElementsAre("_mta-sts.example.com has the id 1 instead of " + id));
}

TEST(Publication, APolicyFileThatIsNotAsWanted) {
    Published published = as_wanted(own());
    published.policy_file = "<html>";
    EXPECT_THAT(disagreements(own(), published),
                ElementsAre("the published policy is none: line 1: '<html>' is not \"name: value\""));
    published.policy_file = "version: STSv1\nmode: testing\nmx: mx1.example.com\nmx: *.old.example\nmax_age: 60\n";
    EXPECT_THAT(disagreements(own(), published),
                ElementsAre("the published policy has the mode testing instead of enforce",
                            "the published policy has the max_age 60 instead of 604800",
                            "the published policy does not allow mx2.example.com, which is an MX of example.com",
                            "the published policy allows *.old.example, which is no MX of example.com"));
    published.policy_file = "version: STSv1\nmode: enforce\nmx: *.example.com\nmax_age: 604800\n";
    EXPECT_THAT(disagreements(own(), published), IsEmpty()) << "a pattern says the same";
}

}  // namespace
}  // namespace sluice::sts
