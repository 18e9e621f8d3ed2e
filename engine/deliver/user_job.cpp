#include "engine/deliver/user_job.hpp"

#include <fmt/format.h>

#include <utility>

#include "engine/deliver/local_message.hpp"
#include "engine/deliver/mailbox_path.hpp"
#include "engine/queue/envelope_format.hpp"

namespace sluice::deliver {

namespace {

constexpr std::string_view kDelivered = "delivered";
constexpr std::string_view kLater = "later ";
constexpr std::string_view kNever = "never ";

// Takes a line off the front; without its end it is empty.
std::string_view take_line(std::string_view& text) {
    const auto end = text.find('\n');
    const auto line = text.substr(0, end == std::string_view::npos ? 0 : end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return line;
}

}  // namespace

std::string UserJob::print() const {
    return fmt::format("{}\n{}\n{}\n{}", one_line(split_address(envelope.recipients.at(0).address).local_part),
                       one_line(transport), maybe_repeated ? 1 : 0,
                       queue::encode_envelope(envelope, queue::Queue::deliver));
}

std::string_view UserJob::local_part_of(std::string_view datagram) { return take_line(datagram); }

std::string_view UserJob::transport_of(std::string_view datagram) {
    (void)take_line(datagram);
    return take_line(datagram);
}

std::optional<UserJob> UserJob::parse(std::string_view datagram) {
    (void)take_line(datagram);
    UserJob job;
    job.transport = take_line(datagram);
    const auto repeated = take_line(datagram);
    if (!datagram.ends_with('\n') || (repeated != "0" && repeated != "1")) return std::nullopt;
    job.maybe_repeated = repeated == "1";
    auto decoded = queue::decode_envelope(datagram);
    if (!decoded.envelope || decoded.envelope->recipients.size() != 1) return std::nullopt;
    job.envelope = *std::move(decoded.envelope);
    return job;
}

std::string print_answer(const Outcome& outcome) {
    switch (outcome.kind()) {
        case Outcome::Kind::delivered: return fmt::format("{}\n", kDelivered);
        case Outcome::Kind::temporary: return fmt::format("{}{}\n", kLater, one_line(outcome.text()));
        case Outcome::Kind::permanent: break;
    }
    return fmt::format("{}{}\n", kNever, one_line(outcome.text()));
}

std::optional<Outcome> parse_answer(std::string_view line) {
    if (!line.ends_with('\n')) return std::nullopt;
    line.remove_suffix(1);
    if (line == kDelivered) return Outcome::delivered();
    if (line.starts_with(kLater)) return Outcome::temporary(std::string(line.substr(kLater.size())));
    if (line.starts_with(kNever)) return Outcome::permanent(std::string(line.substr(kNever.size())));
    return std::nullopt;
}

}  // namespace sluice::deliver
