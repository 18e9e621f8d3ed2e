#include "engine/watch/shadow_run.hpp"

#include <fmt/format.h>
#include <boost/json.hpp>

#include "engine/sasl/secret.hpp"
#include "engine/watch/request_json.hpp"
#include "engine/watch/run_heading.hpp"

namespace sluice::watch {

std::string ShadowRequest::json() const {
    return boost::json::serialize(
        boost::json::object{{"directory", directory}, {"json", form == Form::json}, {"count", count}});
}

std::optional<ShadowRequest> ShadowRequest::parse(std::string_view json) {
    ShadowRequest request;
    if (!read_request(json, {{"directory", &request.directory}}, request.form, request.count)) return std::nullopt;
    if (!request.directory.starts_with('/')) return std::nullopt;
    return request;
}

LiveRun::LiveRun(smtp::Stage at, const smtp::SessionFacts& facts, const smtp::Transaction* mail)
    : stage(at), session(facts) {
    if (session.tls) session.tls->exporter.reset();  // a secret that rules have no use for
    if (mail) transaction = *mail;
}

LiveRun::~LiveRun() {
    if (session.credentials) sasl::wipe(session.credentials->password.data(), session.credentials->password.size());
}

// The two may share one message; then it counts twice, which is on the safe side.
std::size_t LiveRun::octets() const {
    const auto size = [](const auto& mail) { return mail && mail->message ? mail->message->size() : 0; };
    return size(transaction) + size(live.transaction);
}

bool ShadowRun::admit(std::size_t octets) {
    const std::lock_guard lock(mutex_);
    if (running_ >= limits::shadow_runs || octets_ + octets > limits::shadow_octets) {
        ++left_out_;
        return false;
    }
    ++running_;
    octets_ += octets;
    return true;
}

void ShadowRun::ended(std::size_t octets, bool thrown) {
    const std::lock_guard lock(mutex_);
    --running_;
    octets_ -= octets;
    if (thrown) ++left_out_;
}

void ShadowRun::compare_in(asio::io_context& context, std::unique_ptr<LiveRun> run) {
    const auto octets = run->octets();
    if (finished() || !admit(octets)) return;
    asio::co_spawn(context, run_new(std::move(run)), [self = shared_from_this(), octets](std::exception_ptr thrown) {
        self->ended(octets, thrown != nullptr);
    });
}

asio::awaitable<void> ShadowRun::run_new(std::unique_ptr<LiveRun> run) {
    auto* transaction = run->transaction ? &*run->transaction : nullptr;
    PlayedRun fresh;
    (void)co_await rules_->run_traced(run->stage, run->session, transaction,
                                      &fresh.trace);  // the verdict is in the trace
    fresh.transaction = std::move(run->transaction);
    report(*run, fresh);
}

void ShadowRun::report(const LiveRun& run, const PlayedRun& fresh) {
    const auto not_comparable = why_not_comparable(fresh.trace);
    const auto found = not_comparable ? std::vector<Difference>() : compare(run.live, fresh);
    const auto stream = stream_.lock();
    if (!stream) return;
    bool last = false;
    // Counted first: who reads the line may ask for the summary.
    {
        const std::lock_guard lock(mutex_);
        if (stream->finished()) return;
        not_comparable ? ++not_comparable_ : ++compared_;
        if (!found.empty()) ++differ_;
        last = count_ != 0 && compared_ + not_comparable_ == count_;
    }
    if (not_comparable || !found.empty()) stream->offer(render(run, fresh, found, not_comparable));
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
        for (const auto& one : found)
            differences.push_back({{"what", one.what}, {"live", one.live}, {"new", one.fresh}});
        object["differences"] = std::move(differences);
        return boost::json::serialize(object) + "\n";
    }
    auto text = heading_text(run.session, mail, run.live.trace) + fmt::format("{}:\n", smtp::to_string(run.stage));
    text += fmt::format("    live: {}\n", live_text);
    if (not_comparable) return text + fmt::format("    new: not comparable: {}\n", *not_comparable);
    text += fmt::format("    new: {}\n", fresh_text);
    for (const auto& one : found)
        if (one.what != "verdict")
            text += fmt::format("    {0}, live: {1}\n    {0}, new: {2}\n", one.what, one.live, one.fresh);
    return text;
}

bool ShadowRun::finished() const {
    const auto stream = stream_.lock();
    return !stream || stream->finished();
}

void ShadowRun::finish(int exit_code) {
    if (const auto stream = stream_.lock()) stream->finish(exit_code, summary());
}

std::string ShadowRun::summary() const {
    const std::lock_guard lock(mutex_);
    if (form_ == Form::json)
        return fmt::format("{{\"compared\":{},\"differ\":{},\"not_comparable\":{},\"left_out\":{}}}\n", compared_,
                           differ_, not_comparable_, left_out_);
    auto text = fmt::format("compared {} stage runs, {} differ", compared_, differ_);
    if (not_comparable_ != 0) text += fmt::format(", {} more were not comparable", not_comparable_);
    if (left_out_ != 0) text += fmt::format(", {} were left out: the new rules did not keep up", left_out_);
    return text + "\n";
}

}  // namespace sluice::watch
