// What `sluice why` looks for in the records of a trace.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/asio.hpp"
#include "engine/refusals/record.hpp"

namespace sluice::refusals {

constexpr std::size_t shortest_id = 8;  // of a beginning that stands for an id

struct Found {
    std::vector<const Record*> records;  // the oldest first
    std::vector<std::string> ids;        // that begin so: if there are several, `records` is empty
};
// Those of a session or of a message, by its id or the beginning of it, in any case.
[[nodiscard]] Found find(const std::vector<Record>& records, std::string_view id);

// What all records of a list have in common; members that are not set or empty ask nothing.
struct ListFilter {
    std::optional<asio::ip::address> client;  // IPv4-mapped is IPv4
    std::string from;                         // part of the reverse-path, in any case; "<>" is the null reverse-path
    std::string rcpt;                         // part of a recipient, in any case
};
// The last `count` of them, the oldest first.
[[nodiscard]] std::vector<const Record*> latest(const std::vector<Record>& records, const ListFilter& filter,
                                                std::size_t count);

}  // namespace sluice::refusals
