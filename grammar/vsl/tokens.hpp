// Lexis (vsl-language.md section 2): white space, comments, words, numbers, symbols. A token is followed by exactly one
// `ws`, so at every point the end of the last token is where the last `ws` began; actions rely on that for spans.
// Longest match of symbols is spelled out as what may not follow: `-` is no operator in `--`, `->`, `-=`.
#pragma once

#include <string_view>
#include <tao/pegtl.hpp>

#include "grammar/vsl/need.hpp"
#include "grammar/vsl/words.hpp"

namespace sluice::grammar::vsl {

namespace p = tao::pegtl;

template <class Input>
[[nodiscard]] std::string_view rest_of(const Input& in) {
    return {in.current(), static_cast<std::size_t>(in.end() - in.current())};
}

// Length of the block comment at the start of `text`, nested comments included; 0 if there is none or it has no end.
[[nodiscard]] constexpr std::size_t block_comment_length(std::string_view text) noexcept {
    if (!text.starts_with("/*")) return 0;
    std::size_t open = 1;
    for (std::size_t i = 2; i + 1 < text.size();) {
        if (text[i] == '*' && text[i + 1] == '/') {
            i += 2;
            if (--open == 0) return i;
        } else if (text[i] == '/' && text[i + 1] == '*') {
            i += 2;
            ++open;
        } else {
            ++i;
        }
    }
    return 0;
}

// A loop and no rule recursion: comments nest to any depth.
struct block_comment {
    using rule_t = p::any::rule_t;  // for analyze(): consumes
    using subs_t = p::type_list<>;
    template <class Input>
    static bool match(Input& in) {
        if (in.size() < 2 || in.peek_char() != '/' || in.peek_char(1) != '*') return false;
        const auto length = block_comment_length(rest_of(in));
        in.bump(length);
        return length != 0;
    }
};
struct line_comment : p::seq<p::two<'/'>, p::star<p::not_one<'\n'>>> {};
struct blank : p::one<' ', '\t', '\n', '\r', '\f'> {};
struct ws : p::star<p::sor<p::plus<blank>, line_comment, block_comment>> {};
struct hash_bang : p::seq<p::string<'#', '!'>, p::star<p::not_one<'\n'>>> {};
struct byte_order_mark : p::string<'\xEF', '\xBB', '\xBF'> {};

// A well-formed word of one of the classes.
template <WordClass... Classes>
struct word {
    using rule_t = p::any::rule_t;
    using subs_t = p::type_list<>;
    template <class Input>
    static bool match(Input& in) {
        const auto rest = rest_of(in);
        const auto length = word_length(rest);
        if (length == 0) return false;
        const auto text = rest.substr(0, length);
        const auto word_class = classify(text);
        if (((word_class != Classes) && ...) || !well_formed_name(text)) return false;
        in.bump_in_this_line(length);
        return true;
    }
};
struct name : word<WordClass::name> {};

struct kw_as : p::seq<TAO_PEGTL_KEYWORD("as"), ws> {};
struct kw_break : p::seq<TAO_PEGTL_KEYWORD("break"), ws> {};
struct kw_catch : p::seq<TAO_PEGTL_KEYWORD("catch"), ws> {};
struct kw_const : p::seq<TAO_PEGTL_KEYWORD("const"), ws> {};
struct kw_continue : p::seq<TAO_PEGTL_KEYWORD("continue"), ws> {};
struct kw_do : p::seq<TAO_PEGTL_KEYWORD("do"), ws> {};
struct kw_else : p::seq<TAO_PEGTL_KEYWORD("else"), ws> {};
struct kw_export : p::seq<TAO_PEGTL_KEYWORD("export"), ws> {};
struct kw_false : p::seq<TAO_PEGTL_KEYWORD("false"), ws> {};
struct kw_fn : p::seq<TAO_PEGTL_KEYWORD("fn"), ws> {};
struct kw_for : p::seq<TAO_PEGTL_KEYWORD("for"), ws> {};
struct kw_if : p::seq<TAO_PEGTL_KEYWORD("if"), ws> {};
struct kw_import : p::seq<TAO_PEGTL_KEYWORD("import"), ws> {};
struct kw_in : p::seq<TAO_PEGTL_KEYWORD("in"), ws> {};
struct kw_let : p::seq<TAO_PEGTL_KEYWORD("let"), ws> {};
struct kw_loop : p::seq<TAO_PEGTL_KEYWORD("loop"), ws> {};
struct kw_private : p::seq<TAO_PEGTL_KEYWORD("private"), ws> {};
struct kw_return : p::seq<TAO_PEGTL_KEYWORD("return"), ws> {};
struct kw_switch : p::seq<TAO_PEGTL_KEYWORD("switch"), ws> {};
struct kw_this : p::seq<TAO_PEGTL_KEYWORD("this"), ws> {};
struct kw_throw : p::seq<TAO_PEGTL_KEYWORD("throw"), ws> {};
struct kw_true : p::seq<TAO_PEGTL_KEYWORD("true"), ws> {};
struct kw_try : p::seq<TAO_PEGTL_KEYWORD("try"), ws> {};
struct kw_until : p::seq<TAO_PEGTL_KEYWORD("until"), ws> {};
struct kw_while : p::seq<TAO_PEGTL_KEYWORD("while"), ws> {};

struct digits : p::seq<p::digit, p::star<p::sor<p::digit, p::one<'_'>>>> {};
// The dot belongs to the number before a digit, or before none of `.`, `_`, a letter: `1.5`, `1.;`, not `1..2`,
// `1.abs()`.
struct fraction : p::seq<p::one<'.'>, p::sor<digits, p::not_at<p::sor<p::one<'.', '_'>, p::alpha>>>> {};
struct exponent : p::seq<p::one<'e', 'E'>, p::opt<p::one<'+', '-'>>, digits> {};
struct decimal_number : p::seq<digits, p::opt<fraction>, p::opt<exponent>> {};

struct hex_digits : p::seq<p::star<p::one<'_'>>, p::plus<p::xdigit, p::star<p::one<'_'>>>> {};
struct octal_digits
    : p::seq<p::star<p::one<'_'>>, p::plus<p::range<'0', '7'>, p::star<p::one<'_'>>>, p::not_at<p::xdigit>> {};
struct binary_digits
    : p::seq<p::star<p::one<'_'>>, p::plus<p::one<'0', '1'>, p::star<p::one<'_'>>>, p::not_at<p::xdigit>> {};
struct radix_number
    : p::seq<p::one<'0'>,
             p::sor<p::seq<p::one<'x', 'X'>, need<hex_digits>>, p::seq<p::one<'o', 'O'>, need<octal_digits>>,
                    p::seq<p::one<'b', 'B'>, need<binary_digits>>>> {};
// A `-` that stands directly before a digit, where an operand is expected, is part of the literal.
struct number : p::seq<p::opt<p::one<'-'>, p::at<p::digit>>, p::sor<radix_number, decimal_number>> {};

struct comma : p::seq<p::one<','>, ws> {};
struct semicolon : p::seq<p::one<';'>, ws> {};
struct colon : p::seq<p::one<':'>, p::not_at<p::one<':', '=', ';'>>, ws> {};
struct double_colon : p::seq<p::two<':'>, p::not_at<p::one<'<'>>, ws> {};
struct arrow : p::seq<p::string<'=', '>'>, ws> {};
struct equals : p::seq<p::one<'='>, p::not_at<p::one<'=', '>'>>, ws> {};
struct bar : p::seq<p::one<'|'>, p::not_at<p::one<'|', '=', '>'>>, ws> {};
struct double_bar : p::seq<p::two<'|'>, ws> {};

template <char... C>
struct closer : p::seq<p::one<C...>, ws> {};

struct not_in : p::seq<p::one<'!'>, TAO_PEGTL_KEYWORD("in")> {};

// Tightest first only where one symbol is the beginning of another.
struct binary_operator
    : p::sor<p::seq<p::two<'*'>, p::not_at<p::one<'='>>>, p::seq<p::one<'*'>, p::not_at<p::one<'*', '=', ')'>>>,
             p::seq<p::two<'<'>, p::not_at<p::one<'='>>>, p::seq<p::two<'>'>, p::not_at<p::one<'='>>>,
             p::seq<p::one<'<', '>'>, p::one<'='>>, p::seq<p::one<'<'>, p::not_at<p::one<'-', '|', '<'>>>,
             p::seq<p::one<'>'>, p::not_at<p::one<'>'>>>, p::seq<p::one<'/'>, p::not_at<p::one<'=', '/', '*'>>>,
             p::seq<p::one<'%', '^'>, p::not_at<p::one<'='>>>, p::seq<p::one<'+'>, p::not_at<p::one<'=', '+'>>>,
             p::seq<p::one<'-'>, p::not_at<p::one<'=', '-', '>'>>>,
             p::seq<p::two<'.'>, p::not_at<p::one<'.'>>, p::opt<p::one<'='>>>, p::two<'?'>,
             p::seq<p::one<'=', '!'>, p::one<'='>, p::not_at<p::one<'='>>>, p::two<'&'>,
             p::seq<p::one<'&'>, p::not_at<p::one<'='>>>, p::two<'|'>, p::seq<p::one<'|'>, p::not_at<p::one<'=', '>'>>>,
             not_in, TAO_PEGTL_KEYWORD("in"), TAO_PEGTL_KEYWORD("is"), TAO_PEGTL_KEYWORD("not")> {};

// In a switch label `|` is always the separator.
struct label_operator : p::seq<p::not_at<p::one<'|'>, p::not_at<p::one<'|'>>>, binary_operator> {};

struct assign_operator : p::sor<p::seq<p::one<'='>, p::not_at<p::one<'=', '>'>>>,
                                p::seq<p::one<'+', '-', '*', '/', '%', '&', '|', '^'>, p::one<'='>>,
                                p::string<'*', '*', '='>, p::string<'<', '<', '='>, p::string<'>', '>', '='>> {};

// `-` before a digit is part of the number (see `number`).
struct prefix_operator : p::sor<p::seq<p::one<'-'>, p::not_at<p::sor<p::one<'-', '=', '>'>, p::digit>>>,
                                p::seq<p::one<'+'>, p::not_at<p::one<'+', '='>>>,
                                p::seq<p::not_at<not_in>, p::one<'!'>, p::not_at<p::one<'=', '.'>>>> {};

}  // namespace sluice::grammar::vsl
