// Functions that are not written in vSL: the base library (dsl/lib) and what a server offers (dsl/host).
// A NativeTable is built once and immutable afterwards; programs bind to its groups when they are compiled.
#pragma once

#include <array>
#include <coroutine>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "dsl/value/error.hpp"
#include "dsl/value/objects.hpp"

namespace sluice::dsl {

class Host;  // dsl/host/host.hpp

using TypeSet = std::uint32_t;
constexpr TypeSet set_of(Type type) { return 1u << static_cast<unsigned>(type); }
namespace accepts {
inline constexpr TypeSet any = ~0u;
inline constexpr TypeSet unit = set_of(Type::unit), boolean = set_of(Type::boolean), integer = set_of(Type::integer),
                         floating = set_of(Type::floating), character = set_of(Type::character),
                         string = set_of(Type::string), array = set_of(Type::array), map = set_of(Type::map),
                         blob = set_of(Type::blob), range = set_of(Type::range), fn = set_of(Type::fn),
                         timestamp = set_of(Type::timestamp), host = set_of(Type::host);
inline constexpr TypeSet number = integer | floating, text = string | character;
}  // namespace accepts

enum class Outcome : std::uint8_t {
    done,     // *NativeCall::result holds the value
    error,    // NativeCall::error says why
    pending,  // the host answers later through Vm::resume; it has copied what it needs of the arguments
    task,     // NativeCall::task calls back into the script
};

// A native function that calls script functions is a coroutine: `Value r = co_await call(f, x, i);`. The VM runs each
// callback as a frame of its own, so callbacks may suspend, fail or recurse without using the C++ stack.
// It starts at once and must copy what it needs of NativeCall before its first co_await. An error in a callback
// destroys the coroutine and goes on to the script.
class Task {
  public:
    struct Callback {
        Value fn;
        bool with_self = false;
        Value self;  // `this` of the callback; its final value after the call
        std::array<Value, 3> args;
        std::uint32_t count = 0;
        Value result;
    };
    struct promise_type {
        Value result;
        ErrorPtr error;
        bool has_self = false;
        Value self;                   // new value of the receiver, for functions that change it
        Callback* request = nullptr;  // what the VM shall call next; null when finished
        Task get_return_object() { return Task(std::coroutine_handle<promise_type>::from_promise(*this)); }
        std::suspend_never initial_suspend() noexcept { return {}; }
        std::suspend_always final_suspend() noexcept { return {}; }
        void unhandled_exception() { std::terminate(); }
        void return_value(Value v) { result = std::move(v); }
        void return_value(ErrorPtr e) { error = std::move(e); }
    };
    struct Awaiter {
        Callback callback;
        bool await_ready() const noexcept { return false; }
        void await_suspend(std::coroutine_handle<promise_type> handle) noexcept {
            handle.promise().request = &callback;
        }
        Callback& await_resume() noexcept { return callback; }
    };
    // For many calls of one function: `Task::Calls compare(fn); … co_await compare(a, b)` gives the result until the
    // next.
    class Calls {
      public:
        struct Once {
            Callback& callback;
            bool await_ready() const noexcept { return false; }
            void await_suspend(std::coroutine_handle<promise_type> handle) noexcept {
                handle.promise().request = &callback;
            }
            Value& await_resume() noexcept { return callback.result; }
        };
        explicit Calls(Value fn) { callback_.fn = std::move(fn); }
        [[nodiscard]] Once operator()(const Value& a, const Value& b) {
            callback_.args[0] = a;
            callback_.args[1] = b;
            callback_.count = 2;
            return {callback_};
        }

      private:
        Callback callback_;
    };
    // `co_await Task::set_self(v)` before co_return gives the receiver its new value.
    struct SetSelf {
        Value self;
        bool await_ready() const noexcept { return false; }
        bool await_suspend(std::coroutine_handle<promise_type> handle) noexcept {
            handle.promise().self = std::move(self);
            handle.promise().has_self = true;
            return false;
        }
        void await_resume() const noexcept {}
    };
    static SetSelf set_self(Value v) { return {std::move(v)}; }

    Task() = default;
    explicit Task(std::coroutine_handle<promise_type> handle) noexcept : handle_(handle) {}
    Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
    Task& operator=(Task&& other) noexcept {
        std::swap(handle_, other.handle_);
        return *this;
    }
    ~Task() {
        if (handle_) handle_.destroy();
    }
    [[nodiscard]] explicit operator bool() const noexcept { return static_cast<bool>(handle_); }
    [[nodiscard]] bool finished() const noexcept { return handle_.done(); }
    [[nodiscard]] promise_type& promise() const noexcept { return handle_.promise(); }
    void resume() {
        handle_.promise().request = nullptr;
        handle_.resume();
    }

