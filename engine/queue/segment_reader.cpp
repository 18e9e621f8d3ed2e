#include "engine/queue/segment_reader.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>

#include "engine/io/descriptor.hpp"
#include "engine/io/fault_injection.hpp"

namespace sluice::queue {

namespace {

std::error_code last_error() { return {errno, std::system_category()}; }

class Input {
  public:
    explicit Input(const std::filesystem::path& path) : file_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)) {
        if (!file_.open()) failed_ = last_error();
        if (const int fault = io::injected_fault(io::FileStep::read, path)) failed_ = {fault, std::system_category()};
    }

    [[nodiscard]] std::error_code failed() const { return failed_; }

    std::size_t size() {
        struct stat facts {};
        if (!failed_ && ::fstat(file_.number(), &facts) != 0) failed_ = last_error();
        return failed_ ? 0 : static_cast<std::size_t>(facts.st_size);
    }

    // Up to `count` octets from `offset` on; fewer at the end of the file or after an error.
    std::string read(std::size_t offset, std::size_t count) {
        std::string bytes(count, '\0');
        std::size_t done = 0;
        while (!failed_ && done < count) {
            const ssize_t got =
                ::pread(file_.number(), bytes.data() + done, count - done, static_cast<off_t>(offset + done));
            if (got < 0 && errno == EINTR) continue;
            if (got < 0) failed_ = last_error();
            if (got <= 0) break;
            done += static_cast<std::size_t>(got);
        }
        bytes.resize(done);
        return bytes;
    }

  private:
    io::Descriptor file_;
    std::error_code failed_;
};

bool plausible(const RecordHead& head, std::uint64_t key) {
    return head.key == key && head.envelope_bytes <= kLargestEnvelope && head.body_bytes <= kLargeBody;
}

}  // namespace

SegmentImage::Read SegmentImage::read(const std::filesystem::path& log, std::uint64_t number) {
    auto file = read_whole(segment_path(log, number));
    if (file.failed) return {std::nullopt, file.failed};
    SegmentImage image;
    image.number_ = number;
    image.bytes_ = std::move(file.bytes);
    if (const auto head = parse_segment_head(image.bytes_)) {
        image.head_ = *head;
    } else {
        image.guess_head();
    }
    return {std::move(image), {}};
}

// The first whole record is of this life of the file: those of earlier lives stand behind it.
void SegmentImage::guess_head() {
    head_damaged_ = true;
    head_.end_before = kUnknownEnd;
    for (auto at = bytes_.find(kRecordMagic); at != std::string::npos; at = bytes_.find(kRecordMagic, at + 1)) {
        const auto head = parse_record_head(std::string_view(bytes_).substr(at));
        if (!head) continue;
        head_.key = head->key;
        if (record_at(at)) return;
    }
}

std::optional<SegmentImage::Record> SegmentImage::record_at(std::size_t offset) const {
    const auto rest = std::string_view(bytes_).substr(offset);
    const auto head = parse_record_head(rest);
    if (!head || !plausible(*head, head_.key) || head->bytes() > rest.size()) return std::nullopt;
    Record record{.head = *head,
                  .place = {number_, static_cast<std::uint32_t>(offset), static_cast<std::uint32_t>(head->bytes())},
                  .envelope = rest.substr(kRecordHeadBytes, head->envelope_bytes),
                  .body = rest.substr(kRecordHeadBytes + head->envelope_bytes, head->body_bytes)};
    if (!envelope_intact(*head, rest, record.envelope)) return std::nullopt;
    record.body_intact = head->type != RecordType::message || checksum(record.body) == head->body_checksum;
    return record;
}

// The next one at or behind that offset.
std::optional<SegmentImage::Record> SegmentImage::first_record(std::size_t from) const {
    while (from < bytes_.size()) {
        if (auto record = record_at(from)) return record;
        from = bytes_.find(kRecordMagic, from + 1);
    }
    return std::nullopt;
}

