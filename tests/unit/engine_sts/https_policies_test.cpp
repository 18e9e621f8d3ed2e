// The whole way: a name server, libunbound, a policy host with real certificates, files on disk (tls.md 8.1 row 28).
#include <gmock/gmock.h>

#include "engine/dns/resolver_service.hpp"
#include "engine/sts/policies.hpp"
#include "grammar/sts/limits.hpp"
#include "tests/unit/engine_dns/name_server.hpp"
#include "tests/unit/engine_https/https_fixture.hpp"

namespace sluice::sts {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kRight = "subjectAltName=DNS:mta-sts.example.test";

std::string policy_text(const std::string& mode) {
    return "version: STSv1\r\nmode: " + mode +
           "\r\nmx: mx1.example.test\r\nmx: *.mx.example.test\r\nmax_age: 86400\r\n";
}

class HttpsPoliciesTest : public https::HttpsTest {
  protected:
    HttpsPoliciesTest() {
        server_addresses("mta-sts.example.test.");
        dns::Settings settings;
        settings.type = dns::ResolverType::custom;
        settings.config.name_servers.push_back({names_.socket_addr()});
        // Patient, because machines that run tests are slow.
        settings.options = dns::Options{.timeout = std::chrono::seconds(30), .use_hosts_file = false};
        libunbound_ = service_->open(std::move(settings));
    }

    void server_addresses(const std::string& host) {
        names_.add(host, dns::RecordType::a, dns::test::address_rdata("127.0.0.1"));
    }
    void record(const std::string& text, const std::string& name = "_mta-sts.example.test.") {
        names_.add(name, dns::RecordType::txt, dns::test::txt_rdata({text}));
    }
    https::HttpsServer& serve_as(const std::string& name, const std::string& extension) {
        return serve(authority_.sign(name, extension), [this](const std::string&) { return answer_; });
    }

    // The answer of a process that has just started, with the directory of the one before.
    PolicyAnswer find(const std::string& domain = "example.test",
                      std::chrono::milliseconds timeout = limits::sts_fetch) {
        https::Client client(libunbound_, {.trust = authority_.trust()});
        HttpsPolicyFetcher::Settings fetching{.timeout = timeout};
        if (server_) fetching.port = server_->port();
        PolicyStore::Opened store = PolicyStore::open(files_.path("cache"));
        EXPECT_EQ(store.error, "");
        Policies policies(io_.get_executor(), libunbound_,
                          std::make_shared<HttpsPolicyFetcher>(std::move(client), fetching), store.store, pool_, {});
        return run(policies.find(domain));
    }
    std::string failure() {
        const PolicyAnswer answer = find();
        EXPECT_FALSE(answer.policy);
        if (!answer.failure) return "none";
        return std::string(report_type(answer.failure->kind)) + ' ' + answer.failure->text;
    }

