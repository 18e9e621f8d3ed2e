// PEGTL rules shared by structured header fields: RFC 5322 3.2 and 4.1, names as there. Fields come from anywhere, so
// the rules are lenient: line ends count as blanks, any octet that is no special is text (8-bit and controls included),
// and a quote or comment that is never closed takes the rest of the field; `unclosed` matches there. Nothing is ever
// tried twice from a later place of the same quote or comment, so that hostile text costs linear time.
#pragma once

#include <tao/pegtl.hpp>
#include <tao/pegtl/contrib/analyze_traits.hpp>

namespace sluice::grammar::mail::field {

namespace pegtl = tao::pegtl;

struct unclosed : pegtl::eof {};

struct fws : pegtl::plus<pegtl::one<' ', '\t', '\r', '\n'>> {};

struct quoted_pair : pegtl::seq<pegtl::one<'\\'>, pegtl::any> {};
struct quoted_string : pegtl::seq<pegtl::one<'"'>, pegtl::star<pegtl::sor<quoted_pair, pegtl::not_one<'"'>>>,
                                  pegtl::sor<pegtl::one<'"'>, unclosed>> {};

// What stands in a comment up to its closing parenthesis, or to the end: comments nest, and a rule that called itself
// would let a sender choose the depth of our stack.
struct ccontent {
    using rule_t = ccontent;
    using subs_t = pegtl::empty_list;

    template <typename Input>
    [[nodiscard]] static bool match(Input& in) {
        std::size_t open = 1;
        std::size_t size = 0;
        const std::size_t all = in.size();
        for (; size < all; ++size) {
            const char c = in.peek_char(size);
            if (c == '\\' && size + 1 < all) ++size;
            if (c == '(') ++open;
            if (c == ')' && --open == 0) break;
        }
        in.bump(size);
        return true;
    }
};
struct comment : pegtl::seq<pegtl::one<'('>, ccontent, pegtl::sor<pegtl::one<')'>, unclosed>> {};

struct cfws : pegtl::star<pegtl::sor<fws, comment>> {};  // may be empty

}  // namespace sluice::grammar::mail::field

namespace tao::pegtl {
template <typename Name>
struct analyze_traits<Name, sluice::grammar::mail::field::ccontent> : analyze_opt_traits<> {};
}  // namespace tao::pegtl
