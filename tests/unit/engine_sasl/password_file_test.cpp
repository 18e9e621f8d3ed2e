// The password file on disk: changes, permissions, the lock, faults of the file system, reloading.
#include "engine/sasl/password_file.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

#include <cerrno>
#include <thread>

#include "engine/base/limits.hpp"
#include "engine/io/durable_file.hpp"
#include "engine/sasl/exchange.hpp"
#include "files.hpp"
#include "gsasl_client.hpp"
#include "one_user.hpp"

namespace sluice::sasl {
namespace {

namespace fs = std::filesystem;

std::string text_of(const std::vector<UserProblem>& problems) { return problems.empty() ? "" : problems.front().text; }

class PasswordFileTest : public testing::Test {
  protected:
    ~PasswordFileTest() override { io::set_fault_hook({}); }

    std::string add(const std::string& name, const std::string& password = "secret", CramMd5 keep = CramMd5::no) {
        return text_of(add_user(path, name, password, keep));
    }
    std::shared_ptr<const UserTable> table() {
        auto loaded = load_users(path);
        EXPECT_TRUE(loaded) << text_of(loaded.error());
        return loaded ? *loaded : nullptr;
    }

    test::TemporaryDirectory directory;
    fs::path path = directory / "users";
};

TEST_F(PasswordFileTest, AddVerifyChangeRemove) {
    EXPECT_EQ(add("jane"), "");
    EXPECT_EQ(add("john", "other"), "");
    EXPECT_TRUE(table()->verify("jane", "secret"));
    EXPECT_FALSE(table()->verify("jane", "other"));
    EXPECT_FALSE(table()->verify("jane", ""));
    EXPECT_FALSE(table()->verify("nobody", "secret"));
    EXPECT_FALSE(table()->verify("", "secret"));
    EXPECT_EQ(text_of(change_password(path, "jane", "new")), "");
    EXPECT_TRUE(table()->verify("jane", "new"));
    EXPECT_FALSE(table()->verify("jane", "secret"));
    EXPECT_TRUE(table()->verify("john", "other"));
    EXPECT_EQ(text_of(remove_user(path, "jane")), "");
    EXPECT_FALSE(table()->verify("jane", "new"));
    EXPECT_TRUE(table()->verify("john", "other"));
    EXPECT_EQ(files_in(directory), 1U);
}

TEST_F(PasswordFileTest, HoldsNoPasswordAndNoTwoEqualKeys) {
    EXPECT_EQ(add("jane", "correct horse"), "");
    EXPECT_EQ(add("john", "correct horse"), "");
    EXPECT_EQ(content_of(path).find("correct"), std::string::npos);
    EXPECT_EQ(content_of(path).find("CRAM-MD5"), std::string::npos);
    EXPECT_NE(table()->scram_keys(Hash::sha_256, "jane").stored_key,
              table()->scram_keys(Hash::sha_256, "john").stored_key);
    EXPECT_EQ(table()->scram_keys(Hash::sha_256, "john").iterations, limits::scram_iterations);
}

TEST_F(PasswordFileTest, NamesAndPasswordsArePrepared) {
    EXPECT_EQ(add("I\xC2\xADX", "p\xC2\xAA"), "");
    EXPECT_TRUE(table()->verify("IX", "pa"));
    EXPECT_EQ(add("IX"), "the user IX exists");
}

TEST_F(PasswordFileTest, CramMd5OnlyIfAskedFor) {
    EXPECT_EQ(add("jane", "secret", CramMd5::yes), "");
    EXPECT_EQ(add("john"), "");
    EXPECT_TRUE(table()->has_cram_md5());
    EXPECT_EQ(table()->cram_md5_state("jane"), derive_cram_md5_state("secret"));
    EXPECT_NE(table()->cram_md5_state("john"), derive_cram_md5_state("secret"));
    EXPECT_EQ(text_of(change_password(path, "jane", "new")), "");
    EXPECT_EQ(text_of(change_password(path, "john", "new")), "");
    EXPECT_EQ(table()->cram_md5_state("jane"), derive_cram_md5_state("new"));
    EXPECT_NE(table()->cram_md5_state("john"), derive_cram_md5_state("new"));
    EXPECT_EQ(text_of(remove_user(path, "jane")), "");
    EXPECT_FALSE(table()->has_cram_md5());
}

TEST_F(PasswordFileTest, ExchangesRunAgainstIt) {
    EXPECT_EQ(add("jane", "p\xC3\xA4ss", CramMd5::yes), "");
    for (const auto mechanism : {Mechanism::scram_sha_1, Mechanism::scram_sha_256, Mechanism::cram_md5}) {
        for (const auto& [name, password, end] :
             {std::tuple{"jane", "p\xC3\xA4ss", StepKind::success}, std::tuple{"jane", "pass", StepKind::failure},
              std::tuple{"nobody", "p\xC3\xA4ss", StepKind::failure}}) {
            GsaslClient client(to_string(mechanism));
            client.authid = name;
            client.password = password;
            Exchange exchange(mechanism, {.host_name = "mx.test", .credentials = table()});
            Step step = exchange.start(std::nullopt);
            while (step.kind == StepKind::challenge) step = exchange.step(client.step(step.challenge).value());
            EXPECT_EQ(step.kind, end) << to_string(mechanism) << ' ' << name << ' ' << step.reason;
            EXPECT_EQ(step.failure, end == StepKind::success ? FailureKind::none : FailureKind::rejected);
        }
    }
}

TEST_F(PasswordFileTest, WhatCannotBeDone) {
    EXPECT_NE(text_of(remove_user(path, "jane")).find("cannot read"), std::string::npos);
    EXPECT_NE(text_of(change_password(path, "jane", "new")).find("cannot read"), std::string::npos);
    EXPECT_EQ(files_in(directory), 0U);
    EXPECT_EQ(add("jane"), "");
    const auto before = content_of(path);
    EXPECT_EQ(add("jane", "other"), "the user jane exists");
    EXPECT_EQ(text_of(remove_user(path, "john")), "there is no user john");
    EXPECT_EQ(text_of(change_password(path, "john", "x")), "there is no user john");
    EXPECT_EQ(add("john", ""), "the password is empty");
    EXPECT_EQ(add(""), "'' cannot be a user name: it is empty");
    EXPECT_EQ(add("john doe"), "'john doe' cannot be a user name: it holds a blank");
    EXPECT_NE(add("john\xC2\xA0"
                  "doe")
                  .find("it holds a blank"),
              std::string::npos);
    EXPECT_NE(add("jo\nhn").find("prohibits"), std::string::npos);
    EXPECT_NE(add("john", "a\tb").find("prohibits"), std::string::npos);
    EXPECT_NE(add("john", "\xff").find("not UTF-8"), std::string::npos);
    EXPECT_EQ(content_of(path), before);
}

TEST_F(PasswordFileTest, Limits) {
    EXPECT_EQ(add(std::string(limits::sasl_name, 'n'), std::string(limits::sasl_password, 'p')), "");
    EXPECT_NE(add(std::string(limits::sasl_name + 1, 'n')).find("more than 255 octets"), std::string::npos);
    EXPECT_NE(add("john", std::string(limits::sasl_password + 1, 'p')).find("more than 1024"), std::string::npos);
    EXPECT_TRUE(table()->verify(std::string(limits::sasl_name, 'n'), std::string(limits::sasl_password, 'p')));
}

TEST_F(PasswordFileTest, Permissions) {
    EXPECT_EQ(add("jane"), "");
    EXPECT_EQ(fs::status(path).permissions(), fs::perms::owner_read | fs::perms::owner_write);
    for (const mode_t mode : {0640, 0604, 0620, 0602, 0610, 0601}) {
        ::chmod(path.c_str(), mode);
        const auto loaded = load_users(path);
        ASSERT_FALSE(loaded) << mode;
        EXPECT_NE(loaded.error().front().text.find("others than its owner"), std::string::npos);
        EXPECT_NE(loaded.error().front().hint.find("chmod 600"), std::string::npos);
        EXPECT_NE(add("john"), "");
    }
    ::chmod(path.c_str(), 0400);
    EXPECT_TRUE(load_users(path));
}

TEST_F(PasswordFileTest, WhatIsNoFile) {
    fs::create_directory(path);
    EXPECT_NE(text_of(load_users(path).error()).find("is not a regular file"), std::string::npos);
    fs::remove(path);
    ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
    EXPECT_NE(text_of(load_users(path).error()).find("is not a regular file"), std::string::npos);
    EXPECT_NE(
        text_of(add_user(directory / "no/users", "jane", "secret", CramMd5::no)).find("cannot open the directory"),
        std::string::npos);
}

TEST_F(PasswordFileTest, ALinkStaysALink) {
    EXPECT_EQ(add("jane"), "");
    const auto link = directory / "link";
    fs::create_symlink("users", link);
    EXPECT_EQ(text_of(add_user(link, "john", "secret", CramMd5::no)), "");
    EXPECT_TRUE(fs::is_symlink(link));
    EXPECT_EQ(table()->users().size(), 2U);
}

TEST_F(PasswordFileTest, TheOwnerStays) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can give files away";
    EXPECT_EQ(add("jane"), "");
    ASSERT_EQ(::chown(path.c_str(), 4711, 4712), 0);
    EXPECT_EQ(add("john"), "");
    struct stat status {};
    ASSERT_EQ(::stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_uid, 4711U);
    EXPECT_EQ(status.st_gid, 4712U);
    EXPECT_EQ(status.st_mode & 07777, 0600U);
}

TEST_F(PasswordFileTest, DamagedFileIsLeftAlone) {
    write(path, "sluice-users 1\nrubbish\n");
    EXPECT_EQ(add("jane"), "the second line must be `secret` and 32 bytes in base64");
    EXPECT_EQ(content_of(path), "sluice-users 1\nrubbish\n");
}

TEST_F(PasswordFileTest, WhatACrashLeftIsReplaced) {
    write(directory / "users.new", "half");
    EXPECT_EQ(add("jane"), "");
    EXPECT_EQ(files_in(directory), 1U);
}

TEST_F(PasswordFileTest, EveryStepOfWritingCanFail) {
    EXPECT_EQ(add("jane"), "");
    const auto before = content_of(path);
    for (const auto step : {io::FileStep::create, io::FileStep::write, io::FileStep::sync, io::FileStep::rename}) {
        io::set_fault_hook([step](io::FileStep at, const fs::path&) { return at == step ? ENOSPC : 0; });
        EXPECT_NE(add("john").find("No space left on device"), std::string::npos);
        io::set_fault_hook({});
        EXPECT_EQ(content_of(path), before);
        EXPECT_EQ(files_in(directory), 1U);
    }
}

TEST_F(PasswordFileTest, ConcurrentAdditionsAllStay) {
    constexpr int threads = 4;
    constexpr int each = 5;
    std::vector<std::thread> running;
    for (int thread = 0; thread < threads; ++thread)
        running.emplace_back([&, thread] {
            for (int i = 0; i < each; ++i)
                EXPECT_EQ(add("user" + std::to_string(thread) + "-" + std::to_string(i)), "");
        });
    for (auto& thread : running) thread.join();
    EXPECT_EQ(table()->users().size(), static_cast<std::size_t>(threads * each));
}

TEST_F(PasswordFileTest, ReloadKeepsTheOldUsersIfTheFileIsBad) {
    PasswordFile file(path);
    EXPECT_EQ(file.users(), nullptr);
    EXPECT_FALSE(file.reload().empty());
    EXPECT_EQ(file.users(), nullptr);
    EXPECT_EQ(add("jane"), "");
    EXPECT_TRUE(file.reload().empty());
    const auto first = file.users();
    EXPECT_EQ(first->users().size(), 1U);
    EXPECT_EQ(add("john"), "");
    EXPECT_TRUE(file.reload().empty());
    EXPECT_EQ(file.users()->users().size(), 2U);
    EXPECT_EQ(first->users().size(), 1U);  // an exchange that began keeps its table
    write(path, "rubbish\n");
    EXPECT_FALSE(file.reload().empty());
    EXPECT_EQ(file.users()->users().size(), 2U);
}

}  // namespace
}  // namespace sluice::sasl
