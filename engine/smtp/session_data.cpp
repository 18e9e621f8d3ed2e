// DATA: the transfer, preq, and the hand-over to the spool.
#include <fmt/format.h>

#include <algorithm>
#include <exception>

#include "engine/base/limits.hpp"
#include "engine/smtp/queue_stages.hpp"
#include "engine/smtp/received.hpp"
#include "engine/smtp/session.hpp"

namespace sluice::smtp {

ReplyId Session::refusal_of(DataError error) {
    switch (error) {
        case DataError::bare_lf: return ReplyId::BareLf;
        case DataError::bare_cr: return ReplyId::BareCr;
        case DataError::too_big: return ReplyId::MessageSizeExceeded;
        case DataError::line_too_long: return ReplyId::DataLineTooLong;
        case DataError::header_too_big: return ReplyId::HeaderSizeExceeded;
        case DataError::none: break;
    }
    return ReplyId::Failure;
}

DataReader::Options Session::reader_options() const {
    return {.bare_newline = settings_.bare_newline,
            .size_limit = settings_.message_size_limit,
            .line_limit = settings_.long_lines == LongLines::reject ? limits::text_line : limits::text_line_max,
            .header_limit = limits::message_header};
}

asio::awaitable<void> Session::do_data(std::string_view) {
    if (state_ != RCPT_GIVEN) {
        // RFC 2920 3.1: a client that pipelines learns here that none of its recipients was accepted.
        co_await answer(any_rcpt_ ? ReplyId::NoValidRecipients : ReplyId::BadSequence);
        co_return;
    }
    put(ReplyId::DataStart);
    co_await flush();
    DataReader reader(reader_options());
    if (closing_ || !co_await receive(reader)) co_return;
    if (reader.error() == DataError::none) {
        co_await accept_message(reader.take_message());
    } else {
        co_await refuse_message(refusal_of(reader.error()), SessionEvent::message_refused);
    }
    drop_transaction();
}

// All that the recipients were given for is refused, without asking rules.
asio::awaitable<void> Session::refuse_message(ReplyId why, SessionEvent event) {
    Reply reply = text(why);
    note(event, reply_name(why));
    for (const Transaction& part : group_->take_parts())
        context_.observer.on_refusal(
            facts_, {.event = event, .transaction = &part, .reply = &reply, .detail = reply_name(why)});
    co_await answer(std::move(reply));
}

// Reads to the end of the data; false if the connection did not live to see it, and then nothing of it is kept.
asio::awaitable<bool> Session::receive(DataReader& reader) {
    input_->drop(reader.feed(input_->rest()));
    if (reader.done()) co_return true;
    const Clock::time_point end = Clock::now() + settings_.timeout.session;
    const auto block = std::make_unique_for_overwrite<char[]>(limits::data_read_block);
    while (!reader.done()) {
        const Clock::time_point deadline = std::min(Clock::now() + settings_.timeout.data, end);
        const std::span<char> space(block.get(), limits::data_read_block);
        const tls::IoResult got = co_await connection_->read_some(space, deadline);
        if (!came_in_time(got, end)) co_return false;
        const std::string_view chunk(block.get(), got.bytes);
        const std::size_t used = reader.feed(chunk);
        if (reader.done()) input_->append(chunk.substr(used));
    }
    co_return true;
}

bool Session::came_in_time(const tls::IoResult& got, Clock::time_point end) {
    if (got.status == tls::IoStatus::ok && Clock::now() < end) return true;
    if (got.status == tls::IoStatus::ok) {
        note(SessionEvent::timeout, "data");
        put(ReplyId::SessionTooLong);
        closing_ = true;
    } else {
        give_up(got.status);
    }
    return false;
}

asio::awaitable<void> Session::accept_message(std::string raw) {
    if (count_received(raw) > limits::received_fields) {
        co_await refuse_message(ReplyId::TooManyHops, SessionEvent::mail_loop);
        co_return;
    }
    std::vector<Transaction> parts = group_->take_parts();
    if (parts.empty()) {  // rules took every recipient away
        co_await answer(ReplyId::NoValidRecipients);
        co_return;
    }
    const auto shared = std::make_shared<const std::string>(std::move(raw));
    std::vector<PartOutcome> outcomes;
    for (Transaction& part : parts) {
        PartOutcome outcome = co_await screen(part, shared);
        outcomes.push_back(std::move(outcome));
    }
    DataOutcome combined = combine(outcomes);
    if (!combined.store) {
        note(SessionEvent::message_refused, combined.reply.print());
        co_await answer(std::move(combined.reply));
        co_return;
    }
    Reply reply = co_await store(std::move(parts), std::move(outcomes), std::move(combined.reply));
    co_await answer(std::move(reply));
}

// preq for one part of the message.
asio::awaitable<PartOutcome> Session::screen(Transaction& part, const std::shared_ptr<const std::string>& raw) {
    part.message = raw;
    if (!part.headers.empty()) {
        std::string with_headers;
        for (const std::string& field : part.headers) with_headers += field;
        part.headers.clear();
        part.message = std::make_shared<const std::string>(std::move(with_headers += *raw));
    }
    const Verdict verdict = co_await decide(Stage::preq, &part);
    if (verdict.kind == VerdictKind::deny || verdict.kind == VerdictKind::failed) {
        if (verdict.kind == VerdictKind::deny) note(SessionEvent::denied, "preq");
        co_return PartOutcome{.kept = false, .reply = reply_for(Stage::preq, verdict, ReplyId::DataOk)};
    }
    PartOutcome outcome{.kept = true, .reply = text(ReplyId::DataOk, part.id.to_string())};
    // Success is never announced with a code that says otherwise (decisions.md, "custom code at preq").
    if (verdict.kind != VerdictKind::quarantine && verdict.reply && verdict.reply->code / 100 == 2) {
        outcome.reply = *verdict.reply;
    }
    co_return outcome;
}

// One submission for everything, so that it is stored whole or not at all.
asio::awaitable<Reply> Session::store(std::vector<Transaction> parts, std::vector<PartOutcome> outcomes,
                                      Reply success) {
    Submission submission;
    std::string ids;
    const auto now = std::chrono::system_clock::now();
    for (std::size_t i = 0; i < parts.size(); ++i) {
        Transaction& part = parts[i];
        if (outcomes[i].kept && !part.recipients.empty()) {
            ids += (ids.empty() ? "" : " ") + part.id.to_string();
            std::string received = received_field(facts_, part, settings_.received_tls, now);
            const bool stages = has_queue_stages(*context_.snapshot->rules, part);
            submission.messages.push_back({std::move(part), std::move(received), stages});
        } else if (!outcomes[i].kept && outcomes[i].reply.permanent() && !part.reverse_path.null()) {
            submission.refused.push_back({std::move(part), std::move(outcomes[i].reply)});
        } else {
            note(SessionEvent::message_dropped, part.id.to_string());
        }
    }
    if (submission.messages.empty() && submission.refused.empty()) co_return success;

    SinkResult result{SinkStatus::failed, {}};
    try {
        result = co_await context_.sink.submit(facts_, std::move(submission));
    } catch (const std::exception& thrown) {
        result.error = thrown.what();
    }
    if (result.status == SinkStatus::stored) {
        note(SessionEvent::message_stored, ids);
        co_return success;
    }
    Reply reply = text(result.status == SinkStatus::full ? ReplyId::SpoolFull : ReplyId::Failure);
    // The parts went to the sink; the transaction they were made of is still there.
    refuse(
        {.event = SessionEvent::store_failed, .transaction = &group_->base(), .reply = &reply, .detail = result.error});
    co_return reply;
}

}  // namespace sluice::smtp
