// The machine: frames and registers of its own, no recursion on the C++ stack, suspension at any host call
// (design decision 1). One Vm runs one thing at a time and may be used again; it belongs to one thread.
#pragma once

#include <chrono>
#include <memory>
#include <span>
#include <vector>

#include "dsl/code/program.hpp"
#include "dsl/value/cells.hpp"
#include "dsl/value/error.hpp"
#include "dsl/value/native.hpp"
#include "dsl/value/operations.hpp"
#include "dsl/vm/frames.hpp"
#include "dsl/vm/globals.hpp"
#include "dsl/vm/machine_memory.hpp"

namespace sluice::dsl::vm {

enum class Status : std::uint8_t {
    done,       // result() holds the value
    error,      // error() holds what happened
    suspended,  // a host function answers later: resume() or resume_with_error()
};

struct Turn {
    Value function;
    bool decides;  // false: what it gives does not matter
};

// For those who watch what runs.
class TurnWatch {
  public:
    virtual ~TurnWatch() = default;
    virtual void turn_begins() = 0;
    // done or error; result() or error() of the machine tell more.
    virtual void turn_ends(Status status) = 0;
};

class Vm {
  public:
    // `program` outlives the Vm. While loading, `globals` are filled; afterwards they are shared and only read.
    Vm(const code::Program& program, Globals& loading, const Limits& limits);
    Vm(const code::Program& program, const Globals& shared, const Limits& limits);
    ~Vm();
    Vm(const Vm&) = delete;
    Vm& operator=(const Vm&) = delete;

    void set_host(Host* host) noexcept { native_.host = host; }
    void set_printer(Printer printer, void* context) noexcept {
        native_.printer = printer;
        native_.printer_context = context;
    }
    // Runs the top level of a unit. `captures` are the cells of inherited variables, by Function::capture_names.
    [[nodiscard]] Status run_unit(const code::Unit& unit, Values captures = {});
    // Calls a function pointer, or a named script function of a unit.
    [[nodiscard]] Status call(const Value& fn, std::span<const Value> args);
    [[nodiscard]] Status call(const code::Unit& unit, std::string_view name, std::span<const Value> args);
    // Calls these functions without arguments, in order, until one that decides gives something else than `pass` (the
    // same bits), or fails: one run with one budget, which resume() continues too. They outlive the run.
    [[nodiscard]] Status call_in_turn(std::span<const Turn> turns, const Value& pass);
    [[nodiscard]] std::size_t turns_left() const noexcept { return turns_.size(); }
    void watch_turns(TurnWatch* watch) noexcept { turn_watch_ = watch; }
    [[nodiscard]] Status resume(Value value);
    [[nodiscard]] Status resume_with_error(ErrorPtr error);
    // Drops a suspended run.
    void abandon();

    [[nodiscard]] Value& result() noexcept { return result_; }
    [[nodiscard]] ErrorPtr& error() noexcept { return error_; }
    // Operations spent by the last run (calls and backward jumps).
    [[nodiscard]] std::uint64_t operations() const noexcept { return budget_start_ - budget_; }

  private:
    Vm(const code::Program& program, const Globals& shared, const Limits& limits, MachineMemory memory);

    struct RunningTask {
        Task task;
        std::uint32_t receiver;  // register of the receiver it may replace
    };
    static constexpr std::uint32_t discard = 0xffffffff;

