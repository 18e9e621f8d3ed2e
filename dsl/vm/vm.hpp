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
#include "dsl/vm/globals.hpp"

namespace sluice::dsl::vm {

enum class Status : std::uint8_t {
    done,       // result() holds the value
    error,      // error() holds what happened
    suspended,  // a host function answers later: resume() or resume_with_error()
};

class Vm {
  public:
    // `program` outlives the Vm. While loading, `globals` are filled; afterwards they are shared and only read.
    Vm(const code::Program& program, Globals& loading, const Limits& limits);
    Vm(const code::Program& program, const Globals& shared, const Limits& limits);
    ~Vm();
    Vm(const Vm&) = delete;
    Vm& operator=(const Vm&) = delete;

    void set_host(Host* host) noexcept { host_ = host; }
    void set_printer(Printer printer, void* context) noexcept {
        printer_ = printer;
        printer_context_ = context;
    }
    // Runs the top level of a unit. `captures` are the cells of inherited variables, by Function::capture_names.
    [[nodiscard]] Status run_unit(const code::Unit& unit, Values captures = {});
    // Calls a function pointer, or a named script function of a unit.
    [[nodiscard]] Status call(const Value& fn, std::span<const Value> args);
    [[nodiscard]] Status call(const code::Unit& unit, std::string_view name, std::span<const Value> args);
    [[nodiscard]] Status resume(Value value);
    [[nodiscard]] Status resume_with_error(ErrorPtr error);
    // Drops a suspended run.
    void abandon();

    [[nodiscard]] Value& result() noexcept { return result_; }
    [[nodiscard]] ErrorPtr& error() noexcept { return error_; }
    // Operations spent by the last run (calls and backward jumps).
    [[nodiscard]] std::uint64_t operations() const noexcept { return budget_start_ - budget_; }

  private:
    struct Frame {
        const Function* function = nullptr;  // null: a native task
        const code::Instruction* pc = nullptr;
        std::uint32_t base = 0;
        std::uint32_t return_to = 0;
        Value closure;  // the FnObject running, for its captures
        bool this_bound = false;
        bool this_constant = false;
        bool this_changed = false;
        std::uint32_t task_receiver = 0;  // register of the receiver a task may replace
        Task task;
        SourcePtr source() const { return function ? function->unit->source : nullptr; }
    };
    static constexpr std::uint32_t discard = 0xffffffff;

    void begin();
    [[nodiscard]] Status start(const Function& function, Value closure);
    [[nodiscard]] Status execute();  // dispatch.cpp
    [[nodiscard]] Status finish_error(ErrorPtr error);
    void reserve(std::uint32_t size);
    // Arguments are in place from base + 1 on, the receiver at base. Null or the error.
    [[nodiscard]] ErrorPtr push_frame(const Function& function, std::uint32_t base, std::uint32_t return_to);
    void pop_frame();
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
    [[nodiscard]] ErrorPtr call_native(const NativeGroup& group, std::uint32_t base, std::uint32_t first,
                                       std::uint32_t return_to, Next& next);
    [[nodiscard]] ErrorPtr run_native(const Native& native, std::uint32_t base, std::uint32_t first,
                                      std::uint32_t return_to, Next& next, Value* instead = nullptr);
    [[nodiscard]] ErrorPtr call_method(const code::MethodSite& site, std::uint32_t base, std::uint32_t return_to,
                                       Next& next, bool& settled);
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
    [[nodiscard]] ErrorPtr set_path(const code::Path& path, const Value& value);
    [[nodiscard]] ErrorPtr check_root(const code::Path& path);
    [[nodiscard]] ErrorPtr update_path(const code::Path& path, Op op, const Value& value);
    [[nodiscard]] ErrorPtr write_back(const code::Path& path, Value& value);
    [[nodiscard]] ErrorPtr get_property(const code::PropertySite& site, const Value& base, Value& result);
    [[nodiscard]] const Value& key(const code::Path::Step& step) const;

    // loops.cpp
    [[nodiscard]] ErrorPtr for_prepare(Value* state);
    [[nodiscard]] static bool for_next(Value* state);

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
    Host* host_ = nullptr;
    Printer printer_ = nullptr;
    void* printer_context_ = nullptr;

    std::unique_ptr<Value[]> stack_;
    std::uint32_t capacity_ = 0;
    std::vector<Frame, CountingAllocator<Frame>> frames_;
    std::uint64_t budget_ = 0;
    std::uint64_t budget_start_ = 0;
    std::int64_t heap_most_ = INT64_MAX;  // of heap_bytes() while this machine runs
    std::int64_t heap_left_ = 0;          // while it is suspended: what it may still allocate
    CellList cells_;
    std::chrono::steady_clock::time_point deadline_;
    std::uint32_t pending_to_ = discard;  // where the value of a suspended native call goes
    Value scratch_;                       // element of a path that is no place in memory
    bool this_unchanged_ = false;         // the call that just ended left its receiver alone: nothing to write back
    Value result_;
    ErrorPtr error_;
};

}  // namespace sluice::dsl::vm
