// What the server and the helper for mailboxes of system users say to each other (user_helper.hpp): one datagram for
// each delivery, with two files: the text of the message, and a pipe for the answer. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "engine/deliver/outcome.hpp"
#include "engine/queue/message.hpp"

namespace sluice::deliver {

struct UserJob {
    std::string transport;  // one of those the helper was started with
    bool maybe_repeated = false;
    queue::Envelope envelope;  // id, time, reverse-path and the one recipient

    // Local part and transport on lines of their own, first: they can be read before anything is parsed.
    [[nodiscard]] std::string print() const;
    // nullopt: not such a datagram, or cut off.
    [[nodiscard]] static std::optional<UserJob> parse(std::string_view datagram);
    [[nodiscard]] static std::string_view local_part_of(std::string_view datagram);
    [[nodiscard]] static std::string_view transport_of(std::string_view datagram);

    static constexpr std::size_t kMostOctets = 64 << 10;
};

// One line. An answer without its end is none: the helper broke.
[[nodiscard]] std::string print_answer(const Outcome& outcome);
[[nodiscard]] std::optional<Outcome> parse_answer(std::string_view line);

}  // namespace sluice::deliver
