// Every fixed limit of the engine, with its reason. A limit an administrator may change is a member of a settings
// struct (engine/smtp/settings.hpp) whose default stands here. Each has a test at the limit and one past it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace sluice::limits {

using namespace std::chrono_literals;

// --- SMTP command lines (RFC 5321 4.5.3.1), CRLF included
inline constexpr std::size_t command_line = 512;  // what RFC 5321 asks for; longer serves nobody but attackers
// MAIL and RCPT, each parameter at its longest: MAIL has AUTH 500 (RFC 4954), ENVID and RET 116 (RFC 3461), SIZE, BODY
// and SMTPUTF8 53; RCPT has ORCPT and NOTIFY 535 (RFC 3461).
inline constexpr std::size_t command_line_esmtp = command_line + 500 + 116 + 53;
inline constexpr std::size_t reply_line = 512;  // we never send longer lines; longer texts are folded

// --- addresses: grammar/mail/limits.hpp, because the grammar must not depend on the engine

// --- message data
inline constexpr std::uint64_t message_size = 10'000'000;  // default of server.message_size_limit
inline constexpr std::size_t text_line = 1000;             // RFC 5321, CRLF included; enforced on request only
inline constexpr std::size_t text_line_max = 64 * 1024;    // no reader must ever hold more of one line than this
inline constexpr std::size_t message_header = 256 * 1024;  // header fields are parsed in memory, field by field
inline constexpr unsigned received_fields = 50;            // more hops than that is a loop (RFC 5321 6.3)

// --- header fields as rules change them, and the MIME walk (engine/mail)
inline constexpr std::size_t field_name = 76;              // name, colon and blank still fit a preferred line
inline constexpr std::size_t field_line = 998;             // RFC 5322 2.1.1, without CRLF
inline constexpr std::size_t field_line_preferred = 78;    // RFC 5322 2.1.1, without CRLF: longer ones are folded
inline constexpr std::size_t mime_depth = 100;             // deeper nesting serves nobody but attackers
inline constexpr std::size_t mime_parts = 10'000;          // a part of two bytes costs a record of some hundred
inline constexpr std::size_t mime_parameters = 1'000;      // of one field; RFC 2231 cuts long file names in pieces
inline constexpr std::size_t mime_field = message_header;  // of one field of a part; the rest is not looked at

// --- delivery status notifications (engine/queue)
inline constexpr std::size_t dsn_quote = 50 * 1024;  // of the original: a large message must not travel again
inline constexpr std::size_t dsn_reply = 2048;       // of what a remote host said; the longest in earnest have 600
inline constexpr std::size_t dsn_address = 1024;     // of an address or ORCPT; more than the grammar lets through
inline constexpr std::size_t dsn_word = 800;  // octets without a blank; with what stands in front below field_line

// --- mailboxes of one file (engine/io/shared_file.hpp)
inline constexpr std::chrono::milliseconds mbox_lock_wait = 5s;  // a thread of few waits; the message comes back later
inline constexpr std::chrono::seconds mbox_lock_stale = 15min;   // of FILE.lock; mail programs hold it for seconds

// --- programs that take messages (engine/deliver/pipe.hpp)
inline constexpr std::chrono::milliseconds pipe_time = 1000s;   // of one delivery; what Postfix gives them
inline constexpr std::chrono::milliseconds program_grace = 5s;  // from SIGTERM to SIGKILL
inline constexpr std::size_t pipe_output = 4096;                // octets of its output kept, the last ones
inline constexpr std::size_t pipe_diagnostic = 500;             // octets of those in the reason of a failure

// --- TLS
inline constexpr std::size_t ca_file = 4 * 1024 * 1024;      // all public CAs there are need 250 KiB
inline constexpr std::size_t crl_file = 64 * 1024 * 1024;    // large CAs revoke by the hundred thousand
inline constexpr int certificate_chain = 9;                  // CAs above a peer's certificate; what Postfix allows too
inline constexpr std::size_t client_ca_names = 16 * 1024;    // octets of CA names sent to clients; of more none are
inline constexpr std::size_t tls_failure_addresses = 16384;  // remembered at once; 10 MB at the very most
inline constexpr std::size_t tls_failures = 64;              // of one address
inline constexpr std::chrono::milliseconds tls_failure_window = 1h;

// --- session
inline constexpr std::size_t log_name = 128;     // octets of a name that the other side chose, in one line of the log
inline constexpr std::size_t recipients = 1000;  // default of server.smtp.rcpt_count_max; RFC 5321 asks 100
inline constexpr int soft_errors = 10;
inline constexpr int hard_errors = 20;
inline constexpr std::chrono::milliseconds error_delay = 5s;
inline constexpr std::chrono::milliseconds command_timeout = 5min;   // RFC 5321 4.5.3.2.7
inline constexpr std::chrono::milliseconds data_timeout = 5min;      // without a byte of data (RFC 5321 asks 3 min)
inline constexpr std::chrono::milliseconds session_time = 30min;     // whole session at a command, whole DATA transfer
inline constexpr std::chrono::milliseconds write_timeout = 5min;     // a reply nobody reads
inline constexpr std::chrono::milliseconds handshake_timeout = 30s;  // TLS (tls.md 1.1)
inline constexpr std::size_t command_read_block = 2048;  // kept while idle: more than any line of command_line_esmtp
inline constexpr std::size_t replies_kept = 256;         // octets of memory an idle session keeps for its next replies
inline constexpr std::size_t data_read_block = 64 * 1024;  // allocated while DATA runs only
inline constexpr std::size_t drain_block = 4096;           // clear text thrown away before TLS ("ignore" policy)

