// rw_mail_from, rw_rcpt, add_rcpt, rm_rcpt: they change the message that goes out, and only the mailbox concerned.
#include "engine/mail/address_fields.hpp"

#include "engine/base/limits.hpp"
#include "engine/mail/message.hpp"
#include "tests/unit/engine_mail/texts.hpp"

namespace sluice::mail {
namespace {

// Applies `edit` to a message with these fields; gives its fields afterwards.
std::string after(std::string_view fields, const auto& edit) {
    Message one = message(std::string(fields) + "\r\nTo: body\r\n");
    EXPECT_EDITED(edit(one.header()));
    const std::string text = *one.bytes();
    EXPECT_TRUE(text.ends_with("\r\nTo: body\r\n"));
    return text.substr(0, text.size() - std::string_view("\r\nTo: body\r\n").size());
}

TEST(RewriteFrom, BecomesTheBareAddress) {
    const auto edit = [](HeaderFields& header) { return rewrite_from(header, "n@m"); };
    EXPECT_EQ(after("A: b\r\nfrom: \"X\" <a@b>,\r\n c@d\r\nTo: x@y\r\n", edit), "A: b\r\nFrom: n@m\r\nTo: x@y\r\n");
    EXPECT_EQ(after("A: b\r\n", edit), "A: b\r\nFrom: n@m\r\n");
}

TEST(RewriteRecipient, InToAndNowhereElse) {
    const auto edit = [](HeaderFields& header) { return rewrite_recipient(header, "a@b", "n@m"); };
    EXPECT_EQ(after("Cc: a@b\r\nTo: A <a@B>, c@d\r\nto:a@b\r\n", edit), "Cc: a@b\r\nTo: A <n@m>, c@d\r\nto:n@m\r\n");
    EXPECT_EQ(after("Cc: a@b\r\n", edit), "Cc: a@b\r\nTo: n@m\r\n");
    Message one = message("To: c@d\r\n\r\n");
    EXPECT_NOTHING_DONE(edit(one.header()));
    EXPECT_FALSE(one.edited());
}

TEST(AddRecipient, ToTheFirstTo) {
    const auto edit = [](HeaderFields& header) { return add_recipient(header, "n@m"); };
    EXPECT_EQ(after("To: a@b\r\nTo: c@d\r\n", edit), "To: a@b, n@m\r\nTo: c@d\r\n");
    EXPECT_EQ(after("TO:a@b\r\n", edit), "TO:a@b, n@m\r\n");
    EXPECT_EQ(after("A: b\r\n", edit), "A: b\r\nTo: n@m\r\n");
    HeaderFields header(shared("To: \"a@b\r\n\r\n"));
    EXPECT_REFUSED(edit(header), address_list);
    EXPECT_FALSE(header.edited());
}

TEST(RemoveRecipient, FromEveryTo) {
    const auto edit = [](HeaderFields& header) { return remove_recipient(header, "a@b"); };
    EXPECT_EQ(after("To: a@b, c@d\r\nCc: a@b\r\nTo: a@b\r\n", edit), "To: c@d\r\nCc: a@b\r\n");
    Message one = message("To: c@d\r\n\r\n");
    EXPECT_NOTHING_DONE(edit(one.header()));
    Message two = message("Subject: x\r\n\r\n");
    EXPECT_NOTHING_DONE(edit(two.header()));
}

TEST(AddressFields, TakeOneAddressAndNothingElse) {
    HeaderFields header(shared("To: a@b\r\nFrom: c@d\r\n\r\n"));
    for (const std::string_view bad :
         {"", "a", "<a@b>", "a@b, c@d", "a@b\r\nBcc: x@y", "a b@c", "A <a@b>", "a@b ", "@b", "a@"}) {
        EXPECT_REFUSED(rewrite_from(header, bad), address);
        EXPECT_REFUSED(rewrite_recipient(header, "a@b", bad), address);
        EXPECT_REFUSED(rewrite_recipient(header, bad, "a@b"), address);
        EXPECT_REFUSED(add_recipient(header, bad), address);
        EXPECT_REFUSED(remove_recipient(header, bad), address);
    }
    EXPECT_FALSE(header.edited());
    EXPECT_EQ(outcome(add_recipient(header, "a b")), "'a b' is not a mail address");
}

TEST(AddressFields, LineAtTheLimitAndOnePast) {
    const std::string before = "To: " + times("x", limits::field_line - 4 - 6) + " <a@b>";
    ASSERT_EQ(before.size(), limits::field_line);
    HeaderFields header(shared(before + "\r\n\r\n"));
    EXPECT_REFUSED(rewrite_recipient(header, "a@b", "aa@b"), line_too_long);
    EXPECT_EDITED(rewrite_recipient(header, "a@b", "c@d"));
    HeaderFields longer(shared("To: " + times("x", limits::field_line) + " <a@b>\r\n\r\n"));
    EXPECT_EDITED(rewrite_recipient(longer, "a@b", "c@d"));
}

TEST(AddressFields, HeaderAtTheLimit) {
    HeaderFields header(shared("To: a@b\r\nX: " + times("x", limits::message_header - 14) + "\r\n\r\n"));
    ASSERT_EQ(header.size(), limits::message_header);
    EXPECT_REFUSED(add_recipient(header, "c@d"), header_too_large);
    EXPECT_REFUSED(rewrite_recipient(header, "a@b", "aa@b"), header_too_large);
    EXPECT_EDITED(rewrite_recipient(header, "a@b", "c@d"));
}

}  // namespace
}  // namespace sluice::mail
