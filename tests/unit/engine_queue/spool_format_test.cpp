#include "engine/queue/spool_format.hpp"

#include <gtest/gtest.h>

#include <set>

#include "engine/queue/message_id.hpp"
#include "tests/unit/engine_queue/spool_fixture.hpp"

namespace sluice::queue {
namespace {

Envelope full_envelope() {
    Envelope envelope = make_message().envelope;
    envelope.tls = "TLSv1.3 TLS_AES_128_GCM_SHA256";
    envelope.quarantine = "spam";
    envelope.hold_reason = "said \"stop\"\n\x01";
    Recipient sent{"a@b", RecipientState::sent, 1};
    Recipient failed{"c@d", RecipientState::failed, 3, "5.1.1 no such user"};
    Recipient deferred{"\xff\xfe@e",
                       RecipientState::deferred,
                       2,
                       "4.3.1 full",
                       TimePoint(std::chrono::seconds(1'700'000'000)),
                       "forward smtp://relay.test"};
    envelope.recipients = {sent, failed, deferred, {"", RecipientState::waiting}};
    return envelope;
}

TEST(SpoolFormat, EnvelopeRoundTrip) {
    const Envelope envelope = full_envelope();
    const std::string json = encode_envelope(envelope);
    EXPECT_EQ(json.find('\n'), std::string::npos);
    const DecodedEnvelope decoded = decode_envelope(json);
    ASSERT_TRUE(decoded.envelope) << decoded.reason;
    EXPECT_EQ(*decoded.envelope, envelope);
}

TEST(SpoolFormat, KeysOfLaterVersionsAreIgnoredMissingOnesAreNot) {
    const std::string json = encode_envelope(full_envelope());
    std::string more = json;
    more.insert(1, "\"future\":[1,2],");
    EXPECT_TRUE(decode_envelope(more).envelope);
    for (const std::string key : {"id", "reverse_path", "recipients", "received", "hold_reason", "attempts", "state"}) {
        std::string less = json;
        less.replace(less.find("\"" + key + "\""), key.size() + 2, "\"x\"");
        EXPECT_FALSE(decode_envelope(less).envelope) << key;
        EXPECT_FALSE(decode_envelope(less).reason.empty()) << key;
    }
    std::string next = json;
    next.replace(next.find("\"version\":1"), 11, "\"version\":2");
    EXPECT_FALSE(decode_envelope(next).envelope);
    for (const std::string rubbish : {"", "[]", "{", "null", "{\"version\":1}"})
        EXPECT_FALSE(decode_envelope(rubbish).envelope) << rubbish;
}

TEST(SpoolFormat, HeadRoundTrip) {
    const std::string body = "x\r\n";
    const std::string head = encode_message_head(full_envelope(), body);
    const auto decoded = decode_message_head(head + body);
    ASSERT_TRUE(decoded);
    EXPECT_EQ(decoded->body_bytes, body.size());
    EXPECT_EQ(decoded->body_offset(), head.size());
    EXPECT_EQ(decoded->body_crc, checksum(body));
    EXPECT_FALSE(decode_state_head(head));
    const auto state = decode_state_head(encode_state(full_envelope()));
    ASSERT_TRUE(state);
    EXPECT_EQ(state->body_bytes, 0u);
}

TEST(SpoolFormat, MalformedHeads) {
    for (const std::string head :
         {"", "\n", "sluice-message 1\n", "sluice-message 2 3 4 00000000 00000000\n", "sluice-message 1 3 4 0 0\n",
          "sluice-message 1 3 4 00000000 00000000", "sluice-message 1 -3 4 00000000 00000000\n",
          "sluice-message 1 3 4 00000000 00000000 \n", "sluice-message 1 3  4 00000000 00000000\n",
          "sluice-message 1 99999999999999999999 4 00000000 00000000\n", "sluice-message 1 3 4 0000000g 00000000\n",
          "sluice-message 10 3 4 00000000 00000000\n"}) {
        EXPECT_FALSE(decode_message_head(head)) << head;
    }
    EXPECT_TRUE(decode_message_head("sluice-message 1 3 4 00000000 00000000\n"));
    EXPECT_FALSE(decode_message_head("sluice-message 1 67108865 4 00000000 00000000\n"));
    EXPECT_TRUE(decode_message_head("sluice-message 1 67108864 4 00000000 00000000\n"));
}

TEST(SpoolFormat, ChecksumIsTheUsualCrc32) { EXPECT_EQ(checksum("123456789"), 0xcbf43926u); }

TEST(MessageId, IsAVersion4Uuid) {
    std::set<std::string> seen;
    for (int i = 0; i < 200; ++i) {
        const std::string id = make_message_id();
        EXPECT_TRUE(is_message_id(id)) << id;
        EXPECT_EQ(id[14], '4');
        EXPECT_TRUE(seen.insert(id).second);
    }
    for (const std::string bad : {"", "../../etc/passwd", "0c5a0c7e-9d7b-1c0a-8b1a-0123456789ab",
                                  "0C5A0C7E-9D7B-4C0A-8B1A-0123456789AB", "0c5a0c7e-9d7b-4c0a-cb1a-0123456789ab",
                                  "0c5a0c7e-9d7b-4c0a-8b1a-0123456789a", "0c5a0c7e-9d7b-4c0a-8b1a-0123456789ab0"}) {
        EXPECT_FALSE(is_message_id(bad)) << bad;
    }
    EXPECT_TRUE(is_message_id("0c5a0c7e-9d7b-4c0a-8b1a-0123456789ab"));
}

TEST(QueueNames, AsDecided) {
    std::string all;
    for (const Queue queue : kAllQueues) {
        all += std::string(queue_name(queue)) + " ";
        EXPECT_EQ(queue_of_name(queue_name(queue)), queue);
    }
    EXPECT_EQ(all, "working deliver deferred dead delegated quarantine hold corrupt ");
    EXPECT_EQ(queue_of_name("other"), std::nullopt);
    EXPECT_TRUE(is_delivered(Queue::deliver));
    EXPECT_TRUE(is_delivered(Queue::deferred));
    EXPECT_FALSE(is_delivered(Queue::hold));
    EXPECT_FALSE(is_delivered(Queue::working));
}

}  // namespace
}  // namespace sluice::queue
