// What rules read and edit, and what the spool stores: facts of the session, and one mail transaction.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/asio.hpp"
#include "engine/base/ids.hpp"
#include "engine/smtp/address.hpp"
#include "engine/smtp/reply.hpp"
#include "engine/smtp/settings.hpp"
#include "engine/tls/link.hpp"

namespace sluice::smtp {

enum class Stage : std::uint8_t { connect, helo, tls, authenticate, mail, rcpt, preq, postq, delivery };

[[nodiscard]] std::string_view to_string(Stage stage) noexcept;

enum class VerdictKind : std::uint8_t {
    next,
    accept,
    faccept,
    deny,
    quarantine,
    failed,  // uncaught error, budget exceeded, value that is not a status: 451 4.3.0 (decisions.md)
};

// The status that makes later stages run no rules (vsl-rules.md 6, as changed by decisions.md).
struct Skip {
    VerdictKind kind = VerdictKind::next;  // faccept or quarantine; next = nothing is skipped
    Stage since = Stage::connect;
    std::string quarantine;  // name, if kind is quarantine

    explicit operator bool() const noexcept { return kind != VerdictKind::next; }
};

// State the rule engine hangs on a session or transaction (variables, caches). Opaque here.
class RuleData {
  public:
    virtual ~RuleData() = default;
    [[nodiscard]] virtual std::unique_ptr<RuleData> clone() const = 0;
};

// Owns rule data, and clones it when the session or transaction is copied: each part of a split message has its own.
class OwnRuleData : public std::unique_ptr<RuleData> {
  public:
    OwnRuleData() = default;
    OwnRuleData(std::unique_ptr<RuleData> data) : unique_ptr(std::move(data)) {}
    OwnRuleData(const OwnRuleData& other) : unique_ptr(other ? other->clone() : nullptr) {}
    OwnRuleData(OwnRuleData&&) noexcept = default;
    OwnRuleData& operator=(const OwnRuleData& other) { return *this = OwnRuleData(other); }
    OwnRuleData& operator=(OwnRuleData&&) noexcept = default;
    ~OwnRuleData() = default;
};

// What a client sent in an AUTH exchange, for the rules of stage authenticate (vsl-rules.md 9.10).
struct Credentials {
    std::string mechanism;  // "PLAIN"
    bool anonymous = false;
    std::string authid;    // identity; of ANONYMOUS empty
    std::string password;  // of PLAIN and LOGIN, until the exchange has been decided
    std::string token;     // of ANONYMOUS
    bool proven = false;   // the exchange itself proved the identity (SCRAM, CRAM-MD5, EXTERNAL)
};

class HandshakeFailures;  // handshake_failures.hpp

struct SessionFacts {
    SessionId id;
    asio::ip::tcp::endpoint client;
    asio::ip::tcp::endpoint server;
    std::chrono::system_clock::time_point connected_at;
    ListenerKind listener = ListenerKind::relay;
    std::string listener_id;        // "ADDR:PORT" as configured
    std::string server_name;        // configured name, the SNI value after a handshake that sent one
    bool esmtp = false;             // EHLO, not HELO
    std::string helo;               // empty before HELO/EHLO; literals without brackets, see helo_text
    std::string helo_text;          // as sent
    std::optional<tls::Facts> tls;  // set while the connection is protected
    HandshakeFailures* handshake_failures = nullptr;  // of all addresses; null where nobody counts
    bool verified_peer = false;                       // the client's certificate was verified (tls.md 2.7)
    bool verified_peer_can_relay = false;             // as configured
    std::optional<Credentials> credentials;
    std::optional<std::string> authenticated_as;  // "anonymous" after ANONYMOUS, which permits nothing by itself
    [[nodiscard]] bool is_anonymous() const noexcept { return credentials && credentials->anonymous; }
    // Whether who is at the other end may send to domains that are not ours (decisions.md, safety net).
    [[nodiscard]] bool may_relay() const noexcept {
        return (authenticated_as && !is_anonymous()) || (verified_peer && verified_peer_can_relay);
    }
    Skip skip;              // set by a verdict at connect, helo or tls: holds for the whole session
    OwnRuleData rule_data;  // dropped by STARTTLS (tls.md 2.2)
    // As Transaction::headers, set aside by rules before mail: every transaction begins with them. What rules of helo
    // and authenticate set aside is dropped by the next HELO or EHLO, whose rules set it aside again.
    std::vector<std::string> headers;
};

enum class TransactionType : std::uint8_t { undecided, incoming, outgoing, internal };

// "incoming", "outgoing", "internal"; "" while undecided.
[[nodiscard]] std::string_view to_string(TransactionType type) noexcept;

enum class BodyType : std::uint8_t { seven_bit, eight_bit_mime };

struct Recipient {
    Address address;
    std::string transport;           // set by transport::*; empty = the default (`deliver`)
    std::uint32_t command = 0;       // number of the RCPT during which it was added; 0 = by a rule at another stage
    std::uint8_t notify = 0;         // NOTIFY: bits of grammar::smtp::Notify; 0 = not given
    std::string original_recipient;  // ORCPT as given (RFC 3461 4.2); empty = not given
    std::string tls;                 // what rules said about TLS to here, as JSON (tls_policy/rule_keys.hpp)
};

// One transaction = one future message of the spool. A DATA command may have several (transactions.hpp).
struct Transaction {
    Uuid id;
    Address reverse_path;  // null() for <>
    std::vector<Recipient> recipients;
    TransactionType type = TransactionType::undecided;
    // The handled domain whose scripts apply: that of the recipients if incoming ("" = not handled), else the sender's.
    std::string domain;
    std::chrono::system_clock::time_point mail_time;
    BodyType body = BodyType::seven_bit;
    bool smtputf8 = false;
    bool requiretls = false;   // RFC 8689
    std::string binding;       // set by transport::binding; empty = the default one
    std::string delivery_tls;  // as Recipient::tls, for all recipients
    std::optional<std::uint64_t> declared_size;
    std::string ret;          // "FULL", "HDRS"; empty = not given
    std::string envelope_id;  // ENVID as given (RFC 3461 4.4); empty = not given
    // Complete header fields with CRLF, set aside by rules before preq, in the order they will have. The session puts
    // them in front of `message` at the end of DATA and empties this list before preq runs.
    std::vector<std::string> headers;
    // From preq on: the message with CRLF line ends, dots unstuffed. Shared between the parts of a split message;
    // a rule that edits makes a new string.
    std::shared_ptr<const std::string> message;
    Skip skip;
    std::uint32_t rcpt_command = 0;  // number of the RCPT command being handled; 0 outside stage rcpt
    OwnRuleData rule_data;

    // Appends a recipient, noting the RCPT during which it happened: if that RCPT is refused, so is the recipient.
    void add_recipient(Address address) {
        Recipient added;
        added.address = std::move(address);
        added.command = rcpt_command;
        recipients.push_back(std::move(added));
    }

    // A copy under a new message id.
    [[nodiscard]] Transaction fork() const;
};

}  // namespace sluice::smtp
