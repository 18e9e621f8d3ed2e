// Frames, budgets, errors: everything of the machine but the instructions themselves.
#include "dsl/vm/vm.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace sluice::dsl::vm {

Vm::Vm(const code::Program& program, Globals& loading, const Limits& limits)
    : Vm(program, std::as_const(loading), limits) {
    loading_ = &loading;
}

Vm::Vm(const code::Program& program, const Globals& shared, const Limits& limits)
    : Vm(program, shared, limits, MachineMemory::take()) {}

Vm::Vm(const code::Program& program, const Globals& shared, const Limits& limits, MachineMemory memory)
    : program_(program),
      globals_(shared),
      limits_(limits.bounded()),
      counts_nested_(limits_.counts_nested()),
      native_{nullptr, 0, &native_result_, limits_, nullptr, 0, nullptr, nullptr, nullptr, {}},
      stack_(std::move(memory.registers)),
      capacity_(memory.capacity),
      frames_(limits_.call_depth == 0 ? 0 : limits_.call_depth + 1, std::move(memory.frames)) {
    count_heap_bytes(static_cast<std::int64_t>(capacity_ * sizeof(Value)));
}

Vm::~Vm() {
    abandon();
    result_ = Value();
    error_.reset();
    drop(0, capacity_);
    count_heap_bytes(-static_cast<std::int64_t>(capacity_ * sizeof(Value)));
    MachineMemory::give_back({std::move(stack_), capacity_, frames_.release_storage()});
    if (!cells_.empty()) cells_.collect();
}

void Vm::begin() {
    if (!frames_.empty()) abandon();
    pending_to_ = discard;
    result_ = Value();
    error_.reset();
    if (!cells_.empty()) cells_.collect();
    heap_most_ = limits_.memory_bytes == 0 ? INT64_MAX : heap_bytes() + static_cast<std::int64_t>(limits_.memory_bytes);
    imports_ = 0;
    turns_ = {};
    budget_start_ = budget_ = limits_.operations == 0 ? UINT64_MAX : limits_.operations;
    deadline_ = {};
}

void Vm::abandon() {
    while (!frames_.empty()) pop_frame();
    pending_to_ = discard;
}

void Vm::grow(std::uint32_t size) {
    const auto grown = std::max<std::uint32_t>(size, capacity_ == 0 ? 64 : capacity_ * 2);
    auto larger = std::make_unique<Value[]>(grown);
    for (std::uint32_t i = 0; i < capacity_; ++i) larger[i] = std::move(stack_[i]);
    stack_ = std::move(larger);
    // Without a limit of the call depth the memory of the calls themselves must meet its own.
    count_heap_bytes(static_cast<std::int64_t>((grown - capacity_) * sizeof(Value)));
    capacity_ = grown;
}

// The dispatch loop asks only at every 64th operation (by this very test) and counts the others itself.
ErrorPtr Vm::spend() {
    if (budget_ == 0)
        return make_error(ErrorKind::too_many_operations,
                          fmt::format("Too many operations: the limit is {}", limits_.operations));
    const bool looks_at_clock = limits_.wall_ms != 0 && (budget_ & 0x3f) == 0 && budget_ != budget_start_;
    --budget_;
    if (holds_too_much()) return holds_too_much_error();
    if (!looks_at_clock) return nullptr;
    // Most runs end before their first look at the clock, which costs as much as the whole of a small rule.
    const auto now = std::chrono::steady_clock::now();
    if (deadline_ == std::chrono::steady_clock::time_point())
        deadline_ = now + std::chrono::milliseconds(limits_.wall_ms);
    else if (now > deadline_)
        return make_error(ErrorKind::terminated, fmt::format("Script ran longer than {} ms", limits_.wall_ms));
    return nullptr;
}

ErrorPtr Vm::holds_too_much_error() const {
    return make_error(ErrorKind::data_too_large, fmt::format("Script holds more than {} bytes", limits_.memory_bytes));
}

// Other machines of the thread run meanwhile; what they allocate is not ours.
Status Vm::suspend() {
    heap_left_ = limits_.memory_bytes == 0 ? INT64_MAX : heap_most_ - heap_bytes();
    return Status::suspended;
}

