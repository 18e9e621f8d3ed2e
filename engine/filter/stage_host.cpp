#include "engine/filter/stage_host.hpp"

#include <fmt/chrono.h>

#include "dsl/value/operations.hpp"
#include "engine/base/limits.hpp"
#include "engine/filter/stage_recorder.hpp"

namespace sluice::filter {

using dsl::HostFunction;

static_assert(static_cast<int>(dsl::Stage::delivery) == static_cast<int>(smtp::Stage::delivery),
              "both lists of stages have one order");

namespace {

using Function = dsl::Outcome (*)(StageContext&, dsl::NativeCall&);

constexpr Function table[] = {
#define SLUICE_HOST(identifier, ...) functions::identifier,
#include "dsl/host/functions.def"
#undef SLUICE_HOST
};

bool changes_envelope(HostFunction function) {
    return function >= HostFunction::envelop_rw_mail_from && function <= HostFunction::envelop_rm_rcpt;
}

}  // namespace

[[gnu::always_inline]] inline dsl::Outcome StageHost::dispatch(HostFunction function, dsl::NativeCall& call) {
    const auto index = static_cast<std::size_t>(function);
    if (index >= facts) {
        if (changes_envelope(function)) is_known_.reset();
        return table[index](context_, call);
    }
    if (is_known_[index]) return call.ok(known_[index]);
    const auto outcome = table[index](context_, call);
    if (outcome == dsl::Outcome::done) {
        known_[index] = *call.result;
        is_known_.set(index);
    }
    return outcome;
}

dsl::Outcome StageHost::call(HostFunction function, dsl::NativeCall& call) {
    if (!recorder_) [[likely]]
        return dispatch(function, call);
    recorder_->call_begins(function, call);
    const auto outcome = dispatch(function, call);
    recorder_->call_ends(outcome, call, context_.take_withheld());
    return outcome;
}

std::vector<CallTrace> StageHost::facts_read() const {
    std::vector<CallTrace> read;
    for (std::size_t i = 0; i < facts; ++i) {
        if (!is_known_[i]) continue;
        const auto name = dsl::info(static_cast<HostFunction>(i)).name;
        read.push_back({.call = fmt::format("{}()", name), .result = dsl::brief(known_[i])});
    }
    return read;
}

Answer StageHost::noted(Answer answer) {
    if (recorder_) recorder_->answered(answer);
    return answer;
}

asio::awaitable<Answer> StageHost::answer(std::chrono::steady_clock::time_point give_up) {
    using namespace asio::experimental::awaitable_operators;
    auto waiting = context_.take_waiting();
    asio::steady_timer timer(co_await asio::this_coro::executor, give_up);
    auto first = co_await (std::move(waiting) || timer.async_wait(asio::as_tuple(asio::use_awaitable)));
    if (first.index() != 0)
        co_return noted(
            Answer::thrown(fmt::format("the rules of this stage have waited longer than {}", limits::stage_wait)));
    co_return noted(std::get<0>(std::move(first)));
}

}  // namespace sluice::filter
