// `protocol_version` of the configuration -> the set of TLS versions (tls.md 2.5). Pure; used by the server snapshot,
// by the listener policy and later by delivery.
//   list       "TLSv1.0" "TLSv1.1" "TLSv1.2" "TLSv1.3", also "TLSv1", "TLSv1_2", "0x0303"; gaps are allowed
//   one string ">=TLSv1.2"             that version and newer
//   one string "+ALL:-SSLv3:-TLSv1.0"  left to right; ALL is 1.2 and 1.3; starting with "-" means starting from ALL
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/tls/problems.hpp"

namespace sluice::tls {

class VersionSet {
  public:
    static constexpr std::uint16_t kOldest = 0x0301;  // TLS 1.0
    static constexpr std::uint16_t kNewest = 0x0304;  // TLS 1.3

    [[nodiscard]] static VersionSet tls12_and_tls13() noexcept;

    // Wire numbers, 0x0301 to 0x0304; others are never in the set.
    [[nodiscard]] bool has(std::uint16_t version) const noexcept;
    void add(std::uint16_t version) noexcept;
    void remove(std::uint16_t version) noexcept;

    [[nodiscard]] bool empty() const noexcept { return bits_ == 0; }
    [[nodiscard]] std::uint16_t oldest() const noexcept;  // of a set that is not empty
    [[nodiscard]] std::uint16_t newest() const noexcept;
    [[nodiscard]] bool operator==(const VersionSet&) const = default;

  private:
    std::uint8_t bits_ = 0;  // bit 0 is kOldest
};

// "TLSv1.2" for 0x0303.
[[nodiscard]] const char* version_name(std::uint16_t version) noexcept;

struct VersionSetResult {
    VersionSet versions;  // empty exactly if problems has an error
    std::vector<Problem> problems;
};

// `items` is the list, or the one string as a list of one. An empty list is an error (no version left).
[[nodiscard]] VersionSetResult translate_versions(const std::vector<std::string>& items, const Origin& origin);

}  // namespace sluice::tls
