// What the functions of rules work on during one run of one stage (vsl-rules.md 9). Private to engine/filter.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "dsl/host/host.hpp"
#include "engine/base/asio.hpp"
#include "engine/config/shown_values.hpp"
#include "engine/dns/resolver.hpp"
#include "engine/dns/resolver_settings.hpp"
#include "engine/io/blocking_pool.hpp"
#include "engine/mail/message.hpp"
#include "engine/mail/mime.hpp"
#include "engine/obs/log.hpp"
#include "engine/sasl/password_check.hpp"
#include "engine/sasl/saslauthd.hpp"
#include "engine/smtp/rules.hpp"

namespace sluice::filter {

class BranchCounts;  // branch_counts.hpp
class StageWatch;    // stage_trace.hpp
class RefusalWatch;  // refusal.hpp

// Rules that are only tried reach nothing outside: files are not written, and programs are not run but end with the
// exit code that stands here.
struct Rehearsed {
    std::map<std::string, int> exit_codes;  // by cmd::build's `command`
};

// What rules may use besides the session: of one generation, shared by all threads.
struct Surroundings {
    obs::Log& log;
    std::string root;     // of the configuration: where relative paths start
    std::string app_dir;  // config.app.dirpath: below it fs::write and fs::dump write
    std::shared_ptr<const config::ShownValues> configuration;
    io::BlockingPool& blocking;
    std::shared_ptr<dns::Resolver> resolver;
    dns::IpStrategy ip_strategy = dns::IpStrategy::ipv4_then_ipv6;
    sasl::PasswordCheck users;  // the password file; empty: none is configured
    std::string saslauthd = std::string(sasl::saslauthd_socket);
    StageWatch* watch = nullptr;                               // outlives the rules; null: nobody looks
    RefusalWatch* refusals = nullptr;                          // likewise
    std::shared_ptr<const smtp::Settings> settings = nullptr;  // with `refusals`: what clients are told
    std::optional<Rehearsed> rehearsed = {};
    BranchCounts* branches = nullptr;  // outlives the rules, which were loaded with Marks::yes; null: nobody counts
};

// What a function that waits comes to.
struct Answer {
    dsl::Value value;
    dsl::ErrorPtr error;  // not null: thrown in the script

    [[nodiscard]] static Answer of(dsl::Value v) { return {std::move(v), nullptr}; }
    [[nodiscard]] static Answer thrown(std::string_view text) {
        return {{}, dsl::make_thrown(dsl::Value::string(text))};
    }
};

class StageContext {
  public:
    StageContext(dsl::Stage at, smtp::SessionFacts& facts, smtp::Transaction* mail, const Surroundings& surroundings)
        : stage(at), session(facts), transaction(mail), around(surroundings) {}

    const dsl::Stage stage;
    smtp::SessionFacts& session;
    smtp::Transaction* const transaction;  // null before mail
    const Surroundings& around;

    // The run is suspended until the answer comes.
    [[nodiscard]] dsl::Outcome wait(asio::awaitable<Answer> answer) {
        waiting_.emplace(std::move(answer));
        return dsl::Outcome::pending;
    }
    // Precondition: a function has called wait() since.
    [[nodiscard]] asio::awaitable<Answer> take_waiting() { return std::exchange(waiting_, std::nullopt).value(); }

    // Called by a function that does not do its work because the rules are only tried: CallTrace::withheld.
    void withhold(std::string why) { withheld_ = std::move(why); }
    [[nodiscard]] std::string take_withheld() { return std::exchange(withheld_, {}); }

    // message_functions.cpp. From preq on; parsed when it is first asked for.
    [[nodiscard]] mail::Message& message();
    // Of the message, or before there is one the fields that are set aside for it.
    [[nodiscard]] mail::HeaderFields& header();
    // Of the message as it stands; walked again only after an edit.
    [[nodiscard]] std::shared_ptr<const mail::MimeParts> mime();
    // What was edited becomes the transaction's.
    void store_edits();

  private:
    [[nodiscard]] std::vector<std::string>& fields_to_come();

    std::optional<asio::awaitable<Answer>> waiting_;
    std::string withheld_;
    std::optional<mail::Message> message_;
    std::optional<mail::HeaderFields> set_aside_;
    std::shared_ptr<const mail::MimeParts> mime_;
};

namespace functions {

#define SLUICE_HOST(identifier, ...) \
    [[nodiscard]] dsl::Outcome identifier(StageContext& context, dsl::NativeCall& call);
#include "dsl/host/functions.def"
#undef SLUICE_HOST

}  // namespace functions

// The argument as an address. False: the call has failed with the text of vsl-rules.md section 7.
[[nodiscard]] bool address_argument(dsl::NativeCall& call, std::size_t index, smtp::Address& address);
// The context as JSON: ctx(), fs::dump.
[[nodiscard]] std::string describe(const StageContext& context);

}  // namespace sluice::filter
