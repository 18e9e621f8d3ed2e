// One open resolver on the service's thread: hosts file, search list, deadline, and a context of libunbound below.
// Used by service_thread.cpp; all functions are called on its thread.
#pragma once

#include <boost/asio/posix/stream_descriptor.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/dns/hosts_file.hpp"
#include "engine/dns/mailbox.hpp"
#include "engine/dns/resolver_plan.hpp"
#include "engine/dns/unbound_context.hpp"

namespace sluice::dns {

class StubResolver : public std::enable_shared_from_this<StubResolver> {
  public:
    using OnProblem = std::function<void(const std::string&)>;

    // Reads the files of the settings; blocks for it.
    StubResolver(asio::io_context& context, const Settings& settings, const OnProblem& on_problem);
    // Answers what waits as temporary; blocks until libunbound's thread has ended.
    ~StubResolver();
    StubResolver(const StubResolver&) = delete;
    StubResolver& operator=(const StubResolver&) = delete;

    void ask(std::shared_ptr<Mailbox> mailbox, Name name, RecordType type);
    // Nobody waits for that answer any more.
    void forget(const Mailbox& mailbox);

  private:
    using Id = std::uint64_t;
    struct Question;
    using Questions = std::unordered_map<const Mailbox*, std::unique_ptr<Question>>;

    void open(const Settings& settings, const OnProblem& on_problem);
    void watch();
    void send(Question& question);
    void on_answer(const Mailbox* key, Answer answer);
    void on_deadline(const Mailbox* key, Id id);
    void finish(const Mailbox* key, Answer answer);
    void fail_all(const std::string& why);

    asio::io_context& io_;
    ResolverPlan plan_;
    HostsFile hosts_;
    std::string unusable_;  // why nothing can be asked; empty if all is well
    std::unique_ptr<UnboundContext> unbound_;
    asio::posix::stream_descriptor readable_;
    bool watching_ = false;
    Id last_id_ = 0;
    Questions questions_;
};

}  // namespace sluice::dns
