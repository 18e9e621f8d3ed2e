// Which rule calls which function of the builder. Included by parse.cpp alone: the grammar is instantiated there.
#pragma once

#include "dsl/ast/builder.hpp"
#include "grammar/vsl/grammar.hpp"

namespace sluice::dsl::ast {

namespace vsl = grammar::vsl;

template <class Rule>
struct Action : tao::pegtl::nothing<Rule> {};

// Actions that want the first byte of the rule; its end is the builder's token_end.
template <void (Builder::*Member)(std::uint32_t)>
struct FromBegin {
    template <class Input>
    static void apply(const Input& in, Builder& b) {
        (b.*Member)(b.offset(in.begin()));
    }
};

// Actions of tokens: the span is exactly what the rule matched.
template <void (Builder::*Member)(Span)>
struct OfSpan {
    template <class Input>
    static void apply(const Input& in, Builder& b) {
        (b.*Member)({b.offset(in.begin()), b.offset(in.end())});
    }
};

template <void (Builder::*Member)()>
struct Plain {
    static void apply0(Builder& b) { (b.*Member)(); }
};

template <>
struct Action<vsl::ws> {
    template <class Input>
    static void apply(const Input& in, Builder& b) {
        b.blank(b.offset(in.begin()), b.offset(in.end()));
    }
};
template <>
struct Action<vsl::top_statement> {
    template <class Input>
    static void apply(const Input& in, Builder& b) {
        b.statement_done(b.offset(in.end()));
    }
};

// Literals.
template <>
struct Action<vsl::true_> {
    template <class Input>
    static void apply(const Input& in, Builder& b) {
        b.boolean({b.offset(in.begin()), b.token_end()}, true);
    }
};
template <>
struct Action<vsl::false_> {
    template <class Input>
    static void apply(const Input& in, Builder& b) {
        b.boolean({b.offset(in.begin()), b.token_end()}, false);
    }
};
template <>
struct Action<vsl::unit> {
    template <class Input>
    static void apply(const Input& in, Builder& b) {
        b.unit({b.offset(in.begin()), b.token_end()});
    }
};
// clang-format off
template <> struct Action<vsl::number_token> : OfSpan<&Builder::number> {};
template <> struct Action<vsl::string_token> : OfSpan<&Builder::string> {};
template <> struct Action<vsl::character_token> : OfSpan<&Builder::character> {};
template <> struct Action<vsl::open_string> : OfSpan<&Builder::open_literal> {};
template <> struct Action<vsl::open_character> : OfSpan<&Builder::open_literal> {};
template <> struct Action<vsl::template_part> : OfSpan<&Builder::template_text> {};
template <> struct Action<vsl::interpolation> : OfSpan<&Builder::interpolation> {};
template <> struct Action<vsl::template_> : FromBegin<&Builder::template_> {};
template <> struct Action<vsl::key_name> : OfSpan<&Builder::name> {};
template <> struct Action<vsl::key_string> : OfSpan<&Builder::key_string> {};
template <> struct Action<vsl::map_entry> : FromBegin<&Builder::map_entry> {};
template <> struct Action<vsl::map> : FromBegin<&Builder::map> {};
template <> struct Action<vsl::array> : FromBegin<&Builder::array> {};

// Expressions.
template <> struct Action<vsl::first_segment> : OfSpan<&Builder::name> {};
template <> struct Action<vsl::next_segment> : OfSpan<&Builder::name> {};
template <> struct Action<vsl::called_word> : OfSpan<&Builder::name> {};
template <> struct Action<vsl::member_name> : OfSpan<&Builder::name> {};
template <> struct Action<vsl::caller_scope_mark> : OfSpan<&Builder::caller_scope> {};
template <> struct Action<vsl::call_arguments> : FromBegin<&Builder::arguments> {};
template <> struct Action<vsl::path> : FromBegin<&Builder::path> {};
template <> struct Action<vsl::word_call> : FromBegin<&Builder::path> {};
template <> struct Action<vsl::this_> : FromBegin<&Builder::this_> {};
template <> struct Action<vsl::group> : FromBegin<&Builder::group> {};
template <> struct Action<vsl::parameter> : OfSpan<&Builder::declare> {};
template <> struct Action<vsl::closure> : FromBegin<&Builder::closure> {};
template <> struct Action<vsl::directive_name> : OfSpan<&Builder::key_string> {};
template <> struct Action<vsl::delegate_word> : OfSpan<&Builder::name> {};
template <> struct Action<vsl::delegate_call> : FromBegin<&Builder::delegate_call> {};
template <> struct Action<vsl::directive> : FromBegin<&Builder::directive> {};
template <> struct Action<vsl::dot_suffix> : FromBegin<&Builder::dot_suffix> {};
template <> struct Action<vsl::index_suffix> : FromBegin<&Builder::index_suffix> {};
template <> struct Action<vsl::prefix_token> : OfSpan<&Builder::prefix> {};
template <> struct Action<vsl::operand> : FromBegin<&Builder::operand> {};
template <> struct Action<vsl::operation> : OfSpan<&Builder::operation> {};
template <> struct Action<vsl::expr> : FromBegin<&Builder::expression> {};
template <> struct Action<vsl::label_expr> : FromBegin<&Builder::expression> {};

// Statements.
template <> struct Action<vsl::block> : FromBegin<&Builder::block> {};
template <> struct Action<vsl::if_branch> : FromBegin<&Builder::if_branch> {};
template <> struct Action<vsl::if_> : FromBegin<&Builder::if_> {};
template <> struct Action<vsl::while_> : FromBegin<&Builder::while_> {};
template <> struct Action<vsl::loop> : FromBegin<&Builder::loop> {};
template <> struct Action<vsl::do_end> : OfSpan<&Builder::do_end> {};
template <> struct Action<vsl::do_> : FromBegin<&Builder::do_> {};
template <> struct Action<vsl::loop_variable> : OfSpan<&Builder::declare> {};
template <> struct Action<vsl::for_> : FromBegin<&Builder::for_> {};
template <> struct Action<vsl::error_variable> : OfSpan<&Builder::declare> {};
template <> struct Action<vsl::try_> : FromBegin<&Builder::try_> {};
template <> struct Action<vsl::case_labels> : FromBegin<&Builder::case_labels> {};
template <> struct Action<vsl::case_guard> : Plain<&Builder::case_guard> {};
template <> struct Action<vsl::case_body> : Plain<&Builder::case_body> {};
template <> struct Action<vsl::switch_> : FromBegin<&Builder::switch_> {};
template <> struct Action<vsl::function_name> : OfSpan<&Builder::name> {};
template <> struct Action<vsl::function> : FromBegin<&Builder::function> {};
template <> struct Action<vsl::variable_name> : OfSpan<&Builder::declare> {};
template <> struct Action<vsl::let> : FromBegin<&Builder::let> {};
template <> struct Action<vsl::import_alias> : OfSpan<&Builder::name> {};
template <> struct Action<vsl::import> : FromBegin<&Builder::import> {};
template <> struct Action<vsl::exported_name> : OfSpan<&Builder::name> {};
template <> struct Action<vsl::export_alias> : OfSpan<&Builder::name> {};
template <> struct Action<vsl::export_> : FromBegin<&Builder::export_> {};
template <> struct Action<vsl::break_> : FromBegin<&Builder::break_> {};
template <> struct Action<vsl::continue_> : FromBegin<&Builder::continue_> {};
template <> struct Action<vsl::return_> : FromBegin<&Builder::return_> {};
template <> struct Action<vsl::throw_> : FromBegin<&Builder::throw_> {};
template <> struct Action<vsl::assignment_operator> : OfSpan<&Builder::assignment_operator> {};
template <> struct Action<vsl::expr_statement> : FromBegin<&Builder::expr_statement> {};

// clang-format on

}  // namespace sluice::dsl::ast
