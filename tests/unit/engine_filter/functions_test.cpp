// What the functions of rules do beyond the tables of vsl-rules.md 9, which are tests/conformance.
#include <fmt/format.h>

#include "grammar/smtp/command_line.hpp"
#include "stage_fixture.hpp"

namespace sluice::filter::test {
namespace {

using smtp::Stage;

using Functions = StageFixture;

TEST_F(Functions, RelayingNeedsAnIdentity) {
    EXPECT_EQ(value(Stage::connect, "ctx::can_relay()"), "false");
    session_.authenticated_as = "jane";
    EXPECT_EQ(value(Stage::connect, "ctx::can_relay()"), "true");
    EXPECT_EQ(value(Stage::connect, "ctx::auth_user()"), "jane");
    EXPECT_EQ(value(Stage::connect, "auth::is_authenticated()"), "true");
}

TEST_F(Functions, AnEnvelopeHasAtMostAThousandRecipients) {
    for (std::size_t i = 1; i + 1 < limits::recipients; ++i)
        transaction_.add_recipient(smtp::Address::make(std::to_string(i), "x.test"));
    EXPECT_EQ(value(Stage::rcpt, "envelop::add_rcpt(\"last@x.test\")"), "");
    EXPECT_EQ(value(Stage::rcpt, "envelop::add_rcpt(\"more@x.test\")"),
              "throws: a message has at most 1000 recipients");
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

// RFC 3461: the sender is told of the address that the sender wrote, as asked, and of no other.
TEST_F(Functions, RecipientsKeepTheirDsnParameters) {
    const auto run_on = [&](std::uint8_t notify, const std::string& orcpt, const std::string& call) {
        smtp::Recipient given{.address = smtp::Address::make("jane+x", "example.com")};
        given.command = 1;
        given.notify = notify;
        given.original_recipient = orcpt;
        transaction_.rcpt_command = 1;
        transaction_.recipients = {given};
        EXPECT_EQ(value(Stage::rcpt, call), "");
        const smtp::Recipient& last = transaction_.recipients.back();
        return fmt::format("{} {} {}", last.address.text, last.notify, last.original_recipient);
    };
    const std::string rewrite = "envelop::rw_rcpt(\"jane+x@example.com\", \"a@x.test\")";
    EXPECT_EQ(run_on(grammar::smtp::notify_delay, "", rewrite), "a@x.test 8 rfc822;jane+2Bx@example.com");
    EXPECT_EQ(transaction_.recipients.size(), 1u);
    EXPECT_EQ(run_on(0, "rfc822;first@y.test", rewrite), "a@x.test 0 rfc822;first@y.test");
    EXPECT_EQ(run_on(2, "", "envelop::rw_rcpt(\"nobody@example.com\", \"a@x.test\")"), "a@x.test 0 ");
    const std::string add = "envelop::add_rcpt(\"a@x.test\")";
    EXPECT_EQ(run_on(grammar::smtp::notify_success, "rfc822;first@y.test", add), "a@x.test 0 ");
    EXPECT_EQ(run_on(grammar::smtp::notify_never, "rfc822;first@y.test", add), "a@x.test 1 ");
    EXPECT_EQ(run_on(0, "", "envelop::bcc(\"a@x.test\")"), "a@x.test 1 ");
}

TEST_F(Functions, CredentialsAreShownWithoutSecrets) {
    session_.credentials = smtp::Credentials{.mechanism = "PLAIN", .authid = "jane", .password = "secret"};
    EXPECT_EQ(value(Stage::authenticate, "auth::credentials()"), "Verify PLAIN jane");
    EXPECT_EQ(value(Stage::authenticate, "auth::credentials().mechanism"), "PLAIN");
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

TEST_F(Functions, AFailingRuleIsLoggedWithItsPlace) {
    EXPECT_EQ(run(Stage::mail, "throw \"broken\""), "failed");
    EXPECT_NE(log_text().find("broken"), std::string::npos);
}

}  // namespace
}  // namespace sluice::filter::test
