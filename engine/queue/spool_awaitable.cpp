// Spool's changes as awaitables.
#include <utility>

#include "engine/queue/spool.hpp"

namespace sluice::queue {

namespace {

struct Result {
    std::error_code failed;
};

}  // namespace

// The completion runs on the executor of the coroutine that waits, which is kept busy until then.
asio::awaitable<std::error_code> Spool::awaited(std::function<void(Done)> start) {
    auto executor = co_await asio::this_coro::executor;
    auto initiate = [&start, &executor](auto handler) {
        auto shared = std::make_shared<decltype(handler)>(std::move(handler));
        auto work = asio::make_work_guard(executor);
        start([shared, work](std::error_code failed) {
            asio::post(work.get_executor(), [shared, failed] { std::move (*shared)(Result{failed}); });
        });
    };
    const Result result =
        co_await asio::async_initiate<const asio::use_awaitable_t<>, void(Result)>(initiate, asio::use_awaitable);
    co_return result.failed;
}

asio::awaitable<std::error_code> Spool::submit(const std::vector<NewMessage>& messages) {
    std::function<void(Done)> start = [this, &messages](Done done) { submit(messages, std::move(done)); };
    co_return co_await awaited(std::move(start));
}

asio::awaitable<std::error_code> Spool::update(Envelope envelope, Queue queue, MoveIf move_if, Durable durable) {
    std::function<void(Done)> start = [=, this, envelope = std::move(envelope)](Done done) mutable {
        update(std::move(envelope), queue, move_if, durable, std::move(done));
    };
    co_return co_await awaited(std::move(start));
}

asio::awaitable<std::error_code> Spool::remove(std::string id, Durable durable) {
    std::function<void(Done)> start = [this, id, durable](Done done) { remove(id, durable, std::move(done)); };
    co_return co_await awaited(std::move(start));
}

asio::awaitable<std::error_code> Spool::replace(Message message, Queue queue) {
    std::function<void(Done)> start = [this, message = std::move(message), queue](Done done) mutable {
        replace(std::move(message), queue, std::move(done));
    };
    co_return co_await awaited(std::move(start));
}

asio::awaitable<std::error_code> Spool::move(std::string id, Queue queue) {
    std::function<void(Done)> start = [this, id, queue](Done done) { move(id, queue, std::move(done)); };
    co_return co_await awaited(std::move(start));
}

asio::awaitable<std::error_code> Spool::hold(std::string id, std::string reason) {
    std::function<void(Done)> start = [this, id, reason](Done done) { hold(id, reason, std::move(done)); };
    co_return co_await awaited(std::move(start));
}

}  // namespace sluice::queue