// --- the client side of SMTP and LMTP (engine/smtp_client); times are defaults of smtp_client::Timeouts
inline constexpr std::size_t client_reply_line = 2048;     // CRLF included; RFC 5321 asks 512, some say more
inline constexpr std::size_t client_reply_lines = 128;     // of one reply: no EHLO list is that long
inline constexpr std::size_t client_reply = 32 * 1024;     // octets of one reply
inline constexpr std::size_t client_commands = 16 * 1024;  // in one write: the replies still fit the socket buffers
inline constexpr std::size_t client_block = 64 * 1024;     // content in one write, and per time limit
inline constexpr std::size_t client_bdat_from =
    64 * 1024;  // shorter content goes by DATA, with fewer replies to wait for
inline constexpr std::chrono::milliseconds client_connect = 30s;
inline constexpr std::chrono::milliseconds client_command = 5min;     // RFC 5321 4.5.3.2: greeting, EHLO, MAIL, RCPT
inline constexpr std::chrono::milliseconds client_data = 2min;        // RFC 5321 4.5.3.2.4
inline constexpr std::chrono::milliseconds client_content = 3min;     // RFC 5321 4.5.3.2.5: of each block
inline constexpr std::chrono::milliseconds client_final_dot = 10min;  // RFC 5321 4.5.3.2.6: short ones duplicate mail
inline constexpr std::chrono::milliseconds client_quit = 10s;         // nothing depends on the reply
inline constexpr std::chrono::milliseconds client_last_words = 5s;    // for a reply behind a failed write

// --- rules
inline constexpr std::chrono::seconds stage_wait{60};  // of one stage run, for DNS and programs; clients wait minutes

// --- the trace of refusals (engine/refusals)
inline constexpr std::uint64_t refusals_file = 8 * 1024 * 1024;     // default of server.refusals.size_max: some 10 000
inline constexpr std::uint64_t refusals_file_least = 64 * 1024;     // of size_max: more than refusal_record
inline constexpr std::uint64_t refusals_file_most = 1ull << 30;     // of size_max: `sluice why` reads it into memory
inline constexpr std::size_t refusal_record = 56 * 1024;            // octets of a line; follows from the five below
inline constexpr std::size_t refusal_text = 512;                    // octets of one text, as JSON writes it
inline constexpr std::size_t refusal_long_text = 2048;              // of the reply, and of why a rule failed
inline constexpr std::size_t refusal_recipients = 20;               // of one message; the others are counted
inline constexpr std::size_t refusal_facts = 24;                    // more than there are facts of ctx::
inline constexpr std::size_t refusal_queue = 1000;                  // records in memory when the disk is slow
inline constexpr std::chrono::milliseconds refusals_delay = 20ms;   // for which records are gathered
inline constexpr std::chrono::milliseconds refusals_check = 1s;     // whether the file still has its name
inline constexpr std::chrono::milliseconds refusals_retry = 30s;    // after a failed write
inline constexpr std::chrono::milliseconds refusals_notice = 1min;  // between two log lines about lost records

// --- the log (engine/obs)
inline constexpr std::size_t log_buffer = 8 * 1024 * 1024;     // octets that wait, of each file: some 40 000 lines
inline constexpr std::size_t log_batch = 64 * 1024;            // octets that are written without waiting for more
inline constexpr std::chrono::milliseconds log_delay = 20ms;   // for which lines are gathered
inline constexpr std::chrono::milliseconds log_retry = 1s;     // after a failed write
inline constexpr std::chrono::milliseconds log_patience = 2s;  // at the end, with a pipe that nobody reads

// --- watching a running server (engine/watch)
inline constexpr std::size_t control_request = 16 * 1024;  // one line of the control socket: a path and some addresses
inline constexpr std::size_t trace_watchers = 8;           // `sluice trace` at once: each costs every session something
inline constexpr std::size_t watch_buffer = 1 << 20;       // octets that wait for one client of the control socket
inline constexpr std::size_t kept_sessions = 256;          // of one watcher, whose sender or recipient is not known yet
inline constexpr std::size_t kept_octets = 64 * 1024;      // of the stage runs of one such session
inline constexpr int shown_recipients = 3;                 // in the first line of a stage run; the rest is counted
inline constexpr std::size_t shadow_runs = 256;            // of new rules at once; further ones are left out
inline constexpr std::size_t shadow_octets = 64 << 20;     // of the messages those runs hold
inline constexpr std::chrono::milliseconds last_lines = 500ms;  // for who watches, when the server stops

