#include "engine/deliver/mailbox_path.hpp"

#include <gtest/gtest.h>

#include <set>

namespace sluice::deliver {
namespace {

std::string expand(const std::string& text, const std::string& address) {
    const MailboxPath::Parsed parsed = MailboxPath::parse(text);
    EXPECT_TRUE(parsed.path) << parsed.error;
    const auto path = parsed.path->expand(split_address(address));
    return path ? path->string() : "too long";
}

TEST(MailboxPath, Table) {
    const std::string usual = "/srv/mail/%d/%u";
    EXPECT_EQ(expand(usual, "joe@Example.COM"), "/srv/mail/example.com/joe");
    EXPECT_EQ(expand(usual, "Joe@example.com"), "/srv/mail/example.com/Joe");
    EXPECT_EQ(expand(usual, "joe+tag@example.com"), "/srv/mail/example.com/joe+tag");
    EXPECT_EQ(expand(usual, "\"joe doe\"@example.com"), "/srv/mail/example.com/joe doe");
    EXPECT_EQ(expand(usual, "\"joe\"@example.com"), expand(usual, "joe@example.com"));
    EXPECT_EQ(expand(usual, "\"a\\\"b\\@c\"@example.com"), "/srv/mail/example.com/a\"b@c");
    EXPECT_EQ(expand(usual, "joe@[192.0.2.1]"), "/srv/mail/[192.0.2.1]/joe");
    EXPECT_EQ(expand(usual, "j\xc3\xb6@example.com"), "/srv/mail/example.com/j\xc3\xb6");
    EXPECT_EQ(expand("/m/%u@%d", "joe@example.com"), "/m/joe@example.com");
    EXPECT_EQ(expand("/m/100%%/%u/Maildir/", "joe@example.com"), "/m/100%/joe/Maildir");
    EXPECT_EQ(expand("//m///%u", "joe@example.com"), "/m/joe");
}

TEST(MailboxPath, NothingLeavesTheRoot) {
    const std::string usual = "/srv/mail/%d/%u";
    EXPECT_EQ(expand(usual, "..@example.com"), "/srv/mail/example.com/%2E.");
    EXPECT_EQ(expand(usual, ".@example.com"), "/srv/mail/example.com/%2E");
    EXPECT_EQ(expand(usual, "../../etc/passwd@example.com"), "/srv/mail/example.com/%2E.%2F..%2Fetc%2Fpasswd");
    EXPECT_EQ(expand(usual, "a/b@example.com"), "/srv/mail/example.com/a%2Fb");
    EXPECT_EQ(expand(usual, "/abs@example.com"), "/srv/mail/example.com/%2Fabs");
    EXPECT_EQ(expand(usual, ".hidden@example.com"), "/srv/mail/example.com/%2Ehidden");
    EXPECT_EQ(expand(usual, "a.b@example.com"), "/srv/mail/example.com/a.b");
    EXPECT_EQ(expand(usual, std::string("a\0b\n\x7f@example.com", 17)), "/srv/mail/example.com/a%00b%0A%7F");
    EXPECT_EQ(expand(usual, "a%2Fb@example.com"), "/srv/mail/example.com/a%252Fb");
    EXPECT_EQ(expand(usual, "joe@../../etc"), "/srv/mail/%2E.%2F..%2Fetc/joe");
    EXPECT_EQ(expand(usual, "@example.com"), "/srv/mail/example.com/%");
    EXPECT_EQ(expand(usual, "joe"), "/srv/mail/%/joe");
    EXPECT_EQ(expand(usual, "%@example.com"), "/srv/mail/example.com/%25");
}

TEST(MailboxPath, EveryByteStaysOneComponentOfItsOwn) {
    const auto parsed = MailboxPath::parse("/m/%u");
    std::set<std::string> seen;
    for (int byte = 0; byte < 256; ++byte) {
        for (const std::string& local :
             {std::string(1, static_cast<char>(byte)), "x" + std::string(1, static_cast<char>(byte))}) {
            const std::string path = parsed.path->expand({local, "d"})->string();
            EXPECT_EQ(std::filesystem::path(path).parent_path(), "/m") << byte;
            EXPECT_EQ(std::filesystem::path(path).lexically_normal(), path) << byte;
            EXPECT_TRUE(seen.insert(path).second) << byte;
        }
    }
}

TEST(MailboxPath, LongestComponentIsTheLimit) {
    EXPECT_EQ(expand("/m/%u", std::string(255, 'a') + "@x"), "/m/" + std::string(255, 'a'));
    EXPECT_EQ(expand("/m/%u", std::string(256, 'a') + "@x"), "too long");
    EXPECT_EQ(expand("/m/%u", std::string(86, '/') + "@x"), "too long");
}

TEST(MailboxPath, TemplatesThatCannotBe) {
    for (const std::string text :
         {"", "mail/%u", "/mail/%d", "/mail", "/mail/../%u", "/mail/./%u", "/mail/%x/%u", "/mail/%u/%", "/%u/.."}) {
        const auto parsed = MailboxPath::parse(text);
        EXPECT_FALSE(parsed.path) << text;
        EXPECT_FALSE(parsed.error.empty()) << text;
    }
}

}  // namespace
}  // namespace sluice::deliver
