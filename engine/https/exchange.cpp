#include "engine/https/exchange.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "engine/base/limits.hpp"
#include "engine/dns/lookup.hpp"

namespace sluice::https {

namespace {

// The certificate is the first thing to say: without it nothing else the server says counts.
Error certificate_error(const tls::Judgement& judgement) {
    const std::string why = judgement.why.empty() ? "" : ": " + judgement.why;
    return {Fault::certificate, fmt::format("certificate {}{}", to_string(judgement.fault), why), 0, judgement.fault};
}

}  // namespace

Error Exchange::broken(tls::IoStatus status, std::string_view doing) const {
    switch (status) {
        case tls::IoStatus::timeout: return {Fault::timeout, fmt::format("timeout while {}", doing)};
        case tls::IoStatus::cancelled: return {Fault::connection, fmt::format("cancelled while {}", doing)};
        case tls::IoStatus::closed: return {Fault::connection, fmt::format("the server hung up while {}", doing)};
        case tls::IoStatus::ok:
        case tls::IoStatus::error: break;
    }
    return {Fault::connection, fmt::format("{} while {}", connection_->last_error().message(), doing)};
}

asio::awaitable<Exchange::Trouble> Exchange::resolve() {
    using namespace asio::experimental::awaitable_operators;
    const auto name = dns::Name::parse(request_.host + '.');
    if (!name) co_return Error{Fault::request, fmt::format("the host {}", to_string(name.error()))};
    asio::steady_timer timer(executor_, deadline_);
    auto first = co_await (dns::addresses(resolver_, *name, settings_.addresses) ||
                           timer.async_wait(asio::as_tuple(asio::use_awaitable)));
    if (first.index() != 0) co_return Error{Fault::timeout, "timeout while asking the DNS"};
    dns::Addresses& found = std::get<0>(first);
    if (found.outcome != dns::Outcome::found) {
        const std::string why = found.why.empty() ? "" : ": " + found.why;
        co_return Error{Fault::resolution,
                        fmt::format("no address of {}: {}{}", request_.host, to_string(found.outcome), why)};
    }
    addresses_ = std::move(found.addresses);
    if (addresses_.size() > limits::https_addresses) addresses_.resize(limits::https_addresses);
    co_return std::nullopt;
}

asio::awaitable<Exchange::Trouble> Exchange::connect() {
    Error last;
    for (const asio::ip::address& address : addresses_) {
        const auto until = std::min(deadline_, Clock::now() + limits::https_connect);
        connection_ = std::make_unique<tls::ClientConnection>(executor_);
        const tls::IoStatus status =
            co_await connection_->connect(asio::ip::tcp::endpoint(address, request_.port), std::nullopt, until);
        if (status == tls::IoStatus::ok) co_return std::nullopt;
        last = broken(status, fmt::format("connecting to {}", address.to_string()));
        // One address that does not answer is no timeout of the whole.
        if (status == tls::IoStatus::timeout && Clock::now() < deadline_) last.fault = Fault::connection;
        if (status == tls::IoStatus::cancelled || Clock::now() >= deadline_) break;
    }
    co_return last;
}

asio::awaitable<Exchange::Trouble> Exchange::secure() {
    tls::ClientHandshake wanted;
    wanted.context = context_;
    wanted.server_name = request_.host;
    wanted.requirement.demand = tls::Demand::host;
    wanted.requirement.trust = settings_.trust;
    wanted.requirement.names = {request_.host};
    wanted.requirement.common_name = false;
    wanted.implicit = true;
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - Clock::now());
    const tls::HandshakeResult result =
        co_await connection_->handshake(std::move(wanted), std::max(left, std::chrono::milliseconds(0)));
    if (!result.failure) co_return std::nullopt;
    const tls::HandshakeFailure& failure = *result.failure;
    if (failure.peer) co_return certificate_error(failure.peer->judgement);
    if (failure.kind == tls::HandshakeError::timeout) co_return Error{Fault::timeout, "timeout in the TLS handshake"};
    co_return Error{Fault::tls, "TLS handshake failed: " + failure.reason};
}

std::string Exchange::head() const {
    const std::string port = request_.port == 443 ? "" : fmt::format(":{}", request_.port);
    std::string lines =
        fmt::format("{} {} HTTP/1.1\r\nHost: {}{}\r\nUser-Agent: {}\r\nAccept-Encoding: identity\r\n",
                    request_.content ? "POST" : "GET", request_.target, request_.host, port, settings_.user_agent);
    if (!request_.expectation.media_type.empty()) lines += "Accept: " + request_.expectation.media_type + "\r\n";
    if (request_.content) {
        lines += fmt::format("Content-Type: {}\r\nContent-Length: {}\r\n", request_.content->media_type,
                             request_.content->octets.size());
    }
    return lines + "Connection: close\r\n\r\n";
}

asio::awaitable<Exchange::Trouble> Exchange::write() {
    const std::string lines = head();
    const std::string_view pieces[] = {lines, request_.content ? std::string_view(request_.content->octets) : ""};
    const tls::IoResult written = co_await connection_->write_pieces(pieces, deadline_);
    if (written.status != tls::IoStatus::ok) co_return broken(written.status, "sending the request");
    co_return std::nullopt;
}

asio::awaitable<Result<Response, Error>> Exchange::read() {
    ResponseReader reader(request_.expectation);
    std::vector<char> block(limits::https_block);
    auto progress = ResponseReader::Progress::more;
    while (progress == ResponseReader::Progress::more) {
        const tls::IoResult got = co_await connection_->read_some(block, deadline_);
        if (got.status == tls::IoStatus::ok) {
            progress = reader.feed({block.data(), got.bytes});
        } else if (got.status == tls::IoStatus::closed) {
            progress = reader.end();
        } else {
            co_return Failure{broken(got.status, "reading the response")};
        }
    }
    if (progress == ResponseReader::Progress::failed) co_return Failure{reader.error()};
    co_return reader.take();
}

asio::awaitable<Result<Response, Error>> Exchange::run() {
    if (Trouble trouble = co_await resolve()) co_return Failure{std::move(*trouble)};
    if (Trouble trouble = co_await connect()) co_return Failure{std::move(*trouble)};
    if (Trouble trouble = co_await secure()) co_return Failure{std::move(*trouble)};
    if (Trouble trouble = co_await write()) co_return Failure{std::move(*trouble)};
    Result<Response, Error> response = co_await read();
    connection_->close();
    co_return response;
}

}  // namespace sluice::https
