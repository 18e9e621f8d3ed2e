// Whole configurations: samples/NAME is one of another product, samples/NAME.expected what `sluice migrate` makes of it
// and says about it. SLUICE_UPDATE_SAMPLES=1 writes the expectations anew; read them before you keep them.
#include "engine/migrate/migration.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "dsl/diag/render.hpp"
#include "dsl/format/format.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/support/text_of.hpp"

namespace sluice::migrate {

namespace {

namespace fs = std::filesystem;

using Migrate = std::optional<Migration> (*)(const std::string&, dsl::Diagnostics&);

std::string all_of(const Migration& migration) {
    std::string out;
    for (const auto& file : migration.files) out += "==> " + file.path + " <==\n" + file.text + "\n";
    for (const auto& remark : migration.report.all())
        if (remark.outcome == Outcome::carried)
            out += remark.place.file + ":" + std::to_string(remark.place.line) + ": " + remark.option + " -> " +
                   remark.text + "\n";
    out += render(migration.report);
    for (const auto& step : migration.next_steps) out += "next: " + step + "\n";
    return out;
}

struct Sample {
    const char* path;
    Migrate migrate;
};

class Samples : public testing::TestWithParam<Sample> {
  protected:
    void SetUp() override {
        before_ = fs::current_path();
        fs::current_path(SLUICE_SAMPLES);
    }
    void TearDown() override { fs::current_path(before_); }

  private:
    fs::path before_;
};

TEST_P(Samples, BecomeWhatIsExpected) {
    const auto& [path, migrate] = GetParam();
    dsl::Diagnostics diagnostics;
    const auto migration = migrate(path, diagnostics);
    ASSERT_TRUE(migration) << dsl::render(diagnostics.all());
    const auto expected = std::string(path).substr(0, std::string(path).find('/')) + ".expected";
    if (std::getenv("SLUICE_UPDATE_SAMPLES") != nullptr) std::ofstream(expected) << all_of(*migration);
    EXPECT_EQ(all_of(*migration), test::text_of(expected));
}

TEST_P(Samples, AreFormatted) {
    dsl::Diagnostics diagnostics;
    const auto migration = GetParam().migrate(GetParam().path, diagnostics);
    ASSERT_TRUE(migration);
    for (const auto& file : migration->files) {
        const auto again =
            dsl::format::format(std::make_shared<dsl::SourceFile>(file.path, file.text), {}, diagnostics);
        EXPECT_EQ(again, file.text) << dsl::render(diagnostics.all());
    }
}

INSTANTIATE_TEST_SUITE_P(All, Samples,
                         testing::Values(Sample{"momentum-listeners/ecelerity.conf", migrate_momentum},
                                         Sample{"momentum-scopes/ecelerity.conf", migrate_momentum},
                                         Sample{"momentum-verdicts/ecelerity.conf", migrate_momentum},
                                         Sample{"postfix-gateway", migrate_postfix},
                                         Sample{"postfix-old", migrate_postfix},
                                         Sample{"hermes/tls_policy", migrate_hermes},
                                         Sample{"hermes-export/tls_policies.tsv", migrate_hermes}));

class Broken : public testing::Test {
  protected:
    std::string file(const char* name, std::string_view text) {
        std::ofstream(directory_.path() / name) << text;
        return (directory_.path() / name).string();
    }
    std::string said(Migrate migrate, const std::string& path) {
        dsl::Diagnostics diagnostics;
        EXPECT_FALSE(migrate(path, diagnostics));
        return dsl::render(diagnostics.all());
    }
    test::TemporaryDirectory directory_;
};

TEST_F(Broken, SyntaxOfEcelerityConf) {
    const auto text = said(migrate_momentum, file("e.conf", "Domain \"x.test\" {\n  TLS required\n}\n"));
    EXPECT_NE(text.find("e.conf:3:1: error[E0309]: expected `{` to open the stanza"), std::string::npos) << text;
    EXPECT_NE(text.find("    3 | }"), std::string::npos) << text;
    EXPECT_NE(text.find("hint: a stanza is written"), std::string::npos) << text;
}

TEST_F(Broken, SyntaxOfAnIncludedFile) {
    file("inner.conf", "TLS = \n");
    const auto text = said(migrate_momentum, file("e.conf", "include \"inner.conf\"\n"));
    EXPECT_NE(text.find("inner.conf:2:1: error[E0309]: expected a value after `=`"), std::string::npos) << text;
}

TEST_F(Broken, LinesOfMainCf) {
    file("main.cf", "smtp_tls_security_level may\n");
    EXPECT_NE(said(migrate_postfix, directory_.path()).find("main.cf:1:1: error[E0309]: expected name = value"),
              std::string::npos);
    file("main.cf", "  may\n");
    EXPECT_NE(said(migrate_postfix, directory_.path()).find("this line goes on with none"), std::string::npos);
    file("main.cf", "");
    file("master.cf", "smtp inet n\n");
    EXPECT_NE(said(migrate_postfix, directory_.path()).find("expected a service in eight columns"), std::string::npos);
}

TEST_F(Broken, FilesThatAreNotThere) {
    const auto missing = (directory_.path() / "missing").string();
    for (const auto migrate : {migrate_momentum, migrate_postfix, migrate_hermes})
        EXPECT_NE(said(migrate, missing).find("cannot read"), std::string::npos);
    EXPECT_NE(said(migrate_momentum, directory_.path()).find("it is no regular file"), std::string::npos);
}

TEST_F(Broken, AnExportWithTooFewColumns) {
    const auto text = said(migrate_hermes, file("t", "domain\tmethod\nx.test\tencrypt\ny.test\n"));
    EXPECT_NE(text.find("t:3:1: error[E0309]: this line has fewer columns"), std::string::npos) << text;
}

TEST_F(Broken, IncludesWithoutEnd) {
    const auto path = file("e.conf", "include \"e.conf\"\nTLS = no\n");
    dsl::Diagnostics diagnostics;
    const auto migration = migrate_momentum(path, diagnostics);
    ASSERT_TRUE(migration);
    EXPECT_NE(render(migration->report).find("files include each other 16 deep"), std::string::npos);
}

TEST(Quoting, OfAnyText) {
    EXPECT_EQ(quoted("a\"b\\c\n\t\r\x01 ${x} `"), "\"a\\\"b\\\\c\\n\\t\\r\\x01 ${x} `\"");
    EXPECT_EQ(quoted("gr\xC3\xBC\xC3\x9F"), "\"gr\xC3\xBC\xC3\x9F\"");
    EXPECT_EQ(quoted("gr\xFC\xDF"), "\"gr\xC3\xBC\xC3\x9F\"");          // Latin-1
    EXPECT_EQ(quoted("\xED\xA0\x80"), "\"\xC3\xAD\xC2\xA0\xC2\x80\"");  // a surrogate is no character
}

}  // namespace

}  // namespace sluice::migrate
