// The life of a connection but its beginning (opening.cpp), and sending.
#include "engine/smtp_client/connection.hpp"

#include <utility>

#include "engine/smtp_client/dialogue.hpp"
#include "engine/smtp_client/transaction.hpp"

namespace sluice::smtp_client {

namespace {

RecipientResult not_open() {
    return own_result(Cause::connection_lost, Command::connect, "4.4.2", "the connection is not open");
}

// For a mail that came too late.
RecipientResult ended_before(const RecipientResult& why) {
    return {Kind::temporary, why.cause, Command::mail, why.status, "the connection had ended: " + why.text};
}

// Writes the content with what comes before and behind it, block by block. False if not all of it was taken.
asio::awaitable<bool> write_content(Dialogue& dialogue, const Transaction& transaction, std::string_view ahead) {
    ContentViews content = transaction.content();
    std::vector<std::string_view> block;
    block.reserve(ContentViews::kViews + 4);
    if (!transaction.before_content().empty()) block.push_back(transaction.before_content());
    for (bool last = false; !last;) {
        content.fill(block);
        last = content.done();
        if (last) {
            block.push_back(transaction.after_content());
            block.push_back(ahead);
        }
        if (!co_await dialogue.write(block, Command::data, dialogue.timeouts().content)) co_return false;
        block.clear();
    }
    co_return true;
}

// Sends the commands and reads their replies. Afterwards the transaction knows whom the content is for.
asio::awaitable<void> settle_envelope(Dialogue& dialogue, Transaction& transaction) {
    for (;;) {
        if (!transaction.waiting()) {
            if (!transaction.wants_batch()) co_return;
            const std::string_view batch = transaction.next_batch();
            (void)co_await dialogue.write({&batch, 1}, transaction.awaited(), dialogue.timeouts().write);
        }
        const Command command = transaction.awaited();
        const Answer answer = co_await dialogue.read(command);
        if (answer.trouble) co_return transaction.decide_rest(*answer.trouble);
        const bool sensible = transaction.apply(answer.reply);
        if (answer.reply.closing()) {
            dialogue.end(result_of(answer.reply, command));
        } else if (!sensible) {
            (void)dialogue.nonsense(answer.reply, command);
        }
        if (dialogue.over()) co_return transaction.decide_rest(*dialogue.over());
    }
}

// The content was not sent as a whole, so it was not delivered; the server may have said why.
asio::awaitable<void> settle_cut_content(Dialogue& dialogue, Transaction& transaction) {
    const Answer answer = co_await dialogue.read(Command::data);
    RecipientResult why = answer.trouble ? *answer.trouble : result_of(answer.reply, Command::data);
    if (why.cause == Cause::reply && answer.reply.code < 400) {
        why = own_result(Cause::connection_lost, Command::data, "4.4.2", "connection lost while sending the message");
    }
    transaction.decide_rest(why);
    why.kind = Kind::temporary;
    dialogue.end(why);
}

// The replies to the end of the content.
asio::awaitable<void> settle_final(Dialogue& dialogue, Transaction& transaction) {
    const std::size_t count = transaction.final_replies();
    for (std::size_t i = 0; i < count; ++i) {
        const Answer answer = co_await dialogue.read(Command::final_dot);
        if (answer.trouble) co_return transaction.decide_rest(*answer.trouble);
        if (!transaction.apply_final(answer.reply, i)) {
            co_return transaction.decide_rest(dialogue.nonsense(answer.reply, Command::final_dot));
        }
        if (answer.reply.closing()) {
            dialogue.end(result_of(answer.reply, Command::final_dot));
            co_return transaction.decide_rest(*dialogue.over());
        }
    }
}

// DATA was pipelined, nobody was accepted, and the server waits for content (RFC 2920 3.1).
asio::awaitable<void> end_empty_data(Dialogue& dialogue, const Transaction& transaction) {
    // In LMTP nobody would answer the dot: there is one reply for each recipient accepted (RFC 2033 4.2).
    if (transaction.contradictory() || transaction.final_replies() == 0) {
        dialogue.end(own_result(Cause::garbage, Command::data, "4.5.0",
                                transaction.contradictory() ? "the server refused MAIL, but accepted RCPT and DATA"
                                                            : "the server accepted DATA for nobody"));
        co_return dialogue.connection().close();
    }
    const std::string_view dot = ".\r\n";
    (void)co_await dialogue.write({&dot, 1}, Command::final_dot, dialogue.timeouts().write);
    const Answer answer = co_await dialogue.read(Command::final_dot);
    if (!answer.trouble && answer.reply.closing()) dialogue.end(result_of(answer.reply, Command::final_dot));
}

}  // namespace

Connection::Connection(asio::any_io_executor executor) : executor_(std::move(executor)) {}

Connection::~Connection() { close(); }

asio::awaitable<std::vector<RecipientResult>> Connection::send(const Mail& mail, const Mail* next) {
    const bool throwing = co_await asio::this_coro::throw_if_cancelled();
    co_await asio::this_coro::throw_if_cancelled(false);
    std::vector<RecipientResult> results = co_await transmit(mail, next);
    co_await asio::this_coro::throw_if_cancelled(throwing);
    co_return results;
}

asio::awaitable<std::vector<RecipientResult>> Connection::transmit(const Mail& mail, const Mail* next) {
    std::unique_ptr<Transaction> transaction = std::move(ahead_);
    const bool begun = transaction && &transaction->mail() == &mail;
    if (transaction && !begun) close();
    if (!begun) transaction = std::make_unique<Transaction>(mail, extensions_, options_.protocol, reset_due_);
    if (!transaction->undecided()) co_return transaction->take_results();
    if (!ready_) {
        transaction->decide_rest(not_open());
        co_return transaction->take_results();
    }
    if (!begun && !co_await dialogue_->quiet(Command::mail)) {
        transaction->decide_rest(ended_before(*dialogue_->over()));
        co_return transaction->take_results();
    }

    co_await settle_envelope(*dialogue_, *transaction);
    reset_due_ = transaction->open_at_server();
    if (!dialogue_->over() && transaction->empty_go_ahead()) co_await end_empty_data(*dialogue_, *transaction);
    if (!dialogue_->over() && transaction->has_accepted()) {
        std::string_view ahead;
        if (next != nullptr && extensions_.pipelining) {
            ahead_ = std::make_unique<Transaction>(*next, extensions_, options_.protocol, false);
            if (ahead_->undecided()) {
                ahead = ahead_->next_batch();
            } else {
                ahead_.reset();
            }
        }
        if (co_await write_content(*dialogue_, *transaction, ahead)) {
            co_await settle_final(*dialogue_, *transaction);
        } else {
            co_await settle_cut_content(*dialogue_, *transaction);
        }
        reset_due_ = false;
    }
    if (dialogue_->over()) ahead_.reset();
    co_return transaction->take_results();
}

asio::ip::address Connection::local_address() const {
    return dialogue_ ? dialogue_->connection().local_address() : asio::ip::address();
}

bool Connection::reusable() { return ready_ && (ahead_ ? !dialogue_->over() : dialogue_->quiet_now()); }

asio::awaitable<void> Connection::quit() {
    const bool throwing = co_await asio::this_coro::throw_if_cancelled();
    co_await asio::this_coro::throw_if_cancelled(false);
    if (ready_ && !ahead_ && dialogue_->quiet_now()) (void)co_await dialogue_->ask("QUIT\r\n", Command::quit);
    close();
    co_await asio::this_coro::throw_if_cancelled(throwing);
}

void Connection::close() noexcept {
    ready_ = false;
    ahead_.reset();
    if (dialogue_) dialogue_->connection().close();
}

void Connection::cancel() noexcept {
    cancelled_ = true;
    if (dialogue_) dialogue_->connection().cancel();
}

}  // namespace sluice::smtp_client
