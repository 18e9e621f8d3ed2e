// `must` of this grammar: what has to follow, with an error text for each rule (error_texts.hpp). PEGTL's own must<>
// would report where a rule stopped matching; need<> reports where it began, which is the token a message should point
// at.
#pragma once

#include <tao/pegtl.hpp>

namespace sluice::grammar::vsl {

namespace p = tao::pegtl;

template <class... Rules>
struct need {
    using rule_t = typename p::seq<Rules...>::rule_t;  // for analyze()
    using subs_t = p::type_list<Rules...>;

    template <p::apply_mode A, p::rewind_mode, template <class...> class Action, template <class...> class Control,
              class Input, class... States>
    static bool match(Input& in, States&&... states) {
        (match_one<Rules, A, Action, Control>(in, states...), ...);
        return true;
    }

  private:
    template <class Rule, p::apply_mode A, template <class...> class Action, template <class...> class Control,
              class Input, class... States>
    static void match_one(Input& in, States&&... states) {
        if (!Control<Rule>::template match<A, p::rewind_mode::required, Action, Control>(in, states...)) {
            Control<Rule>::raise(static_cast<const Input&>(in), states...);
        }
    }
};

}  // namespace sluice::grammar::vsl
