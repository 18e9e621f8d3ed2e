// A value or an error, for functions that can fail (C++20 has no std::expected). The error type is the function's own
// documented enumeration or struct; there are no exceptions in the engine.
#pragma once

#include <cassert>
#include <utility>
#include <variant>

namespace sluice {

// Wraps an error on its way into a Result: `return Failure{ParseError::syntax};`
template <typename E>
struct Failure {
    E error;
};
template <typename E>
Failure(E) -> Failure<E>;

template <typename T, typename E>
class [[nodiscard]] Result {
  public:
    Result(T value) : content_(std::in_place_index<0>, std::move(value)) {}
    template <typename F>
    Result(Failure<F> failure) : content_(std::in_place_index<1>, std::move(failure.error)) {}

    [[nodiscard]] bool ok() const noexcept { return content_.index() == 0; }
    explicit operator bool() const noexcept { return ok(); }

    // Precondition of these: ok().
    [[nodiscard]] T& value() & { return assert(ok()), *std::get_if<0>(&content_); }
    [[nodiscard]] const T& value() const& { return assert(ok()), *std::get_if<0>(&content_); }
    [[nodiscard]] T&& value() && { return assert(ok()), std::move(*std::get_if<0>(&content_)); }
    [[nodiscard]] T& operator*() & { return value(); }
    [[nodiscard]] const T& operator*() const& { return value(); }
    [[nodiscard]] T* operator->() { return &value(); }
    [[nodiscard]] const T* operator->() const { return &value(); }

    // Precondition: !ok().
    [[nodiscard]] const E& error() const { return assert(!ok()), *std::get_if<1>(&content_); }

  private:
    std::variant<T, E> content_;
};

}  // namespace sluice
