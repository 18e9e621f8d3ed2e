// Policies on disk, so that they survive a restart: one file for each domain, named like it (cached_policy.hpp has the
// format), written durably and replaced whole. Files that were damaged are told of and no more. The store keeps to a
// limit of octets: the policies that were written longest ago go first.
// Functions block unless they say otherwise; they may be called from any thread. One process uses a directory.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "engine/base/limits.hpp"
#include "engine/sts/cached_policy.hpp"

namespace sluice::sts {

class PolicyStore {
  public:
    struct Opened {
        std::shared_ptr<PolicyStore> store;  // null exactly if there is an error
        std::string error;
    };
    // Makes the directory if there is none. `most`: octets, each file counted in whole blocks.
    [[nodiscard]] static Opened open(const std::filesystem::path& directory, std::uint64_t most = limits::sts_store);

    PolicyStore(const PolicyStore&) = delete;
    PolicyStore& operator=(const PolicyStore&) = delete;

    // Domains: lower case, A-labels, no final dot.
    // There is a file. Does not block.
    [[nodiscard]] bool has(const std::string& domain) const;

    struct Loaded {
        std::optional<CachedPolicy> policy;
        std::string trouble;  // why there is none although there was a file: for the log
    };
    // A damaged file is removed; one that cannot be read counts as gone until the next open().
    [[nodiscard]] Loaded load(const std::string& domain);
    // What went wrong, for the log; empty: stored, on stable storage.
    [[nodiscard]] std::string save(const std::string& domain, const CachedPolicy& cached);
    [[nodiscard]] std::string remove(const std::string& domain);

  private:
    struct File {
        std::uint64_t turn = 0;  // the smaller, the longer ago it was written
        std::uint64_t octets = 0;
    };

    PolicyStore(std::filesystem::path directory, std::uint64_t most) : directory_(std::move(directory)), most_(most) {}
    [[nodiscard]] std::string scan();
    void note(const std::string& domain, std::uint64_t octets);
    void forget(const std::string& domain);
    [[nodiscard]] std::string make_room();
    [[nodiscard]] std::optional<std::string> oldest_beyond_limit() const;

    std::filesystem::path directory_;
    std::uint64_t most_;
    std::mutex files_mutex_;          // of everything that changes the directory
    mutable std::mutex index_mutex_;  // of what follows; never held while a file is touched
    std::unordered_map<std::string, File> files_;
    std::map<std::uint64_t, std::string> turns_;
    std::uint64_t next_turn_ = 0;
    std::uint64_t octets_ = 0;
};

}  // namespace sluice::sts
