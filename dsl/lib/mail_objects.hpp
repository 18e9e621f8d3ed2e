// The objects of vsl-rules.md 9.2 and their comparisons (9.3 as changed by decisions.md, "comparisons").
#pragma once

#include <string>
#include <string_view>

#include "dsl/value/membership.hpp"

namespace sluice::dsl::lib {

// An object that has neither a local part nor a domain: asking for one is an error in the words of vsl-rules.md 7.
struct PartlessObject : HostObject {
    bool property(std::string_view name, Value& value, std::string& why) const override;
};

// A mail address. The null reverse-path is one with all parts empty: equal to "<>" and "".
struct AddressObject final : HostObject {
    std::string full;
    std::string local_part;  // without quoting
    std::string domain;      // as written
    AddressObject(std::string f, std::string l, std::string d)
        : full(std::move(f)), local_part(std::move(l)), domain(std::move(d)) {}
    [[nodiscard]] std::string_view type() const noexcept override { return "address"; }
    [[nodiscard]] std::string text() const override { return full; }
    [[nodiscard]] Answer equals(const Value& other, std::string& why) const override;
    [[nodiscard]] Answer contains(const Value& item, std::string& why) const override;
    [[nodiscard]] std::unique_ptr<const MembershipIndex> index_of_kind(const Values& items) const override;
    bool property(std::string_view name, Value& value, std::string& why) const override;
};

// For the host: from parts that are known to be sound. Empty parts make the null address.
[[nodiscard]] Value make_address(std::string_view full, std::string_view local_part, std::string_view domain);
// An rg4 value of a network that is known to be sound.
[[nodiscard]] Value make_ip4_network(std::string_view cidr);
[[nodiscard]] Value make_fqdn(std::string_view name);
// Makes an object of a text; () if the text is no such thing: `why` says so.
using ObjectParser = Value (*)(const std::string& text, std::string& why);
// For "ip4", "rg6", "address" …; null if objects of that type are not made of one text.
[[nodiscard]] ObjectParser object_parser(std::string_view type) noexcept;
// Text of an argument that may be a string or an object ("str|obj" in vsl-rules.md).
[[nodiscard]] std::string text_of(const Value& value);

}  // namespace sluice::dsl::lib
