#include <gmock/gmock.h>

#include <boost/json.hpp>
#include <limits>

#include "engine/base/limits.hpp"
#include "engine/refusals/search.hpp"
#include "engine/refusals/text.hpp"
#include "tests/unit/engine_refusals/records.hpp"

namespace sluice::refusals::test {

namespace {

Record full_record() {
    auto facts = session();
    facts.tls.emplace();
    facts.tls->version = "TLSv1.3";
    facts.tls->cipher_std = "TLS_AES_128_GCM_SHA256";
    facts.tls->sni = "mx.example.com";
    facts.authenticated_as = "jane";
    smtp::Transaction transaction;
    transaction.id = Uuid::random();
    transaction.reverse_path = smtp::Address::make("john", "example.net");
    transaction.add_recipient(smtp::Address::make("jane", "example.com"));
    const auto verdict = smtp::Verdict::deny();
    filter::Refusal refusal{.stage = smtp::Stage::preq,
                            .script = "filter.vsl",
                            .rule = "r",
                            .place = "filter.vsl:1:2",
                            .verdict = verdict,
                            .reply = smtp::Reply::parse("550-5.7.1 no\r\n550 5.7.1 never"),
                            .failure = "",
                            .facts = {{"ctx::helo()", "\"client.test\""}}};
    return record_of(facts, &transaction, refusal, Time(std::chrono::milliseconds(1'700'000'000'042)));
}

}  // namespace

TEST(Record, ComesBackAsItWas) {
    const auto record = full_record();
    EXPECT_EQ(record.time, "2023-11-14T22:13:20.042Z");
    EXPECT_EQ(record.reply, "550-5.7.1 no\n550 5.7.1 never");
    EXPECT_EQ(record.from, "john@example.net");
    const auto line = print(record);
    EXPECT_TRUE(line.ends_with("}\n"));
    const auto parsed = parse(line);
    ASSERT_EQ(parsed.kind, Parsed::Kind::record);
    EXPECT_EQ(parsed.record, record);
}

// The file is what Boost.JSON would write, to the octet.
TEST(Record, IsPrintedAsJson) {
    auto record = full_record();
    for (char c = 1; c < 127; ++c) record.failure += c;
    record.failure += "\x7fé€😀";
    record.rcpt = {"one", "t\"wo", ""};
    record.rcpt_more = std::numeric_limits<std::uint32_t>::max();
    record.facts.push_back({"ctx::a()", "\n"});
    for (const bool full : {true, false}) {
        const auto line = print(full ? record : numbered(1));
        EXPECT_EQ(line, boost::json::serialize(boost::json::parse(line)) + "\n");
    }
    const auto object = boost::json::parse(print(record)).as_object();
    EXPECT_EQ(object.at("failure").as_string(), record.failure);
    EXPECT_EQ(object.at("rcpt").as_array().size(), 3u);
    EXPECT_EQ(object.at("facts").as_array().at(1), boost::json::value({"ctx::a()", "\n"}));
}

TEST(Record, NothingIsNullAndTheNullReversePathIsNot) {
    auto record = numbered(1);
    record.failure.clear();
    auto object = boost::json::parse(print(record)).as_object();
    for (const auto* key :
         {"message", "tls", "user", "from", "stage", "script", "rule", "at", "verdict", "reply", "failure"})
        EXPECT_TRUE(object.at(key).is_null()) << key;
    EXPECT_EQ(parse(print(record)).record, record);
    record.from = "";
    EXPECT_EQ(boost::json::parse(print(record)).as_object().at("from").as_string(), "");
    EXPECT_EQ(parse(print(record)).record, record);
}

TEST(Record, LaterVersionsAndRubbishAreToldApart) {
    EXPECT_EQ(parse(R"({"v":2,"time":"t","session":"s"})").kind, Parsed::Kind::later_version);
    for (const auto* line : {"", "{", "[]", "1", R"({"time":"t"})", R"({"v":"1"})", R"({"v":1})", "\xff"})
        EXPECT_EQ(parse(line).kind, Parsed::Kind::damaged) << line;
    EXPECT_EQ(parse(R"({"v":1,"time":"t","session":"s","new":[1]})").kind, Parsed::Kind::record);
    EXPECT_EQ(
        parse(R"({"v":1,"time":"t","session":"s","rcpt":[1],"rcpt_more":-1,"facts":[[1,2],[]]})").record.rcpt_more, 0u);
}

TEST(Record, ATextIsCutAtItsLimitAndNotBefore) {
    EXPECT_EQ(bounded("12345678", 8), "12345678");
    EXPECT_EQ(bounded("123456789", 8), "12345…");
    EXPECT_EQ(bounded("äöüß", 8), "äöüß");
    EXPECT_EQ(bounded("äöüßx", 8), "äö…");
    EXPECT_EQ(bounded("\"\"\"\"", 8), "\"\"\"\"");
    EXPECT_EQ(bounded("\"\"\"\"x", 8), "\"\"…");
    EXPECT_EQ(bounded("\x01", 6), "\x01");
    EXPECT_EQ(bounded("\x01", 5), "…");
    EXPECT_EQ(bounded("a\xff\xc3", 20), "a\uFFFD\uFFFD");
}

TEST(Record, TheLargestFitsItsLimit) {
    static_assert(limits::refusals_file_least > limits::refusal_record);
    auto facts = session();
    const std::string much(100'000, '\x01');
    facts.helo = facts.helo_text = much;
    facts.tls.emplace();
    facts.tls->version = facts.tls->cipher_std = much;
    facts.tls->sni = much;
    facts.authenticated_as = much;
    smtp::Transaction transaction;
    transaction.id = Uuid::random();
    transaction.reverse_path.text = much;
    for (std::size_t i = 0; i < limits::refusal_recipients + 1; ++i) {
        smtp::Address address;
        address.text = much;
        transaction.add_recipient(std::move(address));
    }
    const auto verdict = smtp::Verdict::quarantined(much);
    smtp::Reply reply{.code = 550, .enhanced = {}, .lines = {much}};
    filter::Refusal refusal{.stage = smtp::Stage::authenticate,
                            .script = much,
                            .rule = much,
                            .place = much,
                            .verdict = verdict,
                            .reply = reply,
                            .failure = much,
                            .facts = {}};
    for (std::size_t i = 0; i < limits::refusal_facts + 1; ++i) refusal.facts.push_back({much, much});
    const auto record = record_of(facts, &transaction, refusal, Time());
    EXPECT_EQ(record.rcpt.size(), limits::refusal_recipients);
    EXPECT_EQ(record.rcpt_more, 1u);
    EXPECT_EQ(record.facts.size(), limits::refusal_facts);
    EXPECT_LE(print(record).size(), limits::refusal_record);
    EXPECT_EQ(parse(print(record)).record, record);
}

TEST(Record, AtRcptTheRecipientOfTheCommand) {
    auto facts = session();
    smtp::Transaction transaction;
    transaction.rcpt_command = 1;
    transaction.add_recipient(smtp::Address::make("first", "example.com"));
    transaction.rcpt_command = 2;
    transaction.add_recipient(smtp::Address::make("second", "example.com"));
    const auto record =
        record_of(facts, {.event = smtp::SessionEvent::relay_denied, .transaction = &transaction}, Time());
    EXPECT_THAT(record.rcpt, testing::ElementsAre("second@example.com"));
    EXPECT_EQ(record.message, "");  // a transaction that MAIL has not begun yet has no id
}

TEST(Search, ByBeginningsOfIds) {
    std::vector<Record> records{numbered(0), numbered(1), numbered(2)};
    records[0].session = "0123456789AB";
    records[1].session = "0123456789AC";
    records[1].message = "01234567-0000-4000-8000-000000000000";
    records[2].session = "0123456789AB";
    EXPECT_EQ(find(records, "0123456789ab").records, (std::vector<const Record*>{&records[0], &records[2]}));
    EXPECT_EQ(find(records, "01234567-").records, (std::vector<const Record*>{&records[1]}));
    EXPECT_TRUE(find(records, "01234567").records.empty());
    EXPECT_EQ(find(records, "01234567").ids.size(), 3u);
    EXPECT_TRUE(find(records, "ffffffff").ids.empty());
}

TEST(Search, ListsTheLatest) {
    std::vector<Record> records{numbered(0), numbered(1), numbered(2), numbered(3)};
    records[0].client = "[2001:db8::1]:25";
    records[1].client = "[::ffff:192.0.2.9]:25";
    records[1].from = "Jane@Example.com";
    records[2].from = "";
    records[2].rcpt = {"a@example.org", "b@example.com"};
    const auto numbers = [&](const ListFilter& filter, std::size_t count = 9) {
        std::string found;
        for (const auto* record : latest(records, filter, count)) found += record->failure;
        return found;
    };
    EXPECT_EQ(numbers({}), "0123");
    EXPECT_EQ(numbers({}, 2), "23");
    EXPECT_EQ(numbers({.client = asio::ip::make_address("192.0.2.9")}), "1");
    EXPECT_EQ(numbers({.client = asio::ip::make_address("2001:db8:0::1")}), "0");
    EXPECT_EQ(numbers({.client = asio::ip::make_address("192.0.2.7")}, 1), "3");
    EXPECT_EQ(numbers({.from = "EXAMPLE.com"}), "1");
    EXPECT_EQ(numbers({.from = "<>"}), "2");
    EXPECT_EQ(numbers({.rcpt = "b@"}), "2");
    EXPECT_EQ(numbers({.from = "example.com", .rcpt = "b@"}), "");
}

TEST(Text, NothingOfAClientReachesTheTerminal) {
    auto record = numbered(1);
    record.helo = "\x1b[2J\u009b\x7f";
    record.from = "\x07@example.com";
    record.at = "nothing.vsl:1:1";
    record.rule = "r\n";
    for (const auto& text : {long_text(record, "/nowhere"), short_text(record)}) {
        EXPECT_EQ(text.find('\x1b'), std::string::npos);
        EXPECT_EQ(text.find('\x07'), std::string::npos);
        EXPECT_EQ(text.find("\u009b"), std::string::npos);
        EXPECT_NE(text.find("\\x07@example.com"), std::string::npos);
        EXPECT_NE(text.find("r\\x0a"), std::string::npos);
    }
    EXPECT_NE(long_text(record, "/nowhere").find("\\x1b[2J\\x9b\\x7f"), std::string::npos);
    for (const auto* at : {"", ":", "::", "x:", "x:1", ":1:1", "x:0:1", "x:9999999999999999999999:1", "x:a:1"}) {
        record.at = at;
        EXPECT_FALSE(long_text(record, "/nowhere").empty());
    }
}

}  // namespace sluice::refusals::test
