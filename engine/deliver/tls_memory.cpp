#include "engine/deliver/tls_memory.hpp"

namespace sluice::deliver {

void TlsMemory::broken(const std::string& host, std::chrono::milliseconds time) {
    if (time.count() <= 0) return;
    const auto now = now_();
    const std::lock_guard lock(mutex_);
    if (broken_.size() >= limits::broken_tls_hosts)
        std::erase_if(broken_, [&](const auto& each) { return each.second <= now; });
    // A full table forgets nothing that still holds; the host is tried with TLS again, which is no harm.
    if (broken_.size() < limits::broken_tls_hosts || broken_.contains(host)) broken_[host] = now + time;
}

bool TlsMemory::is_broken(const std::string& host) const {
    const std::lock_guard lock(mutex_);
    const auto found = broken_.find(host);
    return found != broken_.end() && found->second > now_();
}

}  // namespace sluice::deliver
