#include "engine/tls/ticket_keys.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace sluice::tls {
namespace {

using namespace std::chrono_literals;
using Bytes = std::vector<std::uint8_t>;

Bytes sealed(TicketKeys& keys, const Bytes& text) {
    Bytes out(text.size() + TicketKeys::kOverhead);
    const auto size = keys.seal(text, out);
    EXPECT_EQ(size, out.size());
    return out;
}

std::optional<Bytes> opened(TicketKeys& keys, const Bytes& ticket) {
    Bytes out(ticket.size());
    const auto size = keys.open(ticket, out);
    if (!size) return std::nullopt;
    out.resize(*size);
    return out;
}

class TicketKeysTest : public ::testing::Test {
  protected:
    TicketKeys::Clock::time_point now_ = TicketKeys::Clock::time_point() + 1h;
    TicketKeys keys_{12h, [this] { return now_; }};
    Bytes text_{1, 2, 3, 4, 5};
};

TEST_F(TicketKeysTest, OpensWhatItSealed) {
    const Bytes ticket = sealed(keys_, text_);
    EXPECT_EQ(opened(keys_, ticket), text_);
    EXPECT_NE(sealed(keys_, text_), ticket);  // a fresh nonce each time
}

TEST_F(TicketKeysTest, SealsInPlaceAsTheLibraryMayAsk) {
    Bytes buffer = text_;
    buffer.resize(text_.size() + TicketKeys::kOverhead);
    ASSERT_TRUE(keys_.seal(std::span(buffer).first(text_.size()), buffer));
    EXPECT_EQ(opened(keys_, buffer), text_);
}

TEST_F(TicketKeysTest, EveryChangedByteIsNoticed) {
    const Bytes ticket = sealed(keys_, text_);
    for (std::size_t i = 0; i < ticket.size(); ++i) {
        Bytes changed = ticket;
        changed[i] ^= 1;
        EXPECT_FALSE(opened(keys_, changed)) << i;
    }
}

TEST_F(TicketKeysTest, ShortTicketsAreNotOurs) {
    const Bytes ticket = sealed(keys_, {});
    EXPECT_TRUE(opened(keys_, ticket));
    for (std::size_t size = 0; size < ticket.size(); ++size) {
        EXPECT_FALSE(opened(keys_, Bytes(ticket.begin(), ticket.begin() + static_cast<long>(size)))) << size;
    }
}

TEST_F(TicketKeysTest, NoRoomIsAnErrorNotAnOverrun) {
    Bytes small(text_.size() + TicketKeys::kOverhead - 1);
    EXPECT_FALSE(keys_.seal(text_, small));
    const Bytes ticket = sealed(keys_, text_);
    Bytes tiny(text_.size() - 1);
    EXPECT_FALSE(keys_.open(ticket, tiny));
}

TEST_F(TicketKeysTest, TwoOldKeysOpenTheThirdDoesNot) {
    const Bytes ticket = sealed(keys_, text_);
    keys_.rotate();
    EXPECT_TRUE(opened(keys_, ticket));
    keys_.rotate();
    EXPECT_TRUE(opened(keys_, ticket));
    keys_.rotate();
    EXPECT_FALSE(opened(keys_, ticket));
}

TEST_F(TicketKeysTest, RotatesByItselfWithTime) {
    const Bytes ticket = sealed(keys_, text_);
    const auto name_of = [](const Bytes& each) { return Bytes(each.begin(), each.begin() + TicketKeys::kNameSize); };
    now_ += 12h - 1s;
    EXPECT_EQ(name_of(sealed(keys_, text_)), name_of(ticket));
    now_ += 1s;
    EXPECT_NE(name_of(sealed(keys_, text_)), name_of(ticket));
    EXPECT_TRUE(opened(keys_, ticket));
}

TEST_F(TicketKeysTest, AnOldKeyIsForgottenEvenIfNobodyCame) {
    const Bytes ticket = sealed(keys_, text_);
    now_ += 36h - 1s;
    EXPECT_TRUE(opened(keys_, ticket));
    now_ += 1s;
    EXPECT_FALSE(opened(keys_, ticket));
}

TEST_F(TicketKeysTest, AnotherProcessCannotOpen) {
    TicketKeys other(12h);
    EXPECT_FALSE(opened(other, sealed(keys_, text_)));
}

TEST(TicketKeysThreads, SealOpenAndRotateTogether) {
    TicketKeys keys(12h);
    std::atomic<int> failed = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < 3; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i < 200; ++i) {
                const Bytes text(64, static_cast<std::uint8_t>(i));
                if (!opened(keys, sealed(keys, text))) ++failed;
            }
        });
    }
    for (int i = 0; i < 2; ++i) keys.rotate();
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(failed, 0);
}

}  // namespace
}  // namespace sluice::tls
