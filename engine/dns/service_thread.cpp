#include "engine/dns/service_thread.hpp"

#include <pthread.h>

#include <cassert>

namespace sluice::dns {

ServiceThread::ServiceThread(std::function<void(const std::string&)> on_problem) : on_problem_(std::move(on_problem)) {
    if (!on_problem_) on_problem_ = [](const std::string&) {};
    thread_ = std::thread([this] {
        (void)pthread_setname_np(pthread_self(), "sluice-dns");
        context_.run();
    });
}

ServiceThread::~ServiceThread() { assert(!thread_.joinable()); }

template <typename Note>
bool ServiceThread::hand_over(Note note) {
    const std::lock_guard lock(mutex_);
    if (!stopped_) asio::post(context_, std::move(note));
    return !stopped_;
}

ServiceThread::StubId ServiceThread::open(Settings settings) {
    StubId id = 0;
    {
        const std::lock_guard lock(mutex_);
        id = ++last_id_;
    }
    (void)hand_over([this, id, settings = std::move(settings)] {
        stubs_.emplace(id, std::make_shared<StubResolver>(context_, settings, on_problem_));
    });
    return id;
}

void ServiceThread::ask(StubId stub, std::shared_ptr<Mailbox> mailbox, Name name, RecordType type) {
    const bool runs = hand_over([this, stub, mailbox, name = std::move(name), type]() mutable {
        if (const auto found = stubs_.find(stub); found != stubs_.end())
            found->second->ask(std::move(mailbox), std::move(name), type);
        else
            mailbox->deliver(failed_answer("the resolver has been closed"));
    });
    if (!runs) mailbox->deliver(failed_answer("the resolver has been shut down"));
}

void ServiceThread::forget(StubId stub, std::shared_ptr<Mailbox> mailbox) {
    (void)hand_over([this, stub, mailbox = std::move(mailbox)] {
        if (const auto found = stubs_.find(stub); found != stubs_.end()) found->second->forget(*mailbox);
    });
}

void ServiceThread::close(StubId stub) {
    (void)hand_over([this, stub] { stubs_.erase(stub); });
}

void ServiceThread::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopped_ = true;
        asio::post(context_, [this] {
            stubs_.clear();
            work_.reset();
        });
    }
    thread_.join();
}

}  // namespace sluice::dns
