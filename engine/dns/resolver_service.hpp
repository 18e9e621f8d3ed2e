// Where resolvers come from: one thread of the process on which all of libunbound's calls are made. engine/app has one
// service for the life of the server and opens one resolver for each distinct Settings; workers, delivery and rules
// share them.
//
// Threads and blocking: the service has one thread, every open resolver one more (libunbound's own, which talks to the
// servers and validates). query() and opening and dropping a resolver only hand a note to the service's thread, so
// nothing of libunbound and no file is ever waited for by the caller. A waiting query() holds a coroutine frame and a
// few hundred octets; answers come back through the executor of the coroutine.
// Files: hosts_file, resolv_conf (type system) and trust_anchor_file are read once, by the service's thread, when a
// resolver is opened; questions asked meanwhile wait. To read them again, open another resolver (reload).
// Cache: one per resolver, shared by all who ask it (Options::cache_size).
// At most limits::dns_sockets questions of a resolver are on their way to servers at once; others wait in line until
// their deadline.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "engine/dns/resolver.hpp"
#include "engine/dns/resolver_settings.hpp"

namespace sluice::dns {

class ServiceThread;

class ResolverService {
  public:
    // What administrators should know: a line of the hosts file that cannot be read, anchors that are missing, and so
    // on. Called on the service's thread; must not block and must not call the service.
    using OnProblem = std::function<void(const std::string&)>;

    explicit ResolverService(OnProblem on_problem = {});
    // Ends what waits as Outcome::temporary and joins the threads: destroy it where blocking is allowed. Resolvers may
    // live longer; all their answers are temporary then.
    ~ResolverService();
    ResolverService(const ResolverService&) = delete;
    ResolverService& operator=(const ResolverService&) = delete;

    // Never fails: if the settings do not validate() or libunbound refuses them, on_problem is told and every answer is
    // temporary and says why. Dropping the resolver ends what waits as temporary. May be called from any thread.
    [[nodiscard]] std::shared_ptr<Resolver> open(Settings settings);

  private:
    std::shared_ptr<ServiceThread> thread_;
};

}  // namespace sluice::dns
