#include "engine/queue/spool_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "engine/queue/message_id.hpp"
#include "engine/queue/spool_format.hpp"

namespace sluice::queue {

namespace {

class InputFile {
  public:
    explicit InputFile(const std::filesystem::path& path)
        : descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)) {
        struct stat facts {};
        if (descriptor_ < 0 || ::fstat(descriptor_, &facts) != 0) {
            error_ = errno;
        } else {
            size_ = static_cast<std::size_t>(facts.st_size);
        }
    }
    ~InputFile() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }
    InputFile(const InputFile&) = delete;
    InputFile& operator=(const InputFile&) = delete;

    [[nodiscard]] std::error_code error() const { return {error_, std::system_category()}; }
    [[nodiscard]] std::size_t size() const { return size_; }

    // Up to `count` bytes from `offset`; fewer at the end of the file or after an error.
    std::string read(std::size_t offset, std::size_t count) {
        std::string bytes(count, '\0');
        std::size_t done = 0;
        while (done < count) {
            const ssize_t got =
                ::pread(descriptor_, bytes.data() + done, count - done, static_cast<off_t>(offset + done));
            if (got < 0 && errno == EINTR) continue;
            if (got < 0) error_ = errno;
            if (got <= 0) break;
            done += static_cast<std::size_t>(got);
        }
        bytes.resize(done);
        return bytes;
    }

  private:
    int descriptor_;
    int error_ = 0;
    std::size_t size_ = 0;
};

// Small envelopes come with the first read.
constexpr std::size_t kFirstRead = 4096;

struct Opened {
    std::optional<FileHead> head;
    std::string start;
    std::string corrupt;
};

Opened open_head(InputFile& file, bool message) {
    Opened opened;
    opened.start = file.read(0, kFirstRead);
    if (file.error()) return opened;
    opened.head = message ? decode_message_head(opened.start) : decode_state_head(opened.start);
    if (!opened.head) {
        opened.corrupt = "malformed first line";
    } else if (file.size() != opened.head->body_offset() + opened.head->body_bytes) {
        opened.corrupt = "the file has " + std::to_string(file.size()) + " bytes instead of " +
                         std::to_string(opened.head->body_offset() + opened.head->body_bytes);
        opened.head.reset();
    }
    return opened;
}

SpoolFiles::EnvelopeResult read_envelope_of(const std::filesystem::path& path, bool message, const std::string& id) {
    InputFile file(path);
    if (file.error()) return {std::nullopt, file.error(), {}};
    Opened opened = open_head(file, message);
    if (!opened.head) return {std::nullopt, file.error(), opened.corrupt};
    const FileHead& head = *opened.head;
    std::string json = opened.start.substr(head.line_bytes, head.envelope_bytes);
    if (json.size() < head.envelope_bytes) json = file.read(head.line_bytes, head.envelope_bytes);
    if (file.error()) return {std::nullopt, file.error(), {}};
    if (checksum(json) != head.envelope_crc) return {std::nullopt, {}, "wrong checksum of the envelope"};
    DecodedEnvelope decoded = decode_envelope(json);
    if (decoded.envelope && decoded.envelope->id != id)
        return {std::nullopt, {}, "another id inside than in the file name"};
    return {std::move(decoded.envelope), {}, std::move(decoded.reason)};
}

}  // namespace

std::filesystem::path SpoolFiles::message(Queue queue, const std::string& id) const {
    return directory(queue) / (id + ".msg");
}

std::filesystem::path SpoolFiles::state(const std::string& id) const { return state_directory() / (id + ".state"); }

SpoolFiles::EnvelopeResult SpoolFiles::read_envelope(Queue queue, const std::string& id) const {
    EnvelopeResult original = read_envelope_of(message(queue, id), true, id);
    if (!original.envelope) return original;
    EnvelopeResult changed = read_envelope_of(state(id), false, id);
    if (changed.failed == std::errc::no_such_file_or_directory) return original;
    if (!changed.corrupt.empty()) changed.corrupt = "state file: " + changed.corrupt;
    return changed;
}

SpoolFiles::BodyResult SpoolFiles::read_body(Queue queue, const std::string& id) const {
    InputFile file(message(queue, id));
    if (file.error()) return {nullptr, file.error(), {}};
    const Opened opened = open_head(file, true);
    if (!opened.head) return {nullptr, file.error(), opened.corrupt};
    auto body = std::make_shared<std::string>(file.read(opened.head->body_offset(), opened.head->body_bytes));
    if (file.error()) return {nullptr, file.error(), {}};
    if (checksum(*body) != opened.head->body_crc) return {nullptr, {}, "wrong checksum of the body"};
    return {std::move(body), {}, {}};
}

std::optional<std::vector<std::string>> SpoolFiles::names(const std::filesystem::path& directory) {
    std::error_code failed;
    std::vector<std::string> all;
    for (std::filesystem::directory_iterator at(directory, failed), end; !failed && at != end; at.increment(failed)) {
        all.push_back(at->path().filename().string());
    }
    if (failed) return std::nullopt;
    return all;
}

std::optional<std::string> SpoolFiles::id_of(const std::string& name, std::string_view extension) {
    if (!name.ends_with(extension)) return std::nullopt;
    std::string id = name.substr(0, name.size() - extension.size());
    if (!is_message_id(id)) return std::nullopt;
    return id;
}

}  // namespace sluice::queue
