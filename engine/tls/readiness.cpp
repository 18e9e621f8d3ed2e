#include "engine/tls/readiness.hpp"

#include <cstdint>

namespace sluice::tls {

struct Readiness::State {
    explicit State(const asio::any_io_executor& executor) : timer(executor) {}

    void end(IoStatus how) {
        if (!waiting) return;
        outcome = how;
        signal.emit(asio::cancellation_type::terminal);
    }

    asio::steady_timer timer;
    asio::cancellation_signal signal;
    std::uint64_t turn = 0;  // tells a timer handler that was already queued that its wait is over
    IoStatus outcome = IoStatus::ok;
    bool waiting = false;
};

Readiness::Readiness(const asio::any_io_executor& executor) : state_(std::make_shared<State>(executor)) {}

asio::awaitable<IoStatus> Readiness::until(Socket& socket, Wait what, Clock::time_point deadline) {
    const asio::cancellation_state parent_state = co_await asio::this_coro::cancellation_state;
    if (parent_state.cancelled() != asio::cancellation_type::none) co_return IoStatus::cancelled;
    const std::shared_ptr<State> state = state_;
    const std::uint64_t turn = ++state->turn;
    state->outcome = IoStatus::ok;
    state->waiting = true;
    if (deadline != Clock::time_point::max()) {
        state->timer.expires_at(deadline);
        state->timer.async_wait([state, turn](error_code failed) {
            if (!failed && state->turn == turn) state->end(IoStatus::timeout);
        });
    }
    // The wait listens to our signal, so a cancellation of the coroutine has to be passed on by hand.
    asio::cancellation_slot parent = parent_state.slot();
    if (parent.is_connected()) {
        parent.assign([state](asio::cancellation_type) { state->end(IoStatus::cancelled); });
    }
    const auto [failed] = co_await socket.async_wait(
        what, asio::bind_cancellation_slot(state->signal.slot(), asio::as_tuple(asio::use_awaitable)));
    if (parent.is_connected()) parent.clear();
    ++state->turn;
    state->waiting = false;
    if (deadline != Clock::time_point::max()) state->timer.cancel();
    if (state->outcome != IoStatus::ok) co_return state->outcome;
    // Without an outcome of our own, an aborted wait means that the socket was closed under it.
    co_return failed ? IoStatus::cancelled : IoStatus::ok;
}

void Readiness::cancel() noexcept { state_->end(IoStatus::cancelled); }

}  // namespace sluice::tls
