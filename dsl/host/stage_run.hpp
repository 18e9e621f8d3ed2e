// One run of one stage: the directives in order until one gives a status other than next (vsl-rules.md section 6).
// Suspends where a host function does; the server resumes it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "dsl/host/rule_script.hpp"
#include "dsl/lib/status.hpp"
#include "dsl/vm/vm.hpp"

namespace sluice::dsl {

struct StageOutcome {
    Value status;  // a StatusObject; () if the run failed
    // Of the script, which the run keeps.
    std::string_view directive;  // name of the directive that decided or failed; empty if none did
    std::string_view place;      // where it stands
    std::string failure;         // why the run failed: error text with place; empty if it did not
};

// Told of every directive of a run, for traces.
class DirectiveWatch {
  public:
    virtual ~DirectiveWatch() = default;
    virtual void directive_begins(const Directive& directive) = 0;
    // `status` is a StatusObject, or () if the directive failed (`failure` says why) or is an action.
    virtual void directive_ends(const Directive& directive, const Value& status, std::string_view failure) = 0;
};

class StageRun : private vm::TurnWatch {
  public:
    StageRun(std::shared_ptr<const RuleScript> script, Stage stage, Host& host, const Limits& limits);

    enum class State : std::uint8_t { done, suspended };
    // On `done`, outcome() is complete.
    [[nodiscard]] State run();
    [[nodiscard]] State resume(Value value);
    [[nodiscard]] State resume_with_error(ErrorPtr error);
    [[nodiscard]] const StageOutcome& outcome() const noexcept { return outcome_; }
    // Before run(). The watch outlives it.
    void set_watch(DirectiveWatch& watch) {
        watch_ = &watch;
        machine_.watch_turns(this);
    }
    void set_printer(Printer printer, void* context) { machine_.set_printer(printer, context); }

  private:
    [[nodiscard]] State after(vm::Status status);
    void decide(vm::Status status);
    [[nodiscard]] const Directive& current();
    [[nodiscard]] std::string failure_of(vm::Status status);
    void turn_begins() override;
    void turn_ends(vm::Status status) override;

    std::shared_ptr<const RuleScript> script_;
    Stage stage_;
    vm::Vm machine_;
    DirectiveWatch* watch_ = nullptr;
    StageOutcome outcome_;
};

}  // namespace sluice::dsl
