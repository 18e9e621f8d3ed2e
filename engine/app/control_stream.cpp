// The client's side of a stream of the control socket.
#include <array>
#include <charconv>
#include <csignal>
#include <iostream>

#include "engine/app/control.hpp"

namespace sluice::app {

using Local = asio::local::stream_protocol;

namespace {

constexpr std::string_view agreed = "streaming\n";

// Cuts what comes into whole lines. "exit N" ends the stream if nothing follows, so the latest line that looks like it
// is held back.
class StreamReader {
  public:
    explicit StreamReader(const StreamSink& sink) : sink_(sink) {}

    void take(std::string_view bytes) {
        pending_ += bytes;
        if (!agreed_ && pending_.starts_with(agreed)) {
            agreed_ = true;
            pending_.erase(0, agreed.size());
            sink_.begins();
        }
        if (!agreed_) return;
        auto whole = pending_.rfind('\n') + 1;
        if (whole == 0) return;
        const auto before = whole < 2 ? std::string::npos : pending_.rfind('\n', whole - 2);
        const auto begin_of_last = before == std::string::npos ? 0 : before + 1;
        if (whole == pending_.size() && exit_code(pending_.substr(begin_of_last))) whole = begin_of_last;
        sink_.lines(std::string_view(pending_).substr(0, whole));
        pending_.erase(0, whole);
    }

    // After the end of the connection. nullopt: the server did not say how it ended.
    [[nodiscard]] std::optional<ControlAnswer> answer() const {
        const auto last = pending_.rfind("exit ");
        if (last == std::string::npos) return std::nullopt;
        const auto code = exit_code(pending_.substr(last));
        if (!code) return std::nullopt;
        return ControlAnswer{*code, pending_.substr(0, last)};
    }

  private:
    [[nodiscard]] static std::optional<int> exit_code(std::string_view line) {
        constexpr std::string_view begin = "exit ";
        if (!line.starts_with(begin) || line.back() != '\n') return std::nullopt;
        int code = 0;
        const auto* end = line.data() + line.size() - 1;
        const auto [read_to, error] = std::from_chars(line.data() + begin.size(), end, code);
        if (error != std::errc() || read_to != end) return std::nullopt;
        return code;
    }

    const StreamSink& sink_;
    std::string pending_;
    bool agreed_ = false;
};

asio::awaitable<void> read_all(Local::socket& socket, StreamReader& reader) {
    std::array<char, 16 * 1024> block;
    for (;;) {
        const auto [error, size] =
            co_await socket.async_read_some(asio::buffer(block), asio::as_tuple(asio::use_awaitable));
        reader.take({block.data(), size});
        if (error) co_return;
    }
}

// The first signal asks the server for its last words, the second does not wait for them.
asio::awaitable<void> until_interrupted_twice(asio::signal_set& signals, Local::socket& socket, bool& interrupted) {
    for (const bool again : {false, true}) {
        const auto [error, number] = co_await signals.async_wait(asio::as_tuple(asio::use_awaitable));
        if (error) co_return;
        interrupted = true;
        error_code ignored;
        if (!again) socket.shutdown(Local::socket::shutdown_send, ignored);
    }
}

}  // namespace

ControlAnswer stream_from_server(const std::string& run_dir, const std::string& request, const StreamSink& sink) {
    using namespace asio::experimental::awaitable_operators;
    asio::io_context context(1);
    asio::signal_set signals(context, SIGINT, SIGTERM);
    Local::socket socket(context);
    if (auto nobody = send_request(socket, run_dir, request)) return *nobody;
    StreamReader reader(sink);
    bool interrupted = false;
    asio::co_spawn(context, read_all(socket, reader) || until_interrupted_twice(signals, socket, interrupted),
                   asio::detached);
    context.run();
    auto answer = reader.answer();
    if (interrupted) return {0, answer ? answer->text : std::string()};
    if (!answer) return {3, "the server closed the connection: it has stopped, or does not know this request\n"};
    if (answer->exit_code == 3 && answer->text.empty()) answer->text = "the server has stopped\n";
    return *answer;
}

int print_stream(const std::string& run_dir, const std::string& request, std::string_view begins) {
    const auto answer = stream_from_server(run_dir, request,
                                           {.begins = [begins] { std::cerr << begins << std::flush; },
                                            .lines = [](std::string_view lines) { std::cout << lines << std::flush; }});
    std::cerr << answer.text;
    return answer.exit_code;
}

}  // namespace sluice::app
