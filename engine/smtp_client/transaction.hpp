// One mail on its way, without sockets: what is refused before anything is sent, which commands go out together, what
// each reply means for which recipient. Connection::send() moves the bytes.
//
// The commands, in order: [RSET] MAIL RCPT... [DATA]. With PIPELINING they go out in batches of at most
// limits::client_commands octets (RFC 2920 3.1), else one by one; DATA is left out when content goes by BDAT. Of
// several batches, the later ones are sent only if they still make sense.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/smtp_client/content.hpp"
#include "engine/smtp_client/extensions.hpp"
#include "engine/smtp_client/mail.hpp"
#include "engine/smtp_client/options.hpp"
#include "engine/smtp_client/recipient_result.hpp"
#include "engine/smtp_client/reply.hpp"

namespace sluice::smtp_client {

class Transaction {
  public:
    // Checks the mail (mail_checks.hpp) and writes the commands. `reset`: RSET comes first.
    Transaction(const Mail& mail, const Extensions& extensions, Protocol protocol, bool reset);

    [[nodiscard]] const Mail& mail() const noexcept { return mail_; }
    // Some recipient has no result yet.
    [[nodiscard]] bool undecided() const noexcept { return decided_ < results_.size(); }

    // --- envelope
    // A batch is to be sent, because all replies are there and some recipient may still be accepted.
    [[nodiscard]] bool wants_batch() const noexcept;
    [[nodiscard]] std::string_view next_batch();
    [[nodiscard]] bool waiting() const noexcept { return answered_ < sent_; }
    [[nodiscard]] Command awaited() const noexcept { return steps_[answered_].command; }
    // False: the reply makes no sense there.
    [[nodiscard]] bool apply(const Reply& reply);

    // --- content; all replies of the envelope are there
    [[nodiscard]] bool has_accepted() const noexcept { return !accepted_.empty(); }
    // The server waits for content although nobody is to get it.
    [[nodiscard]] bool empty_go_ahead() const noexcept { return go_ahead_ && accepted_.empty(); }
    // The server may take content for recipients that we count as refused: nothing must end with a dot.
    [[nodiscard]] bool contradictory() const noexcept { return phantom_; }
    // The server still has a transaction: RSET before the next one.
    [[nodiscard]] bool open_at_server() const noexcept { return (mail_accepted_ || phantom_) && !go_ahead_; }
    [[nodiscard]] ContentViews content() const { return {mail_.content, !bdat_ && facts_.leading_dots}; }
    [[nodiscard]] std::string_view before_content() const noexcept { return bdat_command_; }
    [[nodiscard]] std::string_view after_content() const noexcept;
    // How many replies the end of the content has: one, or with LMTP one per accepted recipient (RFC 2033 4.2).
    [[nodiscard]] std::size_t final_replies() const noexcept;
    [[nodiscard]] bool apply_final(const Reply& reply, std::size_t number);

    // All recipients without a result get this one.
    void decide_rest(const RecipientResult& result);
    [[nodiscard]] std::vector<RecipientResult> take_results();

  private:
    struct Step {
        Command command;
        std::uint32_t recipient;  // of RCPT
        std::size_t end;          // in commands_
    };

    void write_commands(bool reset);
    void add_step(Command command, std::size_t recipient = 0);
    void decide(std::size_t recipient, const RecipientResult& result);

    const Mail& mail_;
    const Extensions& extensions_;
    Protocol protocol_;
    ContentFacts facts_;
    bool bdat_ = false;

    std::vector<std::optional<RecipientResult>> results_;
    std::size_t decided_ = 0;
    std::vector<std::uint32_t> accepted_;

    std::string commands_;
    std::string bdat_command_;
    std::vector<Step> steps_;
    std::size_t sent_ = 0;
    std::size_t answered_ = 0;

    bool mail_accepted_ = false;
    bool mail_refused_ = false;
    bool go_ahead_ = false;
    bool phantom_ = false;
};

}  // namespace sluice::smtp_client
