#include "engine/queue/log_scan.hpp"

#include <fmt/format.h>

#include <optional>

#include "engine/queue/envelope_format.hpp"
#include "engine/queue/segment_reader.hpp"

namespace sluice::queue {

namespace {

class Scanner {
  public:
    Scanner(const std::filesystem::path& log, SpoolIndex& index) : log_(log), index_(index) {}

    LogScan run() {
        const auto numbers = segment_numbers(log_);
        if (!numbers) scan_.unreadable.push_back({log_, std::make_error_code(std::errc::io_error)});
        // A segment's end stands in the next one, so each is looked at when that has been read.
        for (const auto number : numbers.value_or(std::vector<std::uint64_t>())) {
            auto read = SegmentImage::read(log_, number);
            take_waiting(read.image ? read.image->head().end_before : kUnknownEnd, number);
            index_.add_segment(number);
            scan_.last = number;
            scan_.end_of_last = kUnknownEnd;
            if (!read.image) {
                index_.pin_segment(number);
                scan_.unreadable.push_back({segment_path(log_, number), read.failed});
            }
            waiting_ = std::move(read.image);
            number_ = number;
        }
        take_waiting(kUnknownEnd, number_ + 1);
        // Set aside, removed or replaced by a later record.
        std::erase_if(scan_.damage, [this](const LogScan::Damage& each) {
            const auto entry = index_.find(each.message);
            return !each.message.is_nil() && (!entry || !(entry->message == each.place));
        });
        return std::move(scan_);
    }

  private:
    void take_waiting(std::uint32_t end, std::uint64_t next) {
        if (!waiting_) return;
        if (next != number_ + 1) end = kUnknownEnd;  // one is missing: it said where this one ends
        const auto contents = waiting_->contents(end);
        for (const auto& record : contents.records) take(record);
        for (const auto& damage : contents.damage)
            scan_.damage.push_back(
                {fmt::format("log-{:016x}-{:08x}", number_, damage.offset),
                 std::string(damage.octets),
                 fmt::format("{} octets of {} from offset {} on are not what was written", damage.octets.size(),
                             segment_path(log_, number_).string(), damage.offset),
                 {},
                 {}});
        index_.grow_segment(number_, contents.end);
        scan_.end_of_last = contents.end;
        waiting_.reset();
    }

    void take(const SegmentImage::Record& record) {
        Uuid id;
        Queue queue = Queue::deliver;
        std::string why;
        if (record.head.type == RecordType::done) {
            if (const auto parsed = Uuid::parse(record.envelope)) id = *parsed;
        } else {
            auto stored = decode_envelope(record.envelope);
            if (stored.envelope) {
                id = Uuid::parse(stored.envelope->id).value_or(Uuid());
                queue = stored.queue;
            }
            why = std::move(stored.reason);
        }
        if (id.is_nil()) {
            if (record.head.type == RecordType::done) return;  // a probe of the disk
            return set_aside(record, fmt::format("log-{:016x}-{:08x}", number_, record.place.offset), why, id);
        }
        index_.apply(record.head.type, id, queue, record.place, record.head.body_checksum);
        if (!record.body_intact) set_aside(record, id.to_string(), "wrong checksum of the body", id);
    }

    void set_aside(const SegmentImage::Record& record, std::string name, std::string reason, const Uuid& id) {
        std::string octets(record.envelope);
        octets += record.body;
        scan_.damage.push_back({std::move(name), std::move(octets), std::move(reason), id, record.place});
    }

    const std::filesystem::path& log_;
    SpoolIndex& index_;
    LogScan scan_;
    std::optional<SegmentImage> waiting_;
    std::uint64_t number_ = 0;
};

}  // namespace

LogScan scan_log(const std::filesystem::path& log, SpoolIndex& index) { return Scanner(log, index).run(); }

}  // namespace sluice::queue
