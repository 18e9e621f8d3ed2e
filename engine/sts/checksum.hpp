// CRC-32C: of the files of the cache, and the id of a policy of ours.
#pragma once

#include <isa-l/crc.h>

#include <cstdint>
#include <string_view>

namespace sluice::sts {

// Of texts below 2 GiB.
[[nodiscard]] inline std::uint32_t checksum(std::string_view octets) {
    // The library's interface lacks a const; it does not write.
    auto* const data = const_cast<unsigned char*>(reinterpret_cast<const unsigned char*>(octets.data()));
    return ~crc32_iscsi(data, static_cast<int>(octets.size()), ~0u);
}

}  // namespace sluice::sts