void Vm::resumed() { heap_most_ = limits_.memory_bytes == 0 ? INT64_MAX : heap_bytes() + heap_left_; }

Value Vm::make_cell(Value value) {
    auto cell = make_object<CellObject>(std::move(value));
    (loading_ ? loading_->cells : cells_).add(cell.as_cell());
    return cell;
}

ErrorPtr Vm::check_nested(const Value& value) const {
    std::uint64_t items = 0;
    std::uint64_t entries = 0;
    std::uint64_t bytes = 0;
    std::vector<const Value*> waiting{&value};
    while (!waiting.empty()) {
        const auto& next = *waiting.back();
        waiting.pop_back();
        if (next.is_array()) {
            items += next.as_array().items.size();
            for (const auto& item : next.as_array().items) waiting.push_back(&item);
        } else if (next.is_map()) {
            entries += next.as_map().size();
            for (const auto& entry : next.as_map().entries()) waiting.push_back(&entry.value);
        } else if (next.is_blob()) {
            items += next.as_blob().bytes.size();
        } else if (next.is_string()) {
            bytes += next.as_string().size();
        }
        if (items > limits_.array_items) return too_large("Size of array");
        if (entries > limits_.map_items) return too_large("Size of object map");
        if (bytes > limits_.string_bytes) return too_large("Length of string");
    }
    return nullptr;
}

ErrorPtr Vm::too_deep() const {
    return make_error(ErrorKind::stack_overflow,
                      fmt::format("Stack overflow: calls nest deeper than {}", limits_.call_depth));
}

// Only what a script calls by name or pointer has a register to return to. This is the end of the run, of an imported
// unit, or of a callback of a native task.
bool Vm::leave_to_host(Value value) {
    const auto& frame = frames_.back();
    const auto base = frame.base;
    if (loading_ && frame.function->index == 0)
        loading_->units[frame.function->unit->index].state = Globals::State::done;
    pop_script_frame();
    if (frames_.empty()) {
        result_ = std::move(value);
        stack_[base] = Value();
        return false;
    }
    if (frames_.back().function) return true;
    auto& request = *top_task().promise().request;
    request.result = std::move(value);
    request.self = std::move(stack_[base]);
    top_task().resume();
    return false;
}

inline Status Vm::start(const Function& function, Value closure) {
    if (auto error = push_frame(function, 0, discard)) return finish_error(std::move(error));
    frames_.back().closure = std::move(closure);
    return execute();
}

Status Vm::run_unit(const code::Unit& unit, Values captures) {
    begin();
    if (captures.size() != unit.functions[0]->capture_names.size())
        return finish_error(make_error(ErrorKind::terminated, "the variables that this script continues are missing"));
    Value closure;
    if (!captures.empty()) {
        auto object = make_object<FnObject>();
        object.as_fn().captures = std::move(captures);
        closure = std::move(object);
    }
    if (loading_) loading_->units[unit.index].state = Globals::State::running;
    const auto status = start(*unit.functions[0], std::move(closure));
    if (loading_ && status == Status::done) loading_->units[unit.index].state = Globals::State::done;
    return status;
}

Status Vm::call(const Value& fn, std::span<const Value> args) {
    begin();
    const auto count = static_cast<std::uint32_t>(args.size());
    reserve(count + 8);
    for (std::uint32_t i = 0; i < count; ++i) stack_[i + 1] = args[i];
    return call_function(fn, count);
}

Status Vm::call_function(const Value& fn, std::uint32_t count) {
    if (!fn.is_fn()) return finish_error(make_error(ErrorKind::function_not_found, "not a function pointer"));
    // A rule: a closure without arguments.
    const auto& pointer = fn.as_fn();
    if (pointer.function && pointer.curried.empty() && pointer.function->params == count)
        return start(*pointer.function, fn);
    Next next = Next::here;
    if (auto error = invoke(fn, 0, count, false, discard, next)) return finish_error(std::move(error));
    if (next == Next::suspended) return suspend();
    if (next == Next::frame) return execute();
    return Status::done;
}

Status Vm::call(const code::Unit& unit, std::string_view name, std::span<const Value> args) {
    begin();
    const auto* function = unit.find(name, args.size());
    if (!function) return finish_error(function_not_found(name, args.data(), args.size()));
    reserve(static_cast<std::uint32_t>(args.size()) + 1u);
    for (std::size_t i = 0; i < args.size(); ++i) stack_[i + 1] = args[i];
    return start(*function, Value());
}

