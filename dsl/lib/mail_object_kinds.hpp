// The kinds of mail objects that scripts make from texts, how their domains compare, and the indexes of lists of them
// (membership.hpp). Private to dsl/lib.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <re2/re2.h>

#include "dsl/lib/ip_network.hpp"
#include "dsl/lib/mail_objects.hpp"
#include "dsl/value/membership.hpp"

namespace sluice::dsl::lib {

// A domain as it is compared and shown: lower case, IDNA labels in Unicode, no dot at the end.
[[nodiscard]] std::string lower_domain(std::string_view name);
// Addresses compare the local part exactly and the domain without regard to case.
[[nodiscard]] std::string address_key(std::string_view full);

// Null where the list holds something of another kind, or cannot be indexed. What an item of a kind that has its own
// idea of equality means is left to the search.
[[nodiscard]] std::unique_ptr<const MembershipIndex> index_networks(const Values& items);
[[nodiscard]] std::unique_ptr<const MembershipIndex> index_names(const Values& items);
[[nodiscard]] std::unique_ptr<const MembershipIndex> index_addresses(const Values& items);
[[nodiscard]] std::unique_ptr<const MembershipIndex> index_patterns(const Values& items);

struct FqdnObject final : PartlessObject {
    std::string name;
    explicit FqdnObject(std::string n) : name(std::move(n)) {}
    [[nodiscard]] std::string_view type() const noexcept override { return "fqdn"; }
    [[nodiscard]] std::string text() const override { return name; }
    [[nodiscard]] Answer equals(const Value& other, std::string& why) const override;
    [[nodiscard]] std::unique_ptr<const MembershipIndex> index_of_kind(const Values& items) const override;
};

struct IdentifierObject final : PartlessObject {
    std::string name;
    explicit IdentifierObject(std::string n) : name(std::move(n)) {}
    [[nodiscard]] std::string_view type() const noexcept override { return "identifier"; }
    [[nodiscard]] std::string text() const override { return name; }
    [[nodiscard]] Answer equals(const Value& other, std::string& why) const override;
};

struct IpObject final : PartlessObject {
    IpAddress address;
    explicit IpObject(IpAddress a) : address(a) {}
    [[nodiscard]] std::string_view type() const noexcept override { return address.v6 ? "ip6" : "ip4"; }
    [[nodiscard]] std::string text() const override { return address.text(); }
    [[nodiscard]] Answer equals(const Value& other, std::string& why) const override;
};

struct NetworkObject final : PartlessObject {
    IpNetwork network;
    explicit NetworkObject(IpNetwork n) : network(n) {}
    [[nodiscard]] std::string_view type() const noexcept override { return network.address.v6 ? "rg6" : "rg4"; }
    [[nodiscard]] std::string text() const override { return network.text(); }
    [[nodiscard]] Answer equals(const Value& other, std::string& why) const override;
    [[nodiscard]] std::unique_ptr<const MembershipIndex> index_of_kind(const Values& items) const override;
    [[nodiscard]] Answer contains(const Value& item, std::string& why) const override;
    [[nodiscard]] bool stands_for_members() const noexcept override { return true; }
};

struct RegexObject final : PartlessObject {
    re2::RE2 regex;
    explicit RegexObject(const std::string& pattern) : regex(pattern, options()) {}
    static re2::RE2::Options options() {
        re2::RE2::Options options;
        options.set_log_errors(false);
        options.set_max_mem(8 << 20);
        return options;
    }
    [[nodiscard]] std::string_view type() const noexcept override { return "regex"; }
    [[nodiscard]] std::string text() const override { return regex.pattern(); }
    [[nodiscard]] Answer equals(const Value& other, std::string& why) const override;
    [[nodiscard]] std::unique_ptr<const MembershipIndex> index_of_kind(const Values& items) const override;
    [[nodiscard]] Answer contains(const Value& item, std::string& why) const override;
    [[nodiscard]] bool search(const std::string& text) const { return re2::RE2::PartialMatch(text, regex); }
};

}  // namespace sluice::dsl::lib
