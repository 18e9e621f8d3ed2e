// Reading and changing address lists.
#include "engine/mail/address_list.hpp"

#include <gmock/gmock.h>

#include "engine/base/limits.hpp"
#include "tests/unit/engine_mail/texts.hpp"

namespace sluice::mail {
namespace {

// "display|local@domain|addr-spec as written", joined with newlines.
std::string listed(std::string_view value) {
    std::string out;
    for (const ListedMailbox& one : mailboxes(value)) {
        out += std::string(one.display_name) + "|" + one.local_part + "@" + one.domain + "|" +
               std::string(one.addr_spec.of(value)) + "\n";
    }
    return out;
}

struct ListCase {
    std::string_view value;
    std::string_view wanted;
};
class List : public testing::TestWithParam<ListCase> {};
TEST_P(List, IsRead) { EXPECT_EQ(listed(GetParam().value), GetParam().wanted); }
INSTANTIATE_TEST_SUITE_P(
    Rfc5322, List,
    testing::Values(
        ListCase{"", ""}, ListCase{" \r\n ", ""}, ListCase{"a@b", "|a@b|a@b\n"}, ListCase{" <a@b> ", "|a@b|a@b\n"},
        ListCase{"John Doe <a@b>", "John Doe|a@b|a@b\n"}, ListCase{"\"Doe, J.\" <a@b>", "\"Doe, J.\"|a@b|a@b\n"},
        ListCase{"=?utf-8?Q?J=2C?= <a@b>", "=?utf-8?Q?J=2C?=|a@b|a@b\n"},
        ListCase{"a@b, c@d,\r\n\te@f", "|a@b|a@b\n|c@d|c@d\n|e@f|e@f\n"}, ListCase{",, a@b ,", "|a@b|a@b\n"},
        ListCase{"\"a b\"@c", "|a b@c|\"a b\"@c\n"}, ListCase{"\"a\\\"@\\\\\"@c", "|a\"@\\@c|\"a\\\"@\\\\\"@c\n"},
        ListCase{"a@[192.0.2.1]", "|a@[192.0.2.1]|a@[192.0.2.1]\n"}, ListCase{"<@x,@y:a@b>", "|a@b|a@b\n"},
        ListCase{"A Group: Ed <e@f>, g@h ; i@j", "Ed|e@f|e@f\n|g@h|g@h\n|i@j|i@j\n"},
        ListCase{"undisclosed recipients: ;", ""}, ListCase{"a@b (John (the) Doe\\)), c@d", "|a@b|a@b\n|c@d|c@d\n"},
        ListCase{"Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>",
                 "Pete|pete@silly.test|pete(his account)@silly.test\n"},
        ListCase{"(only a comment)", ""}, ListCase{"a . b @ c . d", "|a.b@c.d|a . b @ c . d\n"}));
INSTANTIATE_TEST_SUITE_P(
    Lenient, List,
    testing::Values(ListCase{"a..b.@c", "|a..b.@c|a..b.@c\n"}, ListCase{".a@c", "|.a@c|.a@c\n"},
                    ListCase{"a@b <c@d>", "a@b|c@d|c@d\n"}, ListCase{"[tag] x <c@d>", "[tag] x|c@d|c@d\n"},
                    ListCase{"a@b; c@d", "|a@b|a@b\n|c@d|c@d\n"}, ListCase{"J\xF6rg <a@b>", "J\xF6rg|a@b|a@b\n"},
                    ListCase{"\xC3\xA9@\xC3\xA9.fr", "|\xC3\xA9@\xC3\xA9.fr|\xC3\xA9@\xC3\xA9.fr\n"},
                    ListCase{"no address, a@b", "|a@b|a@b\n"}, ListCase{"a@b c@d, e@f", "|e@f|e@f\n"},
                    ListCase{"<a@b, c@d", "|c@d|c@d\n"}, ListCase{"<>, a@b", "|a@b|a@b\n"},
                    ListCase{"a@b, \"open, c@d", "|a@b|a@b\n"}, ListCase{"a@b, (open, c@d", "|a@b|a@b\n"},
                    ListCase{"\"a\r\n b\"@c", "|a b@c|\"a\r\n b\"@c\n"}));

Mailbox box(std::string_view local_part, std::string_view domain) {
    return {std::string(local_part), std::string(domain)};
}

TEST(Replace, TheAddressAlone) {
    const Mailbox old_one = box("a", "B");
    EXPECT_EQ(replace_mailbox(" \"A, b\" (c) <a@b>,\r\n x@y , (z) A@b, a @ b", old_one, "n@m"),
              " \"A, b\" (c) <n@m>,\r\n x@y , (z) A@b, n@m");
    EXPECT_EQ(replace_mailbox("g: <a@b>;", old_one, "\"n m\"@o"), "g: <\"n m\"@o>;");
    EXPECT_EQ(replace_mailbox("aa@b, a@bb, \"a@b\" <x@y>, (a@b) x@y, A@b", old_one, "n@m"), std::nullopt);
    EXPECT_EQ(replace_mailbox("\"a\"@b", old_one, "n@m"), "n@m");
    EXPECT_EQ(replace_mailbox("", old_one, "n@m"), std::nullopt);
}

struct RemoveCase {
    std::string_view value;
    std::string_view left;
};
class Remove : public testing::TestWithParam<RemoveCase> {};
TEST_P(Remove, TakesOneCommaAndNothingElse) {
    EXPECT_EQ(remove_mailbox(GetParam().value, box("r", "x")), GetParam().left);
}
INSTANTIATE_TEST_SUITE_P(
    Lists, Remove,
    testing::Values(RemoveCase{" r@x, a@b", " a@b"}, RemoveCase{" a@b, r@x", " a@b"},
                    RemoveCase{" a@b, r@x, c@d", " a@b, c@d"}, RemoveCase{" \"R, x\" <r@X> (the one),\r\n a@b", " a@b"},
                    RemoveCase{" a@b,\r\n\tr@x,\r\n\tc@d", " a@b,\r\n\tc@d"}, RemoveCase{" a@b\r\n , r@x", " a@b"},
                    RemoveCase{" r@x", ""}, RemoveCase{" r@x, (nobody)", ""}, RemoveCase{" r@x, R <r@x>", ""},
                    RemoveCase{",r@x,,", ""}, RemoveCase{" r@x, junk", " junk"},
                    RemoveCase{" r@x , a@b , r@x , c@d , r@x ", " a@b , c@d "}, RemoveCase{" g: r@x;", " g:;"},
                    RemoveCase{" g:\r\n r@x\r\n ;", " g:;"}, RemoveCase{" g: r@x, a@b;, c@d", " g: a@b;, c@d"},
                    RemoveCase{" g: a@b, r@x ; c@d", " g: a@b ; c@d"}, RemoveCase{" r@x, g: a@b;", " g: a@b;"},
                    RemoveCase{" g: a@b; r@x", " g: a@b;"}, RemoveCase{" g: a@b, r@x \r\n ", " g: a@b \r\n "},
                    RemoveCase{" g: r@x \r\n ", " g: \r\n "}, RemoveCase{" a@b; r@x; c@d", " a@b; c@d"}));

TEST(Remove, NothingToRemove) {
    EXPECT_EQ(remove_mailbox(" a@b, \"r@x\" <c@d>, R@x", box("r", "x")), std::nullopt);
    EXPECT_EQ(remove_mailbox("", box("r", "x")), std::nullopt);
}

TEST(Add, BehindTheLastElement) {
    const auto added = [](std::string_view value) { return add_mailbox(value, "n@m", 3); };
    EXPECT_EQ(added(" a@b"), " a@b, n@m");
    EXPECT_EQ(added(" a@b \r\n "), " a@b, n@m \r\n ");
    EXPECT_EQ(added(""), " n@m");
    EXPECT_EQ(added("  "), " n@m  ");
    EXPECT_EQ(added(" a@b,"), " a@b, n@m");
    EXPECT_EQ(added(" (none)"), " (none) n@m");
    EXPECT_EQ(added(" junk"), " junk, n@m");
    EXPECT_EQ(added(" g: a@b;"), " g: a@b;, n@m");
    EXPECT_EQ(added(" g: a@b"), " g: a@b, n@m");
    EXPECT_EQ(added(" g:"), " g: n@m");
    EXPECT_EQ(added(" a@b, \"open"), std::nullopt);
    EXPECT_EQ(added(" a@b (open"), std::nullopt);
}

TEST(Add, OnALineOfItsOwnIfTheLastOneIsFull) {
    const std::string value = " " + times("x", 67) + "@b";  // "To:", value, ", n@m": 78 octets
    ASSERT_EQ(3 + value.size() + 5, limits::field_line_preferred);
    EXPECT_EQ(add_mailbox(value, "n@m", 3), value + ", n@m");
    EXPECT_EQ(add_mailbox("x" + value, "n@m", 3), "x" + value + ",\r\n n@m");
    EXPECT_EQ(add_mailbox(value + ",\r\n a@b", "n@m", 3), value + ",\r\n a@b, n@m");
}

}  // namespace
}  // namespace sluice::mail
