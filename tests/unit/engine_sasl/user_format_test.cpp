// The text of a password file: what is read back, and every kind of bad line.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "engine/base/limits.hpp"
#include "engine/sasl/user_table.hpp"
#include "engine/sasl/wire.hpp"

namespace sluice::sasl {
namespace {

const std::string begin = "sluice-users 1\nsecret " + encode_base64(std::string(32, 's')) + "\n";

struct Line {
    std::string name = "jane";
    std::string label_1 = "SCRAM-SHA-1";
    std::string iterations = std::to_string(limits::scram_iterations);
    std::size_t salt = limits::scram_salt;
    std::size_t stored_1 = 20;
    std::size_t server_1 = 20;
    std::string label_256 = "SCRAM-SHA-256";
    std::size_t stored_256 = 32;
    std::size_t server_256 = 32;
    std::string rest;

    [[nodiscard]] std::string text() const {
        const auto keys = [&](const std::string& label, std::size_t stored, std::size_t server) {
            return fmt::format("{}${}:{}${}:{}", label, iterations, encode_base64(std::string(salt, 'a')),
                               encode_base64(std::string(stored, 'b')), encode_base64(std::string(server, 'c')));
        };
        return fmt::format("user {} {} {}{}\n", name, keys(label_1, stored_1, server_1),
                           keys(label_256, stored_256, server_256), rest);
    }
};

// "LINE: TEXT" of the first problem, or nothing.
std::string first_problem(const std::string& text) {
    const auto parsed = UserTable::parse(text);
    return parsed ? "" : fmt::format("{}: {}", parsed.error().front().line, parsed.error().front().text);
}

#define EXPECT_PROBLEM(text, expected) EXPECT_PRED_FORMAT2(testing::IsSubstring, expected, first_problem(text))

TEST(UserFormat, RoundTrip) {
    const std::string text = begin + Line{.name = "a@b"}.text() +
                             Line{.rest = " CRAM-MD5$" + std::string(63, '0') + "f"}.text() +
                             Line{.name = "\xC3\xA4nne"}.text();
    const auto table = UserTable::parse(text);
    ASSERT_TRUE(table) << first_problem(text);
    EXPECT_EQ((*table)->users().size(), 3U);
    EXPECT_EQ((*table)->print(), text);
    EXPECT_TRUE((*table)->has_cram_md5());
    EXPECT_EQ((*table)->cram_md5_state("jane")[31], 0x0f);
    const auto keys = (*table)->scram_keys(Hash::sha_1, "jane");
    EXPECT_EQ(keys.stored_key, std::string(20, 'b'));
    EXPECT_EQ(keys.server_key, std::string(20, 'c'));
    EXPECT_EQ(keys.salt, std::string(limits::scram_salt, 'a'));
    EXPECT_EQ(keys.iterations, limits::scram_iterations);
}

TEST(UserFormat, NoUsersYet) {
    const auto table = UserTable::parse(begin);
    ASSERT_TRUE(table);
    EXPECT_TRUE((*table)->users().empty());
    EXPECT_FALSE((*table)->has_cram_md5());
    EXPECT_EQ((*table)->scram_keys(Hash::sha_256, "jane").iterations, limits::scram_iterations);
}

TEST(UserFormat, BadBeginning) {
    EXPECT_PROBLEM("", "1: the first line must be `sluice-users 1`");
    EXPECT_PROBLEM("sluice-users 2\n", "1: the first line must be");
    EXPECT_PROBLEM("root:x:0:0:root:/root:/bin/bash\n", "1: the first line must be");
    EXPECT_PROBLEM("sluice-users 1\n", "2: the second line must be `secret`");
    EXPECT_PROBLEM("sluice-users 1\n" + Line().text(), "2: the second line must be `secret`");
    EXPECT_PROBLEM("sluice-users 1\nsecret " + encode_base64(std::string(31, 's')) + "\n", "2: ");
    EXPECT_PROBLEM("sluice-users 1\nsecret !\n", "2: ");
}

TEST(UserFormat, CutOff) {
    const std::string text = begin + Line().text();
    for (std::size_t size = 0; size < text.size(); ++size) {
        const bool whole_lines = text.substr(0, size) == begin;
        EXPECT_EQ(UserTable::parse(text.substr(0, size)).ok(), whole_lines) << size;
    }
    EXPECT_PROBLEM(text.substr(0, text.size() - 1), "3: the line does not end");
}

TEST(UserFormat, BadLines) {
    EXPECT_PROBLEM(begin + "\n", "3: only `user` lines");
    EXPECT_PROBLEM(begin + "# comment\n", "3: only `user` lines");
    EXPECT_PROBLEM(begin + "user\n", "3: the name is empty");
    EXPECT_PROBLEM(begin + "user jane\n", "3: SCRAM-SHA-1 is missing");
    EXPECT_PROBLEM(begin + Line{.name = "ja\x01ne"}.text(), "3: the name");
    EXPECT_PROBLEM(begin + Line{.name = "I\xC2\xADX"}.text(), "not in its prepared form");
    EXPECT_PROBLEM(begin + Line{.label_1 = "SCRAM-SHA-2"}.text(), "3: SCRAM-SHA-1 is missing");
    EXPECT_PROBLEM(begin + Line{.label_256 = "SCRAM-SHA-1"}.text(), "3: SCRAM-SHA-256 is missing");
    EXPECT_PROBLEM(begin + Line{.stored_1 = 19}.text(), "3: bad stored key of SCRAM-SHA-1");
    EXPECT_PROBLEM(begin + Line{.server_1 = 21}.text(), "3: bad server key of SCRAM-SHA-1");
    EXPECT_PROBLEM(begin + Line{.stored_256 = 31}.text(), "3: bad stored key of SCRAM-SHA-256");
    EXPECT_PROBLEM(begin + Line{.server_256 = 33}.text(), "3: bad server key of SCRAM-SHA-256");
    for (const char* rest : {" ", " x", " CRAM-MD5$", " CRAM-MD5$0", "\r"})
        EXPECT_PROBLEM(begin + Line{.rest = rest}.text(), "3: ");
    EXPECT_PROBLEM(begin + Line{.rest = " CRAM-MD5$" + std::string(64, 'F')}.text(), "3: behind the keys");
    EXPECT_PROBLEM(begin + Line{.rest = " CRAM-MD5$" + std::string(64, '0') + " x"}.text(), "3: behind the keys");
    EXPECT_PROBLEM(begin + Line().text() + Line().text(), "4: the user jane stands there twice");
}

TEST(UserFormat, AllBadLinesAreTold) {
    const auto parsed = UserTable::parse(begin + "x\n" + Line().text() + "y\n");
    ASSERT_FALSE(parsed);
    ASSERT_EQ(parsed.error().size(), 2U);
    EXPECT_EQ(parsed.error()[0].line, 3U);
    EXPECT_EQ(parsed.error()[1].line, 5U);
}

TEST(UserFormat, Limits) {
    const auto good = [](const Line& line) { return UserTable::parse(begin + line.text()).ok(); };
    EXPECT_TRUE(good({.iterations = std::to_string(limits::scram_iterations)}));
    EXPECT_FALSE(good({.iterations = std::to_string(limits::scram_iterations - 1)}));
    EXPECT_TRUE(good({.iterations = std::to_string(limits::scram_iterations_max)}));
    EXPECT_FALSE(good({.iterations = std::to_string(limits::scram_iterations_max + 1)}));
    for (const char* iterations : {"", "0", "-1", "040000", "4294967296", "40000x", " 40000"})
        EXPECT_FALSE(good({.iterations = iterations})) << iterations;
    EXPECT_TRUE(good({.salt = limits::scram_salt_max}));
    EXPECT_FALSE(good({.salt = limits::scram_salt_max + 1}));
    EXPECT_TRUE(good({.salt = 1}));
    EXPECT_FALSE(good({.salt = 0}));
    EXPECT_TRUE(good({.name = std::string(limits::sasl_name, 'n')}));
    EXPECT_FALSE(good({.name = std::string(limits::sasl_name + 1, 'n')}));
}

TEST(UserTable, UsersThatDoNotExistLookLikeOthers) {
    const auto parsed = UserTable::parse(begin + Line{.iterations = "50000"}.text());
    const auto& table = **parsed;
    for (const auto hash : {Hash::sha_1, Hash::sha_256}) {
        const auto keys = table.scram_keys(hash, "nobody");
        EXPECT_EQ(keys.iterations, 50000U);  // as all users have
        EXPECT_EQ(keys.salt.size(), limits::scram_salt);
        EXPECT_EQ(keys.stored_key.size(), size_of(hash));
        EXPECT_EQ(keys.server_key.size(), size_of(hash));
        EXPECT_EQ(keys.salt, table.scram_keys(hash, "nobody").salt);  // asking twice tells nothing
        EXPECT_NE(keys.salt, table.scram_keys(hash, "nobody2").salt);
    }
    EXPECT_NE(table.scram_keys(Hash::sha_1, "nobody").salt, table.scram_keys(Hash::sha_256, "nobody").salt);
    EXPECT_EQ(table.cram_md5_state("nobody"), table.cram_md5_state("nobody"));
    EXPECT_NE(table.cram_md5_state("nobody"), table.cram_md5_state("jane"));  // jane has none, either
}

TEST(UserTable, AnotherFileInventsOtherSalts) {
    const auto one = UserTable::parse(begin);
    const auto other = UserTable::parse("sluice-users 1\nsecret " + encode_base64(std::string(32, 't')) + "\n");
    EXPECT_NE((*one)->scram_keys(Hash::sha_1, "nobody").salt, (*other)->scram_keys(Hash::sha_1, "nobody").salt);
}

}  // namespace
}  // namespace sluice::sasl
