#include "grammar/mail/parameters.hpp"

#include "grammar/mail/parameters_rules.hpp"

namespace sluice::grammar::mail {
namespace {

struct State {
    std::size_t max_parameters;
    ParameterizedValue result;
    Parameter current;
};

// A fold inside quotes is no part of the text, and a backslash stands for what follows it.
std::string unquoted(std::string_view text) {
    std::string out;
    for (std::size_t i = 1; i < text.size() && text[i] != '"'; ++i) {
        if (text[i] == '\r' || text[i] == '\n') continue;
        if (text[i] == '\\' && i + 1 < text.size()) ++i;
        out += text[i];
    }
    return out;
}

std::string without_folds(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c != '\r' && c != '\n') out += c;
    }
    while (!out.empty() && (out.back() == ' ' || out.back() == '\t')) out.pop_back();
    return out;
}

template <typename Rule>
struct Action : field::pegtl::nothing<Rule> {};

template <>
struct Action<field::type> {
    template <typename Input>
    static void apply(const Input& in, State& state) {
        state.current.name = lower_case(in.string_view());
    }
};
template <>
struct Action<field::subtype> {
    template <typename Input>
    static void apply(const Input& in, State& state) {
        state.result.value = state.current.name + '/' + lower_case(in.string_view());
    }
};
template <>
struct Action<field::disposition_type> {
    template <typename Input>
    static void apply(const Input& in, State& state) {
        state.result.value = lower_case(in.string_view());
    }
};
template <>
struct Action<field::attribute> {
    template <typename Input>
    static void apply(const Input& in, State& state) {
        state.current.name = lower_case(in.string_view());
    }
};
template <>
struct Action<field::quoted_value> {
    template <typename Input>
    static void apply(const Input& in, State& state) {
        state.current.value = unquoted(in.string_view());
    }
};
template <>
struct Action<field::bare_value> {
    template <typename Input>
    static void apply(const Input& in, State& state) {
        state.current.value = in.string_view();
    }
};
template <>
struct Action<field::ragged_value> {
    template <typename Input>
    static void apply(const Input& in, State& state) {
        state.current.value = without_folds(in.string_view());
    }
};
template <>
struct Action<field::parameter> {
    static void apply0(State& state) {
        if (state.result.parameters.size() == state.max_parameters) {
            state.result.cut = true;
        } else {
            state.result.parameters.push_back(std::move(state.current));
        }
        state.current = {};
    }
};

template <typename Rule>
ParameterizedValue parse(std::string_view text, std::size_t max_parameters) {
    State state{max_parameters, {}, {}};
    field::pegtl::memory_input<field::pegtl::tracking_mode::lazy> in(text.data(), text.size(), "");
    // Both rules match a part of every text; what is behind it says nothing.
    (void)field::pegtl::parse<Rule, Action>(in, state);
    return std::move(state.result);
}

}  // namespace

ParameterizedValue parse_content_type(std::string_view text, std::size_t max_parameters) {
    return parse<field::content_type>(text, max_parameters);
}

ParameterizedValue parse_content_disposition(std::string_view text, std::size_t max_parameters) {
    return parse<field::content_disposition>(text, max_parameters);
}

std::string lower_case(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
    }
    return out;
}

}  // namespace sluice::grammar::mail