    void begin();
    [[nodiscard]] Status start(const Function& function, Value closure);
    [[nodiscard]] Status call_function(const Value& fn, std::uint32_t count);
    [[nodiscard]] Status next_turn();
    [[nodiscard]] Status go_on(Status status);
    [[nodiscard]] bool decides(const Value& result) const noexcept { return decides_ && !result.same_bits(pass_); }
    [[nodiscard]] Status execute();  // dispatch.cpp
    [[nodiscard]] Status finish_error(ErrorPtr error);
    void reserve(std::uint32_t size) {
        if (size > capacity_) grow(size);
    }
    void grow(std::uint32_t size);
    // Ends what a range of registers holds. Scalars may stay: a register is written before it is read.
    void drop(std::uint32_t begin, std::uint32_t end) noexcept {
        Value* value = stack_.get() + begin;
        Value* const last = stack_.get() + end;
        if (!Value::any_on_heap(value, last)) return;
        for (; value < last; ++value)
            if (value->on_heap()) *value = Value();
    }
    // Arguments are in place from base + 1 on, the receiver at base. Null or the error.
    [[nodiscard, gnu::always_inline]] ErrorPtr push_frame(const Function& function, std::uint32_t base,
                                                          std::uint32_t return_to) {
        if (!frames_.push(&function, function.code.data(), base, return_to)) [[unlikely]]
            return too_deep();
        reserve(base + function.registers);
        return nullptr;
    }
    [[nodiscard]] ErrorPtr too_deep() const;
    // Leaves the value of `this` where the caller looks for it.
    [[gnu::always_inline]] void pop_script_frame() {
        const auto& frame = frames_.back();
        this_unchanged_ = frame.this_bound && !frame.this_changed;
        drop(frame.base + 1u, frame.base + frame.function->registers);
        frames_.pop();
    }
    void pop_frame() {
        if (frames_.back().function) {
            pop_script_frame();
        } else {
            this_unchanged_ = false;
            tasks_.pop_back();
            frames_.pop();
        }
    }
    // Hands the value to whoever called. True: that is a script function, which goes on.
    [[nodiscard]] bool leave_function(Value* value);
    [[nodiscard]] bool leave_to_host(Value value);  // or to an import
    [[nodiscard]] Task& top_task() noexcept { return tasks_.back().task; }
    [[nodiscard]] ErrorPtr spend();  // one operation of the budget
    [[nodiscard]] bool holds_too_much() const noexcept { return heap_bytes() > heap_most_; }
    [[nodiscard]] ErrorPtr holds_too_much_error() const;
    [[nodiscard]] Status suspend();
    void resumed();
    [[nodiscard]] Value make_cell(Value value);
    // With small limits: what a change left, counted with everything nested in it.
    [[nodiscard]] ErrorPtr check_nested(const Value& value) const;

    // calls.cpp
    enum class Next : std::uint8_t { here, frame, suspended };  // go on here; with the top frame; wait
    [[nodiscard]] ErrorPtr invoke(Value fn, std::uint32_t base, std::uint32_t count, bool with_self,
                                  std::uint32_t return_to, Next& next);
    // `first`: register of the first argument.
    [[nodiscard, gnu::always_inline]] Outcome start_native(const Native& native, std::uint32_t first, Value& result) {
        native_.args = &stack_[first];
        native_.result = &result;
        native_.count = native.count;
        native_.data = native.data;
        return native.fn(native_);
    }
    // What is left to do once a native function has answered, into native_result_ if it was done.
    [[nodiscard]] ErrorPtr finish_native(Outcome outcome, const Native& native, std::uint32_t base, std::uint32_t first,
                                         std::uint32_t return_to, Next& next, Value* instead = nullptr);
    [[nodiscard]] ErrorPtr call_native(const NativeGroup& group, std::uint32_t base, std::uint32_t first,
                                       std::uint32_t return_to, Next& next);
    [[nodiscard]] ErrorPtr run_native(const Native& native, std::uint32_t base, std::uint32_t first,
                                      std::uint32_t return_to, Next& next, Value* instead = nullptr);
    [[nodiscard]] ErrorPtr call_method(const code::MethodSite& site, std::uint32_t base, std::uint32_t return_to,
                                       Next& next, bool& settled);
    // The receiver is `this`, and that is a constant.
    [[nodiscard]] bool this_is_constant(const code::MethodSite& site) const;
    [[nodiscard]] ErrorPtr call_native_method(const code::MethodSite& site, std::uint32_t base, std::uint32_t return_to,
                                              Next& next, bool& settled);
    [[nodiscard]] ErrorPtr call_special(const code::MethodSite& site, std::uint32_t base, std::uint32_t return_to,
                                        Next& next, bool& settled);
    [[nodiscard]] ErrorPtr curry(std::uint32_t base, std::uint32_t count, std::uint32_t return_to);
    [[nodiscard]] ErrorPtr call_member(const Value& module, std::string_view name, std::uint32_t base,
                                       std::uint32_t count, std::uint32_t return_to);
    [[nodiscard]] ErrorPtr task_requested(Next& next);  // starts the callback the top task asks for, or ends it
    [[nodiscard]] ErrorPtr function_by_name(const Value& name, Value& result);
    [[nodiscard]] ErrorPtr make_directive(std::uint8_t kind, Value& body, const Value& service, const Value& name,
                                          Value& result);

