#include "engine/dns/resolver_service.hpp"

#include "engine/dns/mailbox.hpp"
#include "engine/dns/service_thread.hpp"

namespace sluice::dns {

namespace {

class OpenResolver : public Resolver {
  public:
    OpenResolver(std::shared_ptr<ServiceThread> thread, ServiceThread::StubId stub)
        : thread_(std::move(thread)), stub_(stub) {}
    ~OpenResolver() override { thread_->close(stub_); }

    asio::awaitable<Answer> query(Name name, RecordType type) override {
        // Copies, because the resolver may go away while the coroutine waits.
        const std::shared_ptr<ServiceThread> thread = thread_;
        const ServiceThread::StubId stub = stub_;
        const auto executor = co_await asio::this_coro::executor;
        Waiter waiter(executor, [&thread, stub](const auto& mailbox) { thread->forget(stub, mailbox); });
        thread->ask(stub, waiter.mailbox(), std::move(name), type);
        co_return co_await waiter.answer();
    }

  private:
    std::shared_ptr<ServiceThread> thread_;
    ServiceThread::StubId stub_;
};

}  // namespace

ResolverService::ResolverService(OnProblem on_problem)
    : thread_(std::make_shared<ServiceThread>(std::move(on_problem))) {}

ResolverService::~ResolverService() { thread_->stop(); }

std::shared_ptr<Resolver> ResolverService::open(Settings settings) {
    return std::make_shared<OpenResolver>(thread_, thread_->open(std::move(settings)));
}

}  // namespace sluice::dns
