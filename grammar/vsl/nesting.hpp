// The nesting limit of section 17: a state object the grammar counts in, so that deep input ends in a clean error and
// never in a C++ stack overflow. Every cycle of the grammar passes through deeper<>; so `hard_limit` bounds the
// recursion of the parser whatever the configured limits are.
//
// Counted: every expression inside another one (a parenthesis, item, argument, index, condition, closure body …), every
// block, every prefix operator, and every `**` that hangs to the right of another. A flat chain `1 + 2 + 3` is one
// level.
#pragma once

#include <cstdint>
#include <tao/pegtl.hpp>

namespace sluice::grammar::vsl {

namespace p = tao::pegtl;

struct Nesting {
    // A level costs the parser under 1 KiB of stack, under 4 KiB with sanitizers: 256 levels fit into 1 MiB.
    static constexpr std::uint32_t hard_limit = 256;

    std::uint32_t limit = 64;
    std::uint32_t function_limit = 32;
    std::uint32_t depth = 0;  // levels that count towards `limit`
    std::uint32_t base = 0;   // depth where the innermost expression begins
    std::uint32_t total = 0;  // levels of the whole parse, not reset by functions

    static std::uint32_t effective(std::uint32_t configured) {
        return configured == 0 || configured > hard_limit ? hard_limit : configured;
    }
    [[nodiscard]] bool full() const noexcept { return depth >= limit || total >= hard_limit; }
};

// R, one level further down. The state object offers `Nesting nesting`. At the limit, text that begins like Start
// raises deeper's own error; anything else is left to whoever expected R.
template <class Start, class R>
struct deeper {
    using rule_t = typename p::seq<R>::rule_t;
    using subs_t = p::type_list<R>;

    template <p::apply_mode A, p::rewind_mode M, template <class...> class Action, template <class...> class Control,
              class Input, class State>
    static bool match(Input& in, State&& state) {
        Nesting& nesting = state.nesting;
        if (nesting.full()) {
            using start = p::at<Start>;
            if (!Control<start>::template match<p::apply_mode::nothing, p::rewind_mode::required, Action, Control>(
                    in, state)) {
                return false;
            }
            Control<deeper>::raise(static_cast<const Input&>(in), state);
        }
        const Nesting before = nesting;
        nesting.base = ++nesting.depth;
        ++nesting.total;
        const bool matched = Control<R>::template match<A, M, Action, Control>(in, state);
        nesting = before;
        return matched;
    }
};

// R as the body of a function: counted from zero against the limit for functions. A function that is not at global
// level (an error of its own) goes on counting where it stands.
template <class R>
struct function_nesting {
    using rule_t = typename p::seq<R>::rule_t;
    using subs_t = p::type_list<R>;

    template <p::apply_mode A, p::rewind_mode M, template <class...> class Action, template <class...> class Control,
              class Input, class State>
    static bool match(Input& in, State&& state) {
        Nesting& nesting = state.nesting;
        const Nesting before = nesting;
        if (nesting.depth == 0) nesting.limit = nesting.function_limit;
        const bool matched = Control<R>::template match<A, M, Action, Control>(in, state);
        nesting = before;
        return matched;
    }
};

}  // namespace sluice::grammar::vsl
