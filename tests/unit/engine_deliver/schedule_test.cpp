#include "engine/deliver/schedule.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::deliver {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using TimePoint = Schedule::TimePoint;

const TimePoint start{std::chrono::seconds(1'800'000'000)};

Uuid id(std::uint8_t number) { return Uuid::from_bytes({number}); }

std::vector<std::string> open_all(Schedule& schedule) {
    std::vector<std::string> opened;
    while (auto destination = schedule.open_channel()) opened.push_back(*destination);
    return opened;
}

TEST(Schedule, MessagesComeWhenTheyAreDueInOrder) {
    Schedule schedule({});
    schedule.wait(id(1), start + 3s);
    schedule.wait(id(2), start + 1s);
    schedule.wait(id(3), start + 2s);
    EXPECT_EQ(schedule.next_due(), start + 1s);
    EXPECT_EQ(schedule.take_due(start), std::nullopt);
    EXPECT_EQ(schedule.take_due(start + 2s), id(2));
    EXPECT_EQ(schedule.take_due(start + 2s), id(3));
    EXPECT_EQ(schedule.take_due(start + 2s), std::nullopt);
    EXPECT_EQ(schedule.waiting(), 1u);
}

TEST(Schedule, ASecondTimeReplacesTheFirst) {
    Schedule schedule({});
    schedule.wait(id(1), start + 10s);
    schedule.wait(id(1), start + 20s);
    EXPECT_EQ(schedule.take_due(start + 10s), std::nullopt);
    schedule.wait(id(1), start + 5s);
    EXPECT_EQ(schedule.take_due(start + 5s), id(1));
    EXPECT_EQ(schedule.take_due(start + 100s), std::nullopt);
    schedule.wait(id(2), start);
    schedule.forget(id(2));
    EXPECT_EQ(schedule.next_due(), std::nullopt);
}

TEST(Schedule, AllCanBeMadeDue) {
    Schedule schedule({});
    schedule.wait(id(1), start);
    schedule.wait(id(2), start + 1h);
    EXPECT_THAT(schedule.all_due(start), ElementsAre(id(2)));
    EXPECT_TRUE(schedule.take_due(start));
    EXPECT_TRUE(schedule.take_due(start));
    EXPECT_EQ(schedule.waiting(), 0u);
}

// However much waits for one destination, the others get their channel first.
TEST(Schedule, DestinationsTakeTurns) {
    Schedule schedule({.of_destination = 3});
    for (std::uint8_t i = 0; i < 10; ++i) schedule.enqueue("large", id(i));
    schedule.enqueue("a", id(20));
    schedule.enqueue("b", id(21));
    schedule.reached("large");
    EXPECT_THAT(open_all(schedule), ElementsAre("large", "a", "b", "large", "large"));
    EXPECT_EQ(schedule.take("large", start).message, id(0));
    EXPECT_EQ(schedule.take("a", start).message, id(20));
    EXPECT_EQ(schedule.take("a", start).message, std::nullopt);
    schedule.close_channel("large");
    EXPECT_THAT(open_all(schedule), ElementsAre("large"));
}

// Whoever says nothing holds one channel, not twenty.
TEST(Schedule, TheSecondChannelWaitsForAnAnswerOnTheFirst) {
    Schedule schedule({.of_destination = 3});
    for (std::uint8_t i = 0; i < 10; ++i) schedule.enqueue("a", id(i));
    EXPECT_THAT(open_all(schedule), ElementsAre("a"));
    (void)schedule.take("a", start);
    schedule.enqueue("a", id(20));
    EXPECT_THAT(open_all(schedule), IsEmpty());
    schedule.reached("a");
    EXPECT_THAT(open_all(schedule), ElementsAre("a", "a"));
    schedule.rest("a", start, Outcome::temporary("4.4.2 it hung up"));
    for (int i = 0; i < 3; ++i) schedule.close_channel("a");
    EXPECT_THAT(open_all(schedule), ElementsAre("a"));
}

TEST(Schedule, AsManyChannelsAsMessagesAtMost) {
    Schedule schedule({.of_destination = 20});
    schedule.enqueue("a", id(1));
    schedule.enqueue("a", id(2));
    schedule.reached("a");
    EXPECT_THAT(open_all(schedule), ElementsAre("a", "a"));
    // Both are on their way when a third comes.
    (void)schedule.take("a", start);
    (void)schedule.take("a", start);
    schedule.enqueue("a", id(3));
    EXPECT_THAT(open_all(schedule), ElementsAre("a"));
}

TEST(Schedule, AnIdleChannelIsUsedBeforeAnotherOne) {
    Schedule schedule({});
    schedule.enqueue("a", id(1));
    EXPECT_EQ(open_all(schedule).size(), 1u);
    (void)schedule.take("a", start);
    schedule.channel_idle("a");
    schedule.enqueue("a", id(2));
    EXPECT_EQ(open_all(schedule).size(), 0u);
    schedule.channel_busy("a");
    EXPECT_EQ(schedule.take("a", start).message, id(2));
}

TEST(Schedule, AllChannelsTogetherHaveALimit) {
    Schedule schedule({.of_destination = 20, .of_all = 2});
    for (std::uint8_t i = 0; i < 5; ++i) schedule.enqueue("d" + std::to_string(i), id(i));
    EXPECT_THAT(open_all(schedule), ElementsAre("d0", "d1"));
    (void)schedule.take("d0", start);
    schedule.close_channel("d0");
    EXPECT_THAT(open_all(schedule), ElementsAre("d2"));
}

TEST(Schedule, MessagesPerMinute) {
    Schedule schedule({.messages_per_minute = 2});
    for (std::uint8_t i = 0; i < 3; ++i) schedule.enqueue("a", id(i));
    EXPECT_TRUE(schedule.take("a", start).message);
    const auto second = schedule.take("a", start);
    EXPECT_FALSE(second.message);
    EXPECT_EQ(second.not_before, start + 30s);
    EXPECT_TRUE(schedule.take("a", start + 30s).message);
    EXPECT_EQ(schedule.take("a", start + 30s).not_before, start + 60s);
    // After a quiet time they do not all come at once.
    EXPECT_TRUE(schedule.take("a", start + 1h).message);
    schedule.enqueue("a", id(9));
    EXPECT_EQ(schedule.take("a", start + 1h).not_before, start + 1h + 30s);
}

TEST(Schedule, ADestinationRestsLongerEachTime) {
    Schedule schedule({});
    schedule.enqueue("a", id(1));
    TimePoint now = start;
    for (const auto wait : {60s, 120s, 240s, 480s, 600s, 600s}) {
        schedule.rest("a", now, Outcome::temporary("4.4.1 no answer"));
        schedule.rest("a", now, Outcome::temporary("4.4.1 of another channel"));
        ASSERT_TRUE(schedule.resting("a", now + wait - 1s)) << wait.count();
        EXPECT_EQ(schedule.resting("a", now)->text(), "4.4.1 no answer");
        EXPECT_FALSE(schedule.resting("a", now + wait));
        now += wait;
    }
    schedule.reached("a");
    schedule.rest("a", now, Outcome::temporary("4.4.1 no answer"));
    EXPECT_FALSE(schedule.resting("a", now + 60s));
    EXPECT_FALSE(schedule.resting("b", now));
}

TEST(Schedule, DestinationsAreForgotten) {
    Schedule schedule({});
    for (std::uint8_t i = 0; i < 3; ++i) schedule.enqueue("d" + std::to_string(i), id(i));
    for (const auto& destination : open_all(schedule)) {
        (void)schedule.take(destination, start);
        if (destination == "d0") schedule.rest(destination, start, Outcome::temporary("4.4.1 no answer"));
        schedule.close_channel(destination);
    }
    EXPECT_EQ(schedule.destinations(), 1u);  // only that one failed
    schedule.sweep(start + 1h);
    EXPECT_EQ(schedule.destinations(), 1u);
    schedule.sweep(start + 5h);
    EXPECT_EQ(schedule.destinations(), 0u);
}

TEST(Schedule, LongQueuesKeepTheirOrder) {
    Schedule schedule({});
    for (int i = 0; i < 5000; ++i)
        schedule.enqueue("a", Uuid::from_bytes({static_cast<std::uint8_t>(i), static_cast<std::uint8_t>(i >> 8)}));
    for (int i = 0; i < 5000; ++i) {
        const auto taken = schedule.take("a", start).message;
        ASSERT_TRUE(taken);
        EXPECT_EQ(taken->bytes()[0] | taken->bytes()[1] << 8, i);
        if (i % 3 == 0) schedule.enqueue("a", id(1));
    }
}

}  // namespace
}  // namespace sluice::deliver
