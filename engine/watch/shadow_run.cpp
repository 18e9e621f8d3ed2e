#include "engine/watch/shadow_run.hpp"

#include <fmt/format.h>
#include <boost/json.hpp>

#include "engine/sasl/secret.hpp"
#include "engine/watch/run_heading.hpp"

namespace sluice::watch {

std::string ShadowRequest::json() const {
    return boost::json::serialize(
        boost::json::object{{"directory", directory}, {"json", form == Form::json}, {"count", count}});
}

std::optional<ShadowRequest> ShadowRequest::parse(std::string_view json) {
    boost::system::error_code error;
    const auto value = boost::json::parse(json, error);
    if (error || !value.is_object()) return std::nullopt;
    ShadowRequest request;
    for (const auto& [key, given] : value.as_object()) {
        if (key == "directory" && given.is_string())
            request.directory = std::string(given.as_string());
        else if (key == "json" && given.is_bool())
            request.form = given.as_bool() ? Form::json : Form::text;
        else if (key == "count" && given.is_number())
            request.count = given.to_number<std::uint64_t>(error);
        else
            return std::nullopt;
    }
    if (error || !request.directory.starts_with('/')) return std::nullopt;
    return request;
}

LiveRun::LiveRun(smtp::Stage at, const smtp::SessionFacts& facts, const smtp::Transaction* mail)
    : stage(at), session(facts.copy()) {
    if (session.tls) session.tls->exporter.reset();  // a secret that rules have no use for
    if (mail) transaction = mail->copy();
}

LiveRun::~LiveRun() {
    if (session.credentials) sasl::wipe(session.credentials->password.data(), session.credentials->password.size());
}

void ShadowRun::compare_in(asio::io_context& context, std::unique_ptr<LiveRun> run) {
    if (finished()) return;
    if (running_.fetch_add(1) >= limits::shadow_runs) {
        --running_;
        const std::lock_guard lock(mutex_);
        ++left_out_;
        return;
    }
    auto self = shared_from_this();
    asio::co_spawn(context, run_new(std::move(run)), [self](std::exception_ptr thrown) {
        --self->running_;
        if (!thrown) return;
        const std::lock_guard lock(self->mutex_);
        ++self->left_out_;
    });
}

asio::awaitable<void> ShadowRun::run_new(std::unique_ptr<LiveRun> run) {
    auto* transaction = run->transaction ? &*run->transaction : nullptr;
    PlayedRun fresh;
    fresh.verdict = co_await rules_->run_traced(run->stage, run->session, transaction, &fresh.trace);
    fresh.transaction = std::move(run->transaction);
    report(*run, fresh);
}

void ShadowRun::report(const LiveRun& run, const PlayedRun& fresh) {
    const auto not_comparable = why_not_comparable(fresh.trace);
    const auto found = not_comparable ? std::vector<Difference>() : compare(run.live, fresh);
    if (not_comparable || !found.empty()) stream_->offer(render(run, fresh, found, not_comparable));
    bool last = false;
    {
        const std::lock_guard lock(mutex_);
        if (finished()) return;
        not_comparable ? ++not_comparable_ : ++compared_;
        if (!found.empty()) ++differ_;
        last = count_ != 0 && compared_ + not_comparable_ == count_;
    }
    if (last) finish(0);
}

std::string ShadowRun::render(const LiveRun& run, const PlayedRun& fresh, const std::vector<Difference>& found,
                              const std::optional<std::string>& not_comparable) const {
    const auto* mail = run.live.transaction ? &*run.live.transaction : nullptr;
    const auto live_text = decision_text(run.live);
    const auto fresh_text = decision_text(fresh);
    if (form_ == Form::json) {
        auto object = heading_json(run.session, mail, run.live.trace);
        object["stage"] = smtp::to_string(run.stage);
        object["live"] = live_text;
        object["new"] = fresh_text;
        if (not_comparable) object["not_comparable"] = *not_comparable;
        boost::json::array differences;
        for (const auto& one : found) differences.push_back({{"what", one.what}, {"live", one.live}, {"new", one.fresh}});
        object["differences"] = std::move(differences);
        return boost::json::serialize(object) + "\n";
    }
    auto text = heading_text(run.session, mail, run.live.trace) + fmt::format("{}:\n", smtp::to_string(run.stage));
    text += fmt::format("    live: {}\n", live_text);
    if (not_comparable) return text + fmt::format("    new: not comparable: {}\n", *not_comparable);
    text += fmt::format("    new: {}\n", fresh_text);
    for (const auto& one : found)
        if (one.what != "verdict") text += fmt::format("    {0}, live: {1}\n    {0}, new: {2}\n", one.what, one.live, one.fresh);
    return text;
}

void ShadowRun::finish(int exit_code) { stream_->finish(exit_code, summary()); }

std::string ShadowRun::summary() const {
    const std::lock_guard lock(mutex_);
    if (form_ == Form::json)
        return fmt::format("{{\"compared\":{},\"differ\":{},\"not_comparable\":{},\"left_out\":{}}}\n", compared_,
                           differ_, not_comparable_, left_out_);
    auto text = fmt::format("compared {} stage runs, {} differ", compared_, differ_);
    if (not_comparable_ != 0) text += fmt::format(", {} more were not comparable", not_comparable_);
    if (left_out_ != 0) text += fmt::format(", {} were left out because the new rules were too slow", left_out_);
    return text + "\n";
}

}  // namespace sluice::watch
