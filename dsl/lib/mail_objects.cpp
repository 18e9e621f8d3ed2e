#include "dsl/lib/mail_objects.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <idn2.h>

#include "dsl/lib/library.hpp"
#include "dsl/lib/mail_object_kinds.hpp"
#include "dsl/lib/text_case.hpp"
#include "dsl/value/operations.hpp"
#include "grammar/mail/mailbox.hpp"

namespace sluice::dsl::lib {

using Answer = HostObject::Answer;

// A domain as it is compared and shown: lower case, IDNA labels in Unicode, no dot at the end.
std::string lower_domain(std::string_view name) {
    if (!name.empty() && name.back() == '.') name.remove_suffix(1);
    auto lower = lower_text(name);
    if (lower.find("xn--") == std::string::npos) return lower;
    char* unicode = nullptr;
    if (idn2_to_unicode_8z8z(lower.c_str(), &unicode, 0) != IDN2_OK) return lower;  // no IDNA label after all
    lower = unicode;
    idn2_free(unicode);
    return lower;
}

// Addresses compare the local part exactly and the domain without regard to case.
std::string address_key(std::string_view full) {
    const auto at = full.rfind('@');
    return at == std::string_view::npos ? std::string(full)
                                        : std::string(full.substr(0, at + 1)) + lower_domain(full.substr(at + 1));
}

namespace {

Answer yes_if(bool truth) { return truth ? Answer::yes : Answer::no; }

template <class T>
const T* as(const Value& value) noexcept {
    return host_as<T>(value);
}

}  // namespace

Answer FqdnObject::equals(const Value& other, std::string&) const {
    if (other.is_string()) return yes_if(lower_domain(name) == lower_domain(other.as_string()));
    if (const auto* fqdn = as<FqdnObject>(other)) return yes_if(lower_domain(name) == lower_domain(fqdn->name));
    return Answer::undefined;
}

Answer IdentifierObject::equals(const Value& other, std::string&) const {
    if (other.is_string()) return yes_if(name == other.as_string());
    if (const auto* identifier = as<IdentifierObject>(other)) return yes_if(name == identifier->name);
    return Answer::undefined;
}

Answer IpObject::equals(const Value& other, std::string&) const {
    if (other.is_string()) return yes_if(address.text() == other.as_string());
    if (const auto* ip = as<IpObject>(other)) return yes_if(ip->address == address);
    return Answer::undefined;
}

Answer NetworkObject::equals(const Value& other, std::string& why) const {
    if (other.is_string()) {
        why = fmt::format("a {} object cannot be compared to a string", text());
        return Answer::refused;
    }
    if (const auto* range = as<NetworkObject>(other)) return yes_if(range->network == network);
    return Answer::undefined;
}

Answer NetworkObject::contains(const Value& item, std::string&) const {
    if (item.is_string()) {
        if (const auto address = IpAddress::parse(item.as_string())) return yes_if(network.contains(*address));
        const auto range = IpNetwork::parse(item.as_string());
        return yes_if(range && network.contains(*range));
    }
    if (const auto* ip = as<IpObject>(item)) return yes_if(network.contains(ip->address));
    if (const auto* range = as<NetworkObject>(item)) return yes_if(network.contains(range->network));
    return item.is_host() ? Answer::no : Answer::undefined;
}

// A regex finds itself in texts and in the texts of addresses and names (decisions.md, "comparisons").
Answer RegexObject::equals(const Value& other, std::string&) const {
    if (const auto* same = as<RegexObject>(other)) return yes_if(same->regex.pattern() == regex.pattern());
    if (other.is_string()) return yes_if(search(std::string(other.as_string())));
    if (as<AddressObject>(other) || as<FqdnObject>(other)) return yes_if(search(other.as_host().text()));
    return Answer::undefined;
}

Answer RegexObject::contains(const Value& item, std::string&) const {
    if (item.is_string()) return yes_if(search(std::string(item.as_string())));
    if (item.is_host()) return yes_if(search(item.as_host().text()));
    return Answer::undefined;
}

std::unique_ptr<const MembershipIndex> FqdnObject::index_of_kind(const Values& items) const {
    return index_names(items);
}
std::unique_ptr<const MembershipIndex> NetworkObject::index_of_kind(const Values& items) const {
    return index_networks(items);
}
std::unique_ptr<const MembershipIndex> RegexObject::index_of_kind(const Values& items) const {
    return index_patterns(items);
}
std::unique_ptr<const MembershipIndex> AddressObject::index_of_kind(const Values& items) const {
    return index_addresses(items);
}

Answer AddressObject::equals(const Value& other, std::string&) const {
    if (other.is_string()) {
        if (full.empty()) return yes_if(other.as_string().empty() || other.as_string() == "<>");
        return yes_if(address_key(full) == address_key(other.as_string()));
    }
    if (const auto* address = as<AddressObject>(other)) return yes_if(address_key(full) == address_key(address->full));
    return Answer::undefined;
}

Answer AddressObject::contains(const Value& item, std::string&) const {
    if (item.is_string())
        return yes_if(item.as_string() == local_part || lower_domain(item.as_string()) == lower_domain(domain));
    if (const auto* identifier = as<IdentifierObject>(item)) return yes_if(identifier->name == local_part);
    if (const auto* fqdn = as<FqdnObject>(item)) return yes_if(lower_domain(fqdn->name) == lower_domain(domain));
    return item.is_host() ? Answer::no : Answer::undefined;
}

bool PartlessObject::property(std::string_view name, Value&, std::string& why) const {
    const bool local_part = name == "local_part";
    if (!local_part && name != "domain") return false;
    why = fmt::format("cannot extract {} for {} object", local_part ? "local part" : "domain", type());
    return true;
}

bool AddressObject::property(std::string_view name, Value& value, std::string&) const {
    if (name == "local_part")
        value = Value::string(local_part);
    else if (name == "domain")
        value = domain.empty() ? Value::string("") : make_fqdn(lower_domain(domain));
    else
        return false;
    return true;
}

Value make_address(std::string_view full, std::string_view local_part, std::string_view domain) {
    return make_object<AddressObject>(std::string(full), std::string(local_part), std::string(domain));
}
Value make_fqdn(std::string_view name) { return make_object<FqdnObject>(std::string(name)); }
Value make_ip4_network(std::string_view cidr) { return make_object<NetworkObject>(*IpNetwork::parse(cidr)); }

std::string text_of(const Value& value) {
    if (value.is_string()) return std::string(value.as_string());
    return value.is_host() ? value.as_host().text() : brief(value);
}

namespace {

template <bool v6>
Value parse_ip(const std::string& text, std::string& why) {
    const auto address = IpAddress::parse(text);
    if (address && address->v6 == v6) return make_object<IpObject>(*address);
    why = fmt::format("'{}' is not an IPv{} address", text, v6 ? 6 : 4);
    return {};
}

template <bool v6>
Value parse_network(const std::string& text, std::string& why) {
    const auto network = IpNetwork::parse(text);
    if (network && network->address.v6 == v6) return make_object<NetworkObject>(*network);
    why =
        fmt::format("'{}' is not an IPv{} network such as {}", text, v6 ? 6 : 4, v6 ? "2001:db8::/32" : "192.0.2.0/24");
    return {};
}

Value parse_address(const std::string& text, std::string& why) {
    const auto parsed = grammar::mail::parse_mailbox(text);
    if (text.size() <= 254 && parsed.error == grammar::mail::MailboxError::none)
        return make_address(text, parsed.mailbox.local_part, parsed.mailbox.domain);
    why = fmt::format("'{}' is not a mail address", text);
    return {};
}

Value parse_fqdn(const std::string& text, std::string& why) {
    std::string_view name = text;
    if (name.ends_with('.')) name.remove_suffix(1);
    bool sound = !name.empty() && name.size() <= 253;
    std::string_view label;
    for (std::size_t at = 0; sound && at <= name.size();) {
        const auto end = std::min(name.find('.', at), name.size());
        label = name.substr(at, end - at);
        sound = !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-';
        for (const char c : label)
            sound = sound && (static_cast<unsigned char>(c) >= 0x80 || std::isalnum(static_cast<unsigned char>(c)) ||
                              c == '-' || c == '_');
        at = end + 1;
    }
    if (sound && label.find_first_not_of("0123456789") != std::string_view::npos) return make_fqdn(text);
    why = fmt::format("'{}' is not a domain name", text);
    return {};
}

Value parse_regex(const std::string& text, std::string& why) {
    auto value = make_object<RegexObject>(text);
    const auto& regex = as<RegexObject>(value)->regex;
    if (regex.ok()) return value;
    why = fmt::format("'{}' is not a regular expression: {}", text, regex.error());
    return {};
}

Value parse_identifier(const std::string& text, std::string&) { return make_object<IdentifierObject>(text); }

struct Parser {
    std::string_view type;
    ObjectParser parse;
};

constexpr Parser parsers[] = {
    {"ip4", parse_ip<false>},     {"ip6", parse_ip<true>},          {"rg4", parse_network<false>},
    {"rg6", parse_network<true>}, {"address", parse_address},       {"fqdn", parse_fqdn},
    {"regex", parse_regex},       {"identifier", parse_identifier},
};

// data: index in the table.
Outcome construct(NativeCall& call) {
    std::string why;
    auto value = parsers[call.data].parse(text_of(call.args[0]), why);
    return value.is_unit() ? call.fail(why) : call.ok(std::move(value));
}

// data 0: local parts, 1: domains; of an array of addresses and strings.
Outcome parts(NativeCall& call) {
    Values items;
    for (const auto& item : call.args[0].as_array().items) {
        std::string why;
        Value address = item.is_string() ? parse_address(std::string(item.as_string()), why) : item;
        const auto* object = as<AddressObject>(address);
        if (!object)
            return call.fail(fmt::format("cannot extract {} for {} object", call.data == 0 ? "local part" : "domain",
                                         type_name(item)));
        items.push_back(Value::string(call.data == 0 ? object->local_part : lower_domain(object->domain)));
    }
    return call.ok(make_array(std::move(items)));
}

}  // namespace

ObjectParser object_parser(std::string_view type) noexcept {
    for (const auto& parser : parsers)
        if (parser.type == type) return parser.parse;
    return nullptr;
}

void add_objects(NativeTable& table) {
    using namespace accepts;
    for (std::uint16_t i = 0; i < std::size(parsers); ++i) {
        table.add(parsers[i].type, {string | host}, construct, host_only | constant, i);
        table.add("obj::" + std::string(parsers[i].type), {string | host}, construct, host_only | constant, i);
    }
    table.add("local_parts", {array}, parts, property | host_only, 0);
    table.add("domains", {array}, parts, property | host_only, 1);
}

}  // namespace sluice::dsl::lib
