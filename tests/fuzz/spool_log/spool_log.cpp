// Logs as crashes, rotten disks and strangers leave them. The input is a list of steps that write one: records with
// right checksums (checksums that are guessed would never be right), things that are no records, octets that rot, new
// segments. The spool must open, give what it lists, and find the same once more; a log that nothing has damaged must
// give what a map gives that does the same.
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "engine/queue/envelope_format.hpp"
#include "engine/queue/record_format.hpp"
#include "engine/queue/segment_writer.hpp"
#include "engine/queue/spool.hpp"
#include "tests/support/temporary_directory.hpp"

namespace {

using namespace sluice;
using namespace sluice::queue;

void require(bool condition) {
    if (!condition) std::abort();
}

constexpr std::size_t kIds = 6;

class Steps {
  public:
    explicit Steps(std::string_view input) : input_(input) {}
    [[nodiscard]] bool left() const { return !input_.empty(); }
    std::uint8_t octet() {
        const auto one = text(1);
        return one.empty() ? 0 : static_cast<std::uint8_t>(one.front());
    }
    std::string_view text(std::size_t length) {
        const auto taken = input_.substr(0, length);
        input_.remove_prefix(taken.size());
        return taken;
    }

  private:
    std::string_view input_;
};

Uuid id_of(std::size_t number) {
    return *Uuid::parse("00000000-0000-4000-8000-00000000000" + std::to_string(number % kIds));
}

struct Kept {
    Queue queue;
    std::string body;
    bool operator==(const Kept&) const = default;
};
using Contents = std::map<std::string, Kept>;

class Writer {
  public:
    explicit Writer(std::filesystem::path log) : log_(std::move(log)) { begin(kUnknownEnd); }

    void step(Steps& steps) {
        const auto what = steps.octet();
        const auto id = id_of(steps.octet());
        switch (what % 9) {
            case 0:
            case 1: return message(id, static_cast<Queue>(what / 9 % kQueues), steps.text(steps.octet()));
            case 2: return state(id, static_cast<Queue>(what / 9 % kQueues));
            case 3: return done(id);
            case 4: return next_segment();
            case 5: return head(steps.octet());
            case 6: return rubbish(steps.text(steps.octet()));
            case 7: return rot(steps.octet() * 256u + steps.octet(), steps.octet());
            default: return strange_envelope(static_cast<RecordType>("MLSD"[what / 9 % 4]), steps.text(steps.octet()));
        }
    }
    void end() { std::ofstream(segment_path(log_, number_), std::ios::binary) << octets_; }

    [[nodiscard]] bool damaged() const { return damaged_; }
    [[nodiscard]] const Contents& contents() const { return contents_; }

  private:
    // corrupt is no queue of the log.
    static constexpr std::size_t kQueues = static_cast<std::size_t>(Queue::corrupt);

    void begin(std::uint32_t end_before) {
        key_ = 0x0123456789abcdef + ++number_;
        const auto head = print(SegmentHead{key_, end_before});
        octets_.assign(head.data(), head.size());
    }
    void next_segment() {
        end();
        begin(static_cast<std::uint32_t>(octets_.size()));
    }
    void append(RecordType type, std::string_view envelope, std::string_view body) {
        RecordHead head{.type = type,
                        .key = key_,
                        .durable = static_cast<std::uint32_t>(octets_.size()),
                        .envelope_bytes = static_cast<std::uint32_t>(envelope.size()),
                        .body_bytes = static_cast<std::uint32_t>(body.size()),
                        .body_checksum = checksum(body)};
        const auto text = print(head, envelope);
        octets_.append(text.data(), text.size()).append(envelope).append(body).append("\n");
    }
    static Envelope envelope_of(const Uuid& id) {
        Envelope envelope;
        envelope.id = id.to_string();
        envelope.recipients.emplace_back().address = "a@b";
        return envelope;
    }
    void message(const Uuid& id, Queue queue, std::string_view body) {
        append(RecordType::message, encode_envelope(envelope_of(id), queue), body);
        contents_.insert_or_assign(id.to_string(), Kept{queue, std::string(body)});
    }
    void state(const Uuid& id, Queue queue) {
        const auto found = contents_.find(id.to_string());
        if (found == contents_.end()) return;
        append(RecordType::state, encode_envelope(envelope_of(id), queue), {});
        found->second.queue = queue;
    }
    void done(const Uuid& id) {
        append(RecordType::done, id.to_string(), {});
        contents_.erase(id.to_string());
    }
    // A record's beginning that promises more than there is.
    void head(std::size_t promised) {
        damaged_ = true;
        RecordHead head{.type = RecordType::message,
                        .key = key_,
                        .durable = static_cast<std::uint32_t>(octets_.size()),
                        .envelope_bytes = static_cast<std::uint32_t>(promised),
                        .body_bytes = static_cast<std::uint32_t>(promised << 8u)};
        const auto text = print(head, "");
        octets_.append(text.data(), text.size());
    }
    void rubbish(std::string_view text) {
        damaged_ = true;
        octets_ += text;
    }
    void rot(std::size_t where, std::uint8_t how) {
        damaged_ = true;
        char& octet = octets_[where % octets_.size()];
        octet = static_cast<char>(octet ^ how);
    }
    void strange_envelope(RecordType type, std::string_view envelope) {
        damaged_ = true;
        append(type, envelope, {});
    }

    std::filesystem::path log_;
    std::uint64_t number_ = 0;
    std::uint64_t key_ = 0;
    std::string octets_;
    bool damaged_ = false;
    Contents contents_;
};

// What the spool lists, and can give; the rest it has set aside then.
Contents contents_of(Spool& spool) {
    Contents found;
    spool.each([&](const StoredEnvelope& each) {
        const auto read = spool.body(each.envelope.id);
        require(read.body || !read.corrupt.empty());
        require(read.body || !spool.queue_of(each.envelope.id));
        if (read.body) found.insert_or_assign(each.envelope.id, Kept{each.queue, *read.body});
    });
    require(found.size() == spool.size());
    return found;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const test::TemporaryDirectory directory(test::TemporaryDirectory::Where::memory);
    const auto log = directory.path() / "log";
    std::filesystem::create_directories(log);
    Writer writer(log);
    for (Steps steps({reinterpret_cast<const char*>(data), size}); steps.left();) writer.step(steps);
    writer.end();

    auto first = Spool::open(directory.path());
    require(first.spool && first.scan.unreadable.empty());
    const auto found = contents_of(*first.spool);
    if (!writer.damaged()) {
        require(first.scan.damage.empty());
        require(found == writer.contents());
    }
    first.spool.reset();
    const auto again = Spool::open(directory.path());
    require(again.spool && contents_of(*again.spool) == found);
    return 0;
}
