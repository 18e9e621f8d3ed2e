#include "engine/dns/record.hpp"

#include <gtest/gtest.h>
#include <unbound.h>

#include "engine/dns/unbound_answer.hpp"
#include "tests/unit/engine_dns/wire.hpp"

namespace sluice::dns::test {
namespace {

using namespace std::string_literals;

TEST(RecordTest, RdataIsDecodedByType) {
    EXPECT_EQ(decode(RecordType::a, address_rdata("192.0.2.1")), Record(asio::ip::make_address("192.0.2.1")));
    EXPECT_EQ(decode(RecordType::aaaa, address_rdata("2001:db8::1")), Record(asio::ip::make_address("2001:db8::1")));
    EXPECT_EQ(decode(RecordType::mx, mx_rdata(513, "mx.test.")), Record(Mx{513, Name::parse("mx.test.").value()}));
    EXPECT_EQ(decode(RecordType::ptr, wire_name("a.test.")), Record(Name::parse("a.test.").value()));
    EXPECT_EQ(decode(RecordType::cname, wire_name("a.test.")), Record(Name::parse("a.test.").value()));
    EXPECT_EQ(decode(RecordType::txt, txt_rdata({"a", "", "bc"})), Record(Txt{"abc"}));
    EXPECT_EQ(decode(RecordType::txt, "\0"s), Record(Txt{""}));
    EXPECT_EQ(decode(RecordType::tlsa, tlsa_rdata(255, 1, 2, "\0x"s)), Record(Tlsa{255, 1, 2, "\0x"s}));
}

TEST(RecordTest, MalformedRdataIsRefused) {
    const std::pair<RecordType, std::string> malformed[] = {
        {RecordType::a, "abc"},
        {RecordType::a, "abcde"},
        {RecordType::aaaa, "abcd"},
        {RecordType::mx, "\0\1"s},
        {RecordType::mx, "\0\1\2mx"s},
        {RecordType::ptr, ""},
        {RecordType::txt, ""},
        {RecordType::txt, "\3ab"s},
        {RecordType::tlsa, "\3\1\1"s},
        {RecordType::cname, "\1a"s},
        {RecordType::mx, mx_rdata(1, "a.") + "x"},
    };
    for (const auto& [type, rdata] : malformed)
        EXPECT_FALSE(decode(type, rdata)) << to_string(type) << ' ' << testing::PrintToString(rdata);
}

// Results as libunbound hands them over, built by hand.
struct UnboundResult : ub_result {
    UnboundResult() : ub_result{} {}
    void add(std::string rdata) { rdata_.push_back(std::move(rdata)); }
    Answer answer(RecordType type) {
        std::vector<char*> pointers;
        std::vector<int> lengths;
        for (std::string& rdata : rdata_) {
            pointers.push_back(rdata.data());
            lengths.push_back(static_cast<int>(rdata.size()));
        }
        pointers.push_back(nullptr);
        data = pointers.data();
        len = lengths.data();
        havedata = rdata_.empty() ? 0 : 1;
        return to_answer(*this, Name::parse("asked.test.").value(), type);
    }

  private:
    std::vector<std::string> rdata_;
};

TEST(UnboundAnswerTest, OneMalformedRecordSpoilsTheAnswer) {
    UnboundResult result;
    result.add(mx_rdata(10, "a.test."));
    result.add("x");
    const Answer answer = result.answer(RecordType::mx);
    EXPECT_EQ(answer.outcome, Outcome::temporary);
    EXPECT_EQ(answer.why, "malformed MX record of asked.test.");
    EXPECT_TRUE(answer.records.empty());
}

TEST(UnboundAnswerTest, OutcomesByRcodeAndFlags) {
    UnboundResult result;
    result.secure = 1;
    EXPECT_EQ(result.answer(RecordType::a).outcome, Outcome::no_data);
    EXPECT_TRUE(result.answer(RecordType::a).secure);
    result.rcode = 3;
    EXPECT_EQ(result.answer(RecordType::a).outcome, Outcome::no_domain);
    EXPECT_TRUE(result.answer(RecordType::a).secure);
    result.rcode = 5;
    EXPECT_EQ(result.answer(RecordType::a).outcome, Outcome::temporary);
    EXPECT_EQ(result.answer(RecordType::a).why, "REFUSED");
    EXPECT_FALSE(result.answer(RecordType::a).secure);
    result.rcode = 2;
    result.bogus = 1;
    EXPECT_EQ(result.answer(RecordType::a).outcome, Outcome::bogus);
    EXPECT_EQ(result.answer(RecordType::a).why, "DNSSEC validation failed");
    std::string why = "validation failure: signature expired";
    result.why_bogus = why.data();
    EXPECT_EQ(result.answer(RecordType::a).why, why);
}

TEST(UnboundAnswerTest, ACanonicalNameThatCannotBeShownIsTheOneAskedFor) {
    UnboundResult result;
    result.add(address_rdata("192.0.2.1"));
    std::string shown = "Web.test.";
    result.canonname = shown.data();
    EXPECT_EQ(result.answer(RecordType::a).canonical_name.text(), "web.test.");
    shown = "w?b.test.";
    EXPECT_EQ(result.answer(RecordType::a).canonical_name.text(), "asked.test.");
}

}  // namespace
}  // namespace sluice::dns::test
