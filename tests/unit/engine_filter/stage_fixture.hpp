// Runs rules as the session does: a filter.vsl in a directory of its own, a session and a transaction that tests fill.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "dsl/diag/render.hpp"
#include "dsl/value/operations.hpp"
#include "engine/dns/fake_resolver.hpp"
#include "engine/filter/filter_rules.hpp"
#include "engine/filter/rule_set.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/support/text_of.hpp"

namespace sluice::filter::test {

class StageFixture : public testing::Test {
  protected:
    void SetUp() override {
        auto opened = obs::Log::open({(root_ / "log").string(), "", "trace"});
        ASSERT_TRUE(opened.log) << opened.error;
        log_ = std::move(opened.log);
        session_.id = SessionId::random();
        session_.client = {asio::ip::make_address("192.0.2.7"), 4711};
        session_.server = {asio::ip::make_address("127.0.0.1"), 25};
        session_.server_name = "mx.example.com";
        session_.helo = "client.test";
        transaction_.id = Uuid::random();
        transaction_.reverse_path = smtp::Address::make("john", "example.net");
        transaction_.add_recipient(smtp::Address::make("jane", "example.com"));
        transaction_.type = smtp::TransactionType::incoming;  // of a domain without scripts: filter.vsl
        auto config = dsl::make_map();
        auto server = dsl::make_map();
        server.as_map().set("name", dsl::Value::string("mx.example.com"));
        config.as_map().set("server", server);
        configuration_.shown = config::show(config);
        configuration_.root = root_.string();
        configuration_.filter_path = (root_ / "filter.vsl").string();
    }

    // "next", "accept", "deny 550 5.7.1 text", "failed": what the rules of the file say at this stage.
    std::string run_file(smtp::Stage stage, const std::string& text) {
        std::ofstream(root_ / "filter.vsl") << text;
        dsl::Diagnostics diagnostics;
        const auto rules = RuleSet::load(configuration_, diagnostics);
        if (!rules) return dsl::render(diagnostics.all());
        Surroundings around{.log = *log_,
                            .root = root_.string(),
                            .app_dir = (root_ / "app").string(),
                            .configuration = configuration_.shown,
                            .blocking = blocking_,
                            .resolver = resolver_,
                            .users = users_,
                            .saslauthd = saslauthd_,
                            .watch = watch_,
                            .refusals = refusals_,
                            .settings = settings_,
                            .rehearsed = rehearsed_};
        FilterRules filter(rules, std::move(around));
        asio::io_context context;
        smtp::Verdict verdict;
        asio::co_spawn(context, filter.run(stage, session_, stage < smtp::Stage::mail ? nullptr : &transaction_),
                       [&](std::exception_ptr thrown, smtp::Verdict given) {
                           if (thrown) std::rethrow_exception(thrown);
                           verdict = std::move(given);
                       });
        context.run();
        static constexpr std::string_view kinds[] = {"next", "accept", "faccept", "deny", "quarantine", "failed"};
        std::string said(kinds[static_cast<std::size_t>(verdict.kind)]);
        if (verdict.reply) said += " " + verdict.reply->print();
        while (said.ends_with('\n') || said.ends_with('\r')) said.pop_back();
        return said;
    }

    // One rule of these statements; what it gives, or the text it throws.
    std::string run(smtp::Stage stage, const std::string& statements) {
        const auto key = std::string(smtp::to_string(stage));
        return run_file(stage, "#{ " + key + ": [ rule \"r\" || { " + statements + " } ] }");
    }

    // The value of an expression as the script shows it, or "throws: TEXT".
    std::string value(smtp::Stage stage, const std::string& expression) {
        const auto said = run(stage, "let v = (); try { v = " + expression +
                                         "; } catch (e) { v = `throws: ${e}`; } log(\"warn\", `VALUE<${v}>`); "
                                         "state::next()");
        if (said != "next") return said;
        return logged_value();
    }

    std::string log_text() const {
        log_->flush();
        return sluice::test::text_of(root_ / "log");
    }

    std::string logged_value() const {
        const auto text = log_text();
        const auto begin = text.rfind("VALUE<");
        if (begin == std::string::npos) return "nothing was logged";
        const auto end = text.rfind(">");
        return text.substr(begin + 6, end - begin - 6);
    }

    sluice::test::TemporaryDirectory directory_;
    const std::filesystem::path root_ = directory_.path();
    std::unique_ptr<obs::Log> log_;
    config::Configuration configuration_;
    io::BlockingPool blocking_{1};
    std::shared_ptr<dns::FakeResolver> resolver_ = std::make_shared<dns::FakeResolver>();
    sasl::PasswordCheck users_;
    std::string saslauthd_;
    std::optional<Rehearsed> rehearsed_;
    StageWatch* watch_ = nullptr;
    RefusalWatch* refusals_ = nullptr;
    std::shared_ptr<const smtp::Settings> settings_ = std::make_shared<smtp::Settings>();
    smtp::SessionFacts session_;
    smtp::Transaction transaction_;
};

}  // namespace sluice::filter::test
