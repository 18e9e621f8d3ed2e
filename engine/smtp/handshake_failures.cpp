#include "engine/smtp/handshake_failures.hpp"

#include <algorithm>

namespace sluice::smtp {

sasl::AttemptLimits::AddressKey key_of(const asio::ip::address& address) {
    if (address.is_v4()) return sasl::AttemptLimits::address_key(address.to_v4().to_bytes());
    return sasl::AttemptLimits::address_key(address.to_v6().to_bytes());
}

void HandshakeFailures::failed(const asio::ip::address& address, Time now) {
    const Key key = key_of(address);
    const std::lock_guard lock(mutex_);
    forget_old(now);
    auto place = places_.find(key);
    if (place == places_.end()) {
        if (places_.size() >= most_) {
            places_.erase(entries_.front().address);
            entries_.pop_front();
        }
        place = places_.emplace(key, entries_.insert(entries_.end(), Entry{key, {}})).first;
    } else {
        entries_.splice(entries_.end(), entries_, place->second);
    }
    auto& failures = place->second->failures;
    if (failures.size() >= limits::tls_failures) failures.erase(failures.begin());
    failures.push_back(now);
}

std::size_t HandshakeFailures::count(const asio::ip::address& address, std::chrono::milliseconds window, Time now) {
    const Key key = key_of(address);
    const std::lock_guard lock(mutex_);
    forget_old(now);
    const auto place = places_.find(key);
    if (place == places_.end()) return 0;
    return static_cast<std::size_t>(
        std::ranges::count_if(place->second->failures, [&](Time failure) { return now - failure < window; }));
}

std::size_t HandshakeFailures::remembered() const {
    const std::lock_guard lock(mutex_);
    return places_.size();
}

void HandshakeFailures::forget_old(Time now) {
    while (!entries_.empty() && now - entries_.front().failures.back() >= limits::tls_failure_window) {
        places_.erase(entries_.front().address);
        entries_.pop_front();
    }
}

}  // namespace sluice::smtp
