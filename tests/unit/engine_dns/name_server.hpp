// A small name server on 127.0.0.1, UDP and TCP on one free port, that a resolver can be pointed at. It answers from a
// table, follows its own aliases, and does on request what servers do in bad hours. Runs on a thread of its own; every
// function may be called from any thread.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/ip/udp.hpp>

#include "engine/base/asio.hpp"
#include "engine/dns/record.hpp"
#include "tests/unit/engine_dns/wire.hpp"

namespace sluice::dns::test {

class NameServer {
  public:
    NameServer();
    ~NameServer();
    NameServer(const NameServer&) = delete;
    NameServer& operator=(const NameServer&) = delete;

    [[nodiscard]] unsigned short port() const noexcept { return port_; }
    [[nodiscard]] std::string socket_addr() const { return "127.0.0.1:" + std::to_string(port_); }

    // Names are absolute and lower case. Names that nothing was added for are NXDOMAIN.
    void add(const std::string& name, unsigned type, std::string rdata);
    void add(const std::string& name, RecordType type, std::string rdata) {
        add(name, static_cast<unsigned>(type), std::move(rdata));
    }
    // RRSIG of a record set, given to those who ask with DO.
    void add_signature(const std::string& name, unsigned type, std::string rdata);
    void fail(const std::string& name, unsigned rcode);
    // Over UDP, questions for that name get a truncated answer.
    void truncate(const std::string& name);
    // Answers for that name are kept back until release().
    void hold(const std::string& name);
    void release(const std::string& name);
    // Nothing is answered while silent; the questions are counted and lost.
    void set_silent(bool silent);

    enum class Over { udp, tcp };
    struct Asked {
        std::string name;
        unsigned type = 0;
        Over over = Over::udp;
    };
    [[nodiscard]] std::vector<Asked> asked() const;
    [[nodiscard]] std::size_t times_asked(const std::string& name) const;
    [[nodiscard]] std::size_t times_asked(Over over) const;
    // Waits, if need be for ever: a test that hangs here names what was never asked.
    void wait_until_asked(const std::string& name, std::size_t times = 1) const;

  private:
    using Reply = std::function<void()>;
    using Key = std::pair<std::string, unsigned>;

    void receive();
    asio::awaitable<void> accept();
    asio::awaitable<void> serve(asio::ip::tcp::socket socket);
    // The answer, or nothing while silent.
    std::string answer(std::string_view message, Over over, const WireQuestion& question);
    WireAnswer look_up(const WireQuestion& question) const;
    void append(std::vector<ResourceRecord>& section, const Key& key, bool dnssec_ok) const;
    // False if the reply was put aside.
    bool keep_back(const std::string& name, Reply reply);

    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    std::map<Key, std::vector<std::string>> records_;
    std::map<Key, std::string> signatures_;
    std::set<std::string> names_;
    std::map<std::string, unsigned> failures_;
    std::set<std::string> truncated_;
    std::map<std::string, std::vector<Reply>> held_;
    bool silent_ = false;
    std::vector<Asked> asked_;

    asio::io_context io_{1};
    asio::ip::tcp::acceptor acceptor_{io_};
    asio::ip::udp::socket socket_{io_};
    unsigned short port_ = 0;
    std::vector<char> datagram_ = std::vector<char>(4096);
    asio::ip::udp::endpoint peer_;
    std::thread thread_;
};

}  // namespace sluice::dns::test
