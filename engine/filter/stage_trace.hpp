// What one run of one stage did, for people: shown by `sluice test`, `simulate`, `trace` and `why`. Made only while
// somebody watches.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "dsl/host/rule_script.hpp"
#include "engine/smtp/rules.hpp"

namespace sluice::filter {

// A function of the server that a rule called, as a script would write it: "ctx::client_ip()" gave "\"192.0.2.1\"".
struct CallTrace {
    std::string call;
    std::string result;    // "throws: TEXT" if it did
    std::string withheld;  // why rules that are only tried may have got another answer than live ones; else empty
};

struct DirectiveTrace {
    dsl::DirectiveKind kind = dsl::DirectiveKind::rule;
    std::string name;
    std::string place;    // "filter.vsl:12:5"
    std::string status;   // "next", "deny 550 5.7.1 no"; empty for an action, or if it failed
    std::string failure;  // why it failed, with the place; else empty
    std::vector<CallTrace> calls;
    std::chrono::nanoseconds time{};  // waiting included
};

struct StageTrace {
    smtp::Stage stage = smtp::Stage::connect;
    std::string script;  // the one that was selected: "domain-enabled/example.com/incoming.vsl"
    // As the run found them: its rules may have changed them.
    smtp::Address reverse_path;  // from mail on
    smtp::Address recipient;     // at rcpt: the one that is added
    std::vector<DirectiveTrace> directives;
    smtp::Verdict verdict;
    std::chrono::nanoseconds time{};
};

// Somebody who looks at the runs of stages. Called on the sessions' threads: must not block.
class StageWatch {
  public:
    virtual ~StageWatch() = default;
    // Asked before each run; false costs nothing more.
    [[nodiscard]] virtual bool wants(const smtp::SessionFacts& session) const noexcept = 0;
    // After the run, when the transaction shows what its rules did. Null before mail.
    virtual void stage_ran(const smtp::SessionFacts& session, const smtp::Transaction* transaction,
                           const StageTrace& trace) = 0;
};

// "deny 550 5.7.1 no": the first line of the reply, if the rule gave one.
[[nodiscard]] std::string describe(const smtp::Verdict& verdict);

}  // namespace sluice::filter
