// One `sluice trace`: which stage runs it shows, and those it keeps until it is known whether it shows them.
//
// Sender and recipients are known late: with --from or --rcpt the runs of connect to mail are kept for each session,
// and shown before the first run that matches. A run of rcpt matches by its own recipient, one of preq by any;
// addresses match as the client gave them as well as rewritten by rules. What is kept is bounded: of too many sessions
// the oldest are forgotten, of too many octets of one session the latest are left out, which is told.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/filter/stage_trace.hpp"
#include "engine/watch/line_stream.hpp"
#include "engine/watch/trace_filter.hpp"

namespace sluice::watch {

// Called on the sessions' threads; the runs of one session come one after the other.
class TraceWatcher {
  public:
    TraceWatcher(TraceFilter filter, const TraceRequest& request, std::weak_ptr<LineStream> stream);

    [[nodiscard]] bool accepts(const smtp::SessionFacts& session) const {
        return filter_.accepts(session.client.address());
    }
    void stage_ran(const smtp::SessionFacts& session, const smtp::Transaction* transaction,
                   const filter::StageTrace& trace);
    // The safety net refused a recipient that rules let pass: behind the run of rcpt, if that was shown.
    void relay_denied(const smtp::SessionFacts& session, std::string_view recipient);
    void forget(const smtp::SessionFacts& session);

    [[nodiscard]] bool finished() const;
    void finish(int exit_code);

  private:
    enum class Decision : std::uint8_t { no, keep, show };
    struct KeptRun {
        bool of_session;  // not of a transaction, so it stays for the next one
        std::string lines;
    };
    struct Kept {
        std::uint64_t order = 0;
        std::vector<KeptRun> runs;
        std::size_t left_out = 0;
        bool shown = false;              // the latest run
        bool from_matched = false;       // at mail, for the whole transaction
        std::vector<Uuid> rcpt_matched;  // parts whose matching recipient was rewritten
    };

    [[nodiscard]] std::string render(const smtp::SessionFacts& session, const smtp::Transaction* transaction,
                                     const filter::StageTrace& trace) const;
    // These with the mutex held.
    [[nodiscard]] Decision decide(Kept& kept, const smtp::Transaction* transaction, const filter::StageTrace& trace);
    [[nodiscard]] bool rcpt_matches(Kept& kept, const smtp::Transaction& transaction, const filter::StageTrace& trace);
    [[nodiscard]] Kept& kept_of(const smtp::SessionFacts& session);
    static void keep(Kept& kept, bool of_session, std::string lines);
    void show_kept(Kept& kept);
    void show(std::string lines);

    const TraceFilter filter_;
    const Form form_;
    const std::uint64_t count_;
    const std::weak_ptr<LineStream> stream_;
    std::mutex mutex_;  // guards what follows
    std::unordered_map<std::string, Kept> sessions_;
    std::uint64_t order_ = 0;
    std::uint64_t shown_ = 0;
};

}  // namespace sluice::watch
