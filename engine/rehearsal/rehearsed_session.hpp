// Sessions played in memory against the rules of a configuration: the session of the server (smtp::Session) with its
// parser, its replies, its safety net and the splitting of transactions, but a client that is a script, a spool that
// only remembers, and no effect on the world: no file is written, no program is run. For `sluice test` and `simulate`.
//
// One thread: every step runs until the session waits for its client again, or has ended.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/tools/coverage.hpp"
#include "engine/config/configuration.hpp"
#include "engine/dns/resolver.hpp"
#include "engine/filter/branch_counts.hpp"
#include "engine/filter/filter_rules.hpp"
#include "engine/filter/stage_trace.hpp"
#include "engine/sasl/user_table.hpp"
#include "engine/smtp/queue_stages.hpp"
#include "engine/smtp/session.hpp"

namespace sluice::rehearsal {

class ScriptedClient;

// What all sessions of a rehearsal have in common.
class Rehearsal {
  public:
    // `users` may be null.
    Rehearsal(std::shared_ptr<const config::Configuration> configuration, std::shared_ptr<const filter::RuleSet> rules,
              std::shared_ptr<const sasl::UserTable> users);
    ~Rehearsal();
    Rehearsal(const Rehearsal&) = delete;
    Rehearsal& operator=(const Rehearsal&) = delete;

    [[nodiscard]] const config::Configuration& configuration() const noexcept { return *configuration_; }
    // What all sessions together reached of the rules, if those were loaded with Marks::yes.
    [[nodiscard]] dsl::tools::Coverage coverage();

  private:
    friend class RehearsedSession;

    std::shared_ptr<const config::Configuration> configuration_;
    std::shared_ptr<const filter::RuleSet> rules_;
    std::shared_ptr<const sasl::UserTable> users_;
    std::shared_ptr<const smtp::Settings> settings_;  // as configured, but errors cost no time
    asio::io_context context_{1};
    asio::executor_work_guard<asio::io_context::executor_type> work_{context_.get_executor()};
    std::unique_ptr<obs::Log> log_;
    io::BlockingPool blocking_{1};
    filter::BranchCounts branches_;
};

struct Role {
    asio::ip::tcp::endpoint client{asio::ip::make_address_v4("192.0.2.1"), 49152};
    smtp::ListenerKind listener = smtp::ListenerKind::relay;
    bool has_certificate = false;                  // even if no domain has one
    tls::Facts tls;                                // what a handshake gives
    std::shared_ptr<dns::Resolver> resolver;       // null: one that knows no name
    std::map<std::string, int> exit_codes;         // of programs that rules run: cmd::build's `command` -> exit code
    std::map<std::string, std::string> passwords;  // instead of the password file, if there are any
};

// One stage run, and the transaction as it was behind it.
struct PlayedStage {
    filter::StageTrace trace;
    std::string reverse_path;
    std::vector<smtp::Recipient> recipients;
    smtp::TransactionType type = smtp::TransactionType::undecided;
    std::string domain;
};

// A message that a 250 after DATA handed to the spool, as the rules of postq and delivery left it. Our Received field
// is not in it.
struct StoredMessage {
    smtp::Transaction transaction;
    smtp::QueueVerdict verdict;
};

// "deliver", "deny", "quarantine", or "hold" if the rules of the queue fail.
[[nodiscard]] std::string_view fate_of(const smtp::QueueVerdict& verdict) noexcept;

// What came of one thing the client did.
struct Step {
    std::string replies;  // as sent, with CRLF
    std::vector<PlayedStage> stages;
    std::vector<StoredMessage> stored;
    std::vector<std::string> events;  // of session_events.def with their details: "relay-denied jane@…"
    bool closed = false;              // the server ended the connection
};

class RehearsedSession final : private filter::StageWatch, private smtp::MessageSink, private smtp::SessionObserver {
  public:
    // The client connects; greeting() is what that came to. The rehearsal outlives the session.
    RehearsedSession(Rehearsal& rehearsal, Role role);
    ~RehearsedSession() override;

    [[nodiscard]] const Step& greeting() const noexcept { return greeting_; }
    // Bytes of the client, as they are. Once the connection is closed, nothing comes back.
    Step say(std::string_view bytes);
    Step line(std::string_view command) { return say(std::string(command) + "\r\n"); }
    // STARTTLS and, if it is accepted, a handshake with these facts.
    Step starttls(tls::Facts facts);
    // DATA and the message: line ends become CRLF, leading dots are doubled. Without a 354 the message is not sent.
    Step data(std::string_view message);

    [[nodiscard]] bool ended() const noexcept { return ended_; }
    // What the log would say of the step that ended it.
    [[nodiscard]] const std::string& why_ended() const noexcept { return why_ended_; }

  private:
    Step play();

    bool wants(const smtp::SessionFacts&) const noexcept override { return true; }
    void stage_ran(const smtp::SessionFacts& session, const smtp::Transaction* transaction,
                   const filter::StageTrace& trace) override;
    asio::awaitable<StoredMessage> behind_the_queue(const smtp::SessionFacts& session, smtp::CommittedMessage message);
    asio::awaitable<smtp::SinkResult> submit(const smtp::SessionFacts& session, smtp::Submission submission) override;
    smtp::SinkStatus room_for(std::uint64_t) const noexcept override { return smtp::SinkStatus::stored; }
    void on_event(smtp::SessionEvent event, const smtp::SessionFacts& session,
                  std::string_view detail) noexcept override;

    Rehearsal& rehearsal_;
    ScriptedClient* client_ = nullptr;  // the session's
    std::shared_ptr<const smtp::Snapshot> snapshot_;
    std::unique_ptr<smtp::Session> session_;
    Step step_;  // of what is being played
    Step greeting_;
    bool ended_ = false;
    std::string why_ended_;
};

// Facts of an ordinary TLS 1.3 session with this server name (empty: none was sent).
[[nodiscard]] tls::Facts ordinary_tls(const std::string& sni);
// The client shows a certificate with this common name and DNS name.
void show_certificate(tls::Facts& facts, const std::string& name, bool verified);

}  // namespace sluice::rehearsal
