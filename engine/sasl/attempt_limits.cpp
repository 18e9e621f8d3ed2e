#include "engine/sasl/attempt_limits.hpp"

#include <algorithm>

namespace sluice::sasl {

AttemptLimits::AddressKey AttemptLimits::address_key(std::span<const std::uint8_t> address) noexcept {
    constexpr std::array<std::uint8_t, 12> mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    AddressKey key{};
    if (address.size() == 4) {
        std::ranges::copy(mapped, key.begin());
        std::ranges::copy(address, key.begin() + mapped.size());
    } else if (address.size() == key.size()) {
        const bool is_mapped = std::ranges::equal(address.first(mapped.size()), mapped);
        std::ranges::copy(address.first(is_mapped ? key.size() : 8), key.begin());
    }
    return key;
}

AttemptVerdict AttemptLimits::check(int session_failures, const AddressKey& address, Time now) {
    if (settings_.session_failures >= 0 && session_failures >= settings_.session_failures)
        return AttemptVerdict::session_limit;
    if (settings_.address_failures < 0) return AttemptVerdict::go_on;
    forget_old(now);
    const auto place = places_.find(address);
    const auto recent = [&] {
        return std::ranges::count_if(place->second->failures,
                                     [&](Time failure) { return now - failure < settings_.window; });
    };
    const auto count = place == places_.end() ? 0 : recent();
    return count >= settings_.address_failures ? AttemptVerdict::address_limit : AttemptVerdict::go_on;
}

void AttemptLimits::failed(const AddressKey& address, Time now) {
    if (settings_.address_failures <= 0) return;
    forget_old(now);
    auto place = places_.find(address);
    if (place == places_.end()) {
        if (places_.size() >= settings_.addresses) {
            places_.erase(entries_.front().address);
            entries_.pop_front();
        }
        place = places_.emplace(address, entries_.insert(entries_.end(), Entry{address, {}})).first;
    } else {
        entries_.splice(entries_.end(), entries_, place->second);
    }
    auto& failures = place->second->failures;
    failures.push_back(now);
    if (failures.size() > static_cast<std::size_t>(settings_.address_failures)) failures.erase(failures.begin());
}

void AttemptLimits::forget_old(Time now) {
    while (!entries_.empty() && now - entries_.front().failures.back() >= settings_.window) {
        places_.erase(entries_.front().address);
        entries_.pop_front();
    }
}

}  // namespace sluice::sasl
