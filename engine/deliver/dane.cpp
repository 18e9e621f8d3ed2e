#include "engine/deliver/dane.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace sluice::deliver {

namespace {

DaneFinding not_applicable(std::string why) { return {DaneState::not_applicable, {}, {}, std::move(why)}; }
DaneFinding failed(std::string why) { return {DaneState::failed, {}, {}, std::move(why)}; }

// Which names may be asked for TLSA records, in order (RFC 7672 2.2.2).
struct Bases {
    std::vector<dns::Name> names;
    std::string failure;  // the answers are bogus or missing
};

asio::awaitable<Bases> bases_of(dns::Resolver& resolver, dns::Name host) {
    Bases bases;
    bool secure = false;
    bool alias = false;
    dns::Name expanded = host;
    for (const auto type : {dns::RecordType::a, dns::RecordType::aaaa}) {
        const dns::Answer answer = co_await resolver.query(host, type);
        if (answer.failed()) {
            bases.failure = fmt::format("{} of {}: {}", to_string(type), host.text(), answer.why);
            co_return bases;
        }
        if (answer.outcome != dns::Outcome::found) continue;
        secure = answer.secure;
        alias = answer.canonical_name != host;
        expanded = answer.canonical_name;
        break;
    }
    if (secure && alias) bases.names.push_back(expanded);
    if (!secure) {
        // An alias that is signed itself and leads to an unsigned zone still vouches for its own name.
        const dns::Answer answer = co_await resolver.query(host, dns::RecordType::cname);
        if (answer.failed()) bases.failure = fmt::format("CNAME of {}: {}", host.text(), answer.why);
        if (answer.outcome != dns::Outcome::found || !answer.secure) co_return bases;
    }
    bases.names.push_back(host);
    co_return bases;
}

DaneFinding from_records(const std::vector<dns::Tlsa>& records, const dns::Name& base) {
    DaneFinding finding{DaneState::unusable, base.without_final_dot(), {}, {}};
    for (const dns::Tlsa& each : records) {
        const tls::TlsaRecord record{each.usage, each.selector, each.matching_type, each.data};
        if (tls::is_usable(record)) finding.records.push_back(record);
    }
    if (!finding.records.empty()) finding.state = DaneState::usable;
    return finding;
}

}  // namespace

asio::awaitable<DaneFinding> find_dane(dns::Resolver& resolver, std::string host, std::uint16_t port) {
    error_code no_address;
    (void)asio::ip::make_address(host, no_address);
    const auto parsed = dns::Name::parse(host);
    if (!no_address || host.starts_with('[') || !parsed) co_return not_applicable("not a host name");
    const dns::Name name = parsed->absolute();
    Bases bases = co_await bases_of(resolver, name);
    if (!bases.failure.empty()) co_return failed(std::move(bases.failure));
    if (bases.names.empty()) co_return not_applicable(fmt::format("the addresses of {} are not signed", host));
    for (const dns::Name& base : bases.names) {
        const auto prefix = dns::Name::parse(fmt::format("_{}._tcp", port));
        const auto question = prefix->under(base);
        if (!question) continue;  // no room for the prefix: no such record can exist
        const dns::Answer answer = co_await resolver.query(*question, dns::RecordType::tlsa);
        if (answer.failed()) co_return failed(fmt::format("TLSA of {}: {}", question->text(), answer.why));
        if (answer.outcome == dns::Outcome::found && answer.secure)
            co_return from_records(answer.all<dns::Tlsa>(), base);
    }
    co_return not_applicable(fmt::format("{} has no signed TLSA records", host));
}

}  // namespace sluice::deliver
