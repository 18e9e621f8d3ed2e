// One SMTP conversation, from the accepted connection to its close: a coroutine that reads commands, looks them up in
// commands.def, asks the rules at each stage and hands finished messages to the spool. Created by engine/net.
//
// Guarantees: replies to pipelined commands leave in one write; 250 after DATA only once the sink has stored
// everything; nothing received in clear is seen after STARTTLS; every wait has a deadline; all state lives on one
// thread.
//
// session.cpp            life of the connection: connect stage, greeting, lines, replies, error counting, shutdown
// session_commands.cpp   command table, HELO and the small commands
// session_tls.cpp        STARTTLS and the handshake
// session_auth.cpp       AUTH and the authenticate stage
// session_envelope.cpp   MAIL, RCPT and the relay check
// session_data.cpp       DATA, preq, the hand-over
// session_bdat.cpp       BDAT
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/asio.hpp"
#include "engine/sasl/attempt_limits.hpp"
#include "engine/sasl/exchange.hpp"
#include "engine/smtp/bdat_reader.hpp"
#include "engine/smtp/command_buffer.hpp"
#include "engine/smtp/data_reader.hpp"
#include "engine/smtp/observer.hpp"
#include "engine/smtp/rules.hpp"
#include "engine/smtp/snapshot.hpp"
#include "engine/smtp/transactions.hpp"
#include "engine/tls/link.hpp"
#include "grammar/smtp/command_line.hpp"

namespace sluice::smtp {

struct SessionContext {
    std::shared_ptr<const Snapshot> snapshot;
    MessageSink& sink;  // these two outlive the session
    SessionObserver& observer;
    ListenerKind listener = ListenerKind::relay;
    std::string listener_id;
    sasl::AttemptLimits* attempts = nullptr;          // of this thread; null: addresses are not counted
    HandshakeFailures* handshake_failures = nullptr;  // of the process; null: not counted
};

class Session {
  public:
    Session(std::unique_ptr<tls::Link> connection, SessionContext context);

    // The whole conversation. The caller keeps the object alive until this ends.
    [[nodiscard]] asio::awaitable<void> run();

    // Graceful end: 421 now if no transaction is open, else when it is finished. On the session's thread.
    void stop() noexcept;
    // Ends what waits, says 421 if that is still possible. On the session's thread.
    void abort() noexcept;

  private:
    using Clock = tls::Link::Clock;
    enum State : std::uint8_t { FRESH = 1, READY = 2, MAIL_GIVEN = 4, RCPT_GIVEN = 8, BDAT_GIVEN = 16, ANY = 31 };
    struct Command;  // a row of commands.def
    static const Command* find_command(grammar::smtp::Verb verb) noexcept;

    // --- session.cpp
    asio::awaitable<void> converse();
    asio::awaitable<bool> open();
    asio::awaitable<std::optional<CommandInput>> next_input();
    void give_up(tls::IoStatus status);  // after a read that brought nothing
    asio::awaitable<void> flush();
    asio::awaitable<void> pause(Milliseconds time);
    void put(const Reply& reply) { reply.print_to(out_); }
    void put(ReplyId id) { put(text(id)); }
    asio::awaitable<void> answer(Reply reply);  // counts errors
    asio::awaitable<void> answer(ReplyId id) { return answer(text(id)); }
    [[nodiscard]] Reply text(ReplyId id, std::string_view message_id = {}) const;
    [[nodiscard]] Milliseconds command_timeout() const noexcept;
    [[nodiscard]] bool idle() const noexcept { return state_ == FRESH || state_ == READY; }
    void note(SessionEvent event, std::string_view detail = {}) const {
        context_.observer.on_event(event, facts_, detail);
    }
    // note(), and what is to be known of a refusal that no rule decided.
    void refuse(const OwnRefusal& refusal) const;

    // Runs the rules of a stage unless a skip status is set; records faccept and quarantine as such.
    asio::awaitable<Verdict> decide(Stage stage, Transaction* transaction);
    // The verdict's own reply, or the default of stage and kind; `ok` for those that let the client go on.
    [[nodiscard]] Reply reply_for(Stage stage, const Verdict& verdict, ReplyId ok) const;

    // --- session_commands.cpp
    asio::awaitable<void> handle(const CommandInput& input);
    asio::awaitable<void> dispatch(std::string_view line);
    [[nodiscard]] bool out_of_step(const Command& command) const;
    asio::awaitable<void> hello(std::string_view argument, bool esmtp);
    asio::awaitable<void> do_helo(std::string_view argument) { return hello(argument, false); }
    asio::awaitable<void> do_ehlo(std::string_view argument) { return hello(argument, true); }
    asio::awaitable<void> do_rset(std::string_view argument);
    asio::awaitable<void> do_noop(std::string_view argument);
    asio::awaitable<void> do_quit(std::string_view argument);
    asio::awaitable<void> do_vrfy(std::string_view argument);
    asio::awaitable<void> do_help(std::string_view argument);
    void drop_transaction();

