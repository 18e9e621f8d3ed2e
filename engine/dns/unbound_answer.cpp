#include "engine/dns/unbound_answer.hpp"

#include <fmt/format.h>
#include <unbound.h>

#include <algorithm>

namespace sluice::dns {

namespace {

constexpr int rcode_noerror = 0;
constexpr int rcode_nxdomain = 3;

std::string rcode_text(int rcode) {
    switch (rcode) {
        case 1: return "FORMERR";
        case 2: return "SERVFAIL";
        case 4: return "NOTIMP";
        case 5: return "REFUSED";
        default: return fmt::format("RCODE {}", rcode);
    }
}

// libunbound's text has "?" for octets it does not show; such a name stays the one asked for.
Name canonical_name(const ub_result& result, const Name& asked) {
    if (!result.canonname || std::string_view(result.canonname).find('?') != std::string_view::npos) return asked;
    const auto name = Name::parse(result.canonname);
    return name ? name->absolute() : asked;
}

}  // namespace

Answer to_answer(const ub_result& result, const Name& asked, RecordType type) {
    Answer answer;
    answer.canonical_name = canonical_name(result, asked);
    if (result.bogus != 0) {
        answer.outcome = Outcome::bogus;
        answer.why = result.why_bogus ? result.why_bogus : "DNSSEC validation failed";
        return answer;
    }
    if (result.rcode != rcode_noerror && result.rcode != rcode_nxdomain) {
        answer.why = rcode_text(result.rcode);
        return answer;
    }
    for (std::size_t i = 0; result.data && result.data[i]; ++i) {
        auto record = decode(type, {result.data[i], static_cast<std::size_t>(result.len[i])});
        if (!record) return failed_answer(fmt::format("malformed {} record of {}", to_string(type), asked.text()));
        answer.records.push_back(std::move(*record));
    }
    answer.secure = result.secure != 0;
    answer.ttl = std::chrono::seconds(std::max(result.ttl, 0));
    if (!answer.records.empty())
        answer.outcome = Outcome::found;
    else
        answer.outcome = result.rcode == rcode_nxdomain ? Outcome::no_domain : Outcome::no_data;
    if (answer.outcome != Outcome::found) answer.why = answer.outcome == Outcome::no_domain ? "NXDOMAIN" : "no records";
    return answer;
}

}  // namespace sluice::dns
