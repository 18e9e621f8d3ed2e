// Which script decides a stage run: the table of vsl-rules.md 5.2 and its worked examples (section 11), with the null
// reverse-path as decisions.md has it.
#include "engine/filter/rule_set.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/temporary_directory.hpp"

namespace sluice::filter {
namespace {

namespace fs = std::filesystem;
using smtp::Stage;
using smtp::TransactionType;

class Selection : public testing::Test {
  protected:
    void SetUp() override {
        write("filter.vsl");
        for (const std::string domain : {"example.com", "mta.example.com"}) {
            for (const std::string kind : {"incoming", "outgoing", "internal"}) write(domain + "/" + kind + ".vsl");
            config::Domain about;
            about.name = domain;
            about.directory = (root_ / domain).string();
            configuration_.domains.push_back(about);
        }
        configuration_.root = root_.string();
        configuration_.filter_path = (root_ / "filter.vsl").string();
        configuration_.domain_dir = root_.string();
        dsl::Diagnostics diagnostics;
        rules_ = RuleSet::load(configuration_, diagnostics);
        ASSERT_TRUE(rules_);
    }

    void write(const std::string& name) {
        fs::create_directories((root_ / name).parent_path());
        std::ofstream(root_ / name) << "#{}";
    }

    std::string selected(Stage stage, const std::string& sender_domain,
                         TransactionType type = TransactionType::undecided, const std::string& domain = "") {
        smtp::Transaction transaction;
        if (!sender_domain.empty()) transaction.reverse_path = smtp::Address::make("a", sender_domain);
        transaction.type = type;
        transaction.domain = domain;
        return rules_->select(stage, &transaction)->name();
    }

    test::TemporaryDirectory directory_;
    const fs::path root_ = directory_.path();
    config::Configuration configuration_;
    std::shared_ptr<const RuleSet> rules_;
};

TEST_F(Selection, EarlyStagesRunTheRootFilter) {
    for (const auto stage : {Stage::connect, Stage::helo, Stage::tls, Stage::authenticate})
        EXPECT_EQ(rules_->select(stage, nullptr)->name(), "filter.vsl");
}

TEST_F(Selection, MailRunsTheSendersOutgoingRulesIfTheSenderIsOurs) {
    EXPECT_EQ(selected(Stage::mail, "other.net"), "filter.vsl");
    EXPECT_EQ(selected(Stage::mail, ""), "filter.vsl");
    EXPECT_EQ(selected(Stage::mail, "example.com"), "example.com/outgoing.vsl");
    EXPECT_EQ(selected(Stage::mail, "SUB.Example.COM"), "example.com/outgoing.vsl");
    EXPECT_EQ(selected(Stage::mail, "mta.example.com"), "mta.example.com/outgoing.vsl");
}

TEST_F(Selection, LaterStagesFollowTheTypeOfTheTransaction) {
    for (const auto stage : {Stage::rcpt, Stage::preq, Stage::postq, Stage::delivery}) {
        EXPECT_EQ(selected(stage, "other.net", TransactionType::incoming, "example.com"), "example.com/incoming.vsl");
        EXPECT_EQ(selected(stage, "other.net", TransactionType::incoming, ""), "filter.vsl");
        EXPECT_EQ(selected(stage, "", TransactionType::incoming, "mta.example.com"), "mta.example.com/incoming.vsl");
        EXPECT_EQ(selected(stage, "example.com", TransactionType::internal, "example.com"), "example.com/internal.vsl");
        EXPECT_EQ(selected(stage, "example.com", TransactionType::outgoing, "example.com"), "example.com/outgoing.vsl");
    }
}

TEST_F(Selection, StatesThatDoNotFitTogetherRunTheFallback) {
    EXPECT_EQ(selected(Stage::preq, "example.com", TransactionType::incoming, "example.com"), "built-in fallback");
    EXPECT_EQ(selected(Stage::preq, "other.net", TransactionType::outgoing, "example.com"), "built-in fallback");
    EXPECT_EQ(selected(Stage::preq, "other.net", TransactionType::incoming, "gone.example"), "built-in fallback");
}

TEST_F(Selection, LooksAtEnclosingDomains) {
    EXPECT_EQ(*rules_->lookup("a.b.Example.com."), "example.com");
    EXPECT_EQ(rules_->lookup("com"), nullptr);
    EXPECT_EQ(rules_->lookup("notexample.com"), nullptr);
    EXPECT_EQ(rules_->lookup("[192.0.2.1]"), nullptr);
    EXPECT_EQ(rules_->lookup(""), nullptr);
}

TEST_F(Selection, WithoutARootFilterEverythingIsDeniedAtConnect) {
    configuration_.filter_path = (root_ / "absent.vsl").string();
    dsl::Diagnostics diagnostics;
    const auto rules = RuleSet::load(configuration_, diagnostics);
    ASSERT_TRUE(rules);
    EXPECT_FALSE(rules->select(Stage::connect, nullptr)->directives(dsl::Stage::connect).empty());
    EXPECT_EQ(rules->lookup("example.com"), nullptr);
    EXPECT_EQ(diagnostics.errors(), 0u);
    EXPECT_FALSE(diagnostics.all().empty());
}

}  // namespace
}  // namespace sluice::filter
