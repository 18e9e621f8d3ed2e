#include "engine/queue/record_format.hpp"

#include <isa-l/crc.h>

#include <algorithm>

namespace sluice::queue {

namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

// Writes from left to right into a text of known length.
class Printer {
  public:
    explicit Printer(char* at) : at_(at) {}

    void text(std::string_view text) { at_ = std::copy(text.begin(), text.end(), at_); }
    void number(std::uint64_t value, int digits) {
        for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) *at_++ = kDigits[value >> shift & 15];
    }
    [[nodiscard]] const char* at() const { return at_; }

  private:
    char* at_;
};

class Parser {
  public:
    explicit Parser(std::string_view text) : text_(text) {}

    void expect(std::string_view wanted) {
        good_ = good_ && text_.starts_with(wanted);
        if (good_) text_.remove_prefix(wanted.size());
    }
    char character() {
        good_ = good_ && !text_.empty();
        if (!good_) return 0;
        const char c = text_.front();
        text_.remove_prefix(1);
        return c;
    }
    std::uint64_t number(int digits) {
        std::uint64_t value = 0;
        for (int i = 0; i < digits; ++i) {
            const auto digit = kDigits.find(character());
            if (digit == std::string_view::npos) good_ = false;
            if (!good_) return 0;
            value = value << 4 | digit;
        }
        return value;
    }
    std::uint32_t word() { return static_cast<std::uint32_t>(number(8)); }
    [[nodiscard]] bool good() const { return good_; }

  private:
    std::string_view text_;
    bool good_ = true;
};

constexpr std::size_t kChecksumAt = kRecordHeadBytes - 9;  // what stands before is checked with the envelope

bool known(char type) {
    return type == static_cast<char>(RecordType::message) || type == static_cast<char>(RecordType::large) ||
           type == static_cast<char>(RecordType::state) || type == static_cast<char>(RecordType::done);
}

}  // namespace

std::size_t RecordHead::bytes() const noexcept {
    return kRecordHeadBytes + std::size_t{envelope_bytes} + body_bytes + 1;
}

std::uint32_t checksum(std::string_view bytes, std::uint32_t so_far) noexcept {
    // The library takes lengths as int and pointers to what it does not change.
    while (!bytes.empty()) {
        const auto piece = bytes.substr(0, 1 << 30);
        auto* const data = const_cast<unsigned char*>(reinterpret_cast<const unsigned char*>(piece.data()));
        so_far = ~crc32_iscsi(data, static_cast<int>(piece.size()), ~so_far);
        bytes.remove_prefix(piece.size());
    }
    return so_far;
}

SegmentHeadText print(const SegmentHead& head) noexcept {
    SegmentHeadText text;
    Printer out(text.data());
    out.text(kSegmentMagic);
    out.number(head.key, 16);
    out.text(" ");
    out.number(head.end_before, 8);
    out.text(" ");
    out.number(checksum({text.data(), out.at()}), 8);
    out.text("\n");
    return text;
}

std::optional<SegmentHead> parse_segment_head(std::string_view start) noexcept {
    if (start.size() < kSegmentHeadBytes) return std::nullopt;
    Parser in(start);
    SegmentHead head;
    in.expect(kSegmentMagic);
    head.key = in.number(16);
    in.expect(" ");
    head.end_before = in.word();
    in.expect(" ");
    const auto sum = in.word();
    in.expect("\n");
    if (!in.good() || sum != checksum(start.substr(0, kSegmentHeadBytes - 9))) return std::nullopt;
    return head;
}

RecordHeadText print(RecordHead& head, std::string_view envelope) noexcept {
    RecordHeadText text;
    Printer out(text.data());
    out.text(kRecordMagic);
    const char type[] = {static_cast<char>(head.type), ' '};
    out.text({type, sizeof type});
    out.number(head.key, 16);
    for (const auto word : {head.durable, head.envelope_bytes, head.body_bytes, head.body_checksum}) {
        out.text(" ");
        out.number(word, 8);
    }
    out.text(" ");
    head.checksum = checksum(envelope, checksum({text.data(), kChecksumAt}));
    out.number(head.checksum, 8);
    out.text("\n");
    return text;
}

std::optional<RecordHead> parse_record_head(std::string_view start) noexcept {
    if (start.size() < kRecordHeadBytes) return std::nullopt;
    Parser in(start);
    RecordHead head;
    in.expect(kRecordMagic);
    const char type = in.character();
    in.expect(" ");
    head.key = in.number(16);
    for (auto* const word :
         {&head.durable, &head.envelope_bytes, &head.body_bytes, &head.body_checksum, &head.checksum}) {
        in.expect(" ");
        *word = in.word();
    }
    in.expect("\n");
    if (!in.good() || !known(type)) return std::nullopt;
    head.type = static_cast<RecordType>(type);
    return head;
}

bool envelope_intact(const RecordHead& head, std::string_view text, std::string_view envelope) noexcept {
    return head.checksum == checksum(envelope, checksum(text.substr(0, kChecksumAt)));
}

}  // namespace sluice::queue
