#include "dsl/source/import_path.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "dsl/source/script_loader.hpp"

namespace sluice::dsl {

namespace {

std::string resolved(std::string_view written, std::string_view base = "/etc/sluice") {
    return resolve_import(base, written).value_or("-");
}

TEST(ImportPath, RelativeToTheRootConfiguration) {
    EXPECT_EQ(resolved("objects/net"), "/etc/sluice/objects/net.vsl");
    EXPECT_EQ(resolved("net", "/etc/sluice/"), "/etc/sluice/net.vsl");
    EXPECT_EQ(resolved("net", "conf"), "conf/net.vsl");
    EXPECT_EQ(resolved("net", ""), "net.vsl");
    EXPECT_EQ(resolved("/srv/rules/a"), "/srv/rules/a.vsl");
}

TEST(ImportPath, ExtensionIsForced) {
    EXPECT_EQ(resolved("objects/net.vsl"), "/etc/sluice/objects/net.vsl");
    EXPECT_EQ(resolved("domain-available/example.com"), "/etc/sluice/domain-available/example.vsl");
    EXPECT_EQ(resolved("a.tar.gz"), "/etc/sluice/a.tar.vsl");
    EXPECT_EQ(resolved("a."), "/etc/sluice/a.vsl");
    EXPECT_EQ(resolved(".hidden"), "/etc/sluice/.hidden.vsl");
    EXPECT_EQ(resolved("dir.d/file"), "/etc/sluice/dir.d/file.vsl");
}

TEST(ImportPath, OneFileHasOneName) {
    EXPECT_EQ(resolved("./a//b/../net"), "/etc/sluice/a/net.vsl");
    EXPECT_EQ(resolved("../other/net"), "/etc/other/net.vsl");
    EXPECT_EQ(resolved("../../../../net"), "/net.vsl");
    EXPECT_EQ(resolved("../net", "conf"), "net.vsl");
    EXPECT_EQ(resolved("../../net", "conf"), "../net.vsl");
    EXPECT_EQ(resolved("objects/net/"), "/etc/sluice/objects/net.vsl");
    EXPECT_EQ(resolved("net", "/"), "/net.vsl");
}

TEST(ImportPath, NoFile) {
    for (const std::string_view written : {"", "/", ".", "..", "a/.", "a/..", "///"})
        EXPECT_EQ(resolved(written), "-") << written;
    EXPECT_EQ(resolved(std::string_view("a\0b", 3)), "-");
}

TEST(ScriptLoader, Map) {
    MapLoader loader(std::map<std::string, std::string>{{"/a.vsl", "1"}});
    EXPECT_EQ(loader.load("/a.vsl"), "1");
    EXPECT_EQ(loader.load("/b.vsl"), std::nullopt);
}

TEST(ScriptLoader, Files) {
    const auto path = std::filesystem::path(testing::TempDir()) / "script_loader_test.vsl";
    std::ofstream(path, std::ios::binary) << "let x = 1;\r\n";
    FileLoader loader;
    EXPECT_EQ(loader.load(path), "let x = 1;\r\n");
    std::filesystem::remove(path);
    EXPECT_EQ(loader.load(path), std::nullopt);
    EXPECT_EQ(loader.load(testing::TempDir()), std::nullopt);  // a directory is no script
}

}  // namespace

}  // namespace sluice::dsl
