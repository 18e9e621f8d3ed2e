// What is known of domains, in memory up to a limit of octets: those that were asked for longest ago are forgotten
// first. Private to engine/sts: policies.cpp is its user. Not thread-safe.
#pragma once

#include <cstddef>
#include <list>
#include <string>
#include <unordered_map>
#include <utility>

#include "engine/sts/fetch_plan.hpp"

namespace sluice::sts {

class KnownDomains {
  public:
    explicit KnownDomains(std::size_t most) : most_(most) {}

    // Null: nothing is known. Valid until the next put() or forget().
    [[nodiscard]] const Known* find(const std::string& domain) {
        const auto found = places_.find(domain);
        if (found == places_.end()) return nullptr;
        entries_.splice(entries_.begin(), entries_, found->second);
        return &found->second->known;
    }

    void put(const std::string& domain, Known known) {
        forget(domain);
        const std::size_t octets = octets_of(domain, known);
        entries_.push_front({domain, std::move(known), octets});
        places_[domain] = entries_.begin();
        octets_ += octets;
        while (octets_ > most_) forget(std::string(entries_.back().domain));
    }

    void forget(const std::string& domain) {
        const auto found = places_.find(domain);
        if (found == places_.end()) return;
        octets_ -= found->second->octets;
        entries_.erase(found->second);
        places_.erase(found);
    }

    [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

  private:
    struct Entry {
        std::string domain;
        Known known;
        std::size_t octets = 0;
    };

    // About: nodes of the containers and what stands outside of short strings.
    [[nodiscard]] static std::size_t octets_of(const std::string& domain, const Known& known) {
        std::size_t octets = sizeof(Entry) + 128 + 2 * domain.size();
        if (known.failed) octets += known.failed->failure.text.size();
        if (!known.cached) return octets;
        octets += known.cached->id.size();
        for (const std::string& pattern : known.cached->policy.mx) octets += sizeof pattern + pattern.capacity();
        return octets;
    }

    std::size_t most_;
    std::size_t octets_ = 0;
    std::list<Entry> entries_;  // the one asked for last in front
    std::unordered_map<std::string, std::list<Entry>::iterator> places_;
};

}  // namespace sluice::sts
