// The client side of one SMTP or LMTP connection: opened once, then one mail after the other, then quit().
// engine/deliver is its user. What it guarantees:
//   - send() gives one result per recipient, in order, whatever the server does: refusal, cut, silence, nonsense,
//     a 421 in the middle, more replies than commands, fewer.
//   - Nothing that happens to the connection is an exception. Every wait has a deadline (Options::timeouts) and ends at
//     cancel() and at the cancellation of the awaiting coroutine; an exception that Asio owes the coroutine for its
//     cancellation comes after the result, at its own next co_await.
//   - A lone CR or LF is never sent, nor an address or parameter that could be read as more than one.
//   - Nothing the server said in clear survives STARTTLS.
//   - What was not sent as a whole was not delivered; when it was and the answer lacks, the result says so.
// One operation at a time; everything is called on the executor.
//
// RFC 5321, 2033 (LMTP), 1870 (SIZE), 2920 (PIPELINING), 3030 (BDAT), 3461 (DSN), 6152 (8BITMIME), 6531 (SMTPUTF8),
// 3207 (STARTTLS), 4954 (AUTH PLAIN, LOGIN), 2034 (enhanced codes).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/asio.hpp"
#include "engine/smtp_client/extensions.hpp"
#include "engine/smtp_client/mail.hpp"
#include "engine/smtp_client/options.hpp"
#include "engine/smtp_client/recipient_result.hpp"
#include "engine/tls/client_connection.hpp"

namespace sluice::smtp_client {

class Dialogue;     // dialogue.hpp: commands and replies over one tls::ClientConnection
class Transaction;  // transaction.hpp: one mail on its way

struct OpenFailure {
    // What every recipient gets if no other host is tried. A refusal of this host by 5yz is permanent.
    RecipientResult result;
    // Another host of the domain may do: always but after cancel() and errors of our own configuration.
    bool another_host = true;
    std::string detail;  // for the log: what lies behind one of the fixed texts of tls.md 4.11
    std::shared_ptr<const tls::PeerFacts> peer = {};  // Cause::certificate: what the server has shown
};

class Connection {
  public:
    explicit Connection(asio::any_io_executor executor);
    ~Connection();  // closes
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    // Connect, greeting, EHLO (HELO if that is refused), STARTTLS and EHLO again, AUTH. nullopt: ready for send(). Call
    // once.
    [[nodiscard]] asio::awaitable<std::optional<OpenFailure>> open(tls::Endpoint endpoint, Options options);

    // Sends one mail. Not open, or over: every result is temporary. If `next` is given and the server offers
    // PIPELINING, the commands of `next` go out together with the end of this mail (RFC 2920 3.1), so `next` must be
    // what the next send() is given; it is borrowed until then. A connection that gets another mail or a quit() instead
    // is cut, which sends nothing.
    [[nodiscard]] asio::awaitable<std::vector<RecipientResult>> send(const Mail& mail, const Mail* next = nullptr);

    // Another send() makes sense: open, in step with the server, and the server has not said or closed anything since.
    [[nodiscard]] bool reusable();
    // Says QUIT, waits for the reply a short while, closes. Does nothing if not open.
    [[nodiscard]] asio::awaitable<void> quit();
    // Without a word.
    void close() noexcept;
    // Ends the outstanding operation, whose results say so, and all later ones.
    void cancel() noexcept;

    // Of the server, as of the last EHLO.
    [[nodiscard]] const Extensions& extensions() const noexcept { return extensions_; }
    // While the connection is protected.
    [[nodiscard]] const std::optional<tls::Facts>& tls_facts() const noexcept { return tls_facts_; }
    // The server listed STARTTLS, in clear, whether or not it was used.
    [[nodiscard]] bool starttls_offered() const noexcept { return starttls_offered_; }
    [[nodiscard]] asio::ip::address local_address() const;
    // Why an opportunistic connection is in clear although TLS was tried; empty otherwise.
    [[nodiscard]] const std::string& fallback_reason() const noexcept { return fallback_reason_; }

  private:
    using Step = asio::awaitable<std::optional<OpenFailure>>;

    [[nodiscard]] Step try_open(const tls::Endpoint& endpoint);
    [[nodiscard]] Step attempt(const tls::Endpoint& endpoint, TlsMode mode);
    [[nodiscard]] Step greet();
    [[nodiscard]] Step say_hello();
    [[nodiscard]] Step start_tls(TlsMode mode);
    [[nodiscard]] Step handshake(bool implicit);
    [[nodiscard]] std::string server_name() const;
    [[nodiscard]] Step authenticate();
    [[nodiscard]] asio::awaitable<std::vector<RecipientResult>> transmit(const Mail& mail, const Mail* next);

    asio::any_io_executor executor_;
    Options options_;
    std::unique_ptr<Dialogue> dialogue_;
    Extensions extensions_;
    std::optional<tls::Facts> tls_facts_;
    std::string fallback_reason_;
    std::unique_ptr<Transaction> ahead_;  // whose commands were sent with the end of the mail before
    std::string session_endpoint_;        // for the key of sessions
    bool without_name_ = false;           // the server does not know the name that SNI gave
    bool starttls_offered_ = false;
    bool ready_ = false;
    bool cancelled_ = false;
    bool reset_due_ = false;  // the last transaction was not completed: RSET before the next MAIL
};

}  // namespace sluice::smtp_client
