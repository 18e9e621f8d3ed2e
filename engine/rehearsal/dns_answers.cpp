#include "engine/rehearsal/dns_answers.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "dsl/value/operations.hpp"
#include "engine/dns/reverse_name.hpp"

namespace sluice::rehearsal {

namespace {

using dns::RecordType;
using dsl::Value;

constexpr std::pair<std::string_view, RecordType> types[] = {{"a", RecordType::a},
                                                             {"aaaa", RecordType::aaaa},
                                                             {"mx", RecordType::mx},
                                                             {"txt", RecordType::txt},
                                                             {"ptr", RecordType::ptr}};

// A name or, for its PTR, an IP address.
std::optional<dns::Name> question(std::string_view text) {
    error_code error;
    const auto address = asio::ip::make_address(std::string(text), error);
    if (!error) return dns::reverse_name(address);
    auto name = dns::Name::parse_international(text);
    return name ? std::optional(name->absolute()) : std::nullopt;
}

std::optional<dns::Record> address_record(std::string_view text, bool v6) {
    error_code error;
    const auto address = asio::ip::make_address(std::string(text), error);
    if (error || address.is_v6() != v6) return std::nullopt;
    return dns::Record(address);
}

std::optional<dns::Record> name_record(std::string_view text) {
    const auto name = dns::Name::parse_international(text);
    return name ? std::optional<dns::Record>(name->absolute()) : std::nullopt;
}

// "10 mx.example.com"; "mx.example.com" has the preference 10; "." is the null MX.
std::optional<dns::Record> mx_record(std::string_view text) {
    dns::Mx mx{.preference = 10, .exchange = {}};
    if (const auto blank = text.find(' '); blank != std::string_view::npos) {
        const auto number = text.substr(0, blank);
        const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), mx.preference);
        if (error != std::errc{} || end != number.data() + number.size()) return std::nullopt;
        text.remove_prefix(blank + 1);
    }
    if (text == ".") return dns::Record(mx);
    const auto name = dns::Name::parse_international(text);
    if (!name) return std::nullopt;
    mx.exchange = name->absolute();
    return dns::Record(mx);
}

std::optional<dns::Record> record(RecordType type, std::string_view text) {
    switch (type) {
        case RecordType::a: return address_record(text, false);
        case RecordType::aaaa: return address_record(text, true);
        case RecordType::mx: return mx_record(text);
        case RecordType::txt: return dns::Record(dns::Txt{std::string(text)});
        default: return name_record(text);
    }
}

std::string read_records(RecordType type, const Value& value, std::vector<dns::Record>& records) {
    if (value.is_array()) {
        for (const auto& item : value.as_array().items)
            if (auto wrong = read_records(type, item, records); !wrong.empty()) return wrong;
        return {};
    }
    auto read = value.is_string() ? record(type, value.as_string()) : std::nullopt;
    if (!read) return fmt::format("{} is not a record of type {}", dsl::brief(value), dns::to_string(type));
    records.push_back(std::move(*read));
    return {};
}

// "timeout" and the like: whatever is asked about the name.
std::string read_failure(std::string_view text, const dns::Name& name, dns::FakeResolver& resolver) {
    if (text != "timeout" && text != "servfail" && text != "bogus")
        return fmt::format("'{}' is no answer: write a map of records, or \"timeout\", \"servfail\" or \"bogus\"",
                           text);
    auto answer = dns::failed_answer(text == "timeout" ? "no answer in time" : "SERVFAIL");
    if (text == "bogus") answer.outcome = dns::Outcome::bogus;
    for (const auto& [key, type] : types) resolver.set(name, type, answer);
    return {};
}

std::string read_answers(const Value& answers, const dns::Name& name, dns::FakeResolver& resolver) {
    if (answers.is_string()) return read_failure(answers.as_string(), name, resolver);
    if (!answers.is_map()) return fmt::format("expected a map of records, not {}", dsl::brief(answers));
    for (const auto& [key, value] : answers.as_map().entries()) {
        const auto* type = std::ranges::find(types, key.as_string(), &std::pair<std::string_view, RecordType>::first);
        if (type == std::end(types))
            return fmt::format("'{}' is not a type of records: they are a, aaaa, mx, txt and ptr", key.as_string());
        std::vector<dns::Record> records;
        if (auto wrong = read_records(type->second, value, records); !wrong.empty()) return wrong;
        resolver.set(name, type->second, std::move(records));
    }
    return {};
}

}  // namespace

std::string read_dns_answers(const Value& table, dns::FakeResolver& resolver) {
    if (!table.is_map()) return fmt::format("expected a map of names, not {}", dsl::brief(table));
    for (const auto& [key, answers] : table.as_map().entries()) {
        const auto name = question(key.as_string());
        if (!name) return fmt::format("'{}' is neither a name nor an address", key.as_string());
        if (auto wrong = read_answers(answers, *name, resolver); !wrong.empty())
            return fmt::format("{}: {}", key.as_string(), wrong);
    }
    return {};
}

}  // namespace sluice::rehearsal
