// Threads for what blocks (files, password hashing), so that the threads of sessions never do. A coroutine awaits
// run(f): f runs on a thread of the pool, the coroutine goes on where it was.
#pragma once

#include <boost/asio/thread_pool.hpp>

#include <exception>
#include <optional>
#include <type_traits>

#include "engine/base/asio.hpp"

namespace sluice::io {

class BlockingPool {
  public:
    explicit BlockingPool(unsigned threads) : pool_(threads) {}
    // Waits for what is running. The executors of those who await must still exist.
    ~BlockingPool() { pool_.join(); }
    BlockingPool(const BlockingPool&) = delete;
    BlockingPool& operator=(const BlockingPool&) = delete;

    template <class Function>
    [[nodiscard]] asio::awaitable<std::invoke_result_t<Function>> run(Function function) {
        const auto here = co_await asio::this_coro::executor;
        std::optional<std::invoke_result_t<Function>> result;
        std::exception_ptr thrown;
        co_await asio::post(asio::bind_executor(pool_.get_executor(), asio::use_awaitable));
        try {
            result.emplace(function());
        } catch (...) {
            thrown = std::current_exception();
        }
        co_await asio::post(asio::bind_executor(here, asio::use_awaitable));
        if (thrown) std::rethrow_exception(thrown);
        co_return std::move(*result);
    }

  private:
    asio::thread_pool pool_;
};

}  // namespace sluice::io
