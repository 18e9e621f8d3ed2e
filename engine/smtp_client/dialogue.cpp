#include "engine/smtp_client/dialogue.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace sluice::smtp_client {

using tls::IoStatus;

RecipientResult own_result(Cause cause, Command command, std::string_view status, std::string text) {
    return {Kind::temporary, cause, command, std::string(status), std::move(text)};
}

std::chrono::milliseconds Dialogue::timeout_of(Command command) const noexcept {
    switch (command) {
#define CLIENT_COMMAND(name, text, timeout) \
    case Command::name: return timeouts_.timeout;
#include "engine/smtp_client/commands.def"
#undef CLIENT_COMMAND
    }
    return timeouts_.mail;
}

void Dialogue::end(const RecipientResult& why) {
    if (!over_) over_ = why;
}

RecipientResult Dialogue::end_with(RecipientResult why) {
    end(why);
    if (why.command == Command::final_dot) why.text += "; the message may have been delivered";
    return why;
}

RecipientResult Dialogue::trouble(IoStatus status, Command command, std::chrono::milliseconds waited) {
    const std::string_view name = to_string(command);
    if (status == IoStatus::timeout) {
        return end_with(own_result(Cause::timeout, command, "4.4.2",
                                   fmt::format("no answer to {} within {} ms", name, waited.count())));
    }
    if (status == IoStatus::cancelled) {
        return end_with(
            own_result(Cause::cancelled, command, "4.3.2", fmt::format("cancelled before the answer to {}", name)));
    }
    const error_code why = connection_.last_error();
    return end_with(own_result(
        Cause::connection_lost, command, "4.4.2",
        fmt::format("connection lost before the answer to {}{}{}", name, why ? ": " : "", why ? why.message() : "")));
}

RecipientResult Dialogue::nonsense(const Reply& reply, Command command) {
    return end_with(own_result(Cause::garbage, command, "4.5.0",
                               fmt::format("unexpected answer to {}: {}", to_string(command), reply.text)));
}

asio::awaitable<std::optional<RecipientResult>> Dialogue::connect(tls::Endpoint endpoint,
                                                                  std::optional<asio::ip::address> source) {
    const IoStatus status = co_await connection_.connect(std::move(endpoint), source, Clock::now() + timeouts_.connect);
    if (status == IoStatus::ok) co_return std::nullopt;
    RecipientResult result = trouble(status, Command::connect, timeouts_.connect);
    const error_code why = connection_.last_error();
    const bool ours = why == asio::error::address_in_use || why == boost::system::errc::address_not_available ||
                      why == boost::system::errc::address_family_not_supported;
    if (result.cause == Cause::connection_lost) {
        result.status = ours ? "4.3.5" : "4.4.1";
        result.text = "cannot connect: " + why.message();
    }
    if (result.cause == Cause::timeout) {
        result.status = "4.4.1";
        result.text = fmt::format("cannot connect: no answer within {} ms", timeouts_.connect.count());
    }
    over_ = result;
    co_return result;
}

asio::awaitable<bool> Dialogue::write(std::span<const std::string_view> pieces, Command command,
                                      std::chrono::milliseconds timeout) {
    if (over_ || gone_) co_return false;
    const tls::IoResult result = co_await connection_.write_pieces(pieces, Clock::now() + timeout);
    if (result.status == IoStatus::ok) co_return true;
    gone_ = true;
    if (result.status == IoStatus::timeout || result.status == IoStatus::cancelled) {
        RecipientResult why = trouble(result.status, command, timeout);
        if (result.status == IoStatus::timeout) {
            why.text = fmt::format("the server took no more of {} within {} ms", to_string(command), timeout.count());
        }
        over_ = why;
    }
    co_return false;
}

asio::awaitable<Answer> Dialogue::read(Command command) {
    Answer answer;
    if (over_) {
        answer.trouble = over_;
        answer.trouble->command = command;
        co_return answer;
    }
    std::chrono::milliseconds timeout = timeout_of(command);
    if (gone_) timeout = std::min(timeout, limits::client_last_words);
    const Clock::time_point deadline = Clock::now() + timeout;
    for (;;) {
        switch (reader_.next(answer.reply)) {
            case ReplyReader::Input::reply: co_return answer;
            case ReplyReader::Input::need_more: break;
            case ReplyReader::Input::malformed:
                answer.trouble = nonsense({0, std::string(reader_.rest())}, command);
                co_return answer;
        }
        const tls::IoResult got = co_await connection_.read_some(reader_.space(), deadline);
        if (got.status != IoStatus::ok) {
            answer.trouble = trouble(got.status, command, timeout);
            co_return answer;
        }
        reader_.filled(got.bytes);
    }
}

asio::awaitable<bool> Dialogue::quiet(Command command) {
    if (over_) co_return false;
    if (quiet_now()) co_return true;
    const Answer answer = co_await read(command);
    if (!answer.trouble) {
        if (answer.reply.closing()) {
            end(result_of(answer.reply, command));
        } else {
            (void)nonsense(answer.reply, command);
        }
    }
    co_return false;
}

asio::awaitable<Answer> Dialogue::ask(std::string_view line, Command command) {
    if (ahead()) {
        const Answer unasked = co_await read(command);
        if (!unasked.trouble) {
            Answer answer;
            answer.trouble =
                unasked.reply.closing() ? result_of(unasked.reply, command) : nonsense(unasked.reply, command);
            end(*answer.trouble);
            co_return answer;
        }
        co_return unasked;
    }
    (void)co_await write({&line, 1}, command, timeouts_.write);
    Answer answer = co_await read(command);
    if (!answer.trouble && answer.reply.closing()) end(result_of(answer.reply, command));
    co_return answer;
}

}  // namespace sluice::smtp_client
