// The thread of a ResolverService and the notes handed to it. Used by resolver_service.cpp only.
// Guarantees: notes are worked off in the order they were handed over; none is lost: what comes after stop() is
// answered as temporary. All functions but stop() return at once and may be called from any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>

#include "engine/dns/mailbox.hpp"
#include "engine/dns/resolver_settings.hpp"
#include "engine/dns/stub_resolver.hpp"

namespace sluice::dns {

class ServiceThread {
  public:
    using StubId = std::uint64_t;

    explicit ServiceThread(std::function<void(const std::string&)> on_problem);
    // Precondition: stop() has returned.
    ~ServiceThread();
    ServiceThread(const ServiceThread&) = delete;
    ServiceThread& operator=(const ServiceThread&) = delete;

    [[nodiscard]] StubId open(Settings settings);
    void ask(StubId stub, std::shared_ptr<Mailbox> mailbox, Name name, RecordType type);
    void forget(StubId stub, std::shared_ptr<Mailbox> mailbox);
    void close(StubId stub);
    // Blocks until the thread has ended.
    void stop();

  private:
    // False if the thread has been stopped.
    template <typename Note>
    bool hand_over(Note note);

    std::function<void(const std::string&)> on_problem_;
    asio::io_context context_{1};
    asio::executor_work_guard<asio::io_context::executor_type> work_{context_.get_executor()};
    std::unordered_map<StubId, std::shared_ptr<StubResolver>> stubs_;  // of the thread
    std::mutex mutex_;                                                 // of the rest
    bool stopped_ = false;
    StubId last_id_ = 0;
    std::thread thread_;
};

}  // namespace sluice::dns
