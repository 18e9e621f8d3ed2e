#include "engine/net/bind.hpp"

#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "engine/base/limits.hpp"

namespace sluice::net {
namespace {

using asio::ip::tcp;
using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;
using V6Only = asio::detail::socket_option::boolean<IPPROTO_IPV6, IPV6_V6ONLY>;

std::string remedy_for(int error, const tcp::endpoint& endpoint) {
    switch (error) {
        case EADDRINUSE:
            return fmt::format(
                "another program listens there: `ss -ltnp 'sport = :{}'` shows which; stop it or change "
                "config.server.interfaces",
                endpoint.port());
        case EACCES:
            return "ports below 1024 need root or CAP_NET_BIND_SERVICE: start as root (privileges are dropped after "
                   "binding) or use a higher port";
        case EADDRNOTAVAIL: return "no interface of this machine has this address: `ip address` lists those it has";
        case EAFNOSUPPORT: return "this machine has no IPv6: remove the address from config.server.interfaces";
        case EMFILE:
        case ENFILE: return "out of file descriptors: raise LimitNOFILE or `ulimit -n`";
        default: return "see the error text";
    }
}

BindError failure(const tcp::endpoint& endpoint, const error_code& error) {
    return {to_string(endpoint), error.value(), remedy_for(error.value(), endpoint)};
}

error_code open_and_bind(tcp::acceptor& acceptor, const tcp::endpoint& endpoint, bool share) {
    error_code error;
    if (acceptor.open(endpoint.protocol(), error)) return error;
    if (acceptor.set_option(asio::socket_base::reuse_address(true), error)) return error;
    if (share && acceptor.set_option(ReusePort(true), error)) return error;
    // "[::]:25" and "0.0.0.0:25" are two listeners.
    if (endpoint.address().is_v6() && acceptor.set_option(V6Only(true), error)) return error;
    acceptor.bind(endpoint, error);
    return error;
}

// SO_REUSEPORT would let us share the port with another server of the same user without noticing. A socket without it
// finds out.
error_code probe(asio::io_context& context, const tcp::endpoint& endpoint) {
    if (endpoint.port() == 0) return {};
    tcp::acceptor alone(context);
    return open_and_bind(alone, endpoint, false);
}

}  // namespace

std::string BindError::to_string() const {
    return fmt::format("cannot listen on {}: {} ({})", address, std::strerror(error), remedy);
}

Result<Acceptors, BindError> bind_shared(const tcp::endpoint& endpoint,
                                         const std::vector<asio::io_context*>& contexts) {
    if (error_code error = probe(*contexts.front(), endpoint)) return Failure{failure(endpoint, error)};
    Acceptors acceptors;
    tcp::endpoint actual = endpoint;
    for (asio::io_context* context : contexts) {
        tcp::acceptor acceptor(*context);
        if (error_code error = open_and_bind(acceptor, actual, true)) return Failure{failure(endpoint, error)};
        error_code error;
        actual = acceptor.local_endpoint(error);
        if (error) return Failure{failure(endpoint, error)};
        acceptors.push_back(std::move(acceptor));
    }
    return acceptors;
}

std::optional<BindError> listen(tcp::acceptor& acceptor) {
    error_code error;
    acceptor.listen(limits::listen_backlog, error);
    if (!error) return std::nullopt;
    error_code ignored;
    return failure(acceptor.local_endpoint(ignored), error);
}

std::string to_string(const tcp::endpoint& endpoint) {
    if (endpoint.address().is_v6()) return fmt::format("[{}]:{}", endpoint.address().to_string(), endpoint.port());
    // Every record of a log has one of these, and inet_ntop is slow.
    const auto octets = endpoint.address().to_v4().to_bytes();
    return fmt::format("{}.{}.{}.{}:{}", octets[0], octets[1], octets[2], octets[3], endpoint.port());
}

}  // namespace sluice::net
