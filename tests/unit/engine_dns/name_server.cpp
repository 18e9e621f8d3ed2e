#include "tests/unit/engine_dns/name_server.hpp"

#include <algorithm>
#include <boost/asio/read.hpp>
#include <cstdlib>

namespace sluice::dns::test {

using asio::ip::tcp;
using asio::ip::udp;

namespace {

constexpr unsigned type_cname = 5;
constexpr unsigned type_rrsig = 46;
constexpr unsigned type_nsec = 47;
constexpr unsigned rcode_nxdomain = 3;

}  // namespace

NameServer::NameServer() {
    const auto loopback = asio::ip::address_v4::loopback();
    // A port that is free for TCP may be taken for UDP.
    for (error_code taken = asio::error::address_in_use; taken;) {
        acceptor_ = tcp::acceptor(io_, tcp::endpoint(loopback, 0));
        port_ = acceptor_.local_endpoint().port();
        socket_ = udp::socket(io_, udp::v4());
        socket_.bind(udp::endpoint(loopback, port_), taken);
    }
    socket_.set_option(asio::socket_base::receive_buffer_size(1 << 20));
    receive();
    asio::co_spawn(io_, accept(), asio::detached);
    thread_ = std::thread([this] { io_.run(); });
}

NameServer::~NameServer() {
    io_.stop();
    thread_.join();
}

void NameServer::add(const std::string& name, unsigned type, std::string rdata) {
    const std::lock_guard lock(mutex_);
    records_[{name, type}].push_back(std::move(rdata));
    names_.insert(name);
}

void NameServer::add_signature(const std::string& name, unsigned type, std::string rdata) {
    const std::lock_guard lock(mutex_);
    signatures_[{name, type}] = std::move(rdata);
}

void NameServer::fail(const std::string& name, unsigned rcode) {
    const std::lock_guard lock(mutex_);
    failures_[name] = rcode;
}

void NameServer::truncate(const std::string& name) {
    const std::lock_guard lock(mutex_);
    truncated_.insert(name);
}

void NameServer::hold(const std::string& name) {
    const std::lock_guard lock(mutex_);
    held_.try_emplace(name);
}

void NameServer::release(const std::string& name) {
    const std::lock_guard lock(mutex_);
    auto held = held_.extract(name);
    for (Reply& reply : held.mapped()) asio::post(io_, std::move(reply));
}

void NameServer::set_silent(bool silent) {
    const std::lock_guard lock(mutex_);
    silent_ = silent;
}

std::vector<NameServer::Asked> NameServer::asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
}

std::size_t NameServer::times_asked(const std::string& name) const {
    const std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(
        std::count_if(asked_.begin(), asked_.end(), [&](const Asked& one) { return one.name == name; }));
}

std::size_t NameServer::times_asked(Over over) const {
    const std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(
        std::count_if(asked_.begin(), asked_.end(), [&](const Asked& one) { return one.over == over; }));
}

void NameServer::wait_until_asked(const std::string& name, std::size_t times) const {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] {
        return std::count_if(asked_.begin(), asked_.end(), [&](const Asked& one) { return one.name == name; }) >=
               static_cast<std::ptrdiff_t>(times);
    });
}

void NameServer::receive() {
    socket_.async_receive_from(asio::buffer(datagram_), peer_, [this](error_code failed, std::size_t size) {
        const std::string_view message(datagram_.data(), failed ? 0 : size);
        if (const auto question = parse_question(message)) {
            const std::string reply = answer(message, Over::udp, *question);
            const auto send = [this, reply, peer = peer_] {
                error_code ignored;
                socket_.send_to(asio::buffer(reply), peer, 0, ignored);
            };
            if (!reply.empty() && keep_back(question->name, send)) send();
        }
        if (failed != asio::error::operation_aborted) receive();
    });
}

asio::awaitable<void> NameServer::accept() {
    while (true) {
        auto [failed, socket] = co_await acceptor_.async_accept(asio::as_tuple(asio::use_awaitable));
        if (!failed) asio::co_spawn(io_, serve(std::move(socket)), asio::detached);
    }
}

asio::awaitable<void> NameServer::serve(tcp::socket accepted) {
    const auto socket = std::make_shared<tcp::socket>(std::move(accepted));
    while (true) {
        unsigned char length[2];
        std::string message;
        const auto [no_length, _] =
            co_await asio::async_read(*socket, asio::buffer(length), asio::as_tuple(asio::use_awaitable));
        if (no_length) co_return;
        message.resize(static_cast<std::size_t>(length[0] << 8 | length[1]));
        const auto [no_message, __] =
            co_await asio::async_read(*socket, asio::buffer(message), asio::as_tuple(asio::use_awaitable));
        const auto question = parse_question(message);
        if (no_message || !question) co_return;
        const std::string reply = answer(message, Over::tcp, *question);
        if (reply.empty()) continue;
        const auto send = [socket, framed = number16(static_cast<unsigned>(reply.size())) + reply] {
            error_code ignored;
            asio::write(*socket, asio::buffer(framed), ignored);
        };
        if (keep_back(question->name, send)) send();
    }
}

bool NameServer::keep_back(const std::string& name, Reply reply) {
    const std::lock_guard lock(mutex_);
    const auto found = held_.find(name);
    if (found == held_.end()) return true;
    found->second.push_back(std::move(reply));
    return false;
}

std::string NameServer::answer(std::string_view message, Over over, const WireQuestion& question) {
    if (message.empty()) return {};
    const std::lock_guard lock(mutex_);
    asked_.push_back({question.name, question.type, over});
    changed_.notify_all();
    if (silent_) return {};
    WireAnswer result = look_up(question);
    std::string reply = print(question, result);
    if (over == Over::udp && (truncated_.contains(question.name) || reply.size() > question.udp_size)) {
        result.answer.clear();
        result.authority.clear();
        result.truncated = true;
        reply = print(question, result);
    }
    return reply;
}

WireAnswer NameServer::look_up(const WireQuestion& question) const {
    WireAnswer result;
    if (const auto failure = failures_.find(question.name); failure != failures_.end()) {
        result.rcode = failure->second;
        return result;
    }
    std::string name = question.name;
    while (question.type != type_cname && records_.contains({name, type_cname})) {
        append(result.answer, {name, type_cname}, question.dnssec_ok);
        const std::string target = records_.at({name, type_cname}).front();
        const auto decoded = Name::from_wire(target);
        if (!decoded) std::abort();
        name = decoded->text();
    }
    if (records_.contains({name, question.type}))
        append(result.answer, {name, question.type}, question.dnssec_ok);
    else if (names_.contains(name))
        append(result.authority, {name, type_nsec}, question.dnssec_ok);
    else
        result.rcode = rcode_nxdomain;
    return result;
}

void NameServer::append(std::vector<ResourceRecord>& section, const Key& key, bool dnssec_ok) const {
    const auto found = records_.find(key);
    if (found == records_.end()) return;
    for (const std::string& rdata : found->second) section.push_back({key.first, key.second, rdata});
    const auto signature = signatures_.find(key);
    if (dnssec_ok && signature != signatures_.end()) section.push_back({key.first, type_rrsig, signature->second});
}

}  // namespace sluice::dns::test
