// The functions of vsl-rules.md 9, row by row, as rules call them.
#include <sys/socket.h>

#include <boost/asio/read.hpp>

#include <thread>

#include "stage_fixture.hpp"

namespace sluice::filter::test {
namespace {

using smtp::Stage;

class Functions : public StageFixture {
  protected:
    std::string recipients() const {
        std::string all;
        for (const auto& recipient : transaction_.recipients)
            all += (all.empty() ? "" : " ") + recipient.address.text +
                   (recipient.transport.empty() ? "" : "/" + recipient.transport);
        return all;
    }
};

TEST_F(Functions, ContextTellsTheSession) {
    EXPECT_EQ(value(Stage::connect, "ctx::client_address()"), "192.0.2.7:4711");
    EXPECT_EQ(value(Stage::connect, "ctx::client_ip()"), "192.0.2.7");
    EXPECT_EQ(value(Stage::connect, "ctx::client_port() + 1"), "4712");
    EXPECT_EQ(value(Stage::connect, "ctx::server_address()"), "127.0.0.1:25");
    EXPECT_EQ(value(Stage::connect, "ctx::server_name()"), "mx.example.com");
    EXPECT_EQ(value(Stage::connect, "ctx::is_secured()"), "false");
    EXPECT_EQ(value(Stage::helo, "ctx::helo()"), "client.test");
    EXPECT_EQ(value(Stage::mail, "ctx::mail_from().domain"), "example.net");
    EXPECT_EQ(value(Stage::rcpt, "ctx::rcpt_list().len()"), "1");
    EXPECT_EQ(value(Stage::rcpt, "ctx::rcpt()"), "jane@example.com");
}

TEST_F(Functions, ContextShowsItselfAsJson) {
    EXPECT_EQ(value(Stage::mail, "parse_json(ctx().to_string()).reverse_path"), "john@example.net");
    EXPECT_EQ(value(Stage::mail, "parse_json(ctx().to_string()).stage"), "mail");
}

TEST_F(Functions, RelayingNeedsAnIdentity) {
    EXPECT_EQ(value(Stage::connect, "ctx::can_relay()"), "false");
    session_.authenticated_as = "jane";
    EXPECT_EQ(value(Stage::connect, "ctx::can_relay()"), "true");
    EXPECT_EQ(value(Stage::connect, "ctx::auth_user()"), "jane");
    EXPECT_EQ(value(Stage::connect, "auth::is_authenticated()"), "true");
}

TEST_F(Functions, EnvelopeEditsAreSeenAtOnceAndKept) {
    EXPECT_EQ(value(Stage::mail, "{ ctx::mail_from(); envelop::rw_mail_from(\"new@example.net\"); ctx::mail_from() }"),
              "new@example.net");
    EXPECT_EQ(transaction_.reverse_path.text, "new@example.net");
    EXPECT_EQ(value(Stage::rcpt,
                    "{ envelop::add_rcpt(\"a@x.test\"); envelop::bcc(address(\"b@x.test\")); "
                    "ctx::rcpt_list().len() }"),
              "3");
    EXPECT_EQ(recipients(), "jane@example.com a@x.test b@x.test");
    EXPECT_EQ(value(Stage::rcpt,
                    "{ envelop::rw_rcpt(\"a@x.test\", \"c@x.test\"); envelop::rm_rcpt(\"b@x.test\"); "
                    "envelop::rm_rcpt(\"nobody@x.test\"); ctx::rcpt() }"),
              "c@x.test");
    EXPECT_EQ(recipients(), "jane@example.com c@x.test");
}

TEST_F(Functions, AnEnvelopeTakesAddressesOnly) {
    const std::string wrong = "throws: invalid type conversion expected: `address`, but got: `nobody`";
    for (const auto* call : {"envelop::rw_mail_from(\"nobody\")", "envelop::add_rcpt(\"nobody\")",
                             "envelop::rw_rcpt(\"nobody\", \"a@x.test\")", "envelop::rw_rcpt(\"a@x.test\", \"nobody\")",
                             "envelop::rm_rcpt(\"nobody\")"})
        EXPECT_EQ(value(Stage::rcpt, call), wrong) << call;
    EXPECT_EQ(recipients(), "jane@example.com");
}

TEST_F(Functions, AnEnvelopeHasAtMostAThousandRecipients) {
    for (std::size_t i = 1; i + 1 < limits::recipients; ++i)
        transaction_.add_recipient(smtp::Address::make(std::to_string(i), "x.test"));
    EXPECT_EQ(value(Stage::rcpt, "envelop::add_rcpt(\"last@x.test\")"), "");
    EXPECT_EQ(value(Stage::rcpt, "envelop::add_rcpt(\"more@x.test\")"),
              "throws: a message has at most 1000 recipients");
}

TEST_F(Functions, TransportsAreChosenPerRecipient) {
    transaction_.add_recipient(smtp::Address::make("b", "x.test"));
    EXPECT_EQ(run(Stage::rcpt,
                  "transport::forward(\"b@x.test\", \"smtp://relay.test:2525\"); "
                  "transport::mbox(\"jane@example.com\"); state::next()"),
              "next");
    EXPECT_EQ(recipients(), "jane@example.com/mbox b@x.test/forward smtp://relay.test:2525");
    EXPECT_EQ(run(Stage::rcpt, "transport::deliver_all(); state::next()"), "next");
    EXPECT_EQ(recipients(), "jane@example.com/deliver b@x.test/deliver");
    EXPECT_EQ(run(Stage::rcpt,
                  "transport::forward_all(ip4(\"192.0.2.1\")); transport::maildir(\"b@x.test\"); "
                  "state::next()"),
              "next");
    EXPECT_EQ(recipients(), "jane@example.com/forward 192.0.2.1 b@x.test/maildir");
    EXPECT_EQ(value(Stage::rcpt, "transport::deliver(\"nobody@x.test\")"),
              "throws: 'nobody@x.test' is not a recipient of this message");
    EXPECT_EQ(value(Stage::rcpt, "transport::forward_all(\"smtps://host\")"),
              "throws: credentials are missing with this scheme");
}

TEST_F(Functions, TheConfigurationCanBeReadWhileLoadingToo) {
    EXPECT_EQ(value(Stage::connect, "cfg::server.name"), "mx.example.com");
    EXPECT_EQ(run_file(Stage::connect,
                       "const NAME = cfg::server.name; #{ connect: [ rule \"r\" || if global::NAME == "
                       "\"mx.example.com\" { state::accept() } else { state::deny() } ] }"),
              "accept");
}

TEST_F(Functions, FilesAreWrittenBelowTheApplicationsDirectoryOnly) {
    transaction_.message = std::make_shared<const std::string>("Subject: x\r\n\r\nbody\r\n");
    EXPECT_EQ(value(Stage::preq, "fs::dump(\"dumps/today\")"), "");
    const auto written = root_ / "app" / "dumps" / "today" / (transaction_.id.to_string() + ".json");
    EXPECT_TRUE(std::filesystem::exists(written));
    for (const auto* path : {"", "/etc", "..", "a/../b", "a//b", ".hidden"})
        EXPECT_TRUE(value(Stage::preq, "fs::dump(\"" + std::string(path) + "\")").starts_with("throws: '")) << path;
}

TEST_F(Functions, ObjectFilesStandBesideTheConfiguration) {
    std::ofstream(root_ / "networks.txt") << "192.0.2.0/24\n\n  198.51.100.0/24 \r\n";
    const std::string rule =
        "#{ connect: [ rule \"r\" || if ctx::client_ip() in global::NETS { state::accept() } else { "
        "state::deny() } ] }";
    EXPECT_EQ(run_file(Stage::connect, "const NETS = file(\"networks.txt\", \"rg4\"); " + rule), "accept");
    EXPECT_EQ(value(Stage::connect, "file(\"networks.txt\", \"rg4\").len()"), "2");
    EXPECT_TRUE(value(Stage::connect, "file(\"absent.txt\", \"rg4\")").starts_with("throws: cannot read the file '"));
    EXPECT_EQ(value(Stage::connect, "file(\"networks.txt\", \"colour\")"), "throws: invalid object type: colour");
    EXPECT_TRUE(value(Stage::connect, "file(\"networks.txt\", \"ip4\")").find("networks.txt:1: ") != std::string::npos);
}

TEST_F(Functions, RegistrableDomainsComeFromThePublicSuffixList) {
    EXPECT_EQ(value(Stage::connect, "utils::get_root_domain(\"a.b.Example.co.uk\")"), "example.co.uk");
    EXPECT_EQ(value(Stage::mail, "utils::get_root_domain(fqdn(\"mail.example.net\"))"), "example.net");
    EXPECT_EQ(value(Stage::connect, "utils::get_root_domain(\"co.uk\")"), "co.uk");
    EXPECT_EQ(value(Stage::connect, "utils::get_root_domain(ip4(\"192.0.2.1\"))"),
              "throws: get_root_domain takes a name or an fqdn, not ip4");
}

TEST_F(Functions, CommandsRunWithoutAShell) {
    EXPECT_EQ(value(Stage::connect, "cmd::build(#{command: \"true\"}).run().code"), "0");
    EXPECT_EQ(value(Stage::connect, "cmd::build(#{command: \"false\"}).run().code"), "1");
    EXPECT_EQ(value(Stage::connect, "cmd::build(#{command: \"test\", args: [\"a\", \"=\", \"$(echo a)\"]}).run().code"),
              "1");
    EXPECT_EQ(value(Stage::connect, "cmd::build(#{command: \"test\"}).run([\"a\", \"=\", \"a\"]).code"), "0");
    EXPECT_EQ(value(Stage::connect,
                    "{ let r = cmd::build(#{command: \"sleep\", args: [\"100\"], timeout: \"50ms\"}).run(); "
                    "`${r.has_code} ${r.has_signal} ${r.signal}` }"),
              "false true 9");
    EXPECT_EQ(value(Stage::connect, "cmd::build(#{command: \"/does/not/exist\"}).run()"),
              "throws: cannot run '/does/not/exist': No such file or directory");
}

TEST_F(Functions, CommandsAreCheckedWhenTheyAreBuilt) {
    EXPECT_EQ(value(Stage::connect, "cmd::build(#{})"), "throws: cmd::build: 'command' is missing: the program to run");
    EXPECT_EQ(value(Stage::connect, "cmd::build(#{command: \"true\", colour: 1})"),
              "throws: cmd::build: unknown key 'colour': there are command, args, timeout, user and group");
    EXPECT_EQ(value(Stage::connect, "cmd::build(#{command: \"true\", timeout: \"soon\"})"),
              "throws: cmd::build: 'soon' is not a duration such as 30s");
    EXPECT_EQ(value(Stage::connect, "cmd::build(#{command: \"true\", user: \"no such user\"})"),
              "throws: cmd::build: user not found: 'no such user'");
    EXPECT_EQ(value(Stage::connect, "cmd::build(#{command: \"true\", args: [1]})"),
              "throws: cmd::build: an argument must be a text without NUL, not i64");
}

TEST_F(Functions, CredentialsAreShownWithoutSecrets) {
    EXPECT_EQ(
        value(Stage::authenticate, "auth::credentials()"),
        "throws: the field: `credentials` is not defined yet, it only is available from the `authenticate` stage");
    session_.credentials = smtp::Credentials{.mechanism = "PLAIN", .authid = "jane", .password = "secret"};
    EXPECT_EQ(value(Stage::authenticate, "auth::credentials()"), "Verify PLAIN jane");
    EXPECT_EQ(value(Stage::authenticate, "auth::credentials().type"), "Verify");
    EXPECT_EQ(value(Stage::authenticate, "auth::credentials().authid"), "jane");
    EXPECT_EQ(value(Stage::authenticate, "auth::credentials().authpass"), "secret");
    EXPECT_EQ(value(Stage::authenticate, "auth::credentials().anonymous_token"),
              "throws: no `anonymous_token` available in credentials of type `Verify`");
    session_.credentials = smtp::Credentials{.mechanism = "ANONYMOUS", .anonymous = true, .token = "guest"};
    EXPECT_EQ(value(Stage::authenticate, "auth::credentials().anonymous_token"), "guest");
    EXPECT_EQ(value(Stage::authenticate, "auth::credentials().authid"),
              "throws: no `authid` available in credentials of type `AnonymousToken`");
}

TEST_F(Functions, ThePasswordFileDecides) {
    session_.credentials = smtp::Credentials{.mechanism = "PLAIN", .authid = "jane", .password = "secret"};
    EXPECT_EQ(value(Stage::authenticate, "auth::users()"),
              "throws: there is no password file: make one with `sluice user add`");
    users_ = [](std::string user, std::string password) -> asio::awaitable<sasl::PasswordVerdict> {
        co_return sasl::PasswordVerdict{user == "jane" && password == "secret", {}};
    };
    EXPECT_EQ(run(Stage::authenticate, "auth::users()"), "accept");
    session_.credentials->password = "wrong";
    EXPECT_EQ(run(Stage::authenticate, "auth::users()"), "deny");
}

// A saslauthd that knows one user.
class Saslauthd {
  public:
    explicit Saslauthd(const std::string& path) : acceptor_(context_, asio::local::stream_protocol::endpoint(path)) {
        thread_ = std::thread([this] {
            for (;;) {
                asio::local::stream_protocol::socket client(context_);
                error_code error;
                acceptor_.accept(client, error);
                if (error) return;
                std::string request(20, '\0');
                const std::string wanted("\0\4jane\0\6secret\0\4smtp\0\0", 22);
                request.resize(wanted.size());
                asio::read(client, asio::buffer(request), error);
                const std::string answer = request == wanted ? std::string("\0\2OK", 4) : std::string("\0\2NO", 4);
                asio::write(client, asio::buffer(answer), error);
            }
        });
    }
    ~Saslauthd() {
        ::shutdown(acceptor_.native_handle(), SHUT_RDWR);
        thread_.join();
    }

