// SMTP conversations as text, over loopback against a real Session.
//
//   C: text     the client sends "text" CRLF; C: lines that follow each other leave in one segment
//   S: prefix   the next line of the server begins so
//   S~ regex    ... matches from end to end
//   S. exact    ... is exactly this
//   END         the server has closed the connection, and said nothing more
//
// Blank lines and the indentation of a line mean nothing.
#pragma once

#include <gtest/gtest.h>

#include <condition_variable>
#include <future>

#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "tests/unit/engine_smtp/fakes.hpp"

namespace sluice::smtp::test {

// A blocking client socket with time limits, so that a test fails instead of hanging.
class Client {
  public:
    explicit Client(const asio::ip::tcp::endpoint& server);
    virtual ~Client();
    Client(const Client&) = delete;

    virtual void send(std::string_view bytes);
    virtual std::size_t receive(char* into, std::size_t room);  // 0: the end
    std::optional<std::string> line();                          // without CRLF; nullopt: the end
    bool at_end();
    std::string rest();  // everything to the end
    void shut();         // half-closes
    int descriptor() const { return fd_; }

  protected:
    int fd_ = -1;
    std::string buffer_;
};

void talk(Client& client, std::string_view dialog);

// From the greeting up to a recipient that is accepted, and up to the 354.
inline const std::string to_rcpt = R"(
    S: 220
    C: HELO x
    S: 250
    C: MAIL FROM:<a@x.test>
    S: 250
    C: RCPT TO:<b@example.com>
    S: 250
)";
inline const std::string to_data = to_rcpt + "C: DATA\nS: 354\n";

// Runs sessions on one thread, any number of connections.
class Fixture : public testing::Test {
  public:
    Fixture();
    ~Fixture() override;

    Settings settings;
    std::shared_ptr<ScriptedRules> rules = std::make_shared<ScriptedRules>();
    std::shared_ptr<const tls::ServerSnapshot> tls_snapshot;
    ListenerKind listener = ListenerKind::relay;
    MemorySink sink;
    EventList events;

    // First use opens the door with the settings as they are then.
    std::unique_ptr<Client> connect();
    void open();  // called before each connection
    asio::ip::tcp::endpoint endpoint() const { return acceptor_.local_endpoint(); }
    // One conversation on a connection of its own; waits for the session to end if the client leaves first.
    void converse(std::string_view dialog);
    void on_server(std::function<void(Session&)> what);  // for each session that runs
    void wait_until_idle();                              // no session is running
    void finish();                                       // ends the server: sink.stored() may be read

  private:
    asio::awaitable<void> accept();

    asio::io_context io_;
    asio::ip::tcp::acceptor acceptor_{io_};
    std::shared_ptr<const Snapshot> snapshot_;
    std::set<std::shared_ptr<Session>> sessions_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::thread thread_;
};

unsigned data_segments_received(int descriptor);  // tcp_segments.cpp

}  // namespace sluice::smtp::test
