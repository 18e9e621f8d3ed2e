#include "engine/deliver/pipe_command.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::deliver {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

PipeCommand::Words expand(const std::string& text, const std::string& address, const std::string& sender = "s@x") {
    const auto parsed = PipeCommand::parse(text);
    EXPECT_TRUE(parsed.command) << parsed.error;
    queue::Envelope envelope;
    envelope.reverse_path = sender;
    return parsed.command->expand(envelope, queue::Recipient{address});
}

std::string error_of(const std::string& text) {
    const auto parsed = PipeCommand::parse(text);
    EXPECT_NE(parsed.command.has_value(), !parsed.error.empty());
    return parsed.error;
}

TEST(PipeCommand, WordsEndAtBlanksAndPlaceholdersAreFilled) {
    EXPECT_THAT(
        expand(" /usr/bin/deliver\t-d %u  -f %s --to=%a %d 100%% ", "Joe@Example.COM", "me@here").words,
        ElementsAre("/usr/bin/deliver", "-d", "Joe", "-f", "me@here", "--to=Joe@Example.COM", "example.com", "100%"));
    EXPECT_THAT(expand("/a%%b %u%d", "\"joe doe\"@x").words, ElementsAre("/a%b", "joe doex"));
    EXPECT_THAT(expand("/a -f %s", "a@b", "").words, ElementsAre("/a", "-f", ""));
    EXPECT_THAT(expand("/a %u x%d", "postmaster").words, ElementsAre("/a", "postmaster", "x"));
    EXPECT_THAT(expand("/a $HOME *", "a@b").words, ElementsAre("/a", "$HOME", "*"));
}

TEST(PipeCommand, WhatIsWrongIsTold) {
    EXPECT_EQ(error_of(""), "a pipe needs a program: pipe:/path/of/program arguments");
    EXPECT_EQ(error_of(" \t"), "a pipe needs a program: pipe:/path/of/program arguments");
    EXPECT_EQ(error_of("procmail -d %u"), "the path of a pipe's program must be absolute");
    EXPECT_EQ(error_of("/bin/%u"), "the program of a pipe must not depend on an address");
    EXPECT_EQ(error_of("/bin/a %x"),
              "unknown placeholder %x in the command of a pipe (there are %u, %d, %a, %s and %%)");
    EXPECT_THAT(error_of("/bin/a 5%"), StartsWith("unknown placeholder % in"));
    EXPECT_EQ(error_of("/bin/sh -c 'cat > x'"),
              "'cat has no meaning in the command of a pipe: there is no shell, words end at blanks");
    for (const std::string word : {"|", "&&", ">", "\"a\"", "`id`"})
        EXPECT_THAT(error_of("/bin/a " + word + " /bin/b"), StartsWith(word + " has no meaning"));
    EXPECT_EQ(error_of("/bin/a\nb"), "the command of a pipe has control characters");
}

TEST(PipeCommand, AnAddressIsNeverAnOptionOrAPath) {
    EXPECT_EQ(expand("/a %u", "-oX@b").refused,
              "5.1.3 the recipient's address (-oX) cannot be given to a program: it would be an option");
    EXPECT_EQ(expand("/a -d%u", "-oX@b").refused, "");
    EXPECT_EQ(expand("/a %s", "a@b", "-f@x").refused,
              "5.1.7 the sender's address (-f@x) cannot be given to a program: it would be an option");
    for (const std::string address : {"\"../../etc/x\"@b", "a/b@c", "\"..\"@b", "\".x\"@b"})
        EXPECT_THAT(expand("/a --file=/srv/%u", address).refused, HasSubstr("would be a path")) << address;
    EXPECT_THAT(expand("/a /srv/%a", "../x@c").refused, StartsWith("5.1.3"));
    EXPECT_THAT(expand("/a /srv/%s", "a@c", "../x@c").refused, StartsWith("5.1.7"));
    EXPECT_EQ(expand("/a %s", "a@c", "/G=John/S=Doe/@gateway").refused, "");
    EXPECT_THAT(expand("/a %a", "a\n@c").refused, HasSubstr("it has control characters"));
    // What is not used is not judged.
    EXPECT_EQ(expand("/a %d", "-a/b@c", "-x").refused, "");
}

}  // namespace
}  // namespace sluice::deliver
