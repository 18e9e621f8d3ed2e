#include "grammar/mail/address_list.hpp"

#include "grammar/mail/address_list_rules.hpp"
#include "grammar/mail/mailbox.hpp"

namespace sluice::grammar::mail {
namespace {

struct State {
    const char* base;
    AddressList list;
    ListedMailbox current;

    template <typename Input>
    [[nodiscard]] TextSpan span(const Input& in) const {
        const auto begin = static_cast<std::size_t>(in.begin() - base);
        return {begin, begin + in.size()};
    }
    template <typename Input>
    void add(ListItemKind kind, const Input& in) {
        list.items.push_back({kind, span(in)});
    }
};

template <typename Rule>
struct Action : field::pegtl::nothing<Rule> {};

template <>
struct Action<field::unclosed> {
    static void apply0(State& state) { state.list.unclosed = true; }
};
template <>
struct Action<field::addr_spec_begin> {
    static void apply0(State& state) {
        state.current.local_part.clear();
        state.current.domain.clear();
    }
};
// The alternatives of a mailbox are tried in turns: what a failed one left behind is replaced by the next.
template <>
struct Action<field::element_begin> {
    static void apply0(State& state) { state.current = {}; }
};
template <>
struct Action<field::display_name> {
    template <typename Input>
    static void apply(const Input& in, State& state) {
        state.current.display_name = state.span(in);
    }
};
template <>
struct Action<field::bare_addr> {
    static void apply0(State& state) { state.current.display_name = {}; }
};
template <>
struct Action<field::addr_spec> {
    template <typename Input>
    static void apply(const Input& in, State& state) {
        state.current.addr_spec = state.span(in);
    }
};
template <>
struct Action<field::local_quoted> {
    template <typename Input>
    static void apply(const Input& in, State& state) {
        if (state.list.unclosed) return;
        for (const char c : unquote_local_part(in.string_view())) {
            if (c != '\r' && c != '\n') state.current.local_part += c;  // a fold inside quotes is no part of the text
        }
    }
};

struct AppendLocalPart {
    template <typename Input>
    static void apply(const Input& in, State& state) {
        state.current.local_part += in.string_view();
    }
};
template <>
struct Action<field::local_atom> : AppendLocalPart {};
template <>
struct Action<field::local_dot> : AppendLocalPart {};

struct AppendDomain {
    template <typename Input>
    static void apply(const Input& in, State& state) {
        state.current.domain += in.string_view();
    }
};
template <>
struct Action<field::domain_atom> : AppendDomain {};
template <>
struct Action<field::domain_dot> : AppendDomain {};
template <>
struct Action<field::domain_literal> : AppendDomain {};

template <ListItemKind Kind>
struct AddItem {
    template <typename Input>
    static void apply(const Input& in, State& state) {
        state.add(Kind, in);
    }
};
template <>
struct Action<field::comma> : AddItem<ListItemKind::comma> {};
template <>
struct Action<field::semicolon> : AddItem<ListItemKind::semicolon> {};
template <>
struct Action<field::group_begin> : AddItem<ListItemKind::group_begin> {};
template <>
struct Action<field::unreadable> : AddItem<ListItemKind::unreadable> {};
template <>
struct Action<field::mailbox> {
    template <typename Input>
    static void apply(const Input& in, State& state) {
        state.list.items.push_back({ListItemKind::mailbox, state.span(in), state.list.mailboxes.size()});
        state.list.mailboxes.push_back(std::move(state.current));
        state.current = {};
    }
};

}  // namespace

AddressList parse_address_list(std::string_view value) {
    State state{value.data(), {}, {}};
    field::pegtl::memory_input<field::pegtl::tracking_mode::lazy> in(value.data(), value.size(), "");
    if (!field::pegtl::parse<field::address_list, Action>(in, state)) {
        state.list = {};  // the grammar matches every text
        state.list.unclosed = true;
    }
    return std::move(state.list);
}

}  // namespace sluice::grammar::mail
