// `rule "name" BODY`, `action "name" BODY`, `delegate SERVICE "name" BODY` (vsl-language.md section 1). The three words
// are plain names unless what follows makes them a directive: a string literal, or for `delegate` a token that can
// begin an expression and cannot continue one, or a parenthesis with a string literal behind it. `delegate(x)`,
// `delegate[0]` and `delegate - 1` therefore stay expressions.
#pragma once

#include "grammar/vsl/expressions.hpp"

namespace sluice::grammar::vsl {

struct directive_name : plain_string {};
struct directive_body : p::seq<expr> {};
struct service : p::seq<expr> {};

struct service_start : p::sor<name, word<WordClass::self, WordClass::callable, WordClass::method>, p::digit,
                              p::one<'"', '`'>, p::string<'#', '{'>> {};
struct named_directive : p::seq<p::sor<TAO_PEGTL_KEYWORD("rule"), TAO_PEGTL_KEYWORD("action")>, ws,
                                p::at<p::one<'"', '`'>>, need<directive_name>, ws, need<directive_body>> {};
struct delegate_directive : p::seq<TAO_PEGTL_KEYWORD("delegate"), ws, p::at<service_start>,
                                   need<service, directive_name>, ws, need<directive_body>> {};

// Directives are words only where the embedder asks for them: the state says so.
struct directives_enabled {
    using rule_t = p::success::rule_t;
    using subs_t = p::type_list<>;
    template <p::apply_mode A, p::rewind_mode M, template <class...> class Action, template <class...> class Control,
              class Input, class State>
    static bool match(Input&, State&& state) {
        return state.directives;
    }
};
struct directive_word
    : p::at<p::sor<TAO_PEGTL_KEYWORD("rule"), TAO_PEGTL_KEYWORD("action"), TAO_PEGTL_KEYWORD("delegate")>> {};
struct directive : p::seq<directive_word, directives_enabled, p::sor<named_directive, delegate_directive>> {};

struct delegate_word : TAO_PEGTL_KEYWORD("delegate") {};

struct delegate_call
    : p::seq<p::at<delegate_word, ws, p::one<'('>>, directives_enabled, delegate_word, ws, call_arguments,
             p::opt<p::at<p::one<'"', '`'>>, need<directive_name>, ws, need<directive_body>>> {};

}  // namespace sluice::grammar::vsl
