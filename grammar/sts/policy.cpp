#include "grammar/sts/policy.hpp"

#include <charconv>
#include <utility>

#include "grammar/mail/mailbox.hpp"
#include "grammar/mail/parameters.hpp"
#include "grammar/sts/excerpt.hpp"
#include "grammar/sts/policy_rules.hpp"

namespace sluice::grammar::sts {
namespace {

struct State {
    Policy policy;
    bool version = false;
    bool mode = false;
    bool max_age = false;
    PolicyMode mode_read = PolicyMode::none;
    std::uint64_t max_age_read = 0;
    std::string pattern;  // of the mx field that is being read
    std::string error;    // the first

    template <typename Input>
    void complain(const Input& in, std::string_view what) {
        if (error.empty()) error = "line " + std::to_string(in.position().line) + ": " + std::string(what);
    }
    // "mode: 'enforced'", the line as it was written.
    template <typename Input>
    void complain_of_value(const Input& in, std::string_view what) {
        const std::string_view line = in.string_view();
        const std::size_t colon = line.find(':');
        const std::size_t value = line.find_first_not_of(" \t", colon + 1);
        complain(in, std::string(line.substr(0, colon)) + ": '" +
                         excerpt(value == std::string_view::npos ? std::string_view() : line.substr(value)) + "' " +
                         std::string(what));
    }
};

template <typename Rule>
struct Action : pegtl::nothing<Rule> {};

template <>
struct Action<version_field> {
    static void apply0(State& state) { state.version = true; }
};
template <>
struct Action<mode_testing> {
    static void apply0(State& state) { state.mode_read = PolicyMode::testing; }
};
template <>
struct Action<mode_enforce> {
    static void apply0(State& state) { state.mode_read = PolicyMode::enforce; }
};
template <>
struct Action<mode_none> {
    static void apply0(State& state) { state.mode_read = PolicyMode::none; }
};
template <>
struct Action<mode_field> {
    static void apply0(State& state) {
        if (!std::exchange(state.mode, true)) state.policy.mode = state.mode_read;
    }
};
template <>
struct Action<max_age_value> {
    template <typename Input>
    static void apply(const Input& in, State& state) {
        (void)std::from_chars(in.begin(), in.end(), state.max_age_read);  // ten digits always fit
    }
};
template <>
struct Action<max_age_field> {
    template <typename Input>
    static void apply(const Input& in, State& state) {
        if (std::exchange(state.max_age, true)) return;
        if (state.max_age_read > max_policy_age) {
            state.complain_of_value(in, "is more than " + std::to_string(max_policy_age) + " seconds, one year");
            return;
        }
        state.policy.max_age = static_cast<std::uint32_t>(state.max_age_read);
    }
};
template <>
struct Action<mx_pattern> {
    template <typename Input>
    static void apply(const Input& in, State& state) {
        state.pattern = mail::lower_case(in.string_view());
    }
};
template <>
struct Action<mx_field> {
    template <typename Input>
    static void apply(const Input& in, State& state) {
        std::string& pattern = state.pattern;
        const std::string_view domain = std::string_view(pattern).substr(pattern.starts_with("*.") ? 2 : 0);
        if (mail::check_lengths({}, domain) != mail::MailboxError::none) {
            state.complain_of_value(in, "is too long for a domain name");
        } else if (state.policy.mx.size() == max_mx_patterns) {
            state.complain(in, "more than " + std::to_string(max_mx_patterns) + " mx patterns");
        } else {
            state.policy.mx.push_back(std::move(pattern));
        }
    }
};
template <>
struct Action<wrong_version> {
    template <typename Input>
    static void apply(const Input& in, State& state) {
        if (!state.version) state.complain_of_value(in, "is not STSv1");
    }
};
template <>
struct Action<wrong_mode> {
    template <typename Input>
    static void apply(const Input& in, State& state) {
        if (!state.mode) state.complain_of_value(in, "is none of enforce, testing and none");
    }
};
template <>
struct Action<wrong_max_age> {
    template <typename Input>
    static void apply(const Input& in, State& state) {
        if (!state.max_age) state.complain_of_value(in, "is not a number of seconds");
    }
};
template <>
struct Action<wrong_mx> {
    template <typename Input>
    static void apply(const Input& in, State& state) {
        state.complain_of_value(in, "is neither a domain name in A-labels nor one behind \"*.\"");
    }
};
template <>
struct Action<wrong_line> {
    template <typename Input>
    static void apply(const Input& in, State& state) {
        state.complain(in, "'" + excerpt(in.string_view()) + "' is not \"name: value\"");
    }
};

std::string what_is_missing(const State& state) {
    if (!state.version) return "no line \"version: STSv1\"";
    if (!state.mode) return "no line \"mode: …\"";
    if (!state.max_age) return "no line \"max_age: …\"";
    if (state.policy.mx.empty() && state.policy.mode != PolicyMode::none) return "no line \"mx: …\"";
    return {};
}

}  // namespace

std::string_view to_string(PolicyMode mode) noexcept {
    switch (mode) {
        case PolicyMode::none: return "none";
        case PolicyMode::testing: return "testing";
        case PolicyMode::enforce: return "enforce";
    }
    return {};
}

ParsedPolicy parse_policy(std::string_view text) {
    if (text.size() > max_policy) return {{}, "more than " + std::to_string(max_policy) + " octets"};
    State state;
    pegtl::memory_input in(text.data(), text.size(), "");
    (void)pegtl::parse<policy_file, Action>(in, state);  // every text matches
    if (state.error.empty()) state.error = what_is_missing(state);
    if (!state.error.empty()) return {{}, std::move(state.error)};
    return {std::move(state.policy), {}};
}

std::vector<std::string> policy_lines(const Policy& policy) {
    std::vector<std::string> lines = {"version: STSv1", "mode: " + std::string(to_string(policy.mode))};
    for (const std::string& pattern : policy.mx) lines.push_back("mx: " + pattern);
    lines.push_back("max_age: " + std::to_string(policy.max_age));
    return lines;
}

}  // namespace sluice::grammar::sts
