#include "engine/https/client.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/base/limits.hpp"
#include "engine/https/exchange.hpp"
#include "engine/tls/name_table.hpp"

namespace sluice::https {

namespace {

// Nothing of it may end a line of the request.
bool is_printable(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

std::optional<Error> check(const Request& request) {
    if (!tls::is_sni_name(tls::normalised_name(request.host))) return Error{Fault::request, "the host is no host name"};
    if (!request.target.starts_with('/') || !is_printable(request.target))
        return Error{Fault::request, "the target is no path"};
    if (request.target.size() > limits::https_target)
        return Error{Fault::request, fmt::format("the target has more than {} octets", limits::https_target)};
    if (request.content && !is_printable(request.content->media_type))
        return Error{Fault::request, "the media type of the content is none"};
    return std::nullopt;
}

}  // namespace

Client::Client(std::shared_ptr<dns::Resolver> resolver, Settings settings)
    : resolver_(std::move(resolver)), settings_(std::move(settings)), context_(tls::make_client_context({}).context) {}

asio::awaitable<Result<Response, Error>> Client::send(Request request) const {
    if (std::optional<Error> wrong = check(request)) co_return Failure{std::move(*wrong)};
    request.host = tls::normalised_name(request.host);
    if (!context_) co_return Failure{Error{Fault::tls, "no TLS context: out of memory"}};
    Exchange exchange(co_await asio::this_coro::executor, *resolver_, settings_, context_, request);
    co_return co_await exchange.run();
}

}  // namespace sluice::https
