// dns:: and net::dnsbl (vsl-rules.md 9.11). They suspend the rule, never the thread.
#include <fmt/format.h>

#include "dsl/lib/mail_objects.hpp"
#include "engine/dns/lookup.hpp"
#include "engine/filter/stage_context.hpp"

namespace sluice::filter {

using dsl::NativeCall;
using dsl::Outcome;
using dsl::Value;

namespace {

Answer nothing_known(std::string_view asked, const dns::Finding& finding) {
    return Answer::thrown(
        fmt::format("the DNS does not answer for '{}': {} ({})", asked, dns::to_string(finding.outcome), finding.why));
}

Value texts_of(const std::vector<std::string>& texts) {
    dsl::Values items;
    for (const auto& text : texts) items.push_back(Value::string(text));
    return dsl::make_array(std::move(items));
}

// The argument as a name of the DNS; nullopt: the call has failed.
std::optional<dns::Name> name_argument(NativeCall& call) {
    const auto text = dsl::lib::text_of(call.args[0]);
    const auto name = dns::Name::parse_international(text);
    if (name) return *name;
    call.error = dsl::make_thrown(
        Value::string(fmt::format("'{}' is not a name of the DNS: it {}", text, dns::to_string(name.error()))));
    return std::nullopt;
}

asio::awaitable<Answer> look_up(std::shared_ptr<dns::Resolver> resolver, dns::Name name, dns::IpStrategy strategy) {
    const auto asked = name.text();
    const auto found = co_await dns::addresses(*resolver, std::move(name), strategy);
    if (found.failed()) co_return nothing_known(asked, found);
    if (found.addresses.empty()) co_return Answer::thrown(fmt::format("no addresses of '{}' exist", asked));
    std::vector<std::string> texts;
    for (const auto& address : found.addresses) texts.push_back(address.to_string());
    co_return Answer::of(texts_of(texts));
}

asio::awaitable<Answer> look_up_reverse(std::shared_ptr<dns::Resolver> resolver, asio::ip::address address) {
    const auto found = co_await dns::reverse(*resolver, address);
    if (found.failed()) co_return nothing_known(address.to_string(), found);
    if (found.names.empty()) co_return Answer::thrown(fmt::format("no names of '{}' exist", address.to_string()));
    std::vector<std::string> texts;
    for (const auto& name : found.names) texts.push_back(name.text());
    co_return Answer::of(texts_of(texts));
}

asio::awaitable<Answer> look_up_mx(std::shared_ptr<dns::Resolver> resolver, dns::Name domain) {
    const auto asked = domain.text();
    const auto found = co_await dns::mail_exchangers(*resolver, std::move(domain));
    if (found.failed()) co_return nothing_known(asked, found);
    dsl::Values items;
    if (!found.implicit) {
        for (const auto& host : found.hosts) {
            auto item = dsl::make_map();
            item.as_map().set("preference", Value::integer(host.preference));
            item.as_map().set("exchange", Value::string(host.exchange.text()));
            items.push_back(std::move(item));
        }
        if (found.null_mx) {
            auto item = dsl::make_map();
            item.as_map().set("preference", Value::integer(0));
            item.as_map().set("exchange", Value::string("."));
            items.push_back(std::move(item));
        }
    }
    co_return Answer::of(dsl::make_array(std::move(items)));
}

asio::awaitable<Answer> look_up_texts(std::shared_ptr<dns::Resolver> resolver, dns::Name name) {
    const auto asked = name.text();
    const auto found = co_await dns::texts(*resolver, std::move(name));
    if (found.failed()) co_return nothing_known(asked, found);
    co_return Answer::of(texts_of(found.texts));
}

asio::awaitable<Answer> look_up_listing(std::shared_ptr<dns::Resolver> resolver, dns::Name zone,
                                        asio::ip::address address) {
    const auto asked = zone.text();
    const auto found = co_await dns::dnsbl(*resolver, std::move(zone), address);
    if (found.failed()) co_return nothing_known(asked, found);
    std::vector<std::string> texts;
    for (const auto& code : found.codes) texts.push_back(code.to_string());
    co_return Answer::of(texts_of(texts));
}

}  // namespace

namespace functions {

Outcome dns_lookup(StageContext& context, NativeCall& call) {
    auto name = name_argument(call);
    if (!name) return Outcome::error;
    return context.wait(look_up(context.around.resolver, std::move(*name), context.around.ip_strategy));
}

Outcome dns_rlookup(StageContext& context, NativeCall& call) {
    const auto text = dsl::lib::text_of(call.args[0]);
    error_code error;
    const auto address = asio::ip::make_address(text, error);
    if (error) return call.fail(fmt::format("'{}' is not an IP address", text));
    return context.wait(look_up_reverse(context.around.resolver, address));
}

Outcome dns_mx(StageContext& context, NativeCall& call) {
    auto name = name_argument(call);
    return name ? context.wait(look_up_mx(context.around.resolver, std::move(*name))) : Outcome::error;
}

Outcome dns_txt(StageContext& context, NativeCall& call) {
    auto name = name_argument(call);
    return name ? context.wait(look_up_texts(context.around.resolver, std::move(*name))) : Outcome::error;
}

Outcome net_dnsbl(StageContext& context, NativeCall& call) {
    auto zone = name_argument(call);
    return zone ? context.wait(
                      look_up_listing(context.around.resolver, std::move(*zone), context.session.client.address()))
                : Outcome::error;
}

}  // namespace functions

}  // namespace sluice::filter
