// msg:: and what reaches the stored bytes. vsl-rules.md 9.8 row by row: tests/conformance/tables/msg.txt.
#include "stage_fixture.hpp"

namespace sluice::filter::test {
namespace {

using smtp::Stage;

class MessageFunctions : public StageFixture {
  protected:
    static constexpr std::string_view original =
        "Received: from a\r\n\tby b\r\nFrom: John <john@example.net>\r\nTo: Jane <jane@example.com>, x@example.com\r\n"
        "X-One: 1\r\nX-One:  2\r\nDate: Mon, 1 Jan 2024 00:00:00 +0000\r\n\r\nbody \xff\r\n.\r\n";

    void SetUp() override {
        StageFixture::SetUp();
        transaction_.message = std::make_shared<const std::string>(original);
    }
    std::string header() const { return transaction_.message->substr(0, transaction_.message->find("\r\n\r\n") + 2); }
};

TEST_F(MessageFunctions, ReadingChangesNothing) {
    const auto before = transaction_.message;
    EXPECT_EQ(value(Stage::preq, "msg::has_header(\"x-one\")"), "true");
    EXPECT_EQ(value(Stage::preq, "msg::has_header(\"X-Two\")"), "false");
    EXPECT_EQ(value(Stage::preq, "msg::count_header(identifier(\"X-One\"))"), "2");
    EXPECT_EQ(value(Stage::preq, "msg::get_header(\"x-one\")"), "1");
    EXPECT_EQ(value(Stage::preq, "msg::get_header(\"X-Two\") == \"\""), "true");
    EXPECT_EQ(value(Stage::preq, "msg::get_header(\"Received\") == \"from a\\r\\n\\tby b\""), "true");
    EXPECT_EQ(value(Stage::preq, "msg::get_all_headers().len()"), "7");
    EXPECT_EQ(value(Stage::preq, "msg::get_all_headers(\"X-One\") == [\" 1\\r\\n\", \"  2\\r\\n\"]"), "true");
    EXPECT_EQ(value(Stage::preq, "msg::get_header_untouched(\"x-one\") == [\"X-One: 1\\r\\n\", \"X-One:  2\\r\\n\"]"),
              "true");
    EXPECT_EQ(value(Stage::preq, "msg::mail().len() > 100 && msg().to_string() == msg::mail()"), "true");
    EXPECT_EQ(transaction_.message, before);
}

TEST_F(MessageFunctions, HeaderEditsReachTheStoredBytesAndLeaveTheBodyAlone) {
    EXPECT_EQ(run(Stage::preq,
                  "msg::append_header(\"X-Last\", \"z\"); msg::prepend_header(\"X-First\", ip4(\"192.0.2.1\")); "
                  "msg::set_header(\"x-one\", \"one\"); msg::rename_header(\"Date\", \"X-Date\"); "
                  "if !msg::rm_header(\"Received\") || msg::rm_header(\"Nothing\") { return state::deny(); } "
                  "state::next()"),
              "next");
    EXPECT_EQ(header(),
              "X-First: 192.0.2.1\r\nFrom: John <john@example.net>\r\nTo: Jane <jane@example.com>, x@example.com\r\n"
              "x-one: one\r\nX-One:  2\r\nX-Date: Mon, 1 Jan 2024 00:00:00 +0000\r\nX-Last: z\r\n");
    EXPECT_TRUE(transaction_.message->ends_with("\r\n\r\nbody \xff\r\n.\r\n"));
}

TEST_F(MessageFunctions, AddressesOfTheHeaderChangeInPlace) {
    EXPECT_EQ(run(Stage::preq,
                  "msg::rw_mail_from(\"new@example.net\"); msg::rw_rcpt(\"jane@example.com\", "
                  "\"j@example.com\"); msg::rm_rcpt(\"x@example.com\"); msg::add_rcpt(\"y@example.com\"); "
                  "state::next()"),
              "next");
    EXPECT_NE(header().find("From: new@example.net\r\n"), std::string::npos) << header();
    EXPECT_NE(header().find("To: Jane <j@example.com>, y@example.com\r\n"), std::string::npos) << header();
}

TEST_F(MessageFunctions, BeforeTheMessageFieldsAreSetAside) {
    transaction_.message.reset();
    EXPECT_EQ(
        run(Stage::mail, "msg::append_header(\"X-A\", \"1\"); msg::prepend_header(\"X-B\", \"2\"); state::next()"),
        "next");
    EXPECT_EQ(run(Stage::rcpt,
                  "if msg::get_header(\"X-A\") != \"1\" { return state::deny(); } "
                  "msg::set_header(\"X-A\", \"3\"); state::next()"),
              "next");
    std::string fields;
    for (const auto& field : transaction_.headers) fields += field;
    EXPECT_EQ(fields, "X-B: 2\r\nX-A: 3\r\n");
}

TEST_F(MessageFunctions, AttachmentsHaveNamesSizesAndBytes) {
    transaction_.message = std::make_shared<const std::string>(
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhello\r\n--b\r\nContent-Type: application/pdf\r\n"
        "Content-Disposition: attachment; filename*=utf-8''r%C3%A9.pdf\r\nContent-Transfer-Encoding: "
        "base64\r\n\r\nSGVsbG8=\r\n--b--\r\n");
    EXPECT_EQ(value(Stage::preq, "{ let all = \"\"; for p in msg::parts() { all += `${p.type}/${p.depth} `; } all }"),
              "multipart/mixed/0 text/plain/1 application/pdf/1 ");
    EXPECT_EQ(value(Stage::preq,
                    "{ let a = msg::attachments()[0]; `${a.name} ${a.size} ${a.encoding} "
                    "${a.disposition} ${a.is_attachment} ${a.malformed}` }"),
              "r\xc3\xa9.pdf 5 base64 attachment true false");
    EXPECT_EQ(value(Stage::preq, "msg::attachments()[0].content().as_string()"), "Hello");
    EXPECT_EQ(value(Stage::preq, "content(ip4(\"192.0.2.1\"))"),
              "throws: content() is of the parts that msg::parts() gives, not of ip4");
}

TEST_F(MessageFunctions, PartsAreThoseOfTheMessageAsItStands) {
    transaction_.message = std::make_shared<const std::string>("Content-Type: text/plain\r\n\r\nhello\r\n");
    EXPECT_EQ(value(Stage::preq,
                    "{ let before = msg::parts(); let again = msg::parts(); "
                    "msg::set_header(\"Content-Type\", \"application/pdf\"); "
                    "`${before[0].type} ${again[0].type} ${msg::parts()[0].type} ${msg::attachments()[0].type} "
                    "${before[0].type}` }"),
              "text/plain text/plain application/pdf application/pdf text/plain");
}

TEST_F(MessageFunctions, MessagesOfTooManyPartsAreAnErrorOfTheRule) {
    std::string bomb = "Content-Type: multipart/mixed; boundary=b\r\n\r\n";
    for (std::size_t i = 0; i <= limits::mime_parts; ++i) bomb += "--b\r\n\r\n\r\n";
    transaction_.message = std::make_shared<const std::string>(bomb + "--b--\r\n");
    EXPECT_EQ(value(Stage::preq, "msg::parts().len()"), "throws: the message has more than 10000 parts");
}

}  // namespace
}  // namespace sluice::filter::test
