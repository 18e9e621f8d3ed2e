#include "grammar/sts/sts_record.hpp"

#include <utility>

#include "grammar/sts/excerpt.hpp"
#include "grammar/sts/one_record.hpp"
#include "grammar/sts/record_rules.hpp"

namespace sluice::grammar::sts {
namespace {

struct State : RecordErrors {
    std::string id;
    std::string id_read;
};

template <typename Rule>
struct Action : pegtl::nothing<Rule> {};

template <>
struct Action<sts_id> {
    template <typename Input>
    static void apply(const Input& in, State& state) {
        state.id_read = in.string();
    }
};
template <>
struct Action<sts_id_field> {
    static void apply0(State& state) {
        if (state.id.empty()) state.id = std::move(state.id_read);
    }
};
template <>
struct Action<wrong_sts_id> {
    template <typename Input>
    static void apply(const Input& in, State& state) {
        if (!state.id.empty()) return;
        state.complain("'" + excerpt(in.string_view()) + "' has no id of 1 to " + std::to_string(max_policy_id) +
                       " letters and digits");
    }
};
template <>
struct Action<wrong_record_field> : ComplainOfField {};

}  // namespace

ParsedStsRecord parse_sts_record(std::string_view text) {
    if (text.size() > max_record) return {std::nullopt, "more than " + std::to_string(max_record) + " octets"};
    State state;
    pegtl::memory_input in(text.data(), text.size(), "");
    const bool matched = pegtl::parse<sts_text_record, Action>(in, state);
    if (!matched) state.complain("'" + excerpt(text) + "' is not \"v=STSv1; id=…\"");
    if (state.id.empty()) state.complain("no \"id=…\"");
    if (!state.error.empty()) return {std::nullopt, std::move(state.error)};
    return {StsRecord{std::move(state.id)}, {}};
}

ParsedStsRecord choose_sts_record(std::span<const std::string> texts) {
    return parse_only_one<begins_sts_record>(texts, "v=STSv1", &parse_sts_record);
}

}  // namespace sluice::grammar::sts
