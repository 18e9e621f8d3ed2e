#include "engine/app/queue_operations.hpp"

#include <fmt/format.h>

#include <utility>

#include "engine/app/queue_text.hpp"
#include "engine/mail/header_lines.hpp"

namespace sluice::app {

namespace json = boost::json;
using queue::DsnAction;
using queue::Queue;
using queue::Spool;
using queue::StoredEnvelope;

namespace {

// It may fit any filter.
std::string unreadable_text(std::error_code failed) {
    return fmt::format("cannot read the envelope now: {}", failed.message());
}

}  // namespace

std::string QueueRequest::print() const {
    json::object object{{"do", operation}, {"json", json}, {"raw", raw}, {"all", all}, {"limit", limit}};
    json::array ids;
    for (const auto& id : filter.ids) ids.emplace_back(id);
    object["ids"] = std::move(ids);
    object["queue"] = filter.queue ? json::value(queue_name(*filter.queue)) : json::value();
    object["from"] = filter.from;
    object["to"] = filter.to;
    object["older"] = filter.older ? json::value(filter.older->count()) : json::value();
    object["destination"] = destination ? json::value(queue_name(*destination)) : json::value();
    object["reason"] = reason;
    return json::serialize(object);
}

std::optional<QueueRequest> QueueRequest::parse(std::string_view line) {
    boost::system::error_code failed;
    const auto value = json::parse({line.data(), line.size()}, failed);
    const auto* object = failed ? nullptr : value.if_object();
    if (!object) return std::nullopt;
    try {
        QueueRequest request;
        const auto text = [&](std::string_view key) { return json::value_to<std::string>(object->at(key)); };
        const auto a_queue = [&](std::string_view key) -> std::optional<Queue> {
            return object->at(key).is_null() ? std::nullopt : queue::queue_of_name(text(key));
        };
        request.operation = text("do");
        request.json = object->at("json").as_bool();
        request.raw = object->at("raw").as_bool();
        request.all = object->at("all").as_bool();
        request.limit = json::value_to<std::size_t>(object->at("limit"));
        request.filter.ids = json::value_to<std::vector<std::string>>(object->at("ids"));
        request.filter.queue = a_queue("queue");
        request.filter.from = text("from");
        request.filter.to = text("to");
        if (!object->at("older").is_null()) request.filter.older = std::chrono::seconds(object->at("older").as_int64());
        request.destination = a_queue("destination");
        request.reason = text("reason");
        return request;
    } catch (const std::exception&) {
        return std::nullopt;
    }
}

ControlAnswer QueueOperations::run(const QueueRequest& request) {
    if (request.operation == "list") return list(request);
    if (request.operation == "show") return show(request);
    return change(request);
}

ControlAnswer QueueOperations::list(const QueueRequest& request) const {
    const auto now = std::chrono::system_clock::now();
    json::array array;
    std::string text;
    std::size_t count = 0;
    const auto take = [&](const StoredEnvelope& stored) {
        if (!request.filter.fits(stored, now)) return;
        if (request.limit != 0 && count >= request.limit) return void(++count);
        ++count;
        if (request.json)
            array.push_back(to_json(stored));
        else
            text += list_line(stored, now);
    };
    std::size_t unreadable = 0;
    const auto tell = [&](const std::string& id, std::error_code failed) {
        ++unreadable;
        if (request.json)
            array.push_back(json::object{{"id", id}, {"error", unreadable_text(failed)}});
        else
            text += fmt::format("{}: {}\n", id, unreadable_text(failed));
    };
    spool_.each(take, tell, request.filter.queue);
    const int code = unreadable == 0 ? 0 : 1;
    if (request.json) return {code, json::serialize(array) + "\n"};
    if (count + unreadable == 0) return {0, "no message\n"};
    if (request.limit != 0 && count > request.limit) text += fmt::format("and {} more\n", count - request.limit);
    return {code, text};
}

ControlAnswer QueueOperations::show(const QueueRequest& request) {
    const std::string id = request.filter.ids.empty() ? "" : request.filter.ids.front();
    auto read = spool_.envelope(id);
    const auto place = spool_.queue_of(id);
    if (!read.envelope || !place) {
        if (!read.corrupt.empty())
            return {1, fmt::format("message {} is corrupt: {}; it is in corrupt/ now\n", id, read.corrupt)};
        if (read.failed && read.failed != std::errc::no_such_file_or_directory)
            return {1, fmt::format("cannot read message {}: {}\n", id, read.failed.message())};
        return {1, fmt::format("no message {}\n", id)};
    }
    const StoredEnvelope stored{*std::move(read.envelope), *place};
    if (request.json) return {0, json::serialize(to_json(stored)) + "\n"};
    const auto body = spool_.body(id);
    if (!body.body)
        return {1, fmt::format("cannot read message {}: {}\n", id,
                               body.corrupt.empty() ? body.failed.message() : body.corrupt)};
    if (request.raw) return {0, *body.body};
    return {0, fmt::format("{}size         {}\n\n{}", details(stored, std::chrono::system_clock::now()),
                           body.body->size(), mail::header_section(*body.body))};
}

ControlAnswer QueueOperations::change(const QueueRequest& request) {
    if (request.filter.empty() && !request.all) return {2, "which messages? Give ids or a filter, or --all\n"};
    std::vector<StoredEnvelope> chosen;
    const auto now = std::chrono::system_clock::now();
    const auto choose = [&](StoredEnvelope stored) {
        if (request.filter.fits(stored, now)) chosen.push_back(std::move(stored));
    };
    std::string text;
    const auto tell = [&](const std::string& id, std::error_code failed) {
        text += fmt::format("{}: {}\n", id, unreadable_text(failed));
    };
    spool_.each(choose, tell, request.filter.queue);
    const bool all_read = text.empty();
    std::size_t done = 0;
    for (const auto& each : chosen) {
        const auto failed = change_one(request, each);
        if (failed)
            text += fmt::format("{}: {}\n", each.envelope.id, failed.message());
        else
            ++done;
    }
    const bool good = all_read && done == chosen.size() && (done > 0 || request.filter.ids.empty());
    return {good ? 0 : 1, text + fmt::format("{}: {} of {} message(s)\n", request.operation, done, chosen.size())};
}

std::error_code QueueOperations::change_one(const QueueRequest& request, const StoredEnvelope& stored) {
    const std::string& id = stored.envelope.id;
    const auto& what = request.operation;
    if (what == "hold") return Spool::wait([&](Spool::Done done) { spool_.hold(id, request.reason, std::move(done)); });
    if (what == "release") return release(stored, Queue::deliver);
    if (what == "retry") return retry(stored);
    if (what == "move") return release(stored, *request.destination);
    if (what == "remove")
        return Spool::wait([&](Spool::Done done) { spool_.remove(id, queue::Durable::now, std::move(done)); });
    return bounce(stored, request.reason);
}

// Into a queue; if it is one that is delivered, at once.
std::error_code QueueOperations::release(const StoredEnvelope& stored, Queue destination) {
    if (!queue::is_delivered(destination) || queue::is_delivered(stored.queue))
        return Spool::wait([&](Spool::Done done) { spool_.move(stored.envelope.id, destination, std::move(done)); });
    StoredEnvelope fresh{stored.envelope, destination};
    queue::end_hold(fresh.envelope);
    fresh.envelope.quarantine.clear();
    // Somebody wants it delivered: those that were given up are tried again, too.
    for (auto& recipient : fresh.envelope.recipients) {
        if (recipient.state == queue::RecipientState::failed) recipient.state = queue::RecipientState::deferred;
        recipient.next_attempt = {};
    }
    const auto failed = Spool::wait([&](Spool::Done done) {
        spool_.update(fresh.envelope, destination, Spool::MoveIf::always, queue::Durable::now, std::move(done));
    });
    if (!failed && dispatcher_) dispatcher_->add_recovered({std::move(fresh)});
    return failed;
}

std::error_code QueueOperations::retry(const StoredEnvelope& stored) {
    if (!queue::is_delivered(stored.queue)) return release(stored, Queue::deliver);
    if (dispatcher_) {
        dispatcher_->retry_now({*Uuid::parse(stored.envelope.id)});
        return {};
    }
    auto envelope = stored.envelope;
    for (auto& recipient : envelope.recipients) recipient.next_attempt = {};
    return Spool::wait([&](Spool::Done done) {
        spool_.update(envelope, stored.queue, Spool::MoveIf::always, queue::Durable::now, std::move(done));
    });
}

// The recipients that are left fail for good, and the sender is told.
std::error_code QueueOperations::bounce(const StoredEnvelope& stored, const std::string& reason) {
    auto envelope = stored.envelope;
    std::vector<queue::DsnRecipient> reported;
    for (auto& recipient : envelope.recipients) {
        if (recipient.state == queue::RecipientState::sent) continue;
        recipient.state = queue::RecipientState::failed;
        recipient.status = "5.7.0";
        recipient.last_error = "5.7.0 returned by the administrator" + (reason.empty() ? "" : ": " + reason);
        recipient.remote.clear();
        if (queue::is_owed(envelope, recipient, DsnAction::failed)) reported.push_back({&recipient, DsnAction::failed});
    }
    std::vector<Spool::NewMessage> reports;
    if (!reported.empty()) {
        const auto body = spool_.body(envelope.id);
        reports.push_back({report_(envelope, body.body ? *body.body : std::string(), reported), Queue::deliver});
    }
    const auto failed =
        Spool::wait([&](Spool::Done done) { spool_.conclude(envelope, std::nullopt, reports, std::move(done)); });
    if (!failed && dispatcher_)
        for (auto& report : reports) dispatcher_->add(std::move(report.message));
    return failed;
}

}  // namespace sluice::app
