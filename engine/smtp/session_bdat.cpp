// BDAT (RFC 3030): a message in chunks whose sizes are announced. Whatever the answer to a chunk is, its octets are
// read first, so that they are never taken for commands.
#include <algorithm>
#include <utility>

#include "engine/base/limits.hpp"
#include "engine/smtp/session.hpp"

namespace sluice::smtp {

asio::awaitable<void> Session::do_bdat(std::string_view argument) {
    const std::optional<grammar::smtp::Chunk> chunk = grammar::smtp::parse_bdat_args(argument);
    if (!chunk) {
        // Nobody knows where the chunk ends, and so where the next command begins.
        closing_ = true;
        co_await answer(ReplyId::BadChunk);
        co_return;
    }
    const std::optional<ReplyId> refusal = chunk_refusal();
    if (!refusal && !bdat_) {
        bdat_.emplace(reader_options());
        discarding_chunks_ = false;
        state_ = BDAT_GIVEN;
    }
    if (!refusal) bdat_->announce(chunk->size);
    if (!co_await receive_chunk(chunk->size, !refusal)) co_return;
    if (refusal) {
        co_await refuse_chunk(*refusal, chunk->last);
        co_return;
    }
    if (chunk->last) bdat_->finish();
    co_await conclude_chunk(chunk->last);
}

// Why a chunk cannot be part of a message.
std::optional<ReplyId> Session::chunk_refusal() const {
    if (tls_required()) return ReplyId::TlsRequired;
    if (state_ == MAIL_GIVEN && any_rcpt_) return ReplyId::NoValidRecipients;  // as DATA says it
    if (state_ != RCPT_GIVEN && state_ != BDAT_GIVEN) return ReplyId::BadSequence;
    return std::nullopt;
}

// Reads all octets of a chunk; false if the connection did not live to see the last.
asio::awaitable<bool> Session::receive_chunk(std::uint64_t size, bool keep) {
    const auto take = [&](std::string_view octets) {
        const std::string_view part = octets.substr(0, std::min<std::uint64_t>(size, octets.size()));
        if (keep) bdat_->feed(part);
        size -= part.size();
        return part.size();
    };
    input_->drop(take(input_->rest()));
    if (size == 0) co_return true;
    co_await flush();  // the client may wait for earlier replies
    if (closing_) co_return false;
    const Clock::time_point end = Clock::now() + settings_.timeout.session;
    const auto block = std::make_unique_for_overwrite<char[]>(limits::data_read_block);
    while (size > 0) {
        const Clock::time_point deadline = std::min(Clock::now() + settings_.timeout.data, end);
        const std::span<char> space(block.get(), limits::data_read_block);
        const tls::IoResult got = co_await connection_->read_some(space, deadline);
        if (!came_in_time(got, end)) co_return false;
        const std::string_view octets(block.get(), got.bytes);
        const std::size_t taken = take(octets);
        if (size == 0) input_->append(octets.substr(taken));
    }
    co_return true;
}

// RFC 3030 2: chunks that were on their way when one was refused are thrown away, and are no further errors of the
// client.
asio::awaitable<void> Session::refuse_chunk(ReplyId why, bool last) {
    if (std::exchange(discarding_chunks_, !last && (discarding_chunks_ || state_ == MAIL_GIVEN))) {
        put(why);
        co_return;
    }
    co_await answer(why);
}

// A failure ends the transaction, with or without LAST: that is what it is after a failed DATA too.
asio::awaitable<void> Session::conclude_chunk(bool last) {
    const DataError error = bdat_->error();
    if (error == DataError::none && !last) {
        co_await answer(ReplyId::ChunkOk);
        co_return;
    }
    if (error == DataError::none) {
        co_await accept_message(bdat_->take_message());
    } else {
        co_await refuse_message(refusal_of(error), SessionEvent::message_refused);
    }
    drop_transaction();
    discarding_chunks_ = !last;
}

}  // namespace sluice::smtp
