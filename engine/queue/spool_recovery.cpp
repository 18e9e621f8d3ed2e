// Spool::recover(): what is on disk at start.
#include <algorithm>
#include <unordered_set>

#include "engine/io/durable_file.hpp"
#include "engine/queue/spool.hpp"

namespace sluice::queue {

namespace {

bool all_sent(const Envelope& envelope) {
    return !envelope.recipients.empty() &&
           std::all_of(envelope.recipients.begin(), envelope.recipients.end(),
                       [](const Recipient& each) { return each.state == RecipientState::sent; });
}

}  // namespace

// Keeps its name, so that the administrator finds it by its id; a second one of that name gets a number.
void Spool::set_aside(Queue queue, const std::string& name) {
    std::filesystem::path target = files_.directory(Queue::corrupt) / name;
    std::error_code failed;
    for (int number = 1; std::filesystem::exists(target, failed); ++number) {
        target = files_.directory(Queue::corrupt) / (name + "." + std::to_string(number));
    }
    if (io::move_file(files_.directory(queue) / name, target)) return;
    (void)io::sync_directory(files_.directory(Queue::corrupt));
}

Spool::Recovered Spool::recover() {
    Recovered recovered;
    bool complete = true;
    for (const Queue queue : kAllQueues) {
        if (queue == Queue::corrupt) continue;
        const auto names = SpoolFiles::names(files_.directory(queue));
        if (!names) {
            recovered.unreadable.push_back({files_.directory(queue), "the directory cannot be read"});
            complete = false;
        }
        for (const std::string& name : names.value_or(std::vector<std::string>())) {
            const std::filesystem::path path = files_.directory(queue) / name;
            const std::optional<std::string> id = SpoolFiles::id_of(name, ".msg");
            SpoolFiles::EnvelopeResult read;
            read.corrupt = "this name is not one of the spool";
            if (id) read = files_.read_envelope(queue, *id);
            if (id && queue_of(*id)) read = {std::nullopt, {}, "a second message of this id"};
            if (read.envelope) {
                const std::lock_guard lock(mutex_);
                index_[*id] = queue;
                recovered.messages.push_back({std::move(*read.envelope), queue});
            } else if (read.failed) {
                recovered.unreadable.push_back({path, read.failed.message()});
            } else {
                set_aside(queue, name);
                recovered.corrupt.push_back({path, std::move(read.corrupt)});
            }
        }
    }
    // A crash between the last delivery and the removal leaves messages with nothing to do, one after a removal state
    // files without a message.
    std::erase_if(recovered.messages, [this](const Recovered::Entry& entry) {
        return all_sent(entry.envelope) && !wait([&](Done done) { remove(entry.envelope.id, std::move(done)); });
    });
    if (complete) remove_orphans(recovered);
    return recovered;
}

// State files without a message; those of corrupt messages tell who has got them already, so they stay beside them.
void Spool::remove_orphans(const Recovered& recovered) {
    std::unordered_set<std::string> unreadable;
    for (const auto& each : recovered.unreadable) unreadable.insert(each.path.stem().string());
    for (const std::string& name : SpoolFiles::names(files_.state_directory()).value_or(std::vector<std::string>())) {
        const std::optional<std::string> id = SpoolFiles::id_of(name, ".state");
        if (id && (queue_of(*id) || unreadable.contains(*id))) continue;
        const std::filesystem::path path = files_.state_directory() / name;
        std::error_code failed;
        if (id && std::filesystem::exists(files_.message(Queue::corrupt, *id), failed)) {
            (void)io::move_file(path, files_.directory(Queue::corrupt) / name);
        } else {
            (void)io::remove_file(path);
        }
    }
}

}  // namespace sluice::queue
