// What a rule set holds and looks up. Which script decides a stage run: tests/conformance/tables/selection.txt.
#include "engine/filter/rule_set.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/temporary_directory.hpp"

namespace sluice::filter {
namespace {

namespace fs = std::filesystem;
using smtp::Stage;

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

    test::TemporaryDirectory directory_;
    const fs::path root_ = directory_.path();
    config::Configuration configuration_;
    std::shared_ptr<const RuleSet> rules_;
};

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
