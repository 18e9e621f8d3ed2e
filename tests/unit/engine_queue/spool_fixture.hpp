// A spool in a temporary directory, messages for it, for the tests of engine/queue,
// engine/deliver and tests/durability.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "engine/io/durable_file.hpp"
#include "engine/queue/spool.hpp"
#include "tests/support/temporary_directory.hpp"

namespace sluice::queue {

// In memory: what these tests show (order of steps, kill -9, errors) does not need a real disk.
class SpoolDirectory : public test::TemporaryDirectory {
  public:
    SpoolDirectory() : TemporaryDirectory(Where::memory) {}
};

// Removes the hook at the end of the scope.
class FaultGuard {
  public:
    explicit FaultGuard(io::FaultHook hook) { io::set_fault_hook(std::move(hook)); }
    ~FaultGuard() { io::set_fault_hook({}); }
    FaultGuard(const FaultGuard&) = delete;
    FaultGuard& operator=(const FaultGuard&) = delete;
};

inline Message make_message(std::string body = "Subject: x\r\n\r\nhello\r\n",
                            std::vector<std::string> to = {"a@example.com"}) {
    Message message;
    message.envelope.id = Uuid::random().to_string();
    message.envelope.reverse_path = "sender@example.org";
    for (std::string& address : to) message.envelope.recipients.push_back({std::move(address)});
    message.envelope.received = std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
    message.envelope.client_ip = "192.0.2.1";
    message.envelope.helo = "client.example.org";
    message.envelope.server_name = "mx.example.com";
    message.envelope.transaction_type = "incoming";
    message.body = std::make_shared<const std::string>(std::move(body));
    return message;
}

inline std::unique_ptr<Spool> open_spool(const std::filesystem::path& directory) {
    Spool::Opened opened = Spool::open(directory);
    EXPECT_TRUE(opened.spool) << opened.path << ": " << opened.failed.message();
    EXPECT_TRUE(opened.scan.damage.empty()) << opened.scan.damage.front().reason;
    EXPECT_TRUE(opened.scan.unreadable.empty());
    return std::move(opened.spool);
}

inline std::vector<StoredEnvelope> recover(Spool& spool) {
    std::vector<StoredEnvelope> found;
    spool.each([&](StoredEnvelope each) { found.push_back(std::move(each)); });
    return found;
}

inline std::error_code submit(Spool& spool, const Message& message, Queue queue = Queue::deliver) {
    return Spool::wait([&](Spool::Done done) { spool.submit({{message, queue}}, std::move(done)); });
}
inline std::error_code update(Spool& spool, const Envelope& envelope, Queue queue,
                              Spool::MoveIf move_if = Spool::MoveIf::always, Durable durable = Durable::now) {
    return Spool::wait([&](Spool::Done done) { spool.update(envelope, queue, move_if, durable, std::move(done)); });
}
inline std::error_code remove(Spool& spool, const std::string& id, Durable durable = Durable::now) {
    return Spool::wait([&](Spool::Done done) { spool.remove(id, durable, std::move(done)); });
}
inline std::error_code move(Spool& spool, const std::string& id, Queue queue) {
    return Spool::wait([&](Spool::Done done) { spool.move(id, queue, std::move(done)); });
}
inline std::error_code hold(Spool& spool, const std::string& id, const std::string& reason) {
    return Spool::wait([&](Spool::Done done) { spool.hold(id, reason, std::move(done)); });
}

inline std::error_code replace(Spool& spool, const Message& message, Queue queue = Queue::deliver) {
    return Spool::wait([&](Spool::Done done) { spool.replace(message, queue, std::move(done)); });
}

// Where the body of a message above kLargeBody is, below the spool's directory.
inline std::string large_file(const Message& message) {
    return SpoolPaths("").large_body(message.envelope.id, checksum(*message.body)).string();
}

inline std::string read_file(const std::filesystem::path& path) {
    std::stringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}
inline void write_file(const std::filesystem::path& path, const std::string& text) { std::ofstream(path) << text; }

// All files below, without the lock, relative and sorted. The spool may be renaming some meanwhile.
inline std::vector<std::string> files_below(const std::filesystem::path& root) {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
        std::error_code gone;
        const std::string name = entry.path().lexically_relative(root).string();
        if (entry.is_regular_file(gone) && name != "lock") names.push_back(name);
    }
    std::sort(names.begin(), names.end());
    return names;
}

}  // namespace sluice::queue
