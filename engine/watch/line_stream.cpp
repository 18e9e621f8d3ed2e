#include "engine/watch/line_stream.hpp"

#include <fmt/format.h>

namespace sluice::watch {

LineStream::LineStream(asio::any_io_executor reader, Form form, std::size_t room)
    : form_(form), room_(room), reader_(reader), wake_(std::make_shared<asio::steady_timer>(std::move(reader))) {}

void LineStream::tell_lost() {
    if (lost_ == 0) return;
    waiting_ += form_ == Form::json
                    ? fmt::format("{{\"dropped\":{}}}\n", lost_)
                    : fmt::format("({} stage runs were dropped here: they came faster than they were read)\n", lost_);
    lost_ = 0;
}

bool LineStream::offer(std::string lines) {
    std::unique_lock lock(mutex_);
    if (exit_code_) return false;
    if (waiting_.size() + lines.size() > room_) {
        ++lost_;
        return false;
    }
    tell_lost();
    waiting_ += lines;
    wake(std::move(lock));
    return true;
}

void LineStream::finish(int exit_code, std::string last) {
    std::unique_lock lock(mutex_);
    if (exit_code_) return;
    tell_lost();
    waiting_ += last;
    exit_code_ = exit_code;
    wake(std::move(lock));
}

bool LineStream::finished() const {
    const std::lock_guard lock(mutex_);
    return exit_code_.has_value();
}

// The reader waits on its own thread, so a cancel posted there comes after its wait has begun.
void LineStream::wake(std::unique_lock<std::mutex> lock) {
    if (!std::exchange(reader_waits_, false)) return;
    lock.unlock();
    asio::post(reader_, [timer = wake_] { timer->cancel(); });
}

asio::awaitable<LineStream::Chunk> LineStream::next() {
    for (;;) {
        {
            const std::lock_guard lock(mutex_);
            tell_lost();
            if (!waiting_.empty() || exit_code_) co_return Chunk{std::exchange(waiting_, {}), exit_code_};
            reader_waits_ = true;
        }
        wake_->expires_at(asio::steady_timer::time_point::max());
        (void)co_await wake_->async_wait(asio::as_tuple(asio::use_awaitable));
    }
}

void LineStream::leave() {
    if (const auto action = std::exchange(on_leave_, nullptr)) action();
    finish(0);
}

}  // namespace sluice::watch
