#include "engine/watch/trace_filter.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <boost/json.hpp>

#include "engine/base/ip_address.hpp"
#include "engine/watch/request_json.hpp"

namespace sluice::watch {

using dsl::lib::IpAddress;
using dsl::lib::IpNetwork;

namespace {

IpAddress address_of(const asio::ip::address& given) {
    const auto address = unmapped(given);
    IpAddress result{.v6 = address.is_v6()};
    const auto fill = [&](const auto& bytes) { std::copy(bytes.begin(), bytes.end(), result.bytes.begin()); };
    if (result.v6)
        fill(address.to_v6().to_bytes());
    else
        fill(address.to_v4().to_bytes());
    return result;
}

std::optional<IpNetwork> parse_client(std::string_view text) {
    if (const auto address = IpAddress::parse(text)) return IpNetwork{*address, address->v6 ? 128u : 32u};
    return IpNetwork::parse(text);
}

Failure<std::string> wrong(std::string_view option, std::string_view text, std::string_view wanted) {
    return Failure{fmt::format("{}: '{}' is not {}", option, text, wanted)};
}

}  // namespace

std::optional<AddressPattern> AddressPattern::parse(std::string_view text) {
    AddressPattern pattern;
    if (text == "<>") return pattern;
    if (text.size() > 2 && text.front() == '<' && text.back() == '>') text = text.substr(1, text.size() - 2);
    pattern.whole_domain_ = text.find('@') == std::string_view::npos;
    const auto address = smtp::parse_address(pattern.whole_domain_ ? fmt::format("x@{}", text) : std::string(text));
    if (!address) return std::nullopt;
    pattern.address_ = *address;
    return pattern;
}

bool AddressPattern::matches(const smtp::Address& address) const {
    if (address.null() || address_.null()) return address.null() && address_.null();
    if (whole_domain_) return smtp::equal_ignoring_ascii_case(address.domain, address_.domain);
    return address == address_;
}

bool TraceFilter::accepts(const asio::ip::address& address) const {
    return !client || client->contains(address_of(address));
}

Result<TraceFilter, std::string> TraceRequest::filter() const {
    TraceFilter filter;
    if (!ip.empty() && !(filter.client = parse_client(ip)))
        return wrong("--ip", ip, "an IP address, nor a network such as 192.0.2.0/24 or 2001:db8::/32");
    if (!from.empty() && !(filter.from = AddressPattern::parse(from)))
        return wrong("--from", from, "an address such as john@example.com, nor a domain, nor <>");
    if (!rcpt.empty() && (rcpt == "<>" || !(filter.rcpt = AddressPattern::parse(rcpt))))
        return wrong("--rcpt", rcpt, "an address such as jane@example.com, nor a domain");
    return filter;
}

std::string TraceRequest::json() const {
    return boost::json::serialize(boost::json::object{
        {"ip", ip}, {"from", from}, {"rcpt", rcpt}, {"json", form == Form::json}, {"count", count}});
}

std::optional<TraceRequest> TraceRequest::parse(std::string_view json) {
    TraceRequest request;
    if (!read_request(json, {{"ip", &request.ip}, {"from", &request.from}, {"rcpt", &request.rcpt}}, request.form,
                      request.count))
        return std::nullopt;
    return request;
}

}  // namespace sluice::watch
