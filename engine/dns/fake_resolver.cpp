#include "engine/dns/fake_resolver.hpp"

namespace sluice::dns {

void FakeResolver::set(const Name& name, RecordType type, std::vector<Record> records, bool secure) {
    Answer answer;
    answer.outcome = records.empty() ? Outcome::no_data : Outcome::found;
    answer.secure = secure;
    answer.records = std::move(records);
    set(name, type, std::move(answer));
}

void FakeResolver::set(const Name& name, RecordType type, Answer answer) {
    if (answer.canonical_name.is_root()) answer.canonical_name = name.absolute();
    const std::lock_guard lock(mutex_);
    table_[name.absolute()][type] = std::move(answer);
}

void FakeResolver::delay(std::chrono::milliseconds by) {
    const std::lock_guard lock(mutex_);
    delay_ = by;
}

std::vector<FakeResolver::Question> FakeResolver::questions() const {
    const std::lock_guard lock(mutex_);
    return questions_;
}

Answer FakeResolver::look_up(const Name& name, RecordType type) const {
    const auto known = table_.find(name);
    if (known != table_.end()) {
        if (const auto found = known->second.find(type); found != known->second.end()) return found->second;
    }
    Answer answer;
    answer.outcome = known == table_.end() ? Outcome::no_domain : Outcome::no_data;
    answer.canonical_name = name;
    return answer;
}

asio::awaitable<Answer> FakeResolver::query(Name name, RecordType type) {
    name = name.absolute();
    Answer answer;
    std::chrono::milliseconds delay{0};
    {
        const std::lock_guard lock(mutex_);
        questions_.push_back({name, type});
        answer = look_up(name, type);
        delay = delay_;
    }
    if (delay > std::chrono::milliseconds::zero()) {
        asio::steady_timer timer(co_await asio::this_coro::executor, delay);
        const auto [cancelled] = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
        if (cancelled) answer = failed_answer("cancelled");
    }
    co_return answer;
}

}  // namespace sluice::dns
