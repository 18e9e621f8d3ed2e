#include "engine/refusals/search.hpp"

#include <algorithm>
#include <set>

#include "engine/base/ip_address.hpp"

namespace sluice::refusals {

namespace {

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return out;
}

bool contains(std::string_view text, std::string_view part) {
    return lower(text).find(lower(part)) != std::string::npos;
}

// "192.0.2.1:4711", "[2001:db8::1]:4711"
std::optional<asio::ip::address> address_of(std::string_view endpoint) {
    auto host = endpoint.substr(0, endpoint.rfind(':'));
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    error_code failed;
    const auto address = asio::ip::make_address(std::string(host), failed);
    return failed ? std::nullopt : std::optional(unmapped(address));
}

bool matches(const Record& record, const ListFilter& filter) {
    if (filter.client && address_of(record.client) != unmapped(*filter.client)) return false;
    if (filter.from == "<>") {
        if (record.from != "") return false;
    } else if (!filter.from.empty() && !(record.from && contains(*record.from, filter.from))) {
        return false;
    }
    return filter.rcpt.empty() || std::any_of(record.rcpt.begin(), record.rcpt.end(),
                                              [&](const std::string& each) { return contains(each, filter.rcpt); });
}

}  // namespace

Found find(const std::vector<Record>& records, std::string_view id) {
    const auto wanted = lower(id);
    std::set<std::string> ids;
    const auto begins = [&](const std::string& each) { return lower(each).starts_with(wanted); };
    for (const auto& record : records)
        for (const auto* each : {&record.session, &record.message})
            if (!each->empty() && begins(*each)) ids.insert(*each);
    // A whole id is never meant as the beginning of another.
    const auto whole = std::find_if(ids.begin(), ids.end(), [&](const auto& each) { return lower(each) == wanted; });
    Found found;
    if (whole != ids.end())
        found.ids = {*whole};
    else
        found.ids.assign(ids.begin(), ids.end());
    if (found.ids.size() != 1) return found;
    for (const auto& record : records)
        if (record.session == found.ids.front() || record.message == found.ids.front())
            found.records.push_back(&record);
    return found;
}

std::vector<const Record*> latest(const std::vector<Record>& records, const ListFilter& filter, std::size_t count) {
    std::vector<const Record*> found;
    for (auto each = records.rbegin(); each != records.rend() && found.size() < count; ++each)
        if (matches(*each, filter)) found.push_back(&*each);
    std::reverse(found.begin(), found.end());
    return found;
}

}  // namespace sluice::refusals