    dns::test::NameServer names_;
    std::unique_ptr<dns::ResolverService> service_ =
        std::make_unique<dns::ResolverService>([](const std::string& problem) { ADD_FAILURE() << problem; });
    std::shared_ptr<dns::Resolver> libunbound_;
    io::BlockingPool pool_{1};
    std::string answer_ = https::ok(policy_text("enforce"));
};

TEST_F(HttpsPoliciesTest, Enforce) {
    record("v=STSv1; id=20160831085700Z;");
    https::HttpsServer& server = serve_as("right", kRight);
    const PolicyAnswer answer = find();
    EXPECT_FALSE(answer.failure) << answer.failure->text;
    EXPECT_EQ(answer.mode, PolicyMode::enforce);
    EXPECT_EQ(answer.id, "20160831085700Z");
    EXPECT_TRUE(answer.allows("mx1.example.test"));
    EXPECT_TRUE(answer.allows("2.MX.example.test."));
    EXPECT_FALSE(answer.allows("evil.test"));
    EXPECT_THAT(server.requests, ElementsAre(StartsWith("GET /.well-known/mta-sts.txt HTTP/1.1\r\n"
                                                        "Host: mta-sts.example.test:")));
    EXPECT_THAT(server.server_names, ElementsAre("mta-sts.example.test"));
}

TEST_F(HttpsPoliciesTest, TestingAndNone) {
    record("v=STSv1; id=1");
    answer_ = https::ok(policy_text("testing"), "text/plain; charset=utf-8");
    serve_as("right", kRight);
    EXPECT_EQ(find().mode, PolicyMode::testing);
    std::filesystem::remove_all(files_.path("cache"));
    answer_ = https::ok("version: STSv1\nmode: none\nmax_age: 86400\n");
    serve_as("right", kRight);
    const PolicyAnswer none = find();
    EXPECT_TRUE(none.policy);
    EXPECT_EQ(none.mode, PolicyMode::none);
}

TEST_F(HttpsPoliciesTest, WithoutRecordNobodyIsAsked) {
    https::HttpsServer& server = serve_as("right", kRight);
    EXPECT_EQ(failure(), "none");
    EXPECT_EQ(server.connections, 0);
}

TEST_F(HttpsPoliciesTest, ARecordInSeveralStringsAndBehindAliases) {
    names_.add("_mta-sts.example.test.", dns::RecordType::cname, dns::test::wire_name("a.provider.test."));
    names_.add("a.provider.test.", dns::RecordType::cname, dns::test::wire_name("b.provider.test."));
    names_.add("b.provider.test.", dns::RecordType::txt, dns::test::txt_rdata({"v=STSv1; i", "d=77", ";"}));
    serve_as("right", kRight);
    EXPECT_EQ(find().id, "77");
}

TEST_F(HttpsPoliciesTest, APolicyHostBehindAnAlias) {
    record("v=STSv1; id=2", "_mta-sts.alias.test.");
    names_.add("mta-sts.alias.test.", dns::RecordType::cname, dns::test::wire_name("mta-sts.example.test."));
    https::HttpsServer& server = serve_as("right", "subjectAltName=DNS:mta-sts.alias.test");
    EXPECT_EQ(find("alias.test").id, "2");
    EXPECT_THAT(server.server_names, ElementsAre("mta-sts.alias.test")) << "the alias is who must prove to be it";
}

TEST_F(HttpsPoliciesTest, SeveralRecordsAreNone) {
    record("v=STSv1; id=1");
    record("v=STSv1; id=2");
    https::HttpsServer& server = serve_as("right", kRight);
    EXPECT_THAT(failure(), HasSubstr("TXT _mta-sts.example.test: 2 records that begin with v=STSv1"));
    EXPECT_EQ(server.connections, 0);
}

TEST_F(HttpsPoliciesTest, OtherRecordsDoNotMatter) {
    record("v=spf1 -all");
    record("v=STSv1; id=1");
    serve_as("right", kRight);
    EXPECT_EQ(find().id, "1");
}

TEST_F(HttpsPoliciesTest, APolicyHostThatCannotProveToBeIt) {
    record("v=STSv1; id=1");
    serve_as("elsewhere", "subjectAltName=DNS:example.test,DNS:mx1.example.test");
    EXPECT_THAT(failure(), StartsWith("sts-webpki-invalid mta-sts.example.test: certificate name_mismatch"));
    serve_as("mta-sts.example.test", "extendedKeyUsage=serverAuth");  // nothing but a common name
    EXPECT_THAT(failure(), StartsWith("sts-webpki-invalid mta-sts.example.test: certificate name_mismatch"));
    const https::Authority other(files_, "other");
    serve(other.sign("foreign", kRight), [this](const std::string&) { return answer_; });
    EXPECT_THAT(failure(), StartsWith("sts-webpki-invalid mta-sts.example.test: certificate not_trusted"));
}

TEST_F(HttpsPoliciesTest, AnswersThatAreNoPolicy) {
    record("v=STSv1; id=1");
    const std::pair<std::string, std::string> table[] = {
        {"HTTP/1.1 301 Moved\r\nLocation: https://www.example.test/\r\nContent-Length: 0\r\n\r\n",
         "sts-policy-fetch-error mta-sts.example.test: status 301, a redirect to https://www.example.test/, which is "
         "not "
         "followed"},
        {"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
         "sts-policy-fetch-error mta-sts.example.test: status 404"},
        {"HTTP/1.1 206 Partial Content\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nve",
         "sts-policy-fetch-error mta-sts.example.test: status 206"},
        {https::ok(policy_text("enforce"), "text/html"),
         "sts-policy-fetch-error mta-sts.example.test: content type 'text/html' instead of text/plain"},
        {https::ok("version: STSv1\nmode: enforced\n"),
         "sts-policy-invalid mta-sts.example.test: line 2: mode: 'enforced' is none of enforce, testing and none"},
        {https::ok("<html>"), "sts-policy-invalid mta-sts.example.test: line 1: '<html>' is not \"name: value\""},
    };
    for (const auto& [answer, expected] : table) {
        answer_ = answer;
        serve_as("right", kRight);
        EXPECT_EQ(failure(), expected);
    }
}

TEST_F(HttpsPoliciesTest, SixtyFourKibibytesAndOneOctetMore) {
    record("v=STSv1; id=1");
    std::string text = policy_text("enforce") + "filler: ";
    text.append(grammar::sts::max_policy - text.size(), 'x');
    answer_ = https::ok(text + 'x');
    serve_as("right", kRight);
    EXPECT_EQ(failure(), "sts-policy-fetch-error mta-sts.example.test: the body has more than 65536 octets");
    answer_ = https::ok(text);
    serve_as("right", kRight);
    EXPECT_EQ(find().mode, PolicyMode::enforce);
}

TEST_F(HttpsPoliciesTest, ASlowServer) {
    record("v=STSv1; id=1");
    answer_ = https::HttpsServer::kSilent;
    serve_as("right", kRight);
    const PolicyAnswer answer = find("example.test", std::chrono::milliseconds(300));
    ASSERT_TRUE(answer.failure);
    EXPECT_EQ(answer.failure->kind, FetchFailure::Kind::fetch_error);
    EXPECT_THAT(answer.failure->text, StartsWith("mta-sts.example.test: timeout "));
}

TEST_F(HttpsPoliciesTest, APolicySurvivesARestart) {
    record("v=STSv1; id=1");
    https::HttpsServer& first = serve_as("right", kRight);
    EXPECT_EQ(find().id, "1");
    EXPECT_EQ(first.connections, 1);
    https::HttpsServer& second = serve_as("right", kRight);
    EXPECT_EQ(find().mode, PolicyMode::enforce);
    EXPECT_EQ(second.connections, 0) << "the file says it all";
}

}  // namespace
}  // namespace sluice::sts