Status Vm::call_in_turn(std::span<const Turn> turns, const Value& pass) {
    begin();
    reserve(8);
    pass_ = pass;
    turns_ = turns;
    return next_turn();
}

Status Vm::next_turn() {
    while (!turns_.empty()) {
        const auto& turn = turns_.front();
        turns_ = turns_.subspan(1);
        decides_ = turn.decides;
        if (turn_watch_) turn_watch_->turn_begins();
        const auto status = call_function(turn.function, 0);
        if (turn_watch_ && status != Status::suspended) turn_watch_->turn_ends(status);
        if (status != Status::done || decides(result_)) return status;
    }
    result_ = pass_;
    return Status::done;
}

// After what was suspended: the turns behind it.
Status Vm::go_on(Status status) {
    if (turn_watch_ && status != Status::suspended) turn_watch_->turn_ends(status);
    return status == Status::done && !turns_.empty() && !decides(result_) ? next_turn() : status;
}

Status Vm::resume(Value value) {
    resumed();
    const auto to = pending_to_;
    pending_to_ = discard;
    if (frames_.empty()) {
        result_ = std::move(value);
        return go_on(Status::done);
    }
    if (!frames_.back().function) {
        top_task().promise().request->result = std::move(value);
        top_task().resume();
    } else if (to != discard) {
        stack_[to] = std::move(value);
    }
    return go_on(execute());
}

Status Vm::resume_with_error(ErrorPtr error) {
    resumed();
    pending_to_ = discard;
    if (!unwind(error)) return finish_error(std::move(error));
    return go_on(execute());
}

Status Vm::finish_error(ErrorPtr error) {
    while (!frames_.empty()) pop_frame();
    error_ = std::move(error);
    return Status::error;
}

void Vm::locate(ScriptError& error) const {
    if (error.source) return;
    for (auto i = frames_.size(); i > 0; --i) {
        const auto* frame = &frames_[i - 1];
        if (!frame->function) continue;
        const auto at = static_cast<std::size_t>(frame->pc - frame->function->code.data());
        error.source = frame->function->unit->source;
        const auto offset = frame->function->offsets[at == 0 ? 0 : at - 1];
        error.span = {offset, offset};
        return;
    }
}

// Pops frames until one has a handler for the place it was at.
bool Vm::unwind(ErrorPtr& error) {
    locate(*error);
    while (!frames_.empty()) {
        auto& frame = frames_.back();
        if (frame.function && catchable(error->kind)) {
            const auto at = static_cast<std::uint32_t>(frame.pc - frame.function->code.data()) - 1;
            for (const auto& handler : frame.function->handlers) {
                if (at < handler.begin || at >= handler.end) continue;
                stack_[frame.base + handler.error_register] = make_object<ErrorObject>(std::move(error));
                frame.pc = frame.function->code.data() + handler.target;
                return true;
            }
        }
        if (frame.function) {
            const auto& function = *frame.function;
            if (function.index != 0) {
                error->in_function = true;
                if (error->trace.size() < 32)
                    error->trace.push_back({function.anonymous ? "anonymous function" : function.name,
                                            function.unit->source, function.span});
            } else if (function.unit != program_.main) {
                error->in_module = true;
                if (loading_) loading_->units[function.unit->index].state = Globals::State::untouched;
            }
        }
        const auto base = frame.base;
        const bool had_this = frame.function && frame.this_bound && frame.this_changed;
        pop_frame();
        if (had_this) keep_this(base);
    }
    return false;
}

// What a function did to `this` before it failed stays done: the caller's write_back runs although the call did not
// end.
void Vm::keep_this(std::uint32_t base) {
    if (frames_.empty() || !frames_.back().function) return;
    const auto& caller = frames_.back();
    const auto& next = *caller.pc;
    if (next.op != code::Opcode::write_back || caller.base + next.a != base) return;
    if (auto refused = write_back(caller.function->paths[next.b], stack_[base]))
        return;  // the first error is the one that counts
}

}  // namespace sluice::dsl::vm
