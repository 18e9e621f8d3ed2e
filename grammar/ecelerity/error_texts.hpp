// What each need<> of rules.hpp says when it fails. `back`: the text to point at begins so many octets earlier, at the
// character that opened it.
#pragma once

#include "grammar/ecelerity/rules.hpp"

namespace sluice::grammar::ecelerity {

struct Expected {
    const char* message = nullptr;
    const char* hint = "";
    unsigned back = 0;
};

// One without an entry does not compile.
template <class Rule>
inline constexpr Expected expected{};

template <>
inline constexpr Expected expected<comment_rest>{"this comment does not end", "close it with */", 2};
template <>
inline constexpr Expected expected<quoted_rest<'"'>>{"this string does not end",
                                                     "close it with \"; a \" inside is written \\\"", 1};
template <>
inline constexpr Expected expected<quoted_rest<'\''>>{"this string does not end",
                                                      "close it with '; a text with an apostrophe stands in \"…\"", 1};
template <>
inline constexpr Expected expected<list_close>{"expected a value or `)` to close the list",
                                               "a list is written ( \"A\" \"B\" )"};
template <>
inline constexpr Expected expected<dictionary_close>{"expected an entry or `]` to close the dictionary",
                                                     "a dictionary is written [ name = \"value\" ]"};
template <>
inline constexpr Expected expected<dictionary_value>{"expected a value after `=`",
                                                     "a value is a word, a \"string\", a ( list ) or a [ dictionary ]"};
template <>
inline constexpr Expected expected<block_close>{"expected an option, a stanza or `}` to close the stanza",
                                                "an option is written Name = value"};
template <>
inline constexpr Expected expected<include_path>{"expected the path of the file to include",
                                                 "write include \"/path/of/file.conf\""};
template <>
inline constexpr Expected expected<option_value>{"expected a value after `=`",
                                                 "a value is a word, a \"string\", a ( list ) or a [ dictionary ]"};
template <>
inline constexpr Expected expected<stanza_block>{
    "expected `{` to open the stanza",
    "a stanza is written Name \"value\" { … }; if this is an option, `=` is missing: Name = value"};
template <>
inline constexpr Expected expected<statement_rest>{"expected `=` or `{` after the name",
                                                   "an option is written Name = value, a stanza Name \"value\" { … }"};
template <>
inline constexpr Expected expected<end>{"expected an option or a stanza",
                                        "an option is written Name = value, a stanza Name \"value\" { … }"};
template <>
inline constexpr Expected expected<block>{"stanzas and values are nested too deep", "64 levels are read"};
template <>
inline constexpr Expected expected<deeper<bracket, list_or_dictionary>>{"stanzas and values are nested too deep",
                                                                        "64 levels are read"};
}  // namespace sluice::grammar::ecelerity
