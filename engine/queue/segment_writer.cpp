#include "engine/queue/segment_writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace sluice::queue {

namespace {

std::uint64_t random_key() {
    std::array<std::uint8_t, 8> bytes{};
    random_bytes(bytes.data(), bytes.size());
    std::uint64_t key = 0;
    for (const auto byte : bytes) key = key << 8 | byte;
    return key;
}

std::size_t body_bytes(const NewRecord& record) {
    return record.type == RecordType::message ? record.prefix.size() + record.body->size() : 0;
}

std::filesystem::path unfinished(std::filesystem::path segment) { return segment.replace_extension(".new"); }

constexpr std::string_view kRecordEnd = "\n";
constexpr std::array<char, 64 << 10> kZeros{};

std::uint64_t size_of(const std::filesystem::path& file) {
    std::error_code failed;
    const auto size = std::filesystem::file_size(file, failed);
    return failed ? 0 : size;
}

}  // namespace

std::filesystem::path segment_path(const std::filesystem::path& log, std::uint64_t number) {
    return log / fmt::format("{:016x}.seg", number);
}

SegmentWriter::SegmentWriter(std::filesystem::path directory, Start start)
    : directory_(std::move(directory)),
      spares_(std::move(start.spares)),
      number_(start.last),
      end_before_(start.end_of_last) {}

// The head is durable before the file has the name of a segment: under that name an old head would bring back what
// stood in the segment's earlier life.
std::error_code SegmentWriter::open_file(std::string_view head, const std::filesystem::path& target) {
    const std::array<std::string_view, 1> parts = {head};
    const auto temporary = unfinished(target);
    size_ = 0;
    if (!spares_.empty()) {
        const auto spare = std::move(spares_.back());
        spares_.pop_back();
        size_ = size_of(spare);
        if (const auto failed = io::move_file(spare, temporary)) return failed;
        if (const auto failed = file_.open(temporary)) return failed;
    } else {
        if (const auto failed = file_.create(temporary)) return failed;
    }
    if (const auto failed = file_.write(0, parts)) return failed;
    if (const auto failed = file_.sync()) return failed;
    if (const auto failed = io::move_file(temporary, target)) return failed;
    return io::sync_directory(directory_);
}

std::error_code SegmentWriter::begin_segment() {
    key_ = random_key();
    const auto head = print(SegmentHead{key_, end_before_});
    const auto target = segment_path(directory_, number_ + 1);
    if (const auto failed = open_file({head.data(), head.size()}, target)) {
        file_.close();
        // It must not stand there half made when the next attempt succeeds under the same number.
        (void)io::remove_file(unfinished(target));
        (void)io::remove_file(target);
        return failed;
    }
    ++number_;
    end_ = durable_ = static_cast<std::uint32_t>(head.size());
    return {};
}

void SegmentWriter::end_segment() {
    if (!file_.is_open()) return;
    end_before_ = end_;
    file_.close();
}

std::error_code SegmentWriter::append(std::span<NewRecord* const> records) {
    if (file_.is_open() && end_ >= kSegmentBytes && synced()) end_segment();
    if (!file_.is_open()) {
        if (const auto failed = begin_segment()) return failed;
    }
    const auto at = lay_out(records);
    if (const auto failed = write_up_to(at)) {
        if (cut()) give_up_segment();
        return failed;
    }
    size_ = std::max(size_, at);
    end_ = static_cast<std::uint32_t>(at);
    return {};
}

// Behind what is there. Where they end.
std::uint64_t SegmentWriter::lay_out(std::span<NewRecord* const> records) {
    heads_.resize(records.size());
    parts_.clear();
    std::uint64_t at = end_;
    for (std::size_t i = 0; i < records.size(); ++i) {
        NewRecord& record = *records[i];
        const auto body = body_bytes(record);
        RecordHead head{.type = record.type,
                        .key = key_,
                        .durable = durable_,
                        .envelope_bytes = static_cast<std::uint32_t>(record.envelope.size()),
                        .body_bytes = static_cast<std::uint32_t>(body),
                        .body_checksum = record.body_checksum};
        heads_[i] = print(head, record.envelope);
        parts_.insert(parts_.end(), {std::string_view(heads_[i].data(), heads_[i].size()), record.envelope});
        if (body != 0) parts_.insert(parts_.end(), {record.prefix, *record.body});
        parts_.push_back(kRecordEnd);
        record.place = {number_, static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(head.bytes())};
        at += head.bytes();
    }
    return at;
}

// What was laid out, and if the file grows by it, zeros behind it; a full disk may still have room without them.
std::error_code SegmentWriter::write_up_to(std::uint64_t end) {
    const auto records_only = parts_.size();
    if (end > size_) size_ = add_zeros(end);
    const auto failed = file_.write(end_, parts_);
    if (!io::is_full(failed) || parts_.size() == records_only) return failed;
    if (cut()) return failed;
    parts_.resize(records_only);
    return file_.write(end_, parts_);
}

// Where they end.
std::uint64_t SegmentWriter::add_zeros(std::uint64_t at) {
    const auto until = end_ + std::clamp(kCommitsAhead * (at - end_), kLeastGrowth, kMostGrowth);
    while (at < until) {
        parts_.emplace_back(kZeros.data(), std::min<std::uint64_t>(kZeros.size(), until - at));
        at += parts_.back().size();
    }
    return at;
}

// What was half written must not stand before the next record.
std::error_code SegmentWriter::cut() {
    const auto failed = file_.truncate(end_);
    if (!failed) size_ = end_;
    return failed;
}

void SegmentWriter::close() {
    if (file_.is_open() && synced()) (void)cut();
    end_segment();
}

// The next one says where this one ends, so that nothing of what failed comes back. If it cannot be made now, that is
// tried again before anything else is written.
void SegmentWriter::give_up_segment() {
    end_ = durable_;
    end_segment();
    (void)begin_segment();
}

std::error_code SegmentWriter::sync() {
    if (!file_.is_open() || synced()) return {};
    const auto failed = file_.sync();
    if (failed) {
        give_up_segment();
    } else {
        durable_ = end_;
    }
    return failed;
}

std::error_code SegmentWriter::give_back(std::uint64_t number) {
    const auto path = segment_path(directory_, number);
    auto spare = path;
    spare.replace_extension(".spare");
    if (spares_.size() >= kSpares) {
        if (const auto failed = io::remove_file(path)) return failed;
    } else {
        const auto failed = io::move_file(path, spare);
        if (failed && failed != std::errc::no_such_file_or_directory) return failed;
        // Otherwise it was moved before, and only the directory's sync failed.
        if (!failed) spares_.push_back(std::move(spare));
    }
    // A later segment must never be gone while an earlier one came back: its D records end what stands there.
    return io::sync_directory(directory_);
}

}  // namespace sluice::queue
