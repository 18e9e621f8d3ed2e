#include "engine/sasl/saslauthd.hpp"

#include <boost/asio/read.hpp>

#include <array>

#include <fmt/format.h>

namespace sluice::sasl {

namespace {

using namespace asio::experimental::awaitable_operators;

constexpr std::size_t longest = 1024;  // saslauthd itself refuses longer strings

void append(std::string& request, std::string_view text) {
    request += static_cast<char>(text.size() >> 8);
    request += static_cast<char>(text.size() & 0xff);
    request += text;
}

PasswordVerdict unavailable(const std::string& socket, std::string_view why) {
    return {false, fmt::format("cannot ask saslauthd at '{}': {}", socket, why)};
}

asio::awaitable<PasswordVerdict> exchange(std::string socket, std::string request) {
    asio::local::stream_protocol::socket connection(co_await asio::this_coro::executor);
    error_code error;
    co_await connection.async_connect(asio::local::stream_protocol::endpoint(socket),
                                      asio::redirect_error(asio::use_awaitable, error));
    if (!error)
        co_await asio::async_write(connection, asio::buffer(request), asio::redirect_error(asio::use_awaitable, error));
    std::array<unsigned char, 2> head{};
    if (!error)
        co_await asio::async_read(connection, asio::buffer(head), asio::redirect_error(asio::use_awaitable, error));
    std::string answer(static_cast<std::size_t>(head[0]) << 8 | head[1], '\0');
    if (!error)
        co_await asio::async_read(connection, asio::buffer(answer), asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return unavailable(socket, error.message());
    if (answer.starts_with("OK")) co_return PasswordVerdict{true, {}};
    if (answer.starts_with("NO")) co_return PasswordVerdict{false, {}};
    co_return unavailable(socket, "its answer is neither OK nor NO");
}

}  // namespace

asio::awaitable<PasswordVerdict> ask_saslauthd(std::string socket, std::string user, std::string password) {
    if (user.empty() || user.size() > longest || password.size() > longest) co_return PasswordVerdict{};
    std::string request;
    for (const std::string_view part :
         {std::string_view(user), std::string_view(password), std::string_view("smtp"), std::string_view()})
        append(request, part);
    asio::steady_timer timer(co_await asio::this_coro::executor, saslauthd_timeout);
    auto answer =
        co_await (exchange(socket, std::move(request)) || timer.async_wait(asio::as_tuple(asio::use_awaitable)));
    if (answer.index() != 0) co_return unavailable(socket, "no answer in time");
    co_return std::get<0>(std::move(answer));
}

}  // namespace sluice::sasl
