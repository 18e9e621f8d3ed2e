#include "engine/smtp/ehlo.hpp"

#include <array>
#include <string>
#include <string_view>

namespace sluice::smtp {
namespace {

bool always(const EhloState&) { return true; }
bool can_start_tls(const EhloState& state) { return state.can_start_tls; }
bool can_require_tls(const EhloState& state) { return state.secured && state.settings.requiretls; }  // RFC 8689 2
bool can_authenticate(const EhloState& state) { return !state.mechanisms.empty(); }

std::string nothing(const EhloState&) { return {}; }
std::string size_limit(const EhloState& state) { return std::to_string(state.settings.message_size_limit); }

std::string mechanisms(const EhloState& state) {
    std::string names;
    for (const auto mechanism : state.mechanisms) {
        if (!names.empty()) names += ' ';
        names += sasl::to_string(mechanism);
    }
    return names;
}

struct Row {
    std::string_view keyword;
    bool (*offered)(const EhloState&);
    std::string (*parameter)(const EhloState&);
};

constexpr auto rows = std::to_array<Row>({
#define EXTENSION(keyword, condition, parameter) Row{keyword, condition, parameter},
#include "engine/smtp/extensions.def"
#undef EXTENSION
});

}  // namespace

Reply ehlo_reply(const EhloState& state, const ReplyContext& context) {
    const ReplyId greeting = state.secured ? ReplyId::EhloSecured : ReplyId::EhloPain;
    Reply reply = state.settings.replies.get(greeting, context);
    reply.enhanced.reset();  // RFC 2034 4: not in EHLO replies, where it would pass for a keyword
    for (const Row& row : rows) {
        if (!row.offered(state)) continue;
        std::string line(row.keyword);
        if (const std::string parameter = row.parameter(state); !parameter.empty()) line += ' ' + parameter;
        reply.lines.push_back(std::move(line));
    }
    return reply;
}

}  // namespace sluice::smtp
