// Lines on their way from the sessions' threads to one reader, which is a coroutine of the control socket. Bounded: who
// offers never waits, and what does not fit is dropped, counted and told in its place.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "engine/base/asio.hpp"
#include "engine/base/limits.hpp"

namespace sluice::watch {

enum class Form : std::uint8_t { text, json };

// Owned by its reader; producers hold it weakly, because it must go before the reader's executor does.
class LineStream {
  public:
    // `reader`: of one thread; next() runs there. `room`: octets that may wait.
    LineStream(asio::any_io_executor reader, Form form, std::size_t room = limits::watch_buffer);

    // From any thread. Whole lines that tell of one stage run; false: they were dropped.
    bool offer(std::string lines);
    // From any thread: the end, once what waits and `last` have been read. Only the first call counts.
    void finish(int exit_code, std::string last = {});
    [[nodiscard]] bool finished() const;

    struct Chunk {
        std::string lines;             // may be empty if it is the last
        std::optional<int> exit_code;  // set: nothing follows
    };
    // On the reader's thread; one call at a time.
    [[nodiscard]] asio::awaitable<Chunk> next();
    // The client has gone, or wants no more: what was given to on_leave() runs, and the stream is finished.
    void leave();

    // Before the stream is handed to its reader.
    void on_leave(std::function<void()> action) { on_leave_ = std::move(action); }

  private:
    void wake(std::unique_lock<std::mutex> lock);
    void tell_lost();

    const Form form_;
    const std::size_t room_;
    asio::any_io_executor reader_;
    std::shared_ptr<asio::steady_timer> wake_;  // a wake-up may be on its way when the stream is gone
    std::function<void()> on_leave_;
    mutable std::mutex mutex_;  // guards what follows
    std::string waiting_;
    std::uint64_t lost_ = 0;  // behind `waiting_`
    std::optional<int> exit_code_;
    bool reader_waits_ = false;
};

}  // namespace sluice::watch
