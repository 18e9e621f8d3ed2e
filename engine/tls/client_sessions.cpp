#include "engine/tls/client_sessions.hpp"

#include <utility>

#include "engine/tls/client_sessions_impl.hpp"

namespace sluice::tls {

ClientSessions::ClientSessions(std::size_t keys_max) : impl_(std::make_unique<Impl>()) { impl_->keys_max = keys_max; }

ClientSessions::~ClientSessions() = default;

std::size_t ClientSessions::size() const {
    const std::lock_guard lock(impl_->mutex);
    std::size_t all = 0;
    for (const auto& entry : impl_->entries) all += entry.sessions.size();
    return all;
}

void ClientSessions::clear() {
    const std::lock_guard lock(impl_->mutex);
    impl_->by_key.clear();
    impl_->entries.clear();
}

void ClientSessions::Impl::forget(std::list<Entry>::iterator entry) {
    by_key.erase(entry->key);
    entries.erase(entry);
}

void ClientSessions::Impl::put(const std::string& key, bssl::UniquePtr<SSL_SESSION> session) {
    const std::lock_guard lock(mutex);
    if (const auto found = by_key.find(key); found != by_key.end()) {
        entries.splice(entries.begin(), entries, found->second);
    } else {
        entries.push_front({key, {}});
        by_key.emplace(entries.front().key, entries.begin());
        if (entries.size() > keys_max) forget(std::prev(entries.end()));
    }
    if (entries.empty()) return;
    Sessions& sessions = entries.front().sessions;
    // A session of TLS 1.2 serves any number of connections: the newest is enough.
    if (SSL_SESSION_should_be_single_use(session.get()) == 0) sessions.clear();
    sessions.push_back(std::move(session));
    if (sessions.size() > kOfOneKey) sessions.pop_front();
}

bssl::UniquePtr<SSL_SESSION> ClientSessions::Impl::get(const std::string& key) {
    const std::lock_guard lock(mutex);
    const auto found = by_key.find(key);
    if (found == by_key.end()) return nullptr;
    entries.splice(entries.begin(), entries, found->second);
    Sessions& sessions = found->second->sessions;
    if (SSL_SESSION_should_be_single_use(sessions.back().get()) == 0) return bssl::UpRef(sessions.back());
    bssl::UniquePtr<SSL_SESSION> session = std::move(sessions.back());
    sessions.pop_back();
    if (sessions.empty()) forget(found->second);
    return session;
}

}  // namespace sluice::tls