    // --- session_tls.cpp
    [[nodiscard]] bool can_start_tls() const;
    [[nodiscard]] bool tls_required() const;
    asio::awaitable<void> do_starttls(std::string_view argument);
    asio::awaitable<bool> no_injection();
    asio::awaitable<bool> secure(bool implicit);
    asio::awaitable<void> tls_stage();
    void forget_clear_text();

    // --- session_auth.cpp
    [[nodiscard]] std::size_t longest_line() const noexcept;
    [[nodiscard]] sasl::Conditions auth_conditions() const;
    [[nodiscard]] std::vector<sasl::Mechanism> mechanisms() const;
    asio::awaitable<void> do_auth(std::string_view argument);
    [[nodiscard]] std::optional<ReplyId> auth_refusal(std::optional<sasl::Mechanism> mechanism) const;
    [[nodiscard]] bool too_many_attempts();
    asio::awaitable<std::optional<sasl::Step>> run_exchange(sasl::Exchange& exchange, sasl::Step step);
    asio::awaitable<void> conclude(sasl::Exchange& exchange, const sasl::Step& step);
    asio::awaitable<Verdict> authenticate_stage();
    enum class By : std::uint8_t { server, rule };
    asio::awaitable<void> failed_attempt(ReplyId why, std::string_view detail, By whom);

    // --- session_envelope.cpp
    asio::awaitable<void> do_mail(std::string_view argument);
    [[nodiscard]] std::optional<ReplyId> mail_refusal(const grammar::smtp::MailArguments& arguments,
                                                      const Address& sender, std::string_view domain);
    asio::awaitable<bool> check_mail(const grammar::smtp::MailArguments& arguments, const Transaction& transaction);
    asio::awaitable<void> do_rcpt(std::string_view argument);
    [[nodiscard]] bool may_relay(const Verdict& verdict, const Transaction& part, std::string_view domain) const;
    [[nodiscard]] HandledLookup handled() const;

    // --- session_data.cpp
    asio::awaitable<void> do_data(std::string_view argument);
    asio::awaitable<bool> receive(DataReader& reader);
    [[nodiscard]] DataReader::Options reader_options() const;
    [[nodiscard]] static ReplyId refusal_of(DataError error);
    // After a read of message data: whether there is some, and in time. If not, the session has to end.
    [[nodiscard]] bool came_in_time(const tls::IoResult& got, Clock::time_point end);
    asio::awaitable<void> refuse_message(ReplyId why, SessionEvent event);
    asio::awaitable<void> accept_message(std::string raw);
    asio::awaitable<PartOutcome> screen(Transaction& part, const std::shared_ptr<const std::string>& raw);
    asio::awaitable<Reply> store(std::vector<Transaction> parts, std::vector<PartOutcome> outcomes, Reply success);

    // --- session_bdat.cpp
    asio::awaitable<void> do_bdat(std::string_view argument);
    [[nodiscard]] std::optional<ReplyId> chunk_refusal() const;
    asio::awaitable<bool> receive_chunk(std::uint64_t size, bool keep);
    asio::awaitable<void> refuse_chunk(ReplyId why, bool last);
    asio::awaitable<void> conclude_chunk(bool last);

    SessionContext context_;
    const Settings& settings_;
    const TlsSettings& tls_settings_;
    tls::ListenerPolicy tls_policy_;
    std::unique_ptr<tls::Link> connection_;
    asio::steady_timer timer_;  // error delay
    SessionFacts facts_;
    std::optional<CommandBuffer> input_;
    std::string out_;  // replies gathered for the next write
    std::optional<TransactionGroup> group_;
    std::optional<BdatReader> bdat_;                // from the first chunk of a transaction on
    std::vector<std::string> headers_before_helo_;  // those of facts_.headers that a new HELO does not drop
    Clock::time_point session_end_;
    int errors_ = 0;
    int auth_failures_ = 0;
    State state_ = FRESH;
    bool any_rcpt_ = false;           // a RCPT was tried in this transaction
    bool discarding_chunks_ = false;  // a chunk has failed, and the last one of its message has not come
    bool waiting_ = false;            // for the client's next command
    bool closing_ = false;
    bool stopping_ = false;
    bool aborted_ = false;
};

}  // namespace sluice::smtp