// --- SASL (engine/sasl)
inline constexpr std::size_t sasl_line = 12288;           // RFC 4954 4, without CRLF: what any mechanism needs
inline constexpr std::size_t sasl_message = 9216;         // what a line of base64 can hold
inline constexpr std::size_t sasl_name = 255;             // octets of authid and authzid; RFC 4616 asks for 255
inline constexpr std::size_t sasl_password = 1024;        // octets; RFC 4616 asks for 255
inline constexpr std::size_t sasl_token = 1020;           // octets of an ANONYMOUS token: RFC 4505's 255 characters
inline constexpr std::uint32_t scram_iterations = 32768;  // of PBKDF2, for new and in old entries: RFC 7677 asks 4096
inline constexpr std::uint32_t scram_iterations_max = 1'000'000;  // a check of a password must end within a second
inline constexpr std::size_t scram_salt = 16;      // octets in new entries: no two users share a salt by chance
inline constexpr std::size_t scram_salt_max = 64;  // octets in any entry
inline constexpr int auth_failures = 10;           // of one client address within auth_window
inline constexpr std::chrono::milliseconds auth_window = 10min;  // half a million guesses a year
inline constexpr std::size_t auth_addresses = 16384;  // remembered at once; some 5 MB when all have failed often

// --- listeners
inline constexpr int listen_backlog = 4096;  // a burst of connections must not see RST
// The queue: what a gateway with 2 GiB for it can hold, what is delivered at a time, and how a sender is slowed down.
inline constexpr std::uint64_t queue_messages = 1'000'000;
inline constexpr std::uint64_t queue_active = 20'000;
inline constexpr std::chrono::milliseconds queue_flow_delay = 1s;
inline constexpr std::chrono::milliseconds queue_flow_delay_most = 60s;
inline constexpr int client_count = 16;                           // default of server.client_count_max
inline constexpr std::chrono::milliseconds accept_retry = 100ms;  // pause when accept(2) runs out of descriptors

// --- TLS of delivery
inline constexpr std::size_t client_session_keys = 4096;  // servers whose sessions are kept; about 3 KiB each
inline constexpr std::size_t broken_tls_hosts = 10'000;   // hosts where a negotiation failed

// --- DNS
inline constexpr std::size_t domain_name = 253;  // RFC 1035 2.3.4: 255 octets on the wire, without the final dot
inline constexpr std::size_t domain_label = 63;  // RFC 1035 2.3.4
inline constexpr int dns_sockets = 512;          // questions on their way at once, per resolver; each has its own port
inline constexpr int dns_tcp_connections = 64;   // of those, over TCP
inline constexpr std::size_t dns_cache_entry = 4096;               // octets one remembered answer may take on average
inline constexpr std::size_t dns_cache_entries_max = 250'000;      // of options.cache_size: 1 GiB
inline constexpr std::chrono::milliseconds dns_timeout_max = 60s;  // of options.timeout: sessions wait for it
inline constexpr std::chrono::milliseconds dns_resend = 376ms;     // first repetition at the earliest; then doubled
inline constexpr int dns_attempts_max = 10;
inline constexpr std::size_t dns_search_domains = 32;            // every one may cost a question
inline constexpr std::size_t dns_system_file = 4 * 1024 * 1024;  // resolv.conf, hosts: read into memory

// --- the HTTPS client (engine/https)
inline constexpr std::size_t https_header = 16 * 1024;  // octets of a response's header, and of framing in its body
inline constexpr int https_interim = 8;                 // responses 1xx before the one that counts
inline constexpr std::size_t https_block = 16 * 1024;   // read at a time
inline constexpr std::size_t https_target = 8 * 1024;   // octets of path and query: RFC 9112 3 asks for 8000
inline constexpr std::size_t https_addresses = 8;       // of a host, tried one after the other
inline constexpr std::chrono::milliseconds https_connect = 15s;  // to one address: the next one shall get its turn

// --- MTA-STS (engine/sts); the size of a policy: grammar/sts/limits.hpp
inline constexpr std::chrono::seconds sts_fetch = 60s;    // RFC 8461 3.3: of a policy, everything together
inline constexpr std::chrono::seconds sts_rest = 5min;    // RFC 8461 3.3: after a fetch that failed
inline constexpr std::chrono::seconds sts_refresh = 24h;  // RFC 8461 3.3: a policy in use is fetched anew
inline constexpr std::size_t sts_memory = 32 << 20;       // octets of policies and failures that are remembered
inline constexpr std::uint64_t sts_store = 256 << 20;     // octets on disk, in blocks: 65 536 policies
inline constexpr std::uint64_t sts_store_block = 4096;    // what the smallest file takes
inline constexpr std::size_t sts_file = 128 * 1024;       // octets of one file: more than any that we write

}  // namespace sluice::limits