    // paths.cpp
    enum class Found : std::uint8_t { place, skipped };
    [[nodiscard]] ErrorPtr path_root(const code::Path& path, bool change, Value*& root);
    [[nodiscard]] ErrorPtr walk(const code::Path& path, std::size_t steps, bool change, Value*& place, Found& found);
    [[nodiscard]] ErrorPtr step(const code::Path::Step& step, bool change, Value*& place);
    [[nodiscard]] ErrorPtr set_capture(std::uint16_t index, const Value& value);
    [[nodiscard]] ErrorPtr set_path(const code::Path& path, const Value& value);
    [[nodiscard]] ErrorPtr check_root(const code::Path& path);
    [[nodiscard]] ErrorPtr update_path(const code::Path& path, Op op, const Value& value);
    [[nodiscard]] ErrorPtr write_back(const code::Path& path, Value& value);
    [[nodiscard]] ErrorPtr get_property(const code::PropertySite& site, const Value& base, Value& result);
    [[nodiscard]] const Value& key(const code::Path::Step& step) const;

    // loops.cpp
    [[nodiscard]] ErrorPtr for_prepare(Value* state);
    [[nodiscard]] static bool for_next(Value* state);
    [[nodiscard]] static Value for_count(const Value* state) noexcept;

    // modules.cpp
    [[nodiscard]] ErrorPtr get_global(const code::Unit& unit, std::uint16_t slot, Value& result);
    [[nodiscard]] ErrorPtr import_unit(const code::Unit& unit, Next& next);
    [[nodiscard]] ErrorPtr import_named(const Value& path, Value& result, Next& next);
    [[nodiscard]] ErrorPtr get_member(const Value& module, const Value& name, Value& result);
    [[nodiscard]] const code::Unit* unit_of(const Value& module) const;

    [[nodiscard]] bool unwind(ErrorPtr& error);  // to the nearest handler; false: none
    void keep_this(std::uint32_t base);
    void locate(ScriptError& error) const;

    const code::Program& program_;
    Globals* loading_ = nullptr;
    const Globals& globals_;
    Limits limits_;
    bool counts_nested_;
    Value native_result_;
    NativeCall native_;  // the call being made; what never changes stays filled in

    std::unique_ptr<Value[]> stack_;
    std::uint32_t capacity_ = 0;
    Frames frames_;
    std::vector<RunningTask> tasks_;
    std::uint64_t budget_ = 0;
    std::uint64_t imports_ = 0;
    std::uint64_t budget_start_ = 0;
    std::int64_t heap_most_ = INT64_MAX;  // of heap_bytes() while this machine runs
    std::int64_t heap_left_ = 0;          // while it is suspended: what it may still allocate
    CellList cells_;
    std::chrono::steady_clock::time_point deadline_;  // set when the clock is first read
    std::uint32_t pending_to_ = discard;              // where the value of a suspended native call goes
    Value scratch_;                                   // element of a path that is no place in memory
    bool this_unchanged_ = false;  // the call that just ended left its receiver alone: nothing to write back
    std::span<const Turn> turns_;  // still to be called
    bool decides_ = true;          // the turn that is running
    TurnWatch* turn_watch_ = nullptr;
    Value pass_;
    Value result_;
    ErrorPtr error_;
};

}  // namespace sluice::dsl::vm
