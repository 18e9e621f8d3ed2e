#include "engine/queue/envelope_format.hpp"

#include <gtest/gtest.h>

#include "tests/unit/engine_queue/spool_fixture.hpp"

namespace sluice::queue {
namespace {

Envelope full_envelope() {
    Envelope envelope = make_message().envelope;
    envelope.tls = "TLSv1.3 TLS_AES_128_GCM_SHA256";
    envelope.quarantine = "spam";
    envelope.hold_reason = "said \"stop\"\\\n\x01";
    envelope.user = "joe";
    envelope.envelope_id = "QQ314159";
    envelope.ret = "HDRS";
    envelope.eight_bit = envelope.smtputf8 = envelope.held_by_rules = true;
    envelope.next_stage = "postq";
    envelope.facts = "{\"helo\":\"x\"}";
    envelope.recipients.clear();
    envelope.recipients.push_back({.address = "a@b", .state = RecipientState::sent, .attempts = 1});
    envelope.recipients.push_back({.address = "\xff\xfe@e",
                                   .state = RecipientState::deferred,
                                   .attempts = 2,
                                   .status = "4.3.1",
                                   .last_error = "452 4.3.1 full",
                                   .remote = "mx.example.net [192.0.2.1]",
                                   .next_attempt = TimePoint(std::chrono::seconds(1'700'000'000)),
                                   .transport = "forward smtp://relay.test",
                                   .original_recipient = "rfc822;x@e",
                                   .notify = notify_failure | notify_delay,
                                   .reported = notify_delay});
    envelope.recipients.push_back({.address = "c@d", .state = RecipientState::failed, .attempts = 3});
    envelope.recipients.push_back({.address = ""});
    return envelope;
}

TEST(EnvelopeFormat, RoundTrip) {
    for (const Envelope& envelope : {full_envelope(), make_message().envelope, Envelope()}) {
        const std::string line = encode_envelope(envelope, Queue::hold);
        EXPECT_EQ(line.find('\n'), line.size() - 1);
        const DecodedEnvelope decoded = decode_envelope(line);
        ASSERT_TRUE(decoded.envelope) << decoded.reason << line;
        EXPECT_EQ(*decoded.envelope, envelope);
        EXPECT_EQ(decoded.queue, Queue::hold);
    }
}

TEST(EnvelopeFormat, KeysOfLaterVersionsAreIgnoredWrongTypesAreNot) {
    const std::string line = encode_envelope(full_envelope(), Queue::deliver);
    std::string more = line;
    more.insert(1, "\"future\":[1,2],");
    EXPECT_TRUE(decode_envelope(more).envelope);
    for (const std::string key : {"id", "recipients", "received", "eight_bit", "attempts", "state", "queue"}) {
        std::string wrong = line;
        wrong.insert(wrong.find("\"" + key + "\"") + key.size() + 3, "null,\"x\":");
        EXPECT_FALSE(decode_envelope(wrong).envelope) << wrong;
        EXPECT_FALSE(decode_envelope(wrong).reason.empty()) << key;
    }
    for (const std::string rubbish :
         {"", "[]", "{", "null", "{\"version\":1}", "{\"version\":2}", "{\"version\":2,\"recipients\":[]}",
          "{\"version\":2,\"queue\":\"hold\",\"recipients\":[1]}",
          "{\"version\":3,\"queue\":\"hold\",\"recipients\":[]}"})
        EXPECT_FALSE(decode_envelope(rubbish).envelope) << rubbish;
    EXPECT_TRUE(decode_envelope("{\"version\":2,\"queue\":\"hold\",\"recipients\":[]}").envelope);
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
    EXPECT_TRUE(is_delivered(Queue::working));  // after its rules
}

}  // namespace
}  // namespace sluice::queue