SegmentImage::Contents SegmentImage::contents(std::uint32_t end) const {
    Contents contents;
    const bool complete = end != kUnknownEnd;
    const std::size_t limit = complete ? std::min<std::size_t>(end, bytes_.size()) : bytes_.size();
    std::uint32_t durable = complete ? end : 0;
    std::size_t at = kSegmentHeadBytes;
    for (auto record = first_record(at); record && record->place.offset < limit; record = first_record(at)) {
        durable = std::max(durable, record->head.durable);
        at = record->place.offset + record->place.bytes;
        contents.records.push_back(*std::move(record));
    }
    // A body that a crash cut short belongs to nobody who was told "250".
    std::erase_if(contents.records,
                  [&](const Record& each) { return !each.body_intact && each.place.offset >= durable; });

    if (head_damaged_) contents.damage.push_back({0, std::string_view(bytes_).substr(0, kSegmentHeadBytes)});
    contents.end = kSegmentHeadBytes;
    const auto gap = [&](std::size_t until) {
        const auto damaged = std::min<std::size_t>(until, durable);
        if (damaged <= contents.end) return;
        const auto octets = std::string_view(bytes_).substr(contents.end, damaged - contents.end);
        contents.damage.push_back({contents.end, octets});
    };
    for (const Record& each : contents.records) {
        gap(each.place.offset);
        contents.end = each.place.offset + each.place.bytes;
    }
    gap(limit);
    if (complete && end > bytes_.size()) contents.damage.push_back({static_cast<std::uint32_t>(bytes_.size()), {}});
    return contents;
}

ReadRecord read_record(const std::filesystem::path& log, const Place& place, RecordPart part) {
    ReadRecord result;
    Input file(segment_path(log, place.segment));
    // Small records come with the first read.
    constexpr std::size_t first_read = 8192;
    std::string bytes = file.read(place.offset, std::min<std::size_t>(place.bytes, first_read));
    const auto head = parse_record_head(bytes);
    if (!file.failed() && (!head || head->bytes() != place.bytes)) {
        result.corrupt = "no record where one was written";
        return result;
    }
    const auto wanted = file.failed()             ? 0
                        : part == RecordPart::all ? std::size_t{place.bytes}
                                                  : kRecordHeadBytes + head->envelope_bytes;
    if (bytes.size() < wanted) bytes += file.read(place.offset + bytes.size(), wanted - bytes.size());
    result.failed = file.failed();
    if (result.failed) return result;
    result.head = *head;
    if (bytes.size() < wanted) {
        result.corrupt = "the record ends with the file";
        return result;
    }
    result.envelope = bytes.substr(kRecordHeadBytes, head->envelope_bytes);
    if (!envelope_intact(*head, bytes, result.envelope)) {
        result.corrupt = "wrong checksum of the envelope";
    } else if (part == RecordPart::all && head->type == RecordType::message) {
        result.body = bytes.substr(kRecordHeadBytes + head->envelope_bytes, head->body_bytes);
        if (checksum(result.body) != head->body_checksum) result.corrupt = "wrong checksum of the body";
    }
    return result;
}

ReadFile read_whole(const std::filesystem::path& path) {
    Input file(path);
    ReadFile result;
    result.bytes = file.read(0, file.size());
    result.failed = file.failed();
    return result;
}

std::optional<std::vector<std::uint64_t>> segment_numbers(const std::filesystem::path& log) {
    std::error_code failed;
    std::vector<std::uint64_t> numbers;
    for (std::filesystem::directory_iterator at(log, failed), end; !failed && at != end; at.increment(failed)) {
        const std::string name = at->path().filename().string();
        std::uint64_t number = 0;
        const auto parsed = std::from_chars(name.data(), name.data() + name.size(), number, 16);
        if (parsed.ptr == name.data() + 16 && name.substr(16) == ".seg" && number != 0) numbers.push_back(number);
    }
    if (failed) return std::nullopt;
    std::sort(numbers.begin(), numbers.end());
    return numbers;
}

}  // namespace sluice::queue
