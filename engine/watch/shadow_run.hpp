// One `sluice shadow`: the new rules, what was found so far, and the client that reads it. New rules run on a thread of
// their own (shadow.hpp), on copies.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "engine/filter/filter_rules.hpp"
#include "engine/watch/difference.hpp"
#include "engine/watch/line_stream.hpp"

namespace sluice::watch {

// As it stands on the command line and, as a JSON object, on the request line of the control socket.
struct ShadowRequest {
    std::string directory;  // absolute
    Form form = Form::text;
    std::uint64_t count = 0;  // ends after so many comparisons; 0: never

    [[nodiscard]] std::string json() const;
    [[nodiscard]] static std::optional<ShadowRequest> parse(std::string_view json);
};

// What a stage run of a live session leaves behind to be compared.
struct LiveRun {
    smtp::Stage stage = smtp::Stage::connect;
    smtp::SessionFacts session;                    // before the run
    std::optional<smtp::Transaction> transaction;  // before the run; from mail on
    PlayedRun live;

    LiveRun(smtp::Stage at, const smtp::SessionFacts& facts, const smtp::Transaction* mail);
    ~LiveRun();                                // wipes the password, if there is one
    [[nodiscard]] std::size_t octets() const;  // of the messages it keeps alive
    LiveRun(const LiveRun&) = delete;
    LiveRun& operator=(const LiveRun&) = delete;
};

class ShadowRun : public std::enable_shared_from_this<ShadowRun> {
  public:
    ShadowRun(std::shared_ptr<filter::FilterRules> rules, const ShadowRequest& request,
              std::weak_ptr<LineStream> stream)
        : rules_(std::move(rules)), form_(request.form), count_(request.count), stream_(std::move(stream)) {}

    // From a session's thread; runs the new rules in `context`. Too many at once: left out, and counted.
    void compare_in(asio::io_context& context, std::unique_ptr<LiveRun> run);
    // With a summary; what is still running does not count.
    void finish(int exit_code);
    [[nodiscard]] bool finished() const;

  private:
    [[nodiscard]] asio::awaitable<void> run_new(std::unique_ptr<LiveRun> run);
    [[nodiscard]] bool admit(std::size_t octets);
    void ended(std::size_t octets, bool thrown);
    void report(const LiveRun& run, const PlayedRun& fresh);
    [[nodiscard]] std::string render(const LiveRun& run, const PlayedRun& fresh, const std::vector<Difference>& found,
                                     const std::optional<std::string>& not_comparable) const;
    [[nodiscard]] std::string summary() const;

    const std::shared_ptr<filter::FilterRules> rules_;
    const Form form_;
    const std::uint64_t count_;
    const std::weak_ptr<LineStream> stream_;
    mutable std::mutex mutex_;  // guards what follows
    std::size_t running_ = 0;
    std::size_t octets_ = 0;
    std::uint64_t compared_ = 0;
    std::uint64_t differ_ = 0;
    std::uint64_t not_comparable_ = 0;
    std::uint64_t left_out_ = 0;
};

}  // namespace sluice::watch