  private:
    std::coroutine_handle<promise_type> handle_;
};

// Calls `fn` with these arguments: `Value r = std::move((co_await call(fn, a, b)).result);`
template <class... Args>
[[nodiscard]] Task::Awaiter call(Value fn, Args... args) {
    Task::Awaiter awaiter;
    awaiter.callback.fn = std::move(fn);
    ((awaiter.callback.args[awaiter.callback.count++] = std::move(args)), ...);
    return awaiter;
}
// As the element functions of section 11 do: no parameter: element as `this`; one: element; two: element and index.
[[nodiscard]] Task::Awaiter call_element(Value fn, Value element, std::int64_t index);
// Number of arguments the pointer still takes, or -1 if only the call will tell (pointer by name).
[[nodiscard]] int arity(const FnObject& fn) noexcept;

// Where print() and debug() of a script go: standard error in `sluice eval`, the log in a server.
using Printer = void (*)(void* context, std::string_view text);

struct NativeCall {
    Value* args;  // args[0] is the receiver and may be changed in place if the function mutates
    std::uint32_t count;
    Value* result;
    const Limits& limits;
    Host* host;          // null while a script is loaded
    std::uint16_t data;  // Native::data
    Printer printer;
    void* printer_context;
    ErrorPtr error;
    Task task;

    [[nodiscard]] Outcome ok(Value value) {
        *result = std::move(value);
        return Outcome::done;
    }
    [[nodiscard]] Outcome ok() { return ok(Value()); }
    [[nodiscard]] Outcome fail(ErrorPtr e) {
        error = std::move(e);
        return Outcome::error;
    }
    // An error of the library: ErrorArithmetic and the like.
    [[nodiscard]] Outcome fail(ErrorKind kind, std::string message) {
        return fail(make_error(kind, std::move(message)));
    }
    // Thrown as a string, as host functions do.
    [[nodiscard]] Outcome fail(std::string_view text) { return fail(make_thrown(Value::string(text))); }
    // For calls that return null or an error.
    [[nodiscard]] Outcome ok_or(ErrorPtr e, Value value = Value()) {
        return e ? fail(std::move(e)) : ok(std::move(value));
    }
    [[nodiscard]] Outcome start(Task t) {
        task = std::move(t);
        return Outcome::task;
    }
};

using NativeFn = Outcome (*)(NativeCall&);

enum NativeFlags : std::uint8_t {
    pure = 0,
    mutates = 1,    // changes its first argument: refused on constants
    property = 2,   // also read as x.name without parentheses (one argument)
    host_only = 4,  // not part of the base language: absent from `sluice eval`
    constant = 8,   // immutable, and of nothing but the arguments: known while compiling if they are
};

struct Native {
    static constexpr std::size_t max_args = 6;
    NativeFn fn = nullptr;
    std::uint8_t count = 0;
    std::uint8_t flags = pure;
    std::uint16_t data = 0;
    std::array<TypeSet, max_args> types{};
};

// All overloads of one name and number of arguments.
struct NativeGroup {
    std::string name;  // "push", "ctx::client_ip"
    std::uint8_t count = 0;
    std::uint8_t flags = pure;  // union over the overloads
    std::vector<Native> overloads;
    // First overload that takes these argument types, or null.
    [[nodiscard]] const Native* select(const Value* args) const noexcept {
        for (const auto& native : overloads) {
            std::size_t i = 0;
            while (i < count && (native.types[i] & set_of(args[i].type()))) ++i;
            if (i == count) return &native;
        }
        return nullptr;
    }
};

// What a function marked `constant` gives for these arguments, asked outside any run (it sees no host). Nothing if no
// constant overload takes them or if it refuses them; `why` then says so, or stays empty if only a run can tell.
[[nodiscard]] std::optional<Value> evaluate_constant(const NativeGroup& group, std::span<Value> args, std::string& why);

class NativeTable {
  public:
    void add(std::string_view name, std::initializer_list<TypeSet> types, NativeFn fn, std::uint8_t flags = pure,
             std::uint16_t data = 0);
    // A module that a later version will have; `meanwhile` says what to do until then. Both outlive the table.
    void announce(std::string_view module, std::string_view meanwhile);
    [[nodiscard]] const NativeGroup* find(std::string_view name, std::size_t count) const noexcept;
    // What announce() was told, or nothing.
    [[nodiscard]] std::string_view announced(std::string_view module) const noexcept;
    [[nodiscard]] bool known(std::string_view name) const noexcept;         // with any number of arguments
    [[nodiscard]] bool is_namespace(std::string_view name) const noexcept;  // "ctx"
    [[nodiscard]] std::vector<std::string_view> names() const;              // for did_you_mean

  private:
    struct Key {
        std::string_view name;
        std::size_t count;
        bool operator==(const Key&) const = default;
    };
    struct Hash {
        std::size_t operator()(const Key& k) const noexcept {
            return std::hash<std::string_view>()(k.name) * 31 + k.count;
        }
    };
    std::vector<std::unique_ptr<NativeGroup>> groups_;
    std::unordered_map<Key, NativeGroup*, Hash> index_;
    std::unordered_map<std::string_view, bool> namespaces_;
    std::unordered_map<std::string_view, std::string_view> announced_;
};

}  // namespace sluice::dsl
