// Stand-ins for the parts the session talks to: rules written as lambdas, a spool in memory, a list of events.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "engine/smtp/observer.hpp"
#include "engine/smtp/rules.hpp"
#include "engine/smtp/session.hpp"

namespace sluice::smtp::test {

inline Reply reply(std::string_view text) { return Reply::parse(text).value(); }

class ScriptedRules : public Rules {
  public:
    using Rule = std::function<Verdict(SessionFacts&, Transaction*)>;

    std::map<Stage, Rule> rules;
    std::set<std::string, std::less<>> domains;

    asio::awaitable<Verdict> run(Stage stage, SessionFacts& session, Transaction* transaction) override {
        Rule rule;
        {
            const std::lock_guard lock(mutex_);
            calls_.emplace_back(to_string(stage));
            if (const auto found = rules.find(stage); found != rules.end()) rule = found->second;
        }
        // As real rules may: let the coroutine suspend.
        co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
        co_return rule ? rule(session, transaction) : Verdict::next();
    }

    bool runs(Stage stage, const Transaction&) const override { return rules.contains(stage); }

    std::optional<std::string> handled(std::string_view domain) const override {
        std::string name(domain);
        std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
        for (std::string_view rest = name; !rest.empty();) {
            if (domains.contains(rest)) return std::string(rest);
            const std::size_t dot = rest.find('.');
            rest = dot == std::string_view::npos ? std::string_view{} : rest.substr(dot + 1);
        }
        return std::nullopt;
    }

    // "connect helo mail": the stages run so far.
    std::string calls() const {
        const std::lock_guard lock(mutex_);
        std::string all;
        for (const std::string& call : calls_) all += (all.empty() ? "" : " ") + call;
        return all;
    }

    // A rule that always gives the same verdict.
    void on(Stage stage, Verdict verdict) {
        const std::lock_guard lock(mutex_);
        rules[stage] = [verdict](SessionFacts&, Transaction*) { return verdict; };
    }

  private:
    mutable std::mutex mutex_;
    std::vector<std::string> calls_;
};

class MemorySink : public MessageSink {
  public:
    SinkStatus answer = SinkStatus::stored;
    SinkStatus room = SinkStatus::stored;

    asio::awaitable<SinkResult> submit(const SessionFacts&, Submission submission) override {
        co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
        const std::lock_guard lock(mutex_);
        if (answer == SinkStatus::stored) stored_.push_back(std::move(submission));
        co_return SinkResult{answer, answer == SinkStatus::stored ? "" : "disk on fire"};
    }
    SinkStatus room_for(std::uint64_t) const noexcept override { return room; }

    // Only when no session is running any more.
    const std::vector<Submission>& stored() const { return stored_; }
    std::size_t messages() const {
        const std::lock_guard lock(mutex_);
        std::size_t count = 0;
        for (const Submission& submission : stored_) count += submission.messages.size();
        return count;
    }

  private:
    mutable std::mutex mutex_;
    std::vector<Submission> stored_;
};

class EventList : public SessionObserver {
  public:
    void on_event(SessionEvent event, const SessionFacts&, std::string_view detail) noexcept override {
        const std::lock_guard lock(mutex_);
        events_.emplace_back(event, std::string(detail));
    }
    bool has(SessionEvent event) const { return find(event).has_value(); }
    std::optional<std::string> find(SessionEvent event) const {
        const std::lock_guard lock(mutex_);
        for (const auto& [what, detail] : events_) {
            if (what == event) return detail;
        }
        return std::nullopt;
    }

  private:
    mutable std::mutex mutex_;
    std::vector<std::pair<SessionEvent, std::string>> events_;
};

}  // namespace sluice::smtp::test