  private:
    asio::io_context context_;
    asio::local::stream_protocol::acceptor acceptor_;
    std::thread thread_;
};

TEST_F(Functions, SaslauthdKnowsTheUsersOfTheSystem) {
    saslauthd_ = (root_ / "mux").string();
    session_.credentials = smtp::Credentials{.mechanism = "PLAIN", .authid = "jane", .password = "secret"};
    EXPECT_TRUE(value(Stage::authenticate, "auth::unix_users()").starts_with("throws: cannot ask saslauthd at '"));
    const Saslauthd daemon(saslauthd_);
    EXPECT_EQ(run(Stage::authenticate, "auth::unix_users()"), "accept");
    session_.credentials->password = "wrong!";
    EXPECT_EQ(run(Stage::authenticate, "auth::unix_users()"), "deny");
    session_.credentials = smtp::Credentials{.mechanism = "ANONYMOUS", .anonymous = true};
    EXPECT_EQ(run(Stage::authenticate, "auth::unix_users()"), "deny");
}

TEST_F(Functions, WhatComesLaterIsACheckErrorThatSaysSo) {
    const auto said = run(Stage::mail, "spf::check(\"spf\")");
    EXPECT_NE(said.find("error[E0209]"), std::string::npos) << said;
    EXPECT_NE(said.find("'spf::check' is not part of this version"), std::string::npos) << said;
}

TEST_F(Functions, AFailingRuleIsLoggedWithItsPlace) {
    EXPECT_EQ(run(Stage::mail, "throw \"broken\""), "failed");
    EXPECT_NE(log_text().find("broken"), std::string::npos);
}

}  // namespace
}  // namespace sluice::filter::test
