// Configuration directories on disk: what is read, and what is said about what is wrong.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "engine/config/configuration.hpp"
#include "tests/support/temporary_directory.hpp"

namespace sluice::config {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class Load : public testing::Test {
  protected:
    void write(const std::string& name, const std::string& text) {
        fs::create_directories((root_ / name).parent_path());
        std::ofstream(root_ / name) << text;
    }
    void write_config(const std::string& body) {
        write("conf.d/config.vsl", "fn on_config(config) {\n" + body + "\nconfig }");
    }

    std::shared_ptr<const Configuration> load() { return config::load(root_.string(), diagnostics_); }
    std::string first_message() const { return diagnostics_.all().empty() ? "" : diagnostics_.all().front().message; }
    std::string first_hint() const { return diagnostics_.all().empty() ? "" : diagnostics_.all().front().hint; }

    test::TemporaryDirectory directory_;
    const fs::path root_ = directory_.path();
    dsl::Diagnostics diagnostics_;
};

TEST_F(Load, ReadsValuesOfEveryKind) {
    write_config(R"(
        config.server.name = "MX.Example.Com";
        config.server.client_count_max = -1;
        config.server.interfaces = #{ addr: ["127.0.0.1:0"], addr_submissions: ["[::1]:0"] };
        config.server.smtp.error.delay = "250ms";
        config.server.smtp.bare_newline = "normalize";
        config.server.smtp.codes.Greetings = "220 {name} hello";
        config.server.tls = #{ protocol_version: "TLSv1.3", handshake_timeout: "2s" };
        config.delivery.transport = "maildir:mail/%d/%u";)");
    const auto config = load();
    ASSERT_TRUE(config) << first_message();
    EXPECT_EQ(config->smtp.server_name, "mx.example.com");
    EXPECT_EQ(config->smtp.client_count_max, -1);
    ASSERT_EQ(config->listeners.size(), 2u);
    EXPECT_EQ(config->listeners[1].kind, smtp::ListenerKind::submissions);
    EXPECT_EQ(config->smtp.error.delay, std::chrono::milliseconds(250));
    EXPECT_EQ(config->smtp.bare_newline, smtp::BareNewline::normalize);
    EXPECT_EQ(config->tls.protocol_version, std::vector<std::string>{"TLSv1.3"});
    EXPECT_EQ(config->smtp.tls.handshake_timeout, std::chrono::seconds(2));
    EXPECT_EQ(config->delivery.transport, "maildir:" + (root_ / "mail/%d/%u").string());
}

TEST_F(Load, PathsOfTransportsAreBelowTheRoot) {
    const std::string root = root_.string();
    const std::pair<std::string, std::string> rows[] = {
        {"mbox:mail/%u", "mbox:" + root + "/mail/%u"},
        {"mbox:/var/mail/%u", "mbox:/var/mail/%u"},
        {"lmtp:run/lmtp", "lmtp:" + root + "/run/lmtp"},
        {"lmtp:./lmtp", "lmtp:" + root + "/lmtp"},
        {"lmtp:/run/lmtp", "lmtp:/run/lmtp"},
        {"lmtp:localhost:24", "lmtp:localhost:24"},
        {"pipe:bin/save %u  a/b", "pipe:" + root + "/bin/save %u  a/b"},
        {"pipe:/bin/cat", "pipe:/bin/cat"},
        {"forward 192.0.2.1", "forward 192.0.2.1"},
        {"deliver", "deliver"},
    };
    for (const auto& [written, meant] : rows) {
        for (const std::string key : {"transport", "remote_transport"}) {
            write_config("config.delivery." + key + " = \"" + written + "\";");
            const auto config = load();
            ASSERT_TRUE(config) << written << ": " << first_message();
            EXPECT_EQ(key == "transport" ? config->delivery.transport : config->delivery.remote_transport, meant);
        }
    }
}

TEST_F(Load, TransportsThatAreNoneAreToldAtTheirKey) {
    const std::pair<std::string, std::string> rows[] = {
        {"mbox", "'mbox' is no transport: this one is written mbox:/var/mail/%u"},
        {"mbox:", "a mailbox path must be absolute"},
        {"mbox:/var/mail", "a mailbox path must contain %u"},
        {"lmtp:localhost", "'localhost' has no port"},
        {"pipe:/bin/%u", "the program of a pipe must not depend on an address"},
        {"pipe:", "a pipe needs a program"},
        {"post", "'post' is no transport (there are deliver, forward TARGET,"},
    };
    for (const auto& [written, problem] : rows) {
        diagnostics_ = {};
        write_config("config.delivery.remote_transport = \"" + written + "\";");
        EXPECT_FALSE(load());
        EXPECT_THAT(first_message(), HasSubstr("'config.delivery.remote_transport' configuration, " + problem));
        EXPECT_THAT(first_hint(), HasSubstr("pipe:/usr/bin/procmail -d %u"));
    }
}

TEST_F(Load, MailboxesOfSystemUsers) {
    write_config(
        "config.delivery.transport = \"mbox:~/mbox\"; config.delivery.system_users = true;"
        "config.server.system.group_local = \"mail\";");
    const auto config = load();
    ASSERT_TRUE(config) << first_message();
    EXPECT_EQ(config->delivery.transport, "mbox:~/mbox");
    EXPECT_EQ(config->delivery.local_group, "mail");
    EXPECT_TRUE(diagnostics_.all().empty());

    write_config("config.delivery.system_users = true;");
    EXPECT_FALSE(load());
    EXPECT_THAT(first_message(), HasSubstr("config.delivery.transport does not say where the mailboxes of users are"));
    diagnostics_ = {};
    write_config("config.delivery.transport = \"mbox:~/mbox\";");
    EXPECT_FALSE(load());
    EXPECT_THAT(first_message(), HasSubstr("a path that begins with ~/ needs config.delivery.system_users = true"));
    diagnostics_ = {};
    write_config("config.server.system.group_local = \"mail\";");
    EXPECT_TRUE(load());
    EXPECT_THAT(first_message(), HasSubstr("mailboxes belong to the user of the server"));
}

TEST_F(Load, TimeoutsOfDelivery) {
    write_config("config.delivery.timeout = #{ mail: \"90s\", final_dot: \"1h\" };");
    const auto config = load();
    ASSERT_TRUE(config) << first_message();
    EXPECT_EQ(config->delivery.timeouts.mail, std::chrono::seconds(90));
    EXPECT_EQ(config->delivery.timeouts.final_dot, std::chrono::hours(1));
    EXPECT_EQ(config->delivery.timeouts.rcpt, std::chrono::minutes(5));
    for (const auto& [written, problem] : {std::pair("rcpt: \"0s\"", "a timeout must be longer than nothing"),
                                           {"final: \"1s\"", "'config.delivery.timeout.final'"}}) {
        diagnostics_ = {};
        write_config(std::string("config.delivery.timeout = #{ ") + written + " };");
        EXPECT_FALSE(load());
        EXPECT_THAT(first_message(), HasSubstr(problem));
    }
}

TEST_F(Load, PointsAtAnUnknownKeyAndNamesTheNearest) {
    write_config("config.server.smtp.rcpt_count_maxx = 5;");
    EXPECT_FALSE(load());
    EXPECT_THAT(first_message(), HasSubstr("'config.server.smtp.rcpt_count_maxx'"));
    EXPECT_EQ(first_hint(), "did you mean 'rcpt_count_max'?");
    const auto& place = diagnostics_.all().front();
    EXPECT_EQ(place.source->position(place.span.begin).line, 2u);
}

TEST_F(Load, ReportsEveryWrongValueOfARun) {
    write_config(
        "config.server.client_count_max = \"many\"; config.server.smtp.error.delay = 5; config.server.interfaces.addr "
        "= [\"nowhere\"];");
    EXPECT_FALSE(load());
    EXPECT_EQ(diagnostics_.errors(), 3u);
}

TEST_F(Load, RefusesAVersionOfAnotherLanguage) {
    write_config("config.version_requirement = \">=3.0.0\";");
    EXPECT_FALSE(load());
    EXPECT_THAT(first_message(), HasSubstr("Version requirement not fulfilled"));
}

TEST_F(Load, FeedsEachConfDScriptTheResultOfTheOneBefore) {
    write("conf.d/10-a.vsl", "fn on_config(config) { config.server.name = \"a.example\"; config }");
    write("conf.d/20-b.vsl", "fn on_config(config) { config.server.name = `b.${config.server.name}`; config }");
    const auto config = load();
    ASSERT_TRUE(config) << first_message();
    EXPECT_EQ(config->smtp.server_name, "b.a.example");
}

// The map of the last script held texts of the first one, whose program was gone when the map died.
TEST_F(Load, KeepsWhatAnEarlierConfDScriptPutIntoTheMap) {
    write("conf.d/10-a.vsl",
          "fn on_config(config) { config.server.name = \"a-name-that-does-not-fit-into-a-value.example\"; config }");
    write("conf.d/20-b.vsl", "fn on_config(config) { config }");
    const auto config = load();
    ASSERT_TRUE(config) << first_message();
    EXPECT_EQ(config->smtp.server_name, "a-name-that-does-not-fit-into-a-value.example");
}

TEST_F(Load, ReadsWhatItCanInSpiteOfErrors) {
    write("filter.vsl", "#{}");
    write_config("config.server.nmae = \"x\";");
    EXPECT_FALSE(load());
    const auto config = config::load_with_errors(root_.string(), diagnostics_);
    ASSERT_TRUE(config);
    EXPECT_EQ(config->filter_path, (root_ / "filter.vsl").string());
}

TEST_F(Load, TakesAVsmtpDirectoryAsItIs) {
    write("vsmtp.vsl",
          "import \"conf.d/config\" as cfg;\nfn on_config(config) { let config = cfg::on_config(config); "
          "config.version_requirement = \">=2.1.0, <3.0.0\"; config }");
    write("conf.d/config.vsl",
          "fn on_config(config) { config.server.name = \"mx.example.com\"; config.server.interfaces.addr = "
          "[\"127.0.0.1:0\"]; config }");
    const auto config = load();
    ASSERT_TRUE(config) << first_message();
    EXPECT_EQ(config->smtp.server_name, "mx.example.com");
}

TEST_F(Load, NamesADomainAfterTheTargetOfItsLink) {
    write_config("");
    write("domain-available/example.com/incoming.vsl", "#{}");
    fs::create_directories(root_ / "domain-enabled");
    fs::create_directory_symlink("../domain-available/example.com", root_ / "domain-enabled/default");
    const auto config = load();
    ASSERT_TRUE(config) << first_message();
    ASSERT_EQ(config->domains.size(), 1u);
    EXPECT_EQ(config->domains[0].name, "example.com");
    EXPECT_TRUE(config->domains[0].is_default);
}

TEST_F(Load, SaysSoWhenALinkLeadsNowhere) {
    write_config("");
    fs::create_directories(root_ / "domain-enabled");
    fs::create_directory_symlink("../domain-available/gone.example", root_ / "domain-enabled/gone.example");
    EXPECT_FALSE(load());
    EXPECT_THAT(first_message(), HasSubstr("points to a directory that does not exist"));
}

TEST_F(Load, SaysWhatToWriteWhereThereIsNothing) {
    EXPECT_FALSE(load());
    EXPECT_THAT(first_message(), HasSubstr("holds neither sluice.vsl nor vsmtp.vsl nor conf.d/*.vsl"));
    diagnostics_ = {};
    write("conf.d/config.vsl", "let x = 1;");
    EXPECT_FALSE(load());
    EXPECT_THAT(first_message(), HasSubstr("does not define fn on_config(config)"));
}

TEST_F(Load, RefusesToLetClearTextIntoTls) {
    write_config("config.server.tls = #{ starttls_injection_policy: \"allow\" };");
    EXPECT_FALSE(load());
    EXPECT_THAT(first_message(), HasSubstr("CVE-2011-0411"));
}

}  // namespace
}  // namespace sluice::config
