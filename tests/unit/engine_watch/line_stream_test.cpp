#include "engine/watch/line_stream.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace sluice::watch {
namespace {

class LineStreamTest : public testing::Test {
  protected:
    // What the reader gets until the stream ends; exit_code_ is set then.
    void read_all(LineStream& stream) {
        asio::co_spawn(context_, read(stream), asio::detached);
        context_.run();
    }
    asio::awaitable<void> read(LineStream& stream) {
        for (;;) {
            auto chunk = co_await stream.next();
            text_ += chunk.lines;
            exit_code_ = chunk.exit_code;
            if (exit_code_) co_return;
        }
    }

    asio::io_context context_{1};
    std::string text_;
    std::optional<int> exit_code_;
};

TEST_F(LineStreamTest, WhatIsOfferedIsRead) {
    LineStream stream(context_.get_executor(), Form::text);
    EXPECT_TRUE(stream.offer("a\n"));
    EXPECT_TRUE(stream.offer("b\n"));
    stream.finish(4, "last\n");
    EXPECT_FALSE(stream.offer("c\n"));
    stream.finish(5, "not this\n");
    read_all(stream);
    EXPECT_EQ(text_, "a\nb\nlast\n");
    EXPECT_EQ(exit_code_, 4);
}

TEST_F(LineStreamTest, WhatDoesNotFitIsCountedInItsPlace) {
    LineStream stream(context_.get_executor(), Form::text, 4);
    EXPECT_TRUE(stream.offer("123\n"));  // at the limit
    EXPECT_FALSE(stream.offer("\n"));    // one past it
    EXPECT_FALSE(stream.offer("x\n"));
    stream.finish(0, "end\n");
    read_all(stream);
    EXPECT_EQ(text_, "123\n(2 stage runs were dropped here: they came faster than they were read)\nend\n");
}

TEST_F(LineStreamTest, DroppedRunsAsJson) {
    LineStream stream(context_.get_executor(), Form::json, 4);
    EXPECT_FALSE(stream.offer("12345\n"));
    EXPECT_TRUE(stream.offer("{}\n"));
    stream.finish(0);
    read_all(stream);
    EXPECT_EQ(text_, "{\"dropped\":1}\n{}\n");
}

TEST_F(LineStreamTest, LeavingTellsTheProducerOnce) {
    LineStream stream(context_.get_executor(), Form::text);
    int left = 0;
    stream.on_leave([&] {
        ++left;
        stream.finish(0, "summary\n");
    });
    stream.leave();
    stream.leave();
    EXPECT_EQ(left, 1);
    EXPECT_TRUE(stream.finished());
    read_all(stream);
    EXPECT_EQ(text_, "summary\n");
}

TEST_F(LineStreamTest, ManyThreadsOneReader) {
    LineStream stream(context_.get_executor(), Form::text, 1 << 20);
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&] {
            for (int i = 0; i < 2000; ++i) EXPECT_TRUE(stream.offer("line\n"));
        });
    std::thread last([&] {
        for (auto& thread : threads) thread.join();
        stream.finish(0);
    });
    read_all(stream);
    last.join();
    EXPECT_EQ(text_.size(), 4u * 2000 * 5);
}

}  // namespace
}  // namespace sluice::watch
